"""How each GraphQL field is found in the forge's objects."""

from . import github_merge
from .github_execute import introspection
from .github_graphql import QueryError
from .github_schema import TYPES
from .github_state import Comment, Label, PullRequest, Refused, Repository, email, stamp

LETTERS = {"A": "ADDED", "D": "DELETED", "M": "MODIFIED", "R": "RENAMED", "C": "COPIED", "T": "CHANGED"}
RESOLVERS = {name: {} for name in TYPES}


def on(typename, **fields):
    RESOLVERS[typename].update(fields)


def plain(function):
    """A field that takes no arguments."""
    return lambda value, _arguments, _context: function(value)


def node_id(value):
    if isinstance(value, PullRequest):
        return f"PR_{value.number}_{value.repository.full_name}"
    if isinstance(value, Label):
        return f"LA_{value.number}_{value.repository.full_name}"
    if isinstance(value, Repository):
        return f"R_0_{value.full_name}"
    if isinstance(value, Comment):
        return f"IC_{value.number}_{value.pull.repository.full_name}"
    raise TypeError(type(value).__name__)


def find(context, identity, *kinds):
    """The object of a node id."""
    missing = Refused(404, "Not Found", "NOT_FOUND",
                      graphql_message=f"Could not resolve to a node with the global id of '{identity}'")
    kind, _, rest = str(identity).partition("_")
    number, _, full_name = rest.partition("_")
    repository = context.forge.repositories.get(full_name.lower())
    if repository is None or not number.isdigit() or (kinds and kind not in kinds):
        raise missing
    repository.sync()
    if kind == "PR":
        found = repository.pulls.get(int(number))
    elif kind == "LA":
        found = next((one for one in repository.labels.values() if one.number == int(number)), None)
    elif kind == "MQE":
        found = repository.pulls.get(int(number))
        found = found and found.queued
    else:
        found = repository if kind == "R" else None
    if found is None:
        raise missing
    return found


def typename(value):
    if isinstance(value, (PullRequest, Repository, Label)):
        return type(value).__name__
    if isinstance(value, Comment):
        return "IssueComment"
    return value["__typename"]


class Counted(dict):
    """A connection asked for without `first` or `last`: GitHub counts it, but gives no page of it."""

    def get(self, key, default=None):
        if key in ("nodes", "edges"):
            raise QueryError("You must provide a `first` or `last` value to properly paginate the "
                             f"`{self['name']}` connection.")
        return super().get(key, default)


def connection(items, arguments, name, **extra):
    """A page of a list, by GitHub's rules: `first` or `last` must be said, at most 100."""
    first, last = arguments.get("first"), arguments.get("last")
    if first is None and last is None:
        none = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
        return Counted(name=name, totalCount=len(items), pageInfo=none, **extra)
    wanted = first if first is not None else last
    if not 0 <= wanted <= 100:
        raise QueryError(f"Requesting {wanted} records on the `{name}` connection exceeds the `"
                         f"{'first' if first is not None else 'last'}` limit of 100 records.")
    begin = int(arguments["after"]) if str(arguments.get("after") or "").isdigit() else 0
    end = int(arguments["before"]) - 1 if str(arguments.get("before") or "").isdigit() else len(items)
    if first is not None:
        end = min(end, begin + first)
    else:
        begin = max(begin, end - last)
    page = items[begin:end]
    return {"nodes": page, "totalCount": len(items), **extra,
            "edges": [{"cursor": str(begin + at + 1), "node": one} for at, one in enumerate(page)],
            "pageInfo": {"hasNextPage": end < len(items), "hasPreviousPage": begin > 0,
                         "startCursor": str(begin + 1) if page else None,
                         "endCursor": str(begin + len(page)) if page else None}}


def pages(name, function):
    """A connection over what `function` finds."""
    return lambda value, arguments, _context: connection(function(value), arguments, name)


def actor(login):
    return login and {"__typename": "User", "login": login}


def pulls(repository, arguments, _context):
    found = list(repository.pulls.values())
    labels = {name.lower() for name in arguments.get("labels") or []}
    if labels:
        found = [one for one in found if labels & {name.lower() for name in one.labels}]
    if arguments.get("states"):
        found = [one for one in found if one.state in arguments["states"]]
    for key, attribute in (("headRefName", "head"), ("baseRefName", "base")):
        if arguments.get(key):
            found = [one for one in found if getattr(one, attribute) == arguments[key]]
    order = arguments.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    keys = {"CREATED_AT": lambda one: one.number, "UPDATED_AT": lambda one: (one.updated, one.number),
            "COMMENTS": lambda one: (len(one.comments), one.number)}
    found.sort(key=keys[order["field"]], reverse=order["direction"] == "DESC")
    return connection(found, arguments, "pullRequests")


def repository(_root, arguments, context):
    name = f"{arguments['owner']}/{arguments['name']}"
    found = context.forge.repositories.get(name.lower())
    if not found:
        raise Refused(404, "Not Found", "NOT_FOUND",
                      graphql_message=f"Could not resolve to a Repository with the name '{name}'.")
    found.sync()
    return found


def search(_root, arguments, context):
    """As far as `gh pr list` asks: repo:, is:/state:, label:, author:, head:, base:, draft:, and words of the title."""
    words, wanted = [], {}
    for word in split_words(arguments["query"]):
        key, colon, value = word.partition(":")
        if colon:
            wanted.setdefault(key.lower(), []).append(value)
        else:
            words.append(word.lower())
    found = []
    for full_name in wanted.get("repo", []):
        one = context.forge.repositories.get(full_name.lower())
        if one:
            one.sync()
            found += one.pulls.values()
    states = [value.upper() for value in wanted.get("state", []) + wanted.get("is", [])]
    for state in states:
        if state in ("OPEN", "CLOSED"):
            found = [one for one in found if one.is_open == (state == "OPEN")]
        elif state in ("MERGED", "UNMERGED"):
            found = [one for one in found if (one.state == "MERGED") == (state == "MERGED")]
    for name in wanted.get("label", []):
        found = [one for one in found if name.lower() in {label.lower() for label in one.labels}]
    for key, attribute in (("author", "login"), ("head", "head"), ("base", "base")):
        for value in wanted.get(key, []):
            found = [one for one in found if getattr(one, attribute) == value]
    found = [one for one in found if all(word in one.title.lower() for word in words)]
    found.sort(key=lambda one: one.created, reverse=True)
    return connection(found, arguments, "search", issueCount=len(found), repositoryCount=0, userCount=0)


def split_words(text):
    """Words of a search; quotes hold words together."""
    found, word, quoted = [], "", False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif character.isspace() and not quoted:
            found, word = (found + [word] if word else found), ""
        else:
            word += character
    return found + [word] if word else found


def ref(one, name):
    short = name[len("refs/heads/"):] if name.startswith("refs/heads/") else name
    oid = one.git.heads().get(short)
    return oid and {"__typename": "Ref", "branchProtectionRule": None, "id": f"REF_{short}_{one.full_name}",
                    "name": short, "prefix": "refs/heads/", "target": commit(one, oid), "repository": one}


def commit(one, oid):
    if not oid:
        return None
    raw = one.git.commit(oid)
    headline, _, body = raw["message"].strip("\n").partition("\n")

    def person(role):
        name, address, date = raw[role]
        return {"name": name, "email": address, "user": None, "date": stamp(int(date.split()[0]))}

    return {"__typename": "Commit", "id": f"C_{oid}_{one.full_name}", "oid": oid, "abbreviatedOid": oid[:7],
            "message": raw["message"].strip("\n"), "messageHeadline": headline, "messageBody": body.strip("\n"),
            "committedDate": person("committer")["date"], "authoredDate": person("author")["date"],
            "author": person("author"), "committer": person("committer"), "repository": one,
            "url": f"{one.url}/commit/{oid}"}


def rollup(one, oid):
    state = one.rollup(oid)
    return state and {"id": f"SCR_{oid}", "state": state, "oid": oid, "repository": one}


def contexts(value, arguments, _context):
    one, oid = value["repository"], value["oid"]
    states = one.current_statuses(oid)
    counts = {}
    for each in states:
        counts[each["state"].upper()] = counts.get(each["state"].upper(), 0) + 1
    nodes = [{"__typename": "StatusContext", "id": f"SC_{each['number']}", "context": each["context"],
              "state": each["state"].upper(), "description": each["description"], "targetUrl": each["target_url"],
              "createdAt": stamp(each["at"]), "creator": actor(each["login"]), "commit": commit(one, oid),
              "required": bool(one.rules.get("required_checks"))} for each in states]
    return connection(nodes, arguments, "contexts", checkRunCount=0, checkRunCountsByState=[],
                      statusContextCount=len(states),
                      statusContextCountsByState=[{"state": key, "count": count} for key, count in counts.items()])


def review(value):
    return {"__typename": "PullRequestReview", "id": f"PRR_{value['number']}", "author": actor(value["login"]),
            "authorAssociation": "MEMBER", "body": value["body"], "state": value["state"],
            "createdAt": stamp(value["at"]), "submittedAt": stamp(value["at"]), "url": value["pull"].url,
            "includesCreatedEdit": False,
            "reactionGroups": [], "commit": commit(value["pull"].repository, value["commit"])}


def queue_entry(entry):
    if not entry:
        return None
    pull = entry["pull"]
    before = [one for one in pull.repository.pulls.values() if one.queued and one.queued["at"] < entry["at"]]
    return {"__typename": "MergeQueueEntry", "id": f"MQE_{pull.number}_{pull.repository.full_name}",
            "position": len(before) + 1, "state": "QUEUED", "enqueuedAt": stamp(entry["at"]),
            "enqueuer": actor(entry["login"]), "pullRequest": pull}


def auto_merge(pull):
    given = pull.auto_merge
    return given and {"enabledAt": stamp(given["at"]), "enabledBy": actor(given["login"]), "pullRequest": pull,
                      "mergeMethod": given["method"], "authorEmail": email(given["login"]), "commitBody": None,
                      "commitHeadline": None}


def rate_limit(_root, _arguments, context):
    used, reset = context.forge.limits.now("graphql")
    return {"cost": 1, "limit": context.forge.limits.LIMIT, "nodeCount": 1, "used": used,
            "remaining": context.forge.limits.LIMIT - used, "resetAt": stamp(reset)}


def node(_root, arguments, context):
    return find(context, arguments["id"])


def owner(login):
    return {"__typename": "Organization", "login": login}


for kind in ("User", "Bot", "Organization", "Mannequin"):
    on(kind, id=plain(lambda value: f"U_{value['login']}"),
       databaseId=plain(lambda value: 1), resourcePath=plain(lambda value: "/" + value["login"]),
       url=plain(lambda value: f"https://github.com/{value['login']}"),
       avatarUrl=plain(lambda value: "https://avatars.githubusercontent.com/u/1"))
    if "name" in TYPES[kind]["fields"]:
        on(kind, name=plain(lambda value: value["login"]))
on("User", email=plain(lambda value: email(value["login"])))
on("Query", viewer=lambda _root, _arguments, context: actor(context.login), repository=repository, node=node,
   nodes=lambda _root, arguments, context: [find(context, one) for one in arguments["ids"]], rateLimit=rate_limit,
   search=search, __type=lambda _root, arguments, _context: introspection(TYPES, arguments["name"]),
   user=lambda _root, arguments, _context: actor(arguments["login"]),
   organization=lambda _root, arguments, _context: owner(arguments["login"]),
   repositoryOwner=lambda _root, arguments, _context: owner(arguments["login"]))
on("Repository", id=plain(node_id), databaseId=plain(lambda value: 1),
   nameWithOwner=plain(lambda value: value.full_name), owner=plain(lambda value: owner(value.owner)),
   sshUrl=plain(lambda value: f"git@github.com:{value.full_name}.git"),
   description=plain(lambda value: None), createdAt=plain(lambda value: stamp(value.created)),
   pushedAt=plain(lambda value: stamp(value.created)), parent=plain(lambda value: None),
   visibility=plain(lambda value: "PRIVATE"), viewerPermission=plain(lambda value: "WRITE"),
   viewerDefaultMergeMethod=plain(lambda value: "MERGE"), isEmpty=plain(lambda value: not value.git.heads()),
   deleteBranchOnMerge=plain(lambda value: bool(value.rules.get("delete_branch_on_merge"))),
   defaultBranchRef=plain(lambda value: ref(value, value.git.default_branch())),
   ref=lambda value, arguments, _context: ref(value, arguments["qualifiedName"]),
   object=lambda value, arguments, _context: commit(
       value, value.git.resolve(arguments.get("oid") or arguments.get("expression") or "HEAD")),
   label=lambda value, arguments, _context: value.find_label(arguments["name"]),
   labels=lambda value, arguments, _context: connection(
       [one for one in value.labels.values() if (arguments.get("query") or "").lower() in one.name.lower()],
       arguments, "labels"),
   pullRequest=lambda value, arguments, _context: value.pull(arguments["number"]),
   issueOrPullRequest=lambda value, arguments, _context: value.pull(arguments["number"]),
   pullRequests=pulls, assignableUsers=pages("assignableUsers", lambda value: []))
for flag in ("isArchived", "isFork", "isDisabled", "isMirror", "isTemplate", "hasProjectsEnabled", "hasWikiEnabled",
             "viewerCanAdminister"):
    on("Repository", **{flag: plain(lambda value: False)})
for flag in ("isPrivate", "hasIssuesEnabled", "mergeCommitAllowed", "rebaseMergeAllowed", "squashMergeAllowed",
             "autoMergeAllowed"):
    on("Repository", **{flag: plain(lambda value: True)})
on("Commit", statusCheckRollup=plain(lambda value: rollup(value["repository"], value["oid"])),
   authors=pages("authors", lambda value: [value["author"]]),
   associatedPullRequests=pages("associatedPullRequests", lambda value: value["repository"].with_commit(value["oid"])))
on("StatusCheckRollup", contexts=contexts, commit=plain(lambda value: commit(value["repository"], value["oid"])))
on("StatusContext", isRequired=plain(lambda value: value["required"]))
on("Label", id=plain(node_id), isDefault=plain(lambda value: value.is_default),
   url=plain(lambda value: f"{value.repository.url}/labels/{value.name}"))
on("PullRequest", id=plain(node_id), databaseId=plain(lambda value: value.number),
   fullDatabaseId=plain(lambda value: str(value.number)), bodyText=plain(lambda value: value.body),
   closed=plain(lambda value: not value.is_open), merged=plain(lambda value: value.state == "MERGED"),
   isDraft=plain(lambda value: value.draft), permalink=plain(lambda value: value.url),
   author=plain(lambda value: actor(value.login)), authorAssociation=plain(lambda value: "MEMBER"),
   createdAt=plain(lambda value: stamp(value.created)), updatedAt=plain(lambda value: stamp(value.updated)),
   closedAt=plain(lambda value: stamp(value.closed)), mergedAt=plain(lambda value: stamp(value.merged)),
   mergedBy=plain(lambda value: actor(value.merged_by)), mergeable=plain(lambda value: value.mergeable()),
   mergeCommit=plain(lambda value: commit(value.repository, value.merge_commit)),
   potentialMergeCommit=plain(lambda value: commit(value.repository, value.is_open and value.test_merge())),
   mergeStateStatus=plain(lambda value: value.merge_state()),
   canBeRebased=plain(lambda value: value.is_open and value.git.replay(value.base_oid, value.head_oid) is not None),
   headRefName=plain(lambda value: value.head), headRefOid=plain(lambda value: value.head_oid),
   headRef=plain(lambda value: ref(value.repository, value.head)), baseRefName=plain(lambda value: value.base),
   baseRefOid=plain(lambda value: value.base_oid), baseRef=plain(lambda value: ref(value.repository, value.base)),
   baseRepository=plain(lambda value: value.repository), headRepository=plain(lambda value: value.repository),
   headRepositoryOwner=plain(lambda value: owner(value.repository.owner)),
   additions=plain(lambda value: sum(one["additions"] for one in value.files())),
   deletions=plain(lambda value: sum(one["deletions"] for one in value.files())),
   changedFiles=plain(lambda value: len(value.files())),
   files=pages("files", lambda value: [dict(one, changeType=LETTERS.get(one["letter"], "CHANGED"))
                                       for one in value.files()]),
   labels=pages("labels", lambda value: [value.repository.find_label(name) for name in value.labels]),
   comments=pages("comments", lambda value: value.comments),
   totalCommentsCount=plain(lambda value: len(value.comments)),
   commits=pages("commits", lambda value: [
       {"id": f"PRC_{one['oid']}", "commit": commit(value.repository, one["oid"]), "pullRequest": value,
        "url": f"{value.url}/commits/{one['oid']}"} for one in value.commits()]),
   reviews=pages("reviews", lambda value: [review(one) for one in value.reviews]),
   latestReviews=pages("latestReviews", lambda value: [
       review(one) for one in {each["login"]: each for each in value.reviews}.values()]),
   reviewDecision=plain(lambda value: value.review_decision()), milestone=plain(lambda value: None),
   reactionGroups=plain(lambda value: []), autoMergeRequest=plain(auto_merge),
   statusCheckRollup=plain(lambda value: rollup(value.repository, value.head_oid)),
   mergeQueueEntry=plain(lambda value: queue_entry(value.queued)),
   isInMergeQueue=plain(lambda value: bool(value.queued)),
   isMergeQueueEnabled=plain(lambda value: bool(value.repository.rules.get("merge_queue"))),
   viewerCanUpdate=plain(lambda value: True),
   viewerDidAuthor=lambda value, _arguments, context: value.login == context.login,
   viewerMergeBodyText=lambda value, arguments, _context: github_merge.squash_message(value)[1]
   if arguments.get("mergeType") == "SQUASH" else value.title,
   viewerMergeHeadlineText=lambda value, arguments, _context: github_merge.squash_message(value)[0]
   if arguments.get("mergeType") == "SQUASH"
   else f"Merge pull request #{value.number} from {value.repository.owner}/{value.head}")
for none in ("reviewRequests", "assignees", "projectItems", "closingIssuesReferences"):
    on("PullRequest", **{none: pages(none, lambda value: [])})
for flag in ("locked", "isCrossRepository", "maintainerCanModify"):
    on("PullRequest", **{flag: plain(lambda value: False)})
on("IssueComment", id=plain(node_id), databaseId=plain(lambda value: value.number),
   author=plain(lambda value: actor(value.login)), authorAssociation=plain(lambda value: "MEMBER"),
   createdAt=plain(lambda value: stamp(value.at)), updatedAt=plain(lambda value: stamp(value.at)),
   url=plain(lambda value: f"{value.pull.url}#issuecomment-{value.number}"), isMinimized=plain(lambda value: False),
   minimizedReason=plain(lambda value: None), includesCreatedEdit=plain(lambda value: False),
   viewerDidAuthor=lambda value, _arguments, context: value.login == context.login,
   viewerCanDelete=plain(lambda value: True), viewerCanUpdate=plain(lambda value: True),
   reactionGroups=plain(lambda value: []))

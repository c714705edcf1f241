"""GitHub's REST paths, as far as a promotion needs them: what each answers, as plain values."""

import json
import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlencode

from . import github_merge
from .github_mutations import edit
from .github_resolvers import node_id
from .github_state import Refused, email, stamp

API = "https://api.github.com"
ROUTES = []


@dataclass
class Answer:
    status: int
    body: object = None
    kind: str = "application/json; charset=utf-8"
    headers: dict = field(default_factory=dict)
    etag: bool = False


@dataclass
class Call:
    """A request: `query` has the last value of each parameter, `given` the JSON object of the body."""
    forge: object
    login: str
    accept: str
    query: dict
    given: dict
    path: str


def route(method, pattern):
    compiled = re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern).replace("{*", "(?P<").replace(
        "*}", ">.+)") + "$")

    def keep(function):
        ROUTES.append((method, compiled, function))
        return function
    return keep


def dispatch(method, path, call):
    """Finds the route; an unknown path is GitHub's 404."""
    path = path.rstrip("/") or "/"
    for wanted, pattern, function in ROUTES:
        match = pattern.match(path)
        if match and wanted == method:
            found = {key: unquote(value) for key, value in match.groupdict().items()}
            if isinstance(call.given, list) and function is not add_labels:
                raise Refused(400, "Body should be a JSON object")
            if "owner" in found:
                name = f"{found.pop('owner')}/{found.pop('repo')}"
                repository = call.forge.repositories.get(name.lower())
                if not repository:
                    break
                repository.sync()
                return function(call, repository, **found)
            return function(call, **found)
    raise Refused(404, "Not Found", "NOT_FOUND")


def page(call, items, draw):
    """A page of a list, with the Link header of the next and the last page."""
    try:
        size = min(100, max(1, int(call.query.get("per_page", 30))))
        number = max(1, int(call.query.get("page", 1)))
    except ValueError:
        size, number = 30, 1
    last = max(1, -(-len(items) // size))
    links = []
    for rel, at in (("prev", number - 1), ("next", number + 1), ("last", last), ("first", 1)):
        if 1 <= at <= last and at != number:
            links.append(f'<{API}{call.path}?{urlencode({**call.query, "page": at})}>; rel="{rel}"')
    headers = {"Link": ", ".join(links)} if links else {}
    return Answer(200, [draw(one) for one in items[(number - 1) * size:number * size]], headers=headers, etag=True)


def user(login):
    return login and {"login": login, "id": 1, "type": "User", "html_url": f"https://github.com/{login}",
                      "url": f"{API}/users/{login}"}


def draw_repository(one):
    return {"id": 1, "node_id": node_id(one), "name": one.name, "full_name": one.full_name, "private": True,
            "owner": dict(user(one.owner), type="Organization"), "html_url": one.url, "fork": False, "archived": False,
            "url": f"{API}/repos/{one.full_name}", "default_branch": one.git.default_branch(), "disabled": False,
            "clone_url": one.url + ".git", "visibility": "private", "created_at": stamp(one.created),
            "allow_merge_commit": True, "allow_squash_merge": True, "allow_rebase_merge": True,
            "allow_auto_merge": True, "delete_branch_on_merge": bool(one.rules.get("delete_branch_on_merge")),
            "squash_merge_commit_title": one.rules.get("squash_merge_commit_title", "PR_TITLE"),
            "squash_merge_commit_message": one.rules.get("squash_merge_commit_message", "PR_BODY"),
            "permissions": {"admin": False, "maintain": False, "push": True, "triage": True, "pull": True}}


def draw_label(one):
    return {"id": one.number, "node_id": node_id(one), "name": one.name, "color": one.color, "default": one.is_default,
            "description": one.description, "url": f"{API}/repos/{one.repository.full_name}/labels/{one.name}"}


def draw_comment(one):
    return {"id": one.number, "node_id": node_id(one), "user": user(one.login), "body": one.body,
            "created_at": stamp(one.at), "updated_at": stamp(one.at),
            "html_url": f"{one.pull.url}#issuecomment-{one.number}"}


def draw_status(one):
    return {"id": one["number"], "state": one["state"], "context": one["context"], "description": one["description"],
            "target_url": one["target_url"], "created_at": stamp(one["at"]), "updated_at": stamp(one["at"]),
            "creator": user(one["login"])}


def draw_commit(raw, one):
    def person(role):
        name, address, date = raw[role]
        return {"name": name, "email": address, "date": stamp(int(date.split()[0]))}
    return {"sha": raw["oid"], "html_url": f"{one.url}/commit/{raw['oid']}",
            "commit": {"author": person("author"), "committer": person("committer"), "tree": {"sha": raw["tree"]},
                       "message": raw["message"].strip("\n")},
            "parents": [{"sha": parent} for parent in raw["parents"]]}


def draw_pull(pull, full=True):
    one = pull.repository
    ends = {key: {"label": f"{one.owner}:{name}", "ref": name, "sha": oid, "user": user(one.owner),
                  "repo": {"full_name": one.full_name, "name": one.name, "url": f"{API}/repos/{one.full_name}"}}
            for key, name, oid in (("head", pull.head, pull.head_oid), ("base", pull.base, pull.base_oid))}
    found = {"id": pull.number, "node_id": node_id(pull), "number": pull.number, "html_url": pull.url,
             "url": f"{API}/repos/{one.full_name}/pulls/{pull.number}", "diff_url": pull.url + ".diff",
             "state": "open" if pull.is_open else "closed", "locked": False, "title": pull.title,
             "body": pull.body or None, "user": user(pull.login), "draft": pull.draft, "author_association": "MEMBER",
             "labels": [draw_label(one.find_label(name)) for name in pull.labels], "assignees": [],
             "requested_reviewers": [], "created_at": stamp(pull.created), "updated_at": stamp(pull.updated),
             "closed_at": stamp(pull.closed), "merged_at": stamp(pull.merged),
             "merge_commit_sha": pull.merge_commit or (pull.test_merge() if pull.is_open else None),
             "auto_merge": pull.auto_merge and {"enabled_by": user(pull.auto_merge["login"]),
                                                "merge_method": pull.auto_merge["method"].lower()}, **ends}
    if full:
        mergeable = {"MERGEABLE": True, "CONFLICTING": False, "UNKNOWN": None}[pull.mergeable()]
        files = pull.files()
        found.update({
            "merged": pull.state == "MERGED", "merged_by": user(pull.merged_by), "mergeable": mergeable,
            "mergeable_state": pull.merge_state().lower(), "rebaseable": mergeable, "comments": len(pull.comments),
            "review_comments": 0, "maintainer_can_modify": False, "commits": len(pull.commits()),
            "additions": sum(each["additions"] for each in files), "changed_files": len(files),
            "deletions": sum(each["deletions"] for each in files)})
    return found


@route("GET", "/")
def root(call):
    return Answer(200, {"current_user_url": f"{API}/user"})


@route("GET", "/user")
def me(call):
    return Answer(200, user(call.login))


@route("GET", "/rate_limit")
def rate_limit(call):
    limits = call.forge.limits
    drawn = {}
    for name in ("core", "graphql", "search"):
        used, reset = limits.now(name)
        drawn[name] = {"limit": limits.LIMIT, "used": used, "remaining": limits.LIMIT - used, "reset": reset}
    return Answer(200, {"resources": drawn, "rate": drawn["core"]})


@route("GET", "/repos/{owner}/{repo}")
def get_repository(call, one):
    return Answer(200, draw_repository(one), etag=True)


@route("GET", "/repos/{owner}/{repo}/pulls")
def list_pulls(call, one):
    state = call.query.get("state", "open")
    head = call.query.get("head", "")
    found = [pull for pull in one.pulls.values()
             if (state == "all" or pull.is_open == (state == "open"))
             and (not head or f"{one.owner}:{pull.head}" == head)
             and call.query.get("base", pull.base) == pull.base]
    key = (lambda pull: (pull.updated, pull.number)) if call.query.get("sort") == "updated" else (
        lambda pull: pull.number)
    default = "desc" if call.query.get("sort", "created") == "created" else "asc"
    found.sort(key=key, reverse=call.query.get("direction", default) == "desc")
    return page(call, found, lambda pull: draw_pull(pull, full=False))


@route("POST", "/repos/{owner}/{repo}/pulls")
def create_pull(call, one):
    for name in ("head", "base"):
        if not isinstance(call.given.get(name), str):
            raise Refused(422, "Validation Failed", errors=[
                {"resource": "PullRequest", "code": "missing_field", "field": name}])
    pull = one.create_pull(call.login, call.given.get("title"), call.given["head"], call.given["base"],
                           call.given.get("body"), call.given.get("draft"))
    return Answer(201, draw_pull(pull), headers={"Location": f"{API}/repos/{one.full_name}/pulls/{pull.number}"})


@route("GET", "/repos/{owner}/{repo}/pulls/{number}")
def get_pull(call, one, number):
    pull = one.pull(number)
    if "diff" in call.accept:
        return Answer(200, pull.git.diff(pull.fork(), pull.head_oid), "application/vnd.github.diff; charset=utf-8",
                      etag=True)
    if "patch" in call.accept:
        return Answer(200, pull.git.patch(pull.fork(), pull.head_oid), "application/vnd.github.patch; charset=utf-8",
                      etag=True)
    return Answer(200, draw_pull(pull), etag=True)


@route("PATCH", "/repos/{owner}/{repo}/pulls/{number}")
def patch_pull(call, one, number):
    pull = one.pull(number)
    edit(pull, call.given.get("title"), call.given.get("body"))
    state = call.given.get("state")
    if state not in (None, "open", "closed"):
        raise Refused(422, "Validation Failed", errors=[
            {"resource": "PullRequest", "code": "invalid", "field": "state"}])
    if state == "closed":
        pull.close(call.login)
    elif state == "open" and not pull.is_open:
        pull.reopen()
    return Answer(200, draw_pull(pull))


@route("GET", "/repos/{owner}/{repo}/pulls/{number}/merge")
def is_merged(call, one, number):
    if one.pull(number).state != "MERGED":
        raise Refused(404, "Not Found", "NOT_FOUND")
    return Answer(204)


@route("PUT", "/repos/{owner}/{repo}/pulls/{number}/merge")
def merge_pull(call, one, number):
    given = call.given
    commit = github_merge.merge(one.pull(number), call.login, given.get("merge_method"), given.get("sha"),
                                given.get("commit_title"), given.get("commit_message"))
    return Answer(200, {"sha": commit, "merged": True, "message": "Pull Request successfully merged"})


@route("GET", "/repos/{owner}/{repo}/pulls/{number}/files")
def list_files(call, one, number):
    words = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}
    return page(call, one.pull(number).files(), lambda each: {
        "filename": each["path"], "status": words.get(each["letter"], "changed"), "additions": each["additions"],
        "deletions": each["deletions"], "changes": each["additions"] + each["deletions"],
        **({"previous_filename": each["former"]} if each["former"] else {})})


@route("GET", "/repos/{owner}/{repo}/pulls/{number}/commits")
def list_commits(call, one, number):
    return page(call, one.pull(number).commits(), lambda each: draw_commit(each, one))


@route("GET", "/repos/{owner}/{repo}/issues/{number}/labels")
def pull_labels(call, one, number):
    return page(call, one.pull(number).labels, lambda name: draw_label(one.find_label(name)))


@route("POST", "/repos/{owner}/{repo}/issues/{number}/labels")
def add_labels(call, one, number):
    names = call.given if isinstance(call.given, list) else call.given.get("labels")
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise Refused(422, "Validation Failed", errors=[
            {"resource": "Label", "code": "missing_field", "field": "name"}])
    pull = one.pull(number)
    pull.add_labels(names)
    return Answer(200, [draw_label(one.find_label(name)) for name in pull.labels])


@route("DELETE", "/repos/{owner}/{repo}/issues/{number}/labels/{name}")
def remove_label(call, one, number, name):
    pull = one.pull(number)
    label = one.find_label(name)
    pull.remove_label(label.name if label else name)
    return Answer(200, [draw_label(one.find_label(each)) for each in pull.labels])


@route("GET", "/repos/{owner}/{repo}/issues/{number}/comments")
def list_comments(call, one, number):
    return page(call, one.pull(number).comments, draw_comment)


@route("POST", "/repos/{owner}/{repo}/issues/{number}/comments")
def add_comment(call, one, number):
    return Answer(201, draw_comment(one.pull(number).comment(call.login, call.given.get("body"))))


@route("GET", "/repos/{owner}/{repo}/labels")
def list_labels(call, one):
    return page(call, list(one.labels.values()), draw_label)


@route("GET", "/repos/{owner}/{repo}/labels/{name}")
def get_label(call, one, name):
    label = one.find_label(name)
    if not label:
        raise Refused(404, "Not Found", "NOT_FOUND")
    return Answer(200, draw_label(label), etag=True)


@route("POST", "/repos/{owner}/{repo}/labels")
def create_label(call, one):
    given = call.given
    return Answer(201, draw_label(one.create_label(given.get("name"), given.get("color"), given.get("description"))))


def commit_of(one, name):
    oid = one.git.resolve(name)
    if not oid:
        raise Refused(422, f"No commit found for SHA: {name}")
    return oid


@route("POST", "/repos/{owner}/{repo}/statuses/{oid}")
def add_status(call, one, oid):
    return Answer(201, draw_status(one.add_status(commit_of(one, oid), call.login, call.given)))


@route("GET", "/repos/{owner}/{repo}/commits/{*name*}/status")
def combined_status(call, one, name):
    oid = commit_of(one, name)
    states = one.current_statuses(oid)
    rollup = (one.rollup(oid) or "PENDING").lower()
    return Answer(200, {"state": "failure" if rollup == "error" else rollup, "sha": oid, "total_count": len(states),
                        "statuses": [draw_status(each) for each in states]}, etag=True)


@route("GET", "/repos/{owner}/{repo}/commits/{name}/pulls")
def commit_pulls(call, one, name):
    return page(call, one.with_commit(commit_of(one, name)), lambda pull: draw_pull(pull, full=False))


@route("GET", "/repos/{owner}/{repo}/commits/{*name*}")
def get_commit(call, one, name):
    return Answer(200, draw_commit(one.git.commit(commit_of(one, name)), one), etag=True)


@route("GET", "/repos/{owner}/{repo}/git/ref/{*name*}")
def get_ref(call, one, name):
    oid = one.git.heads().get(name[len("heads/"):]) if name.startswith("heads/") else None
    if not oid:
        raise Refused(404, "Not Found", "NOT_FOUND")
    return Answer(200, {"ref": f"refs/{name}", "url": f"{API}/repos/{one.full_name}/git/refs/{name}",
                        "object": {"sha": oid, "type": "commit"}}, etag=True)


@route("DELETE", "/repos/{owner}/{repo}/git/refs/{*name*}")
def delete_ref(call, one, name):
    oid = one.git.heads().get(name[len("heads/"):]) if name.startswith("heads/") else None
    if not oid or not one.git.delete(f"refs/{name}", oid):
        raise Refused(422, "Reference does not exist")
    one.sync()
    return Answer(204)


@route("GET", "/_rig/pulls")
def rig_pulls(call):
    """Not GitHub's: everything about a repository's pull requests, for tests."""
    one = call.forge.repositories.get(call.query.get("repo", "").lower())
    if not one:
        raise Refused(404, "Not Found", "NOT_FOUND")
    one.sync()
    drawn = []
    for pull in one.pulls.values():
        drawn.append(dict(draw_pull(pull), merge_commit=pull.merge_commit, labels=list(pull.labels),
                          auto_merge=pull.auto_merge and pull.auto_merge["method"], queued=bool(pull.queued),
                          comments=[{"login": each.login, "body": each.body} for each in pull.comments],
                          reviews=[{"login": each["login"], "state": each["state"]} for each in pull.reviews],
                          statuses=[draw_status(each) for each in one.current_statuses(pull.head_oid)],
                          files=pull.files(), author_email=email(pull.login)))
    return Answer(200, {"repository": one.full_name, "pulls": drawn, "heads": one.git.heads(),
                        "labels": [label.name for label in one.labels.values()]})


def body_of(raw):
    """The JSON of a request; GitHub answers 400 to anything else."""
    if not raw.strip():
        return {}
    try:
        given = json.loads(raw)
    except ValueError:
        raise Refused(400, "Problems parsing JSON") from None
    if not isinstance(given, (dict, list)):
        raise Refused(400, "Body should be a JSON object")
    return given

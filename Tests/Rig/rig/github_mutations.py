"""GraphQL mutations."""

from . import github_merge
from .github_resolvers import find, on, queue_entry
from .github_state import Refused


def payload(function):
    """Gives the mutation's payload `clientMutationId` and the actor beside what `function` gives."""
    def resolve(_root, arguments, context):
        given = arguments["input"]
        return {"clientMutationId": given.get("clientMutationId"),
                "actor": {"__typename": "User", "login": context.login}, **function(given, context)}
    return resolve


def pull_of(given, context, key="pullRequestId"):
    return find(context, given[key], "PR")


def label_names(given, context):
    return [find(context, identity, "LA").name for identity in given["labelIds"]]


def create(given, context):
    repository = find(context, given["repositoryId"], "R")
    return {"pullRequest": repository.create_pull(context.login, given["title"], given["headRefName"],
                                                  given["baseRefName"], given.get("body"), given.get("draft"))}


def update(given, context):
    pull = pull_of(given, context)
    edit(pull, given.get("title"), given.get("body"))
    if given.get("labelIds") is not None:
        wanted = label_names(given, context)
        for name in [one for one in pull.labels if one not in wanted]:
            pull.remove_label(name)
        pull.add_labels(wanted)
    state = given.get("state")
    if state == "CLOSED":
        pull.close(context.login)
    elif state == "OPEN" and not pull.is_open:
        pull.reopen()
    return {"pullRequest": pull}


def edit(pull, title, body):
    if title is not None:
        if not title:
            raise Refused(422, "Validation Failed", graphql_message="Title can't be blank", errors=[
                {"resource": "PullRequest", "code": "missing_field", "field": "title"}])
        pull.title = title
    if body is not None:
        pull.body = body
    if title is not None or body is not None:
        pull.touch()


def close(given, context):
    pull = pull_of(given, context)
    if pull.state == "MERGED":
        raise Refused(422, "Could not close the pull request.")
    pull.close(context.login)
    return {"pullRequest": pull}


def reopen(given, context):
    pull = pull_of(given, context)
    if not pull.is_open:
        pull.reopen()
    return {"pullRequest": pull}


def merge(given, context):
    pull = pull_of(given, context)
    github_merge.merge(pull, context.login, given.get("mergeMethod"), given.get("expectedHeadOid"),
                       given.get("commitHeadline"), given.get("commitBody"))
    return {"pullRequest": pull}


def add_labels(given, context):
    pull = pull_of(given, context, "labelableId")
    pull.add_labels(label_names(given, context))
    return {"labelable": pull}


def remove_labels(given, context):
    pull = pull_of(given, context, "labelableId")
    for name in label_names(given, context):
        if name in pull.labels:
            pull.remove_label(name)
    return {"labelable": pull}


def comment(given, context):
    pull = pull_of(given, context, "subjectId")
    one = pull.comment(context.login, given["body"])
    return {"commentEdge": {"cursor": str(one.number), "node": one}, "subject": pull}


def enable_auto_merge(given, context):
    pull = pull_of(given, context)
    check_head(pull, given)
    github_merge.enable_auto_merge(pull, context.login, given.get("mergeMethod"))
    return {"pullRequest": pull}


def disable_auto_merge(given, context):
    pull = pull_of(given, context)
    if not pull.auto_merge:
        raise Refused(422, "Can't disable auto-merge for this pull request.")
    pull.auto_merge = None
    pull.touch()
    return {"pullRequest": pull}


def check_head(pull, given):
    if given.get("expectedHeadOid") not in (None, pull.head_oid):
        raise Refused(409, "Head branch was modified. Review and try the merge again.")


def enqueue(given, context):
    pull = pull_of(given, context)
    check_head(pull, given)
    if not pull.repository.rules.get("merge_queue"):
        raise Refused(422, "Merge queue is not enabled for this branch.")
    return {"mergeQueueEntry": queue_entry(github_merge.enqueue(pull, context.login))}


def dequeue(given, context):
    """`id` is the pull request's, as GitHub documents it; the entry's own id is taken too."""
    found = find(context, given["id"], "PR", "MQE")
    return {"mergeQueueEntry": queue_entry(github_merge.dequeue(found["pull"] if isinstance(found, dict) else found))}


on("Mutation", createPullRequest=payload(create), updatePullRequest=payload(update), closePullRequest=payload(close),
   reopenPullRequest=payload(reopen), mergePullRequest=payload(merge), addLabelsToLabelable=payload(add_labels),
   removeLabelsFromLabelable=payload(remove_labels), addComment=payload(comment),
   enablePullRequestAutoMerge=payload(enable_auto_merge), disablePullRequestAutoMerge=payload(disable_auto_merge),
   enqueuePullRequest=payload(enqueue), dequeuePullRequest=payload(dequeue))

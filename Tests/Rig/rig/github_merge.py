"""Merging a pull request: the three shapes of commit that GitHub makes, pushed to the base by compare and swap."""

import time

from .github_git import NOBODY
from .github_state import Refused, email

METHODS = ("merge", "squash", "rebase")
LONGEST = 10  # seconds of trying again


def refused(message, status=405):
    return Refused(status, message, "UNPROCESSABLE")


def merge(pull, login, method="merge", expected=None, headline=None, body=None, from_queue=False):
    """Merges and gives the commit. Retried on the new base when somebody pushed to it meanwhile."""
    repository, git = pull.repository, pull.git
    method = (method or "merge").lower()
    if method not in METHODS:
        raise Refused(422, "Validation Failed", errors=[
            {"resource": "PullRequest", "code": "invalid", "field": "merge_method"}])
    repository.sync()
    end = time.time() + LONGEST
    while time.time() < end:
        check(pull, expected, from_queue)
        commit = build(pull, login, method, headline, body)
        if git.update(f"refs/heads/{pull.base}", commit, pull.base_oid):
            pull.finish(commit, login)
            if repository.rules.get("delete_branch_on_merge"):
                pull.head_gone = git.delete(f"refs/heads/{pull.head}", pull.head_oid)
            return commit
        # Somebody pushed to the base. Only what the merge depends on is read again: fewer steps fit in sooner.
        moved = git.resolve(f"refs/heads/{pull.base}")
        if moved is None or git.is_ancestor(pull.head_oid, moved):
            repository.sync()
        else:
            pull.base_oid = moved
    raise refused("Base branch was modified. Review and try the merge again.")


def check(pull, expected, from_queue=False):
    """Everything that must hold before a merge."""
    if pull.state == "MERGED" or not pull.is_open:
        raise refused("Pull Request is not mergeable")
    if expected and expected != pull.head_oid:
        raise refused("Head branch was modified. Review and try the merge again.", 409)
    if pull.draft:
        raise refused("Pull Request is still a draft")
    if pull.git.merge_tree(pull.base_oid, pull.head_oid) is None:
        raise refused("Pull Request is not mergeable")
    if pull.repository.rules.get("merge_queue") and not from_queue:
        raise refused("Changes must be made through the merge queue")
    words = pull.obstacle()
    if words:
        raise refused(words)


def build(pull, login, method, headline, body):
    """The new tip of the base branch."""
    git, repository = pull.git, pull.repository
    if method == "rebase":
        tip = git.replay(pull.base_oid, pull.head_oid)
        if tip is None:
            raise refused("This branch can't be rebased")
        return tip
    tree = git.merge_tree(pull.base_oid, pull.head_oid)
    person = (login, email(login))
    if method == "merge":
        title = headline or f"Merge pull request #{pull.number} from {repository.owner}/{pull.head}"
        message = message_of(title, body if body is not None else pull.title)
        return git.commit_tree(tree, [pull.base_oid, pull.head_oid], message, author=person, committer=NOBODY)
    title, text = squash_message(pull)
    message = message_of(headline or title, body if body is not None else text)
    author = (pull.login, email(pull.login))
    return git.commit_tree(tree, [pull.base_oid], message, author=author, committer=NOBODY)


def squash_message(pull):
    """By the repository's two settings, named and valued as in GitHub's API."""
    rules = pull.repository.rules
    commits = pull.commits()
    title = pull.title
    if rules.get("squash_merge_commit_title") == "COMMIT_OR_PR_TITLE" and len(commits) == 1:
        title = commits[0]["message"].split("\n", 1)[0]
    setting = rules.get("squash_merge_commit_message", "PR_BODY")
    body = pull.body if setting == "PR_BODY" else ""
    if setting == "COMMIT_MESSAGES":
        if len(commits) == 1:
            body = commits[0]["message"].partition("\n")[2].strip()
        else:
            body = "\n\n".join("* " + one["message"].strip() for one in commits)
    return f"{title} (#{pull.number})", body


def message_of(title, body):
    body = (body or "").replace("\r\n", "\n").strip("\n")
    return title + ("\n\n" + body if body else "") + "\n"


def enable_auto_merge(pull, login, method):
    """Auto-merge, or a place in the merge queue where the base has one."""
    rules = pull.repository.rules
    if not pull.is_open:
        raise refused("Can't enable auto-merge for this pull request.")
    if rules.get("merge_queue"):
        if pull.merge_state() in ("CLEAN", "UNSTABLE"):
            return enqueue(pull, login)
    elif pull.merge_state() in ("CLEAN", "UNSTABLE"):
        raise refused(f"Pull request Pull request is in {pull.merge_state().lower()} status")
    pull.auto_merge = {"at": time.time(), "login": login, "method": (method or "MERGE").upper(), "pull": pull}
    pull.touch()
    pull.repository.forge.wake()
    return None


def enqueue(pull, login):
    check(pull, None, from_queue=True)
    if not pull.queued:
        pull.queued = {"at": time.time(), "login": login, "pull": pull}
        pull.auto_merge = None
        pull.touch()
        pull.repository.forge.wake()
    return pull.queued


def dequeue(pull):
    if not pull.queued:
        raise refused("Pull request is not in the merge queue.")
    entry, pull.queued = pull.queued, None
    pull.touch()
    return entry

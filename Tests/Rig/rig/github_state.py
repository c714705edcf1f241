"""Repositories and pull requests of the forge, and what can be done to them.

Every method is called under `Forge.lock`. Refusals are `Refused`, which the REST and the GraphQL side word each in
GitHub's own way.
"""

import time
from dataclasses import dataclass, field

DEFAULT_LABELS = {
    "bug": "d73a4a", "documentation": "0075ca", "duplicate": "cfd3d7", "enhancement": "a2eeef",
    "good first issue": "7057ff", "help wanted": "008672", "invalid": "e4e669", "question": "d876e3",
    "wontfix": "ffffff",
}


class Refused(Exception):
    """GitHub would refuse: HTTP status of the REST answer, type of the GraphQL error, and both messages."""

    def __init__(self, status, message, graphql="UNPROCESSABLE", errors=None, graphql_message=None):
        super().__init__(message)
        self.status, self.message, self.type, self.errors = status, message, graphql, errors
        self.graphql_message = graphql_message or message


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)) if seconds else None


def email(login):
    return f"{login}@users.noreply.github.com"


@dataclass
class Label:
    repository: object
    name: str
    color: str = "ededed"
    description: str = ""
    number: int = 0
    is_default: bool = False


@dataclass
class Comment:
    pull: object
    number: int
    login: str
    body: str
    at: float


@dataclass
class PullRequest:
    repository: object
    number: int
    title: str
    body: str
    login: str
    head: str
    head_oid: str
    base: str
    base_oid: str
    created: float
    draft: bool = False
    state: str = "OPEN"
    labels: list = field(default_factory=list)
    comments: list = field(default_factory=list)
    reviews: list = field(default_factory=list)
    updated: float = 0
    closed: float = 0
    merged: float = 0
    merged_by: str = None
    merge_commit: str = None
    auto_merge: dict = None
    queued: dict = None
    head_gone: bool = False
    acted: str = None
    edited: bool = False
    tested: tuple = None

    @property
    def git(self):
        return self.repository.git

    @property
    def is_open(self):
        return self.state == "OPEN"

    @property
    def url(self):
        return f"{self.repository.url}/pull/{self.number}"

    def touch(self):
        self.updated = max(time.time(), self.updated)

    def fork(self):
        """Where the branch left the base: the old side of the diff."""
        return self.git.merge_base(self.base_oid, self.head_oid) or self.base_oid

    def commits(self):
        return [self.git.commit(oid) for oid in self.git.between(self.base_oid, self.head_oid)]

    def files(self):
        return self.git.files(self.fork(), self.head_oid)

    def mergeable(self):
        """MERGEABLE, CONFLICTING, or UNKNOWN for a configured time after a change, as GitHub answers at first."""
        if not self.is_open:
            return "UNKNOWN"
        if time.time() - self.updated < float(self.repository.rules.get("mergeable_after", 0)):
            return "UNKNOWN"
        return "MERGEABLE" if self.git.merge_tree(self.base_oid, self.head_oid) else "CONFLICTING"

    def merge_state(self):
        mergeable = self.mergeable()
        if mergeable == "UNKNOWN":
            return "UNKNOWN"
        if self.draft:
            return "DRAFT"
        if mergeable == "CONFLICTING":
            return "DIRTY"
        if self.behind():
            return "BEHIND"
        if self.obstacle():
            return "BLOCKED"
        return "UNSTABLE" if self.repository.rollup(self.head_oid) not in (None, "SUCCESS") else "CLEAN"

    def behind(self):
        """Whether the base branch asks for branches that are up to date, and this one is not."""
        return bool(self.repository.rules.get("strict")) and not self.git.is_ancestor(self.base_oid, self.head_oid)

    def obstacle(self):
        """What the base branch's rules still ask for, in words, or None."""
        rules = self.repository.rules
        if self.behind():
            return "Head branch is not up to date with the base branch."
        wanted = rules.get("required_label")
        if wanted and wanted not in self.labels:
            return f'Required status check "label {wanted}" is expected.'
        if rules.get("required_checks") and self.repository.rollup(self.head_oid) != "SUCCESS":
            return "Required status check is expected or failing."
        if rules.get("required_review") and self.review_decision() != "APPROVED":
            return "At least 1 approving review is required by reviewers with write access."
        return None

    def review_decision(self):
        if any(review["state"] == "APPROVED" for review in self.reviews):
            return "APPROVED"
        return "REVIEW_REQUIRED" if self.repository.rules.get("required_review") else None

    def test_merge(self):
        """The commit GitHub keeps in refs/pull/N/merge: REST's `merge_commit_sha` while the request is open."""
        tree = self.mergeable() == "MERGEABLE" and self.git.merge_tree(self.base_oid, self.head_oid)
        if not tree:
            return None
        if self.tested and self.tested[:2] == (self.base_oid, self.head_oid):
            return self.tested[2]
        when = f"{int(self.created)} +0000"
        who = ("GitHub", "noreply@github.com", when)
        oid = self.git.commit_tree(tree, [self.base_oid, self.head_oid],
                                   f"Merge {self.head_oid} into {self.base_oid}", author=who, committer=who)
        self.git.update(f"refs/pull/{self.number}/merge", oid)
        self.tested = (self.base_oid, self.head_oid, oid)
        return oid

    # Actions

    def close(self, login):
        if self.is_open:
            self.state, self.closed = "CLOSED", time.time()
            self.auto_merge = self.queued = None
            self.touch()

    def finish(self, commit, login):
        self.state, self.merged, self.merge_commit, self.merged_by = "MERGED", time.time(), commit, login
        self.closed = self.merged
        self.auto_merge = self.queued = None
        self.git.delete(f"refs/pull/{self.number}/merge")
        self.touch()

    def reopen(self):
        if self.state == "MERGED" or self.head_gone:
            raise Refused(422, "Validation Failed", errors=[
                {"resource": "PullRequest", "code": "invalid", "field": "state",
                 "message": "state cannot be changed."}])
        self.state, self.closed = "OPEN", 0
        self.touch()

    def add_labels(self, names):
        for name in names:
            label = self.repository.find_label(name) or self.repository.create_label(name)
            if label.name not in self.labels:
                self.labels.append(label.name)
                self.touch()

    def remove_label(self, name):
        if name not in self.labels:
            raise Refused(404, "Label does not exist", "NOT_FOUND")
        self.labels.remove(name)
        self.touch()

    def comment(self, login, body):
        if not body:
            raise Refused(422, "Validation Failed", graphql_message="Body can't be blank", errors=[
                {"resource": "IssueComment", "code": "missing_field", "field": "body"}])
        one = Comment(self, self.repository.next_id(), login, body, time.time())
        self.comments.append(one)
        self.touch()
        return one

    def review(self, login, state, body=""):
        self.reviews.append({"login": login, "state": state, "body": body, "at": time.time(), "commit": self.head_oid,
                             "number": self.repository.next_id(), "pull": self})
        self.touch()


class Repository:
    """One fleet's repository: a bare repository in the file system, and what GitHub keeps beside it."""

    def __init__(self, forge, fleet, git):
        self.forge, self.git = forge, git
        self.fleet = fleet
        self.owner, self.name = fleet["github"].split("/", 1)
        self.full_name = fleet["github"]
        self.url = f"https://github.com/{self.full_name}"
        self.created = time.time()
        self.pulls, self.statuses, self.labels = {}, {}, {}
        self._id = 1000
        for name, color in DEFAULT_LABELS.items():
            self.create_label(name, color).is_default = True
        for name in fleet.get("labels", []):
            self.create_label(name)

    @property
    def control(self):
        return self.forge.controls.read(self.fleet.get("control"))

    @property
    def rules(self):
        return self.control.get("github") or {}

    def next_id(self):
        self._id += 1
        return self._id

    # Labels and statuses

    def find_label(self, name):
        return self.labels.get(name.lower())

    def create_label(self, name, color="ededed", description=""):
        if not name or len(name) > 50:
            raise Refused(422, "Validation Failed", errors=[{"resource": "Label", "code": "invalid", "field": "name"}])
        if self.find_label(name):
            raise Refused(422, "Validation Failed", errors=[
                {"resource": "Label", "code": "already_exists", "field": "name"}])
        label = Label(self, name, color or "ededed", description or "", self.next_id())
        self.labels[name.lower()] = label
        return label

    def add_status(self, oid, login, given):
        if given.get("state") not in ("error", "failure", "pending", "success"):
            raise Refused(422, "Validation Failed", errors=[
                {"resource": "Status", "code": "invalid", "field": "state"}])
        one = {"number": self.next_id(), "state": given["state"], "context": given.get("context") or "default",
               "description": given.get("description"), "target_url": given.get("target_url"), "login": login,
               "at": time.time(), "oid": oid}
        self.statuses.setdefault(oid, []).append(one)
        return one

    def current_statuses(self, oid):
        """The newest status of every context; with `checks` in the control file, one more, `rig`."""
        newest = {one["context"]: one for one in self.statuses.get(oid, [])}
        scripted = self.rules.get("checks")
        if scripted and "rig" not in newest:
            newest["rig"] = {"number": 1, "state": scripted, "context": "rig", "description": "scripted",
                             "target_url": None, "login": "checks", "at": self.created, "oid": oid}
        return list(newest.values())

    def rollup(self, oid):
        states = {one["state"] for one in self.current_statuses(oid)}
        for state in ("error", "failure", "pending", "success"):
            if state in states:
                return state.upper()
        return None

    # Pull requests

    def pull(self, number):
        try:
            return self.pulls[int(number)]
        except (KeyError, ValueError):
            raise Refused(404, "Not Found", "NOT_FOUND", graphql_message="Could not resolve to a PullRequest with the "
                          f"number of {number}.") from None

    def create_pull(self, login, title, head, base, body="", draft=False):
        self.sync()
        heads = self.git.heads()
        if head.startswith(self.owner + ":"):
            head = head[len(self.owner) + 1:]

        def invalid(which, graphql):
            return Refused(422, "Validation Failed", graphql_message=graphql, errors=[
                {"resource": "PullRequest", "field": which, "code": "invalid"}])

        def custom(words):
            return Refused(422, "Validation Failed", graphql_message=words, errors=[
                {"resource": "PullRequest", "code": "custom", "message": words}])

        if not title:
            raise Refused(422, "Validation Failed", graphql_message="Title can't be blank", errors=[
                {"resource": "PullRequest", "code": "missing_field", "field": "title"}])
        if base not in heads:
            raise invalid("base", f"Base sha can't be blank, No commits between {base} and {head}, "
                          "Base ref must be a branch")
        if head not in heads:
            raise invalid("head", f"Head sha can't be blank, No commits between {base} and {head}, "
                          "Head ref must be a branch")
        if any(one.is_open and one.head == head and one.base == base for one in self.pulls.values()):
            raise custom(f"A pull request already exists for {self.owner}:{head}.")
        if not self.git.merge_base(heads[base], heads[head]):
            raise custom(f"The {head} branch has no history in common with {base}")
        if self.git.is_ancestor(heads[head], heads[base]):
            raise custom(f"No commits between {base} and {head}")
        now = time.time()
        pull = PullRequest(self, max(self.pulls, default=0) + 1, title, body or "", login, head, heads[head], base,
                           heads[base], now, draft=bool(draft), updated=now)
        self.pulls[pull.number] = pull
        self.git.update(f"refs/pull/{pull.number}/head", pull.head_oid)
        self.forge.wake()
        return pull

    def sync(self):
        """Takes over what was pushed since: new heads, a moved base, branches merged by a push, deleted branches."""
        pulls = [one for one in self.pulls.values() if one.is_open]
        if not pulls:
            return
        heads = self.git.heads()
        for pull in pulls:
            base, head = heads.get(pull.base), heads.get(pull.head)
            if base is None:
                pull.close("ghost")
                continue
            if base != pull.base_oid and self.git.is_ancestor(head or pull.head_oid, base) \
                    and not self.git.is_ancestor(head or pull.head_oid, pull.base_oid):
                pull.head_oid = head or pull.head_oid
                pull.head_gone = head is None
                pull.finish(self.git.bringing(pull.head_oid, pull.base_oid, base), "pusher")
                continue
            if base != pull.base_oid:
                pull.base_oid = base
                pull.touch()
            if head is None:
                pull.head_gone = True
                pull.close("ghost")
            elif head != pull.head_oid:
                pull.head_oid = head
                self.git.update(f"refs/pull/{pull.number}/head", head)
                pull.touch()
                if self.git.is_ancestor(head, base):
                    pull.close("ghost")

    def with_commit(self, oid):
        """Pull requests that brought a commit: it is their merge commit, or one of their own."""
        self.sync()
        return [one for one in self.pulls.values()
                if one.merge_commit == oid or oid in one.git.between(one.base_oid, one.head_oid)]

"""What happens on the forge without a request: the scripted reviewer, auto-merge, the merge queue.

One thread. It sleeps until somebody opens a pull request; while one is open it looks twice a second, and exactly when
the next action is due.
"""

import json
import threading
import time

from .github_git import GitError
from .github_merge import merge
from .github_state import Refused, email

LOOK = 0.5


class Reviewer(threading.Thread):
    def __init__(self, forge):
        super().__init__(name="reviewer", daemon=True)
        self.forge = forge
        self.woken = threading.Event()

    def run(self):
        while True:
            with self.forge.lock:
                due = self.round()
            self.woken.wait(None if due is None else max(0.005, min(LOOK, due - time.time())))
            self.woken.clear()

    def round(self):
        """Does what is due. Gives when to look again, None when there is nothing to wait for."""
        next_due = None
        for repository in list(self.forge.repositories.values()):
            try:
                repository.sync()
                for pull in [one for one in repository.pulls.values() if one.is_open]:
                    due = self.attend(pull)
                    next_due = due if next_due is None else min(next_due, due)
            except (GitError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
                # A control file half written, or a repository just taken away: look again.
                self.forge.log.note("reviewer", repository.full_name, error=f"{type(error).__name__}: {error}")
                next_due = time.time() + LOOK
        return next_due

    def attend(self, pull):
        """One open pull request. Gives when it must be looked at again."""
        now = time.time()
        later = now + LOOK
        queue = pull.repository.rules.get("merge_queue") or {}
        if pull.queued:
            due = pull.queued["at"] + float(queue.get("after", 0))
            if now < due:
                return due
            self.try_merge(pull, pull.queued["login"], queue.get("method", "merge"), from_queue=True)
            pull.queued = None
        elif pull.auto_merge and not pull.obstacle() and pull.merge_state() in ("CLEAN", "UNSTABLE"):
            self.try_merge(pull, pull.auto_merge["login"], pull.auto_merge["method"].lower(), from_queue=bool(queue))
        script = pull.repository.control.get("reviewer") or {}
        action, signature = script.get("action", "none" if "method" not in script else "merge"), json.dumps(script)
        if not pull.is_open or action == "none" or pull.acted == signature:
            return later
        due = pull.created + float(script.get("after", 0))
        if now < due:
            return due
        pull.acted = signature
        self.act(pull, action, script)
        return later

    def act(self, pull, action, script):
        login = script.get("login", "reviewer")
        edit = script.get("edit")
        if edit and not pull.edited:
            pull.edited = True
            message = edit.get("message", f"Change {edit['path']}") + "\n"
            commit = pull.git.replace_in_file(pull.head_oid, edit["path"], edit["find"], edit["replace"], message,
                                              (login, email(login)))
            if commit is None or not pull.git.update(f"refs/heads/{pull.head}", commit, pull.head_oid):
                self.forge.log.note("reviewer", pull.url, error="the edit could not be made")
                return
            pull.repository.sync()
        if action == "merge":
            self.try_merge(pull, login, script.get("method", "merge"))
        elif action == "close":
            pull.close(login)
        elif action == "approve":
            pull.review(login, "APPROVED", script.get("body", ""))
        self.forge.log.note("reviewer", pull.url, action=action, state=pull.state)

    def try_merge(self, pull, login, method, from_queue=False):
        try:
            merge(pull, login, method, from_queue=from_queue)
        except Refused as refusal:
            self.forge.log.note("reviewer", pull.url, error=refusal.message)

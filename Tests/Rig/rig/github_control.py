"""What the tests steer the forge with: fleets, control files, injected faults; and what it leaves for them: the log."""

import json
import os
import re
import threading
import time


def signature(path):
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


class Controls:
    """Control files, read again when they change. One that cannot be read leaves the former in force."""

    def __init__(self, log):
        self.log, self.files, self.lock = log, {}, threading.Lock()

    def read(self, path):
        if not path:
            return {}
        with self.lock:
            return self._entry(path)["control"]

    def _entry(self, path):
        now = signature(path)
        entry = self.files.setdefault(path, {"signature": None, "control": {}, "left": {}})
        if entry["signature"] == now:
            return entry
        control = {}
        try:
            if now:
                with open(path, encoding="utf-8") as file:
                    control = json.load(file)
            if not isinstance(control, dict):
                raise ValueError("not a JSON object")
        except (OSError, ValueError) as error:
            self.log.note("control", path, error=str(error))
            entry["signature"] = now
            return entry
        former = (entry["control"].get("github") or {}).get("fail")
        faults = (control.get("github") or {}).get("fail")
        if former != faults:
            entry["left"] = {at: one.get("times", 1) for at, one in enumerate(faults or [])}
        entry.update(signature=now, control=control)
        return entry

    def fault(self, path, line):
        """The first fault that matches a request and is not used up. `times` below zero: for ever."""
        if not path:
            return None
        with self.lock:
            entry = self._entry(path)
            for at, one in enumerate((entry["control"].get("github") or {}).get("fail") or []):
                left = entry["left"].get(at, 0)
                if left and re.search(one.get("match", ""), line):
                    entry["left"][at] = left - 1 if left > 0 else left
                    return one
        return None


class Fleets:
    """DIR/fleets/NAME.json, read again when one of them changes."""

    def __init__(self, folder, log):
        self.folder, self.log, self.seen = folder, log, None

    def changed(self):
        """The fleets by GitHub name in lower case, or None when nothing changed since the last call."""
        try:
            names = sorted(name for name in os.listdir(self.folder) if name.endswith(".json"))
        except OSError:
            names = []
        now = [(name, signature(os.path.join(self.folder, name))) for name in names]
        if now == self.seen:
            return None
        self.seen = now
        found = {}
        for name in names:
            path = os.path.join(self.folder, name)
            try:
                with open(path, encoding="utf-8") as file:
                    one = json.load(file)
                if not re.fullmatch(r"[\w.-]+/[\w.-]+", one["github"]) or not os.path.isabs(one["repo"]):
                    raise ValueError("needs github (owner/name) and repo (absolute path)")
                found[one["github"].lower()] = one
            except (OSError, ValueError, KeyError, TypeError) as error:
                # Perhaps half written: look at it again at the next request.
                self.seen = None
                self.log.note("fleet", path, error=f"{type(error).__name__}: {error}")
        return found


class Limits:
    """Rate limits as GitHub counts them: so many points an hour for each resource. Nothing is refused by them."""

    LIMIT = 5000

    def __init__(self):
        self.used, self.reset, self.lock = {}, int(time.time()) + 3600, threading.Lock()

    def now(self, resource):
        with self.lock:
            if time.time() >= self.reset:
                self.used, self.reset = {}, int(time.time()) + 3600
            return self.used.get(resource, 0), self.reset

    def spend(self, resource):
        self.now(resource)
        with self.lock:
            self.used[resource] = min(self.LIMIT, self.used.get(resource, 0) + 1)


class Log:
    """DIR/gh/requests.log: a JSON object a line for every request, and notes (`event`) of what else happened."""

    def __init__(self, path):
        self.file, self.lock = open(path, "w", encoding="utf-8"), threading.Lock()

    def write(self, **entry):
        entry["time"] = round(time.time(), 4)
        with self.lock:
            self.file.write(json.dumps(entry) + "\n")
            self.file.flush()

    def note(self, event, about, **more):
        self.write(event=event, about=about, **more)

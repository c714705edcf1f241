"""What Argo CD's repository server knows: the newest commit of a branch, and the tag a service's file names."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Enough of YAML for the files that the rig's own fleets have: the value of the first `chartTag`, `newTag` or
# `tag` that stands indented under something, quoted or not, with or without a comment behind.
TAG = re.compile(
    r"^\s+(?:chartTag|newTag|tag):[ \t]*(?:\"([^\"\n]*)\"|'([^'\n]*)'|([^\s#\"'&*!|>][^\s#]*))", re.MULTILINE
)
ENABLED = re.compile(r"^\s+enabled:[ \t]*(false|no|off)\b", re.MULTILINE | re.IGNORECASE)


class SourceError(Exception):
    """The desired state cannot be told; Argo CD calls it a ComparisonError."""


def repository_path(url: str) -> Path:
    """The folder of a repository named by a path or a `file://` address."""
    return Path(unquote(urlsplit(url).path)) if url.startswith("file://") else Path(url)


def newest_commit(repository: Path, branch: str) -> str | None:
    """The commit a branch is at, by reading the ref's file: no process is started to look."""
    try:
        return (repository / "refs" / "heads" / branch).read_text().strip() or None
    except OSError:
        pass
    try:
        for line in (repository / "packed-refs").read_text().splitlines():
            commit, _, name = line.partition(" ")
            if name == f"refs/heads/{branch}":
                return commit
    except OSError:
        pass
    return None


class TagReader:
    """Reads the tags of many files at one commit with one process, and remembers them by commit."""

    def __init__(self) -> None:
        self._known: dict[tuple[Path, str], dict[str, str | None]] = {}

    def tag(self, repository: Path, commit: str, path: str, all_paths: set[str]) -> str | None:
        """The tag that the file of `path` names at a commit; None when it says `enabled: false`. `all_paths`:
        what else will be asked at this commit, read along."""
        key = (repository, commit)
        if path not in self._known.get(key, {}):
            while len(self._known) > 200:
                self._known.pop(next(iter(self._known)))
            self._known.setdefault(key, {}).update(self._read(repository, commit, sorted(all_paths | {path})))
        tag = self._known[key].get(path, "")
        if tag == "":
            raise SourceError(f"{path}: app path does not exist or names no tag at {commit[:12]}")
        return tag

    @staticmethod
    def _read(repository: Path, commit: str, paths: list[str]) -> dict[str, str | None]:
        names = [path if path.endswith((".yaml", ".yml")) else f"{path.rstrip('/')}/config.yaml" for path in paths]
        asked = "".join(f"{commit}:{name}\n" for name in names).encode()
        command = ["git", f"--git-dir={repository}", "cat-file", "--batch"]
        done = subprocess.run(command, input=asked, capture_output=True, check=False, timeout=30)
        if done.returncode != 0:
            raise SourceError(f"failed to read {commit[:12]}: {done.stderr.decode(errors='replace').strip()}")
        tags: dict[str, str | None] = {}
        rest = done.stdout
        for path in paths:
            head, _, rest = rest.partition(b"\n")
            words = head.split()
            if len(words) != 3 or words[1] != b"blob":
                tags[path] = ""
                if len(words) == 3:
                    rest = rest[int(words[2]) + 1 :]
                continue
            size = int(words[2])
            text = rest[:size].decode(errors="replace")
            rest = rest[size + 1 :]
            found = TAG.search(text)
            tags[path] = next((part for part in found.groups() if part), "") if found else ""
            if ENABLED.search(text):
                tags[path] = None
        return tags

"""The fleets of a running rig and the control file of each, as every process of the rig reads them.

`DIR/fleets/NAME.json` says what belongs to a fleet; the control file it names says how its containers, its
Argo CD and its reviewer behave. Both are read again whenever they change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Fleet:
    """One isolated set of services: its repository, its namespaces and its script."""

    name: str
    repository: Path
    github: str
    namespaces: dict[str, str]
    control_path: Path
    control: dict[str, Any] = field(default_factory=dict)

    def behaviour(self, namespace: str, image: str) -> Mapping[str, Any]:
        """What the control file says of an image: in this environment, else anywhere, else of all (`*`), else
        nothing."""
        behaviours = self.control.get("behaviours") or {}
        tag = image.rpartition(":")[2]
        own = next((behaviours.get(f"{name}/{tag}") for name, of in self.namespaces.items() if of == namespace), None)
        return own or behaviours.get(tag) or behaviours.get("*") or {}

    def argocd(self, application: str) -> Mapping[str, Any]:
        """Argo CD's script for an Application: the fleet's, and over it the Application's own."""
        script = self.control.get("argocd") or {}
        own = (script.get("applications") or {}).get(application) or {}
        return {**script, **own}


class Registry:
    """The fleets by name and namespace. `refresh` costs one `stat` a file when nothing changed."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "fleets"
        self._stamps: dict[Path, tuple[int, int, int]] = {}
        self._by_file: dict[Path, Fleet] = {}

    @property
    def fleets(self) -> list[Fleet]:
        return list(self._by_file.values())

    def of_namespace(self, namespace: str) -> Fleet | None:
        """The fleet that a namespace belongs to."""
        for fleet in self._by_file.values():
            if namespace in fleet.namespaces.values():
                return fleet
        return None

    def refresh(self) -> list[Fleet]:
        """Reads what changed and answers those fleets."""
        changed: list[Fleet] = []
        files = sorted(self._folder.glob("*.json"))
        for gone in set(self._by_file) - set(files):
            del self._by_file[gone]
            self._stamps.pop(gone, None)
        for file in files:
            fleet = self._by_file.get(file)
            if fleet is None or self._touched(file):
                self._touched(file)
                fleet = self._read(file) or fleet
                if fleet is None:
                    continue
                self._by_file[file] = fleet
                self._stamps.pop(fleet.control_path, None)
            if self._touched(fleet.control_path):
                try:
                    fleet.control = json.loads(fleet.control_path.read_text())
                except (OSError, ValueError):
                    # Half written: keep what was known, and look again at the next turn.
                    self._stamps.pop(fleet.control_path, None)
                    continue
                changed.append(fleet)
        return changed

    def _touched(self, file: Path) -> bool:
        try:
            seen = file.stat()
        except OSError:
            return False
        stamp = (seen.st_mtime_ns, seen.st_size, seen.st_ino)
        if self._stamps.get(file) == stamp:
            return False
        self._stamps[file] = stamp
        return True

    @staticmethod
    def _read(file: Path) -> Fleet | None:
        try:
            entry = json.loads(file.read_text())
            return Fleet(
                entry["name"], Path(entry["repo"]), entry["github"], entry["namespaces"], Path(entry["control"])
            )
        except (OSError, ValueError, KeyError):
            return None

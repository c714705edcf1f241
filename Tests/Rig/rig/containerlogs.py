"""The log of a scripted container: its running instance's and the one before, as the real kubelet keeps."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

KEPT_LINES = 5000


@dataclass
class Instance:
    """What one start of a container wrote; `number` counts lines ever written, also those rotated away."""

    lines: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    number: int = 0
    ended: bool = False


@dataclass(frozen=True)
class Selection:
    """What `kubectl logs` asks for."""

    tail: int | None = None
    since_ns: int | None = None
    previous: bool = False


class ContainerLog:
    """Written by the kubelet's thread, read and followed by those that serve requests."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._current: Instance | None = None
        self._previous: Instance | None = None

    def start(self) -> None:
        """A new instance of the container begins."""
        with self._changed:
            if self._current is not None:
                self._current.ended = True
                self._previous = self._current
            self._current = Instance()
            self._changed.notify_all()

    def write(self, line: str) -> None:
        with self._changed:
            if self._current is not None and not self._current.ended:
                self._current.lines.append((time.time_ns(), line))
                self._current.number += 1
                self._changed.notify_all()

    def end(self) -> None:
        """The instance ended; who follows it is done."""
        with self._changed:
            if self._current is not None:
                self._current.ended = True
            self._changed.notify_all()

    def instance(self, previous: bool) -> Instance | None:
        """The instance whose log is meant. After a crash and before the restart, the crashed one is both."""
        with self._changed:
            if previous and self._current is not None and self._current.ended and self._current.number:
                return self._current
            return self._previous if previous else self._current

    def read(self, instance: Instance, selection: Selection) -> tuple[list[tuple[int, str]], int]:
        """The selected lines so far, and where to go on following."""
        with self._changed:
            lines = list(instance.lines)
            number = instance.number
        if selection.since_ns is not None:
            lines = [line for line in lines if line[0] >= selection.since_ns]
        if selection.tail is not None and selection.tail >= 0:
            lines = lines[len(lines) - min(selection.tail, len(lines)) :]
        return lines, number

    def follow(self, instance: Instance, seen: int) -> Iterator[list[tuple[int, str]]]:
        """New lines as they come; an empty list every second in which none did; ends with the instance."""
        while True:
            with self._changed:
                if instance.number == seen and not instance.ended:
                    self._changed.wait(1.0)
                fresh = min(instance.number - seen, len(instance.lines))
                lines = list(instance.lines)[len(instance.lines) - fresh :] if fresh else []
                seen = instance.number
                ended = instance.ended
            yield lines
            if ended:
                return

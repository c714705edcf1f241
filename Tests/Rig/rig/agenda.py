"""One thread's work, in order of time: what others hand in at once, and what is due later.

The scripted kubelet and the scripted Argo CD each keep all their state in the thread of one agenda, so
that they need no locks and sleep while nothing is due.
"""

from __future__ import annotations

import heapq
import itertools
import queue
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

Work = Callable[..., Any]


class Agenda:
    def __init__(self) -> None:
        self._incoming: queue.SimpleQueue[tuple[Work, tuple[Any, ...]]] = queue.SimpleQueue()
        self._due: list[tuple[float, int, Work, tuple[Any, ...]]] = []
        self._order = itertools.count()

    def hand_in(self, work: Work, *arguments: Any) -> None:
        """Has the agenda's thread do something soon. The one method that other threads may call."""
        self._incoming.put((work, arguments))

    def after(self, seconds: float, work: Work, *arguments: Any) -> None:
        """Does something later; what is no longer wanted then has to notice that itself."""
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), work, arguments))

    def every(self, seconds: float, work: Work) -> None:
        """Does something again and again."""

        def turn() -> None:
            self.after(seconds, turn)
            work()

        self.after(seconds, turn)

    def run(self) -> None:
        """Works for ever. One failed piece of work is told on standard error and does not stop the rest."""
        while True:
            wait = None if not self._due else max(0.0, self._due[0][0] - time.monotonic())
            # What was handed in comes first: what is due decides by it, and must not starve it either.
            try:
                work, arguments = self._incoming.get(block=wait != 0.0, timeout=wait)
            except queue.Empty:
                if not self._due or self._due[0][0] > time.monotonic():
                    continue
                _, _, work, arguments = heapq.heappop(self._due)
            try:
                work(*arguments)
            except Exception:
                traceback.print_exc()
                sys.stderr.flush()

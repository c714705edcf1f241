"""Child processes that cannot outlive the rig, free ports, and waits that end."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class RigError(Exception):
    """Something the person who started the rig has to know; shown without a traceback."""


def _die_with_parent() -> None:
    """Runs in the child between fork and exec: the kernel kills it when the rig is gone, however it went."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.setpgid(0, 0)


class Children:
    """The processes of one rig, ended by their ids in the opposite order of their start."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Starts a child with its output in `logs/NAME.log`. Call from the main thread only: the kernel ties
        a child's life to the thread that forked it."""
        with open(self._logs / f"{name}.log", "ab") as log:
            child = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(environment) if environment is not None else None,
                preexec_fn=_die_with_parent,
                close_fds=True,
            )
        self._running.append((name, child))

    def fallen(self) -> str | None:
        """The name and exit of a child that ended although nobody asked it to."""
        for name, child in self._running:
            status = child.poll()
            if status is not None:
                return f"{name} ended with {status}\n{self.tail(name)}"
        return None

    def tail(self, name: str, lines: int = 15) -> str:
        """The last lines of a child's log."""
        try:
            text = (self._logs / f"{name}.log").read_text(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def end(self) -> None:
        """Ends every child: a signal to ask, five seconds at most, then the one that cannot be ignored."""
        for _, child in reversed(self._running):
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + 5
        for _, child in reversed(self._running):
            try:
                child.wait(max(0.05, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._running.clear()


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(what: str, seconds: float, check: Callable[[], bool], children: Children | None = None) -> None:
    """Waits until `check` says yes; fails with what was waited for after `seconds` or when a child fell."""
    deadline = time.monotonic() + seconds
    while not check():
        fallen = children.fallen() if children else None
        if fallen:
            raise RigError(f"while waiting for {what}: {fallen}")
        if time.monotonic() > deadline:
            raise RigError(f"{what} did not come within {seconds:g} s")
        time.sleep(0.05)


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Writes a file that a reader sees whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(beside, path)

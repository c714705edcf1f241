"""One running rig: its private folder, its environment, its processes, and its end."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from .controlplane import ControlPlane, new_token, write_kubeconfig
from .processes import Children, RigError, wait_until, write_atomically

PREFIX = "slipway-rig-"
# What `rig.sh` sets for the rig's own Python and a command run in the rig must not inherit.
OWN_VARIABLES = ("PYTHONPATH", "PYTHONSAFEPATH", "PYTHONDONTWRITEBYTECODE")


def programs_folder() -> Path:
    """Where `install.sh` put the programs; inside a rig's environment, what that rig says."""
    told = os.environ.get("SLIPWAY_RIG_BIN")
    if told:
        return Path(told)
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "slipway-rig" / "bin"


class Rig:
    """Use as a context: everything it started and made is gone at its end."""

    def __init__(self, state: Path | None, users: Sequence[str] = ()) -> None:
        self._told_to_stop: int | None = None
        self._parent = os.getppid()
        _sweep()
        self._made_folder = state is None or not state.exists()
        self.state = _private_folder(state)
        self._found = set(self.state.iterdir())
        write_atomically(self.state / "pid", f"{os.getpid()}\n")
        for name in ("logs", "fleets", "repos", "home", "cache", "state", "config", "gh"):
            (self.state / name).mkdir(mode=0o700, exist_ok=True)
        self._users = list(users)
        self._children = Children(self.state / "logs")
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Rig:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self._children.end()
        if os.environ.get("SLIPWAY_RIG_KEEP"):
            print(f"rig: kept {self.state}", file=sys.stderr)
        else:
            self._remove()

    def _remove(self) -> None:
        """Removes what the rig made, and nothing that was in the folder before."""
        for entry in set(self.state.iterdir()) - self._found:
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)
        if self._made_folder:
            shutil.rmtree(self.state, ignore_errors=True)

    def _stop(self, number: int, _: FrameType | None) -> None:
        if self._told_to_stop is None:
            self._told_to_stop = number

    @property
    def over(self) -> bool:
        """Whether somebody asked for the end, or nobody is left to use the rig."""
        return self._told_to_stop is not None or os.getppid() != self._parent

    # --- starting --------------------------------------------------------------------------------------

    def _start(self) -> None:
        programs = programs_folder()
        if not (programs / "kube-apiserver").exists():
            raise RigError(f"nothing installed in {programs}: run Tests/Rig/install.sh")
        self.environment = self._make_environment(programs)
        plane = ControlPlane(self.state, programs, self._children)
        tokens = {name: new_token() for name in self._users}
        plane.start(tokens)
        kubeconfig = self.state / "kubeconfig"
        write_kubeconfig(kubeconfig, plane.port, plane.authority, "admin", plane.token)
        for name, token in tokens.items():
            write_kubeconfig(self.state / f"kubeconfig-{name}", plane.port, plane.authority, name, token)
        rig = {"apiserver": plane.port, "token": plane.token, "authority": str(plane.authority)}
        write_atomically(self.state / "rig.json", json.dumps(rig) + "\n")
        self._start_github()
        plane.wait()
        for name in ("kubelet", "argocd"):
            self._python(name)
        told = self.state / "kubelet.json"
        wait_until("the scripted kubelet", 20, told.exists, self._children)
        rig["health"] = json.loads(told.read_text())["health"]
        write_atomically(self.state / "rig.json", json.dumps(rig) + "\n")
        lines = [f"{name}={value}" for name, value in self.environment.items()]
        write_atomically(self.state / "env", "\n".join(lines) + "\n")

    def _start_github(self) -> None:
        """The GitHub emulator; it writes the configuration that leads gh to its socket."""
        if importlib.util.find_spec("rig.github") is None:
            print("rig: no GitHub emulator in this checkout", file=sys.stderr)
            return
        self._python("github")
        config = Path(self.environment["GH_CONFIG_DIR"]) / "config.yml"
        wait_until("the GitHub emulator", 20, config.exists, self._children)

    def _python(self, name: str) -> None:
        environment = {**os.environ, **self.environment}
        environment["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
        environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": "1"}
        command = [sys.executable, "-m", f"rig.{name}", "--state", str(self.state)]
        self._children.start(name, command, environment)

    def _make_environment(self, programs: Path) -> dict[str, str]:
        """The variables with which the real tools find the rig and nothing of the person who started it."""
        gitconfig = self.state / "gitconfig"
        text = "[user]\n\tname = Rig\n\temail = rig@example.org\n[init]\n\tdefaultBranch = main\n"
        text += "[safe]\n\tdirectory = *\n[advice]\n\tdetachedHead = false\n"
        text += "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
        write_atomically(gitconfig, text)
        return {
            "KUBECONFIG": str(self.state / "kubeconfig"),
            "GH_CONFIG_DIR": str(self.state / "gh" / "config"),
            "GH_TOKEN": "gho_" + new_token()[:36],
            "SLIPWAY_RIG_STATE": str(self.state),
            "SLIPWAY_RIG_BIN": str(programs),
            "PATH": f"{programs}:{os.environ.get('PATH', '/usr/bin:/bin')}",
            "HOME": str(self.state / "home"),
            "XDG_CACHE_HOME": str(self.state / "cache"),
            "XDG_STATE_HOME": str(self.state / "state"),
            "XDG_CONFIG_HOME": str(self.state / "config"),
            "GIT_CONFIG_GLOBAL": str(gitconfig),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GH_TELEMETRY": "false",
            "GH_NO_UPDATE_NOTIFIER": "1",
            "GH_PROMPT_DISABLED": "1",
            "NO_COLOR": "1",
        }

    # --- staying ---------------------------------------------------------------------------------------

    def stay(self, seconds: float) -> None:
        """Until asked to end, until the parent is gone, or for so long."""
        deadline = time.monotonic() + seconds
        while not self.over and time.monotonic() < deadline:
            time.sleep(0.25)
            fallen = self._children.fallen()
            if fallen:
                raise RigError(fallen)

    def run(self, command: Sequence[str], seconds: float) -> int:
        """Runs a command in the rig's environment and answers its exit status; passes signals on to it."""
        inherited = {name: value for name, value in os.environ.items() if name not in OWN_VARIABLES}
        child = subprocess.Popen(list(command), env={**inherited, **self.environment})
        deadline = time.monotonic() + seconds
        asked: float | None = None
        while child.poll() is None:
            now = time.monotonic()
            if asked is None and (self.over or now > deadline):
                asked = now
                child.send_signal(self._told_to_stop or signal.SIGTERM)
            elif asked is not None and now > asked + 10:
                child.kill()
            try:
                child.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        status = int(child.returncode)
        return 128 - status if status < 0 else status


def _private_folder(state: Path | None) -> Path:
    if state is None:
        return Path(tempfile.mkdtemp(prefix=PREFIX))
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    state.chmod(0o700)
    folder = state.resolve()
    if (folder / "rig.json").exists():
        raise RigError(f"{folder} is the folder of another rig")
    if len(str(folder)) > 80:
        raise RigError(f"{folder}: too long a path for a unix socket in it")
    return folder


def _sweep() -> None:
    """Removes what rigs left that were killed before they could clean up."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            os.kill(int((folder / "pid").read_text()), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except (OSError, ValueError):
            continue

"""The commands of `rig.sh`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from . import fleet
from .processes import RigError
from .runtime import Rig


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="rig.sh", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, about in (("up", "start a rig and stay"), ("with", "start a rig, run a command in it, end it")):
        command = commands.add_parser(name, help=about, description=about)
        command.add_argument("--state", type=Path, help="its folder; default: a new one, removed at the end")
        command.add_argument("--for", type=float, default=3600, dest="seconds", help="ends after so many seconds")
        command.add_argument("--user", action="append", default=[], help="a further user, who may nothing yet")
        if name == "with":
            command.add_argument("words", nargs="+", metavar="-- COMMAND")
    command = commands.add_parser("fleet", help="create a fleet in the running rig")
    command.add_argument("name")
    command.add_argument("--services", default="api,web,project-management")
    command.add_argument("--services-count", type=int)
    command.add_argument("--layout", choices=("guide", "services"), default="guide")
    command.add_argument("--replicas", type=int, default=2)
    command.add_argument("--copy", choices=("tag", "file"), default="tag")
    command.add_argument(
        "--dir", type=Path, help="where slipway.yaml and control.json go; default: in the rig's folder"
    )
    return parser.parse_args()


def _fleet(arguments: argparse.Namespace) -> None:
    told = os.environ.get("SLIPWAY_RIG_STATE")
    if not told:
        raise RigError("no rig: SLIPWAY_RIG_STATE is not set (start one with `rig.sh up`, use its environment)")
    state = Path(told)
    folder = (arguments.dir or state / "out" / arguments.name).absolute()
    names = [name for name in arguments.services.split(",") if name]
    services = fleet.service_names(names, arguments.services_count)
    request = fleet.Request(arguments.name, services, arguments.layout, arguments.replicas, arguments.copy, folder)
    fleet.create(state, request)
    print(folder)


def main() -> int:
    arguments = _arguments()
    try:
        if arguments.command == "fleet":
            _fleet(arguments)
            return 0
        with Rig(arguments.state, arguments.user) as rig:
            if arguments.command == "with":
                return rig.run(arguments.words, arguments.seconds)
            sys.stdout.write((rig.state / "env").read_text() + "rig is up\n")
            sys.stdout.flush()
            rig.stay(arguments.seconds)
        return 0
    except RigError as error:
        print(f"rig: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

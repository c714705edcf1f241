"""Measures whole processes: wall time of the start, throughput on large text, resident memory. See startup.sh."""

import os
import pathlib
import statistics
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SLIPWAY, JUST = sys.argv[1], sys.argv[2]
ROUNDS = 60

RUNBOOK = """\
# The weekly release, watched and taken back by itself.
runbook "Weekly release"
input soak = 30m

require health of api in staging is healthy else "staging is not well"
validate staging api, web
announce planned

if version of api in staging is version of api in production {
  announce "the api is not new"
} else {
  announce "the api moves"
}

promote api, web by pr because "weekly"
wait merge within 4h
monitor (soak) allowing 2 restarts
announce complete

on failure { rollback promoted }
"""

JUSTFILE = """\
# The weekly release, watched and taken back by itself.
title := "Weekly release"
soak := "30m"

default: validate promote
  echo {{title}}

validate:
  require-healthy staging api
  validate staging api web
  announce planned

promote: validate
  if same-version api; then announce "the api is not new"; else announce "the api moves"; fi
  promote api web --by pr --because "weekly"
  wait-merge --within 4h
  monitor {{soak}} --allowing-restarts 2 || just back
  announce complete
back:
  rollback promoted
"""

SCRIPT = """\
# The weekly release, watched and taken back by itself.
title="Weekly release"
soak=30m

require-healthy staging api || { echo "staging is not well"; exit 2; }
validate staging api web
announce planned

if [[ $(version api staging) == "$(version api production)" ]]; then
  announce "the api is not new"
else
  announce "the api moves"
fi

promote api web --by pr --because weekly
wait-merge --within 4h
monitor "$soak" --allowing-restarts 2 ||
  rollback promoted
announce complete
"""

PYTHON = """\
# The weekly release, watched and taken back by itself.
title = "Weekly release"
soak = minutes(30)

require(health("api", "staging") == "healthy", "staging is not well")
validate("staging", ["api", "web"])
announce("planned")

if version("api", "staging") == version("api", "production"):
    announce("the api is not new")
else:
    announce("the api moves")

try:
    promote(["api", "web"], by="pr", because="weekly")
    wait_merge(within=hours(4))
    monitor(soak, restarts=2)
except Failure:
    rollback("promoted")
"""


def run(arguments, folder, status=(0,)):
    """Seconds and kilobytes of a process."""
    null = os.open(os.devnull, os.O_RDWR)
    begin = time.perf_counter()
    process = os.posix_spawnp(
        arguments[0],
        arguments,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, null, number) for number in (0, 1, 2)],
    )
    _, code, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - begin
    os.close(null)
    if os.waitstatus_to_exitcode(code) not in status:
        sys.exit(f"{' '.join(arguments)} ended with {os.waitstatus_to_exitcode(code)} in {folder}")
    return seconds, usage.ru_maxrss


def large(unit, size, numbered=False):
    """A unit again and again, up to a size; `@` becomes the number of the repetition."""
    pieces, total, number = [], 0, 0
    while total < size:
        piece = unit.replace("@", str(number)) if numbered else unit
        pieces.append(piece)
        total += len(piece)
        number += 1
    return "".join(pieces)


def main():
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        folder = pathlib.Path(name)
        (folder / "slipway.yaml").write_text((HERE / "../examples/slipway.yaml").read_text())
        for file, text in [("r.runbook", RUNBOOK), ("justfile", JUSTFILE), ("s.sh", SCRIPT), ("p.py", PYTHON)]:
            (folder / file).write_text(text)
            assert len(text.splitlines()) in (19, 20), f"{file} has {len(text.splitlines())} lines"
        commands = {
            "slipway check": [SLIPWAY, "check", "r.runbook"],
            "just --dump": [JUST, "--dump", "--justfile", "justfile"],
            "bash -n": ["bash", "-n", "s.sh"],
            "python3 -m ast": ["python3", "-m", "ast", "p.py"],
        }
        times = {name: [] for name in commands}
        for _ in range(ROUNDS):
            # In turns, so that whatever else the machine does hits all of them alike.
            for name, command in commands.items():
                times[name].append(run(command, folder)[0])
        print("start to end, 20 lines (ms)          median      least")
        for name, found in times.items():
            print(f"  {name:30} {statistics.median(found) * 1000:10.2f} {min(found) * 1000:10.2f}")
        ratio = statistics.median(times["slipway check"]) / statistics.median(times["just --dump"])
        print(f"  slipway check / just --dump: {ratio:.2f} (at most 4)")

        unit = (HERE / "corpus.runbook").read_text()
        # just wants the lines of a recipe indented alike.
        justfile = "".join(f"  {line.strip()}\n" for line in SCRIPT.splitlines() if line and "{{" not in line)
        texts = {
            "slipway check": ("l.runbook", large(unit, 10_000_000)),
            "just --dump": ("l.just", large("recipe-@: \n" + justfile + "\n", 10_000_000, numbered=True)),
            "bash -n": ("l.sh", large(SCRIPT, 10_000_000)),
        }
        print("whole process, 10 MB                  MB/s   resident MB")
        large_commands = {
            "slipway check": [SLIPWAY, "check", "l.runbook"],
            "just --dump": [JUST, "--dump", "--justfile", "l.just"],
            "bash -n": ["bash", "-n", "l.sh"],
        }
        for name, (file, text) in texts.items():
            (folder / file).write_text(text)
            seconds, memory = min(run(large_commands[name], folder) for _ in range(3))
            print(f"  {name:30} {len(text) / 1e6 / seconds:10.1f} {memory / 1024:10.1f}")

        memory = {}
        for size in (10, 20):
            (folder / "m.runbook").write_text(large(unit, size * 1_000_000))
            memory[size] = run([SLIPWAY, "check", "m.runbook"], folder)[1] / 1024
        ratio_memory = memory[20] / memory[10]
        print(f"resident memory: {memory[10]:.0f} MB at 10 MB of text, {memory[20]:.0f} MB at 20 MB:")
        print(f"  {ratio_memory:.2f} times (at most 2.2)")
        missed = [text for text, isMissed in [("start-up", ratio > 4), ("memory", ratio_memory > 2.2)] if isMissed]
        sys.exit(f"missed: {', '.join(missed)}" if missed else 0)


main()

"""Runs `slipway explore` and prints futures a second and the most resident memory; see explore.sh."""

import json
import os
import sys
import tempfile
import time


def explored(slipway, runbook, pairs, core=None, jobs=None):
    """Explores in a process of its own; (futures, seconds, seconds of processor time, MB at most)."""
    arguments = [slipway, "explore", runbook, "--pairs", str(pairs), "--json"]
    if jobs:
        arguments += ["--jobs", str(jobs)]
    reading, writing = os.pipe()
    began = time.monotonic()
    process = os.fork()
    if process == 0:
        if core is not None:
            os.sched_setaffinity(0, {core})
        os.chdir(tempfile.gettempdir())
        os.dup2(writing, 1)
        os.close(reading)
        os.execv(slipway, arguments)
    os.close(writing)
    with os.fdopen(reading) as output:
        lines = output.read().splitlines()
    _, status, usage = os.wait4(process, 0)
    seconds = time.monotonic() - began
    if not lines or os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"explore: {' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    futures = json.loads(lines[-1])["futures"]
    return futures, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def show(title, run):
    futures, seconds, work, memory = run
    print(
        f"{title:<24} {futures:7d} futures in {seconds:7.1f} s: {futures / seconds:7.1f} a second, "
        f"{futures / work:7.1f} for each second of processor time, {memory:6.1f} MB at most",
        flush=True,
    )
    return memory


def main():
    slipway, runbook, many = sys.argv[1], os.path.abspath(sys.argv[2]), int(sys.argv[3])
    core = min(os.sched_getaffinity(0))
    few = show("one core", explored(slipway, runbook, max(0, many // 10), core, 1))
    show("all cores", explored(slipway, runbook, max(0, many // 10)))
    all_of_them = show("all cores, all futures", explored(slipway, runbook, many))
    print(f"memory with ten times as many futures: {all_of_them - few:+.1f} MB")


main()

"""Measures a prompt on a pseudo-terminal: start to prompt, and Enter to the first output. See prompt.sh."""

import os
import pathlib
import pty
import select
import statistics
import sys
import tempfile
import time

SLIPWAY = sys.argv[1]
ROUNDS = 25
SERVICES = 100


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, arguments, folder, variables):
        self.begun = time.perf_counter()
        self.process, self.seat = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execvpe(arguments[0], arguments, {**os.environ, **variables})
        self.text = b""

    def until(self, wanted, seconds=20):
        """Seconds until something is shown, counted from now."""
        began = time.perf_counter()
        while wanted not in self.text:
            left = began + seconds - time.perf_counter()
            if left <= 0 or not select.select([self.seat], [], [], left)[0]:
                sys.exit(f"prompt: {wanted} was never shown, but {self.text[-400:]}")
            self.text += os.read(self.seat, 65536)
        return time.perf_counter() - began

    def send(self, line):
        self.text = b""
        os.write(self.seat, line.encode())

    def close(self):
        os.close(self.seat)
        os.waitpid(self.process, 0)


def fleet():
    services = "".join(
        f'  service-{n:03}: {{ tag: "service-{n:03}-v{{version}}", health: {{ staging: "https://s.example/{n}", '
        f'production: "https://p.example/{n}" }} }}\n'
        for n in range(SERVICES)
    )
    return (
        "gitops:\n  repository: https://forge.example/acme/gitops.git\n"
        "  file: environments/{environment}/{service}.yaml\n  tag: tag\n"
        "environments:\n  staging: { namespace: staging }\n"
        "  production: { namespace: production, promotes-from: staging, protected: true }\n"
        f"services:\n{services}"
    )


def milliseconds(times):
    return f"median {statistics.median(times) * 1000:6.1f} ms   worst {max(times) * 1000:6.1f} ms"


def main():
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "empty").mkdir()
        pathlib.Path(folder, "fleet").mkdir()
        pathlib.Path(folder, "fleet", "slipway.yaml").write_text(fleet())
        variables = {
            "HOME": folder, "XDG_STATE_HOME": f"{folder}/state", "XDG_CACHE_HOME": f"{folder}/cache",
            "PYTHON_HISTORY": f"{folder}/history", "NO_COLOR": "1", "TERM": "xterm", "LC_ALL": "C.UTF-8",
        }

        def start(arguments, prompt, place):
            terminal = Terminal(arguments, f"{folder}/{place}", variables)
            terminal.until(prompt)
            taken = time.perf_counter() - terminal.begun
            return terminal, taken

        ours, theirs, large = [], [], []
        # Taken in turns, so that what else the machine does falls on both.
        for _ in range(ROUNDS):
            for arguments, prompt, place, times in [
                ([SLIPWAY, "repl", "--world", "rehearsal"], "▸ ".encode(), "empty", ours),
                (["python3", "-q"], b">>> ", "empty", theirs),
                ([SLIPWAY, "repl", "--world", "rehearsal"], "▸ ".encode(), "fleet", large),
            ]:
                terminal, taken = start(arguments, prompt, place)
                times.append(taken)
                terminal.close()
        print(f"start to prompt   slipway repl            {milliseconds(ours)}")
        print(f"start to prompt   python3 -q              {milliseconds(theirs)}")
        print(f"start to prompt   repl, {SERVICES} services      {milliseconds(large)}")

        terminal, _ = start([SLIPWAY, "repl", "--world", "rehearsal"], "▸ ".encode(), "fleet")
        first, whole = [], []
        for round in range(ROUNDS + 1):
            terminal.send("status")
            terminal.until(b"status")
            terminal.send("\r")
            # The echo of Enter is no output.
            begun = time.perf_counter()
            terminal.until(b"ENVIRONMENT")
            seen = time.perf_counter() - begun
            terminal.until("▸ ".encode())
            # The first one warms the session up.
            if round > 0:
                first.append(seen)
                whole.append(time.perf_counter() - begun)
        terminal.close()
        print(f"Enter to output   status, {SERVICES} services    {milliseconds(first)}")
        print(f"Enter to prompt   status, {SERVICES} services    {milliseconds(whole)}")

        missed = []
        if statistics.median(ours) > statistics.median(theirs):
            missed.append("the prompt comes later than python's")
        if statistics.median(first) >= 0.050:
            missed.append("the first output of `status` takes 50 ms or more")
        for goal in missed:
            print(f"missed: {goal}", file=sys.stderr)
        return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

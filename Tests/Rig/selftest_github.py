"""Runs the real gh, command by command, against the forge. Prints `N passed, N failed`.

    python3 Tests/Rig/selftest_github.py [WORD]      only the tests whose name has WORD

gh is $SLIPWAY_GH, or the one of the rig's environment in the user's cache. With SLIPWAY_GITHUB_SCHEMA (GitHub's
published schema.graphql) and graphql-core the forge's types are compared with GitHub's.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

CACHE = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
GH = os.environ.get("SLIPWAY_GH") or os.path.join(CACHE, "slipway-rig", "venv", "bin", "gh")
PULL = """number title state merged mergeable isDraft headRefName headRefOid baseRefName mergeCommit{oid} url
 author{login} labels(first:20){nodes{name}} reviewDecision autoMergeRequest{enabledAt} mergeQueueEntry{position}
 commits(last:1){nodes{commit{oid statusCheckRollup{state}}}} closedAt mergedAt mergedBy{login}"""
ALL = """query($owner:String!,$name:String!,$labels:[String!]){repository(owner:$owner,name:$name){
 pullRequests(labels:$labels,states:[OPEN,MERGED,CLOSED],first:50,orderBy:{field:CREATED_AT,direction:DESC}){
 nodes{...p}}}
 rateLimit{remaining resetAt}} fragment p on PullRequest{%s}""" % PULL
ONE = "query($n:Int!){repository(owner:\"acme\",name:\"shop\"){pullRequest(number:$n){id %s}}}" % PULL


class Done:
    def __init__(self, process):
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}\nstdout: {self.out}\nstderr: {self.err}"


class Rig:
    """A forge with one fleet, acme/shop, and a clone of its repository."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="forge-")
        self.bare, self.work = os.path.join(self.folder, "shop.git"), os.path.join(self.folder, "work")
        self.state = os.path.join(self.folder, "state")
        self.control_file = os.path.join(self.folder, "control.json")
        home = os.path.join(self.folder, "home")
        for folder in (home, os.path.join(self.state, "fleets")):
            os.makedirs(folder)
        self.env = {"PATH": os.environ["PATH"], "HOME": home, "XDG_CACHE_HOME": home + "/cache",
                    "XDG_STATE_HOME": home + "/state", "XDG_CONFIG_HOME": home + "/config",
                    "GH_CONFIG_DIR": os.path.join(self.state, "gh", "config"),
                    "GH_TOKEN": "rig-alice", "GH_TELEMETRY": "false", "GH_NO_UPDATE_NOTIFIER": "1", "NO_COLOR": "1",
                    "GH_PROMPT_DISABLED": "1", "GIT_CONFIG_NOSYSTEM": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        for role in ("AUTHOR", "COMMITTER"):
            self.env[f"GIT_{role}_NAME"], self.env[f"GIT_{role}_EMAIL"] = "Dora", "dora@example.org"
        self.run(["git", "init", "-q", "--bare", "-b", "main", self.bare], folder="/")
        self.run(["git", "clone", "-q", self.bare, self.work], folder="/")
        self.write("values.yaml", "image:\n  tag: v1\nreplicas: 2\n")
        self.write("other.yaml", "a: 1\n")
        self.git("checkout", "-q", "-b", "main")
        self.git("add", ".")
        self.git("commit", "-qm", "first")
        self.git("push", "-q", "origin", "main")
        self.control()
        fleet = {"name": "shop", "repo": self.bare, "github": "acme/shop", "namespaces": {},
                 "control": self.control_file}
        self.put(os.path.join(self.state, "fleets", "shop.json"), fleet)
        self.server = subprocess.Popen([sys.executable, "-m", "rig.github", "--state", self.state], cwd=HERE,
                                       env=self.env, stdout=subprocess.PIPE, text=True)
        assert json.loads(self.server.stdout.readline())["ready"]
        self.branches = 0

    def end(self):
        self.server.send_signal(signal.SIGTERM)
        code = self.server.wait(10)
        left = os.path.exists(os.path.join(self.state, "gh", "gh.sock"))
        shutil.rmtree(self.folder)
        return code, left

    def run(self, command, folder=None, data="", env=None):
        return Done(subprocess.run(command, cwd=folder or self.work, env={**self.env, **(env or {})}, input=data,
                                   text=True, capture_output=True, timeout=60, check=False))

    def git(self, *arguments):
        done = self.run(["git", *arguments])
        assert done.code == 0, f"git {arguments}: {done}"
        return done.out.strip()

    def inside(self, *arguments):
        return self.git("--git-dir", self.bare, *arguments)

    def gh(self, *arguments, data="", env=None):
        return self.run([GH, *arguments], folder=self.env["HOME"], data=data, env=env)

    def pr(self, *arguments, data=""):
        return self.gh("pr", *arguments, "--repo", "acme/shop", data=data)

    def api(self, *arguments, data="", env=None):
        return self.gh("api", *arguments, data=data, env=env)

    def graphql(self, query, **variables):
        done = self.api("graphql", "--input", "-", data=json.dumps({"query": query, "variables": variables}))
        return done.json() if done.out else done

    def put(self, path, value):
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(value, file)
        os.replace(path + ".new", path)

    def control(self, reviewer=None, **github):
        self.put(self.control_file, {"reviewer": reviewer or {"action": "none"}, "github": github})

    def write(self, path, text):
        with open(os.path.join(self.work, path), "w", encoding="utf-8") as file:
            file.write(text)

    def branch(self, path="values.yaml", text=None, commits=1):
        """Pushes a new branch that changes a file; its name."""
        self.branches += 1
        name = f"promote/{self.branches}"
        self.git("fetch", "-q", "origin")
        self.git("checkout", "-q", "-b", name, "origin/main")
        for number in range(commits):
            self.write(path, text or f"image:\n  tag: v{self.branches + 1}.{number}\nreplicas: 2\n")
            self.git("add", ".")
            self.git("commit", "-qm", f"change {number}")
        self.git("push", "-q", "origin", name)
        return name

    def open(self, **changes):
        """A pull request over REST: its JSON."""
        name = self.branch(**changes)
        done = self.api("repos/acme/shop/pulls", "-f", f"head={name}", "-f", "base=main", "-f", f"title=Promote {name}",
                        "-f", "body=the checklist")
        assert done.code == 0, done
        return done.json()

    def get(self, number):
        return self.api(f"repos/acme/shop/pulls/{number}").json()

    def until(self, number, state):
        """Waits until the pull request has a GraphQL state, at most 10 s."""
        end = time.time() + 10
        while time.time() < end:
            found = self.graphql(ONE, n=number)["data"]["repository"]["pullRequest"]
            if found["state"] == state:
                return found
            time.sleep(0.2)
        raise AssertionError(f"#{number} is {found['state']}, not {state}, after 10 s")

    def log(self):
        with open(os.path.join(self.state, "gh", "requests.log"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]


def equal(found, wanted, what):
    assert found == wanted, f"{what}: {found!r}, wanted {wanted!r}"


def has(text, part):
    assert part in text, f"{part!r} is not in {text!r}"


def failed(done, *parts):
    assert done.code == 1, f"should have failed: {done}"
    for part in parts:
        has(done.out + done.err, part)


def main():
    import selftest_github_api
    import selftest_github_forge
    tests = {**vars(selftest_github_api), **vars(selftest_github_forge)}
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    passed, wrong = 0, 0
    if not os.path.exists(GH):
        sys.exit(f"there is no gh at {GH}")
    rig = Rig()
    try:
        for name, test in [(key, value) for key, value in tests.items() if key.startswith("test_") and word in key]:
            try:
                rig.control()
                skipped = test(rig)
                if skipped:
                    print(f"skipped {name}: {skipped}")
                else:
                    passed += 1
            except Exception:
                wrong += 1
                print(f"FAILED {name}")
                traceback.print_exc(file=sys.stdout)
    finally:
        code, left = rig.end()
    if code != 0 or left:
        wrong += 1
        print(f"FAILED: at SIGTERM the forge ended with {code}, its socket {'still there' if left else 'gone'}")
    print(f"{passed} passed, {wrong} failed")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

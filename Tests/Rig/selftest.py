"""The rig's own test: the real kubectl and git against a rig of its own. Run by `rig.sh selftest`.

Every check says in words what was expected; the first that fails ends the test with status 1.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from rig import fleet
from rig.processes import RigError
from rig.runtime import Rig


class Failed(Exception):
    """A check that did not hold."""


class Tester:
    """The tools, pointed at one fleet of the rig."""

    def __init__(self, rig: Rig, name: str) -> None:
        self.rig = rig
        self.environment = {**os.environ, **rig.environment}
        self.state = rig.state
        self.name = name
        self.folder = rig.state / "out" / name
        self.production = f"{name}-production"

    def run(self, *command: str, fails: bool = False, seconds: float = 40) -> str:
        """A command's output; that it fails can be what is expected, and then its words are answered too."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=seconds, check=False
        )
        if (done.returncode != 0) != fails:
            raise Failed(f"{' '.join(command)} ended with {done.returncode}: {done.stderr or done.stdout}")
        return done.stdout + (done.stderr if fails else "")

    def kubectl(self, *arguments: str, fails: bool = False) -> str:
        return self.run("kubectl", "-n", self.production, *arguments, fails=fails)

    def application(self, service: str) -> dict[str, Any]:
        text = self.run("kubectl", "-n", f"{self.name}-argocd", "get", "app", f"{service}-production", "-o", "json")
        return dict(json.loads(text))

    def image(self, service: str) -> str:
        return self.kubectl("get", "deploy", service, "-o", "jsonpath={.spec.template.spec.containers[0].image}")

    def waiting(self, service: str, reason: str) -> list[dict[str, Any]]:
        """The pods of a service whose container waits for this reason."""
        pods = json.loads(self.kubectl("get", "pods", "-l", f"app={service}", "-o", "json"))["items"]

        def reason_of(pod: dict[str, Any]) -> str:
            statuses = pod["status"].get("containerStatuses") or [{}]
            return str(statuses[0].get("state", {}).get("waiting", {}).get("reason", ""))

        return [pod for pod in pods if reason_of(pod) == reason]

    def script(self, **parts: Any) -> None:
        """Changes the fleet's control file."""
        control = self.folder / "control.json"
        now = json.loads(control.read_text())
        control.write_text(json.dumps({**now, **parts}))

    def push(self, service: str, tag: str) -> str:
        """Commits another tag for production from a clone and pushes it; answers the commit."""
        repository = str(self.state / "repos" / self.name / "cluster-gitops.git")
        clone = self.state / "clones" / self.name
        if not clone.exists():
            self.run("git", "clone", "--quiet", repository, str(clone))
        self.run("git", "-C", str(clone), "pull", "--quiet", "--ff-only")
        file = clone / f"syrf/environments/production/{service}/config.yaml"
        old = next(line for line in file.read_text().splitlines() if "chartTag:" in line)
        file.write_text(file.read_text().replace(old.split()[1], tag))
        self.run("git", "-C", str(clone), "commit", "--quiet", "--all", "-m", f"promote({service}): {tag}")
        self.run("git", "-C", str(clone), "push", "--quiet", "origin", "main")
        return self.run("git", "-C", str(clone), "rev-parse", "HEAD").strip()

    def until(self, what: str, seconds: float, check: Callable[[], bool]) -> float:
        begun = time.monotonic()
        while not check():
            if time.monotonic() - begun > seconds:
                raise Failed(f"{what}: not seen within {seconds:g} s")
            time.sleep(0.1)
        return time.monotonic() - begun


def expect(holds: bool, message: str) -> None:
    if not holds:
        raise Failed(message)


def starts_as_described(t: Tester) -> None:
    nodes = t.run("kubectl", "--context", "production", "get", "nodes", "--no-headers")
    expect(" Ready " in nodes, f"the node is Ready: {nodes}")
    expect(t.image("api") == "registry.example/api:api-v1.2.2", f"production runs api-v1.2.2, not {t.image('api')}")
    digests = t.kubectl("get", "pods", "-o", "jsonpath={.items[*].status.containerStatuses[*].imageID}")
    expect("docker-pullable://registry.example/api@sha256:" in digests, f"pods name their digest: {digests}")
    for command in (["rollout", "status", "deploy/api", "--timeout=20s"], ["get", "deploy,rs,pods,svc,endpoints"]):
        expect("api" in t.kubectl(*command), f"kubectl {command[0]} {command[1]} tells of the api")


def serves_logs_and_health(t: Tester) -> None:
    text = t.kubectl("logs", "-l", "app=api", "--tail=200", "--timestamps")
    expect("listening on :8080" in text and "T" in text.split()[0], f"logs with timestamps: {text}")
    refused = t.kubectl("logs", "deploy/api", "--previous", fails=True)
    expect("previous terminated container" in refused, f"no previous log before a crash: {refused}")
    t.script(behaviours={"api-v1.2.2": {"log": ["error: boom"], "log_every": 0.2}})
    followed = subprocess.Popen(
        ["kubectl", "-n", t.production, "logs", "-f", "deploy/api", "--since=1s"],
        env=t.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert followed.stdout is not None
    try:
        lines = [followed.stdout.readline() for _ in range(3)]
    finally:
        followed.terminate()
        followed.wait(5)
        followed.stdout.close()
    expect(lines.count("error: boom\n") >= 2, f"a followed log goes on: {lines}")
    expect(health(t, "api") == 200, "the health endpoint answers 200")
    t.script(behaviours={"api-v1.2.2": {"http_status": 500}})
    t.until("the health endpoint answers 500", 10, lambda: health(t, "api") == 500)
    t.script(behaviours={})
    t.until("the health endpoint answers 200 again", 10, lambda: health(t, "api") == 200)
    expect(health(t, "nobody") == 503, "no pod, no health")


def health(t: Tester, service: str) -> int:
    port = json.loads((t.state / "rig.json").read_text())["health"]
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/{t.production}/{service}", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def syncs_a_push(t: Tester) -> None:
    watched = subprocess.Popen(
        ["kubectl", "-n", t.production, "get", "pods", "-l", "app=api", "-w", "--no-headers"],
        env=t.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    commit = t.push("api", "api-v1.3.0")

    def arrived() -> bool:
        status = t.application("api")["status"]
        sync, health_status = status["sync"], status["health"]["status"]
        return (sync["status"], sync["revision"], health_status) == ("Synced", commit, "Healthy")

    seconds = t.until("the Application is Synced and Healthy at the pushed commit", 20, arrived)
    print(f"  a push was synced and rolled out in {seconds:.1f} s")
    t.kubectl("rollout", "status", "deploy/api", "--timeout=20s")
    expect(t.image("api").endswith(":api-v1.3.0"), f"the Deployment runs the pushed tag, not {t.image('api')}")
    status = t.application("api")["status"]
    state = status["operationState"]
    expect(state["phase"] == "Succeeded" and state["syncResult"]["revision"] == commit, f"the operation: {state}")
    kinds = {(r.get("group", ""), r["kind"], r["status"]) for r in status["resources"]}
    expect(("apps", "Deployment", "Synced") in kinds, f"resources name the Deployment: {kinds}")
    other = t.application("web")["status"]["sync"]
    expect(other["revision"] == commit, "an Application that the commit did not touch moves to its revision")
    watched.terminate()
    seen, _ = watched.communicate(timeout=5)
    expect("Terminating" in seen, f"the watch saw old pods go: {seen}")
    expect(seen.count("1/1") >= 3, f"the watch saw new pods become ready: {seen}")


def heals_and_notices_drift(t: Tester) -> None:
    t.kubectl("rollout", "undo", "deploy/api")
    t.until("self-healing undoes the undo", 15, lambda: t.image("api").endswith(":api-v1.3.0"))
    off = json.dumps({"spec": {"syncPolicy": {"automated": None}}})
    patch = ["kubectl", "-n", f"{t.name}-argocd", "patch", "app", "api-production", "--type=merge", "-p"]
    t.run(*patch, off)
    t.kubectl("rollout", "status", "deploy/api", "--timeout=20s")
    t.kubectl("rollout", "undo", "deploy/api")
    t.until("drift is OutOfSync", 10, lambda: t.application("api")["status"]["sync"]["status"] == "OutOfSync")
    expect(t.image("api").endswith(":api-v1.2.2"), "with automated sync suspended the undo stays")
    t.run(*patch, json.dumps({"operation": {"sync": {"revision": "main"}, "initiatedBy": {"username": "test"}}}))
    t.until("a sync asked for is done", 15, lambda: t.image("api").endswith(":api-v1.3.0"))
    t.until("the operation is taken away", 10, lambda: "operation" not in t.application("api"))
    by = t.application("api")["status"]["operationState"]["operation"]["initiatedBy"]
    expect(by == {"username": "test"}, f"the operation says who asked: {by}")
    note = "argocd.argoproj.io/refresh"
    before = t.application("api")["status"]["reconciledAt"]
    time.sleep(1.1)
    t.run(*patch, json.dumps({"metadata": {"annotations": {note: "hard"}}}))
    t.until("a refresh is done", 10, lambda: note not in t.application("api")["metadata"].get("annotations", {}))
    expect(t.application("api")["status"]["reconciledAt"] > before, "a refresh moves reconciledAt")
    t.run(*patch, json.dumps({"spec": {"syncPolicy": {"automated": {"selfHeal": True}}}}))


def can_be_stuck_and_ended(t: Tester) -> None:
    t.script(argocd={"stuck": True})
    time.sleep(0.6)
    old = t.application("web")["status"]["sync"]["revision"]
    commit = t.push("web", "web-v5.0.1")
    time.sleep(2)
    sync = t.application("web")["status"]["sync"]
    expect((sync["status"], sync["revision"]) == ("Synced", old), f"a stuck Argo CD says Synced at the old one: {sync}")
    t.script(argocd={"stuck": False, "sync_time": 8})
    phase = "Running"
    t.until("the sync begins", 15, lambda: t.application("web")["status"]["operationState"]["phase"] == phase)
    patch = json.dumps({"status": {"operationState": {"phase": "Terminating"}}})
    t.run("kubectl", "-n", f"{t.name}-argocd", "patch", "app", "web-production", "--type=merge", "-p", patch)
    t.until("it is ended", 5, lambda: t.application("web")["status"]["operationState"]["phase"] == "Failed")
    expect(t.image("web").endswith(":web-v5.0.0"), "what an operation had not done when ended is not done")
    t.script(argocd={"delay": 0.1})
    newer = t.push("web", "web-v5.0.2")
    t.until("the next commit is synced", 15, lambda: t.image("web").endswith(":web-v5.0.2"))
    expect(newer != commit, "two pushes are two commits")


def crashes_as_told(t: Tester) -> None:
    t.script(
        behaviours={
            "api-v1.4.0": {"crash_after": 0.8, "log": ["error: no database"]},
            "production/web-v6.0.0": {"image_pull_error": True},
        }
    )
    t.push("api", "api-v1.4.0")
    t.push("web", "web-v6.0.0")
    crashed: list[dict[str, Any]] = []

    def in_back_off() -> bool:
        crashed[:] = t.waiting("api", "CrashLoopBackOff")
        return bool(crashed)

    t.until("a crash loop shows", 20, in_back_off)
    pod = crashed[0]
    t.until("an image that cannot be pulled shows", 20, lambda: bool(t.waiting("web", "ImagePullBackOff")))
    status = pod["status"]["containerStatuses"][0]
    expect(status["restartCount"] >= 1 and not status["ready"], f"a crashed container was restarted: {status}")
    expect(status["lastState"]["terminated"]["exitCode"] == 1, f"it says how it ended: {status}")
    text = t.kubectl("logs", pod["metadata"]["name"], "--previous")
    expect("error: no database" in text and "fatal:" in text, f"the log of the instance that crashed: {text}")
    record = [json.loads(line) for line in (t.state / "kubelet.log").read_text().splitlines()]
    whats = {entry["what"] for entry in record if entry["image"].endswith(":api-v1.4.0")}
    expect({"running", "ready", "restarted", "CrashLoopBackOff"} <= whats, f"kubelet.log tells it: {whats}")
    t.push("api", "api-v1.3.0")
    t.push("web", "web-v5.0.2")
    for service in ("api", "web"):
        t.kubectl("rollout", "status", f"deploy/{service}", "--timeout=30s")


def forbids_others(t: Tester) -> None:
    config = str(t.state / "kubeconfig-visitor")
    refused = t.run("kubectl", "--kubeconfig", config, "get", "pods", "-A", fails=True)
    expect("forbidden" in refused, f"a user without a role may nothing: {refused}")


def create(rig: Rig, name: str, layout: str, services: list[str]) -> None:
    begun = time.monotonic()
    fleet.create(rig.state, fleet.Request(name, services, layout, 2, "tag", rig.state / "out" / name))
    print(f"the fleet {name} was there in {time.monotonic() - begun:.1f} s", flush=True)


def keeps_fleets_apart(t: Tester) -> None:
    other = Tester(t.rig, "two")
    running = other.image("project-management")
    expect(running == "registry.example/project-management:pm-v10.44.1", f"the other layout is read too: {running}")
    expect(not t.kubectl("get", "deploy", "project-management", "--ignore-not-found"), "fleets share no namespace")
    text = (other.folder / "slipway.yaml").read_text()
    expect("environments/{environment}/services/{service}.yaml" in text, f"slipway.yaml tells the layout: {text}")


CHECKS = (
    starts_as_described,
    serves_logs_and_health,
    syncs_a_push,
    heals_and_notices_drift,
    can_be_stuck_and_ended,
    crashes_as_told,
    keeps_fleets_apart,
    forbids_others,
)


def main() -> int:
    begun = time.monotonic()
    try:
        with Rig(None, ["visitor"]) as rig:
            print(f"the rig was up in {time.monotonic() - begun:.1f} s", flush=True)
            create(rig, "one", "guide", ["api", "web"])
            create(rig, "two", "services", ["project-management"])
            tester = Tester(rig, "one")
            for check in CHECKS:
                step = time.monotonic()
                check(tester)
                print(f"ok {check.__name__} ({time.monotonic() - step:.1f} s)", flush=True)
    except (Failed, RigError, subprocess.TimeoutExpired) as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

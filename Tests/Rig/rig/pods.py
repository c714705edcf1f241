"""What happens to the pods of the scripted node, as the control file of their fleet says.

A behaviour is looked up by the tag of a container's image, or by environment and tag (`production/api-v1.3.0`):

    ready 0.3               seconds from the start until ready
    never_ready             runs, is never ready
    image_pull_error        ErrImagePull, then ImagePullBackOff
    crash_after 2.0         exits with 1 that many seconds after each start; the first restart is immediate as with
                            the real kubelet, from the second crash on CrashLoopBackOff
    back_off 2.0            seconds of the first back-off (the real one: 10), doubled each time
    complete_after 0.3      for pods that shall end (jobs): exits with 0
    terminate 0.1           seconds that a deleted pod takes to go; more than its grace period, and it stays
    log, log_every          lines written once ready, and again every so many seconds
    http_status 200         what the health endpoint answers
    digest sha256:…         the image's digest, when the tag was moved
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from .agenda import Agenda
from .kube import Api, ApiError, Object
from .podstatus import Container, Pod, precise_time, server_time
from .registry import Registry

NODE = "rig-node"
LONGEST_BACK_OFF = 300.0


class Pods:
    """All state is the agenda's thread's; `health` and `log` read what other threads may read."""

    def __init__(self, api: Api, agenda: Agenda, registry: Registry, record: Path) -> None:
        self._api, self._agenda, self._registry = api, agenda, registry
        self._record = open(record, "a", encoding="utf-8", buffering=1)
        self._pods: dict[str, Pod] = {}
        self._by_name: dict[tuple[str, str], Pod] = {}
        self._addresses = 0

    # --- what the API server tells -------------------------------------------------------------------

    def changed(self, kind: str, item: Object) -> None:
        """A pod came, changed or went."""
        meta = item["metadata"]
        known = self._pods.get(meta["uid"])
        if kind == "DELETED":
            if known is not None:
                self._forget(known)
            return
        if item["spec"].get("nodeName", NODE) != NODE or item["status"].get("phase") in ("Succeeded", "Failed"):
            return
        if known is None and not meta.get("deletionTimestamp"):
            self._admit(item)
        elif meta.get("deletionTimestamp") and (known is None or not known.leaving):
            pod = known or Pod.of(item, "10.88.0.1")
            self._leave(pod, float(meta.get("deletionGracePeriodSeconds") or 0))

    def _admit(self, item: Object) -> None:
        # A script written before the push that made this pod counts for it.
        self.reread()
        self._addresses += 1
        pod = Pod.of(item, f"10.88.{self._addresses // 250 % 250}.{self._addresses % 250 + 1}")
        self._pods[pod.uid] = pod
        self._by_name[pod.namespace, pod.name] = pod
        if not item["spec"].get("nodeName"):
            binding = {
                "apiVersion": "v1",
                "kind": "Binding",
                "metadata": {"name": pod.name, "uid": pod.uid},
                "target": {"apiVersion": "v1", "kind": "Node", "name": NODE},
            }
            try:
                self._api.request("POST", f"{self._path(pod)}/binding", binding)
            except ApiError as error:
                if error.status != 409:
                    self._forget(pod)
                    return
        for container in pod.containers:
            self._start(pod, container)
        self._report(pod, pod.containers[0], _what(pod.containers[0]))

    def _leave(self, pod: Pod, grace: float) -> None:
        pod.leaving = True
        behaviour = self._behaviour(pod, pod.containers[0])
        self._report(pod, pod.containers[0], "terminating")
        delay = 0.0 if grace == 0 else float(behaviour.get("terminate", 0.1))
        self._agenda.after(delay, self._gone, pod)

    def _gone(self, pod: Pod) -> None:
        for container in pod.containers:
            container.log.end()
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "gracePeriodSeconds": 0,
            "preconditions": {"uid": pod.uid},
        }
        self._note(pod, pod.containers[0], "deleted")
        self._api.delete(self._path(pod), body)

    def _forget(self, pod: Pod) -> None:
        self._pods.pop(pod.uid, None)
        if self._by_name.get((pod.namespace, pod.name)) is pod:
            del self._by_name[pod.namespace, pod.name]
        pod.leaving = True
        for container in pod.containers:
            container.life += 1
            container.log.end()

    # --- what the script says ------------------------------------------------------------------------

    def reread(self) -> None:
        """Takes up changed control files: what a running container shall do now begins now."""
        changed = {fleet.name for fleet in self._registry.refresh()}
        if not changed:
            return
        for pod in list(self._pods.values()):
            fleet = self._registry.of_namespace(pod.namespace)
            if fleet is None or fleet.name not in changed or pod.leaving:
                continue
            for container in pod.containers:
                if container.phase != "completed" and self._behaviour(pod, container) != container.behaviour:
                    self._change(pod, container)

    def _behaviour(self, pod: Pod, container: Container) -> dict[str, Any]:
        fleet = self._registry.of_namespace(pod.namespace)
        return dict(fleet.behaviour(pod.namespace, container.image)) if fleet else {}

    def _change(self, pod: Pod, container: Container) -> None:
        if container.phase != "running":
            self._start(pod, container)
            self._report(pod, container, _what(container))
            return
        container.life += 1
        container.behaviour = self._behaviour(pod, container)
        unready = bool(container.behaviour.get("never_ready"))
        if unready and container.ready:
            container.ready = False
            self._report(pod, container, "unready")
        self._plan(pod, container)

    def _start(self, pod: Pod, container: Container) -> None:
        container.life += 1
        container.behaviour = behaviour = self._behaviour(pod, container)
        container.ready = False
        if behaviour.get("image_pull_error"):
            self._fail_to_pull(pod, container)
            return
        container.phase, container.reason, container.message = "running", "", ""
        container.started = server_time()
        container.log.start()
        container.log.write(f"starting {container.image}")
        self._plan(pod, container)

    def _plan(self, pod: Pod, container: Container) -> None:
        """Plans what comes after a start, or after a new script for a running container."""
        behaviour, life = container.behaviour, container.life
        if pod.restart_policy != "Always" and "crash_after" not in behaviour:
            self._agenda.after(float(behaviour.get("complete_after", 0.3)), self._exit, pod, container, life, 0)
        if "crash_after" in behaviour:
            self._agenda.after(float(behaviour["crash_after"]), self._exit, pod, container, life, 1)
        if not behaviour.get("never_ready") and not container.ready:
            self._agenda.after(float(behaviour.get("ready", 0.3)), self._become_ready, pod, container, life)
        elif behaviour.get("log"):
            self._speak(pod, container, life)

    def _become_ready(self, pod: Pod, container: Container, life: int) -> None:
        if container.life != life or pod.leaving:
            return
        container.ready = True
        container.log.write("listening on :8080")
        self._report(pod, container, "ready")
        self._speak(pod, container, life)

    def _speak(self, pod: Pod, container: Container, life: int) -> None:
        if container.life != life or pod.leaving:
            return
        for line in container.behaviour.get("log") or []:
            container.log.write(str(line))
        if container.behaviour.get("log") and container.behaviour.get("log_every"):
            self._agenda.after(max(0.05, float(container.behaviour["log_every"])), self._speak, pod, container, life)

    def _fail_to_pull(self, pod: Pod, container: Container) -> None:
        container.phase, container.reason = "waiting", "ErrImagePull"
        container.message = (
            f'rpc error: code = Unknown desc = Error response from daemon: manifest for "{container.image}" not found'
        )
        self._agenda.after(1.0, self._back_off_pulling, pod, container, container.life)

    def _back_off_pulling(self, pod: Pod, container: Container, life: int) -> None:
        if container.life == life and not pod.leaving:
            container.reason = "ImagePullBackOff"
            container.message = f'Back-off pulling image "{container.image}"'
            self._report(pod, container, "ImagePullBackOff")

    def _exit(self, pod: Pod, container: Container, life: int, code: int) -> None:
        if container.life != life or pod.leaving:
            return
        container.ready = False
        ended = container.terminated(code, "Completed" if code == 0 else "Error")
        if code != 0:
            container.log.write(f"fatal: {container.name} exits with {code}")
        container.log.end()
        if pod.restart_policy == "Never" or (pod.restart_policy == "OnFailure" and code == 0):
            container.phase, container.finished = "completed", ended
            container.life += 1
            self._report(pod, container, "completed" if code == 0 else "failed")
            return
        container.last = ended
        if container.back_off == 0:
            container.back_off = float(container.behaviour.get("back_off", 2.0))
            self._restart(pod, container, life)
            return
        container.life += 1
        container.phase, container.reason = "waiting", "CrashLoopBackOff"
        container.message = (
            f"back-off {container.back_off:g}s restarting failed container={container.name} "
            f"pod={pod.name}_{pod.namespace}({pod.uid})"
        )
        self._agenda.after(container.back_off, self._restart, pod, container, container.life)
        container.back_off = min(LONGEST_BACK_OFF, container.back_off * 2)
        self._report(pod, container, "CrashLoopBackOff")

    def _restart(self, pod: Pod, container: Container, life: int) -> None:
        if container.life != life or pod.leaving:
            return
        container.restarts += 1
        self._start(pod, container)
        self._report(pod, container, "restarted")

    # --- what is told --------------------------------------------------------------------------------

    def _report(self, pod: Pod, container: Container, what: str) -> None:
        self._note(pod, container, what)
        patch = {"metadata": {"uid": pod.uid}, "status": pod.status()}
        try:
            self._api.patch(f"{self._path(pod)}/status", patch)
        except ApiError as error:
            # Gone, or another of the same name: the watch tells.
            if error.status not in (404, 409):
                print(f"status of {pod.namespace}/{pod.name}: {error}", file=sys.stderr, flush=True)

    def _note(self, pod: Pod, container: Container, what: str) -> None:
        entry = {
            "time": precise_time(),
            "namespace": pod.namespace,
            "pod": pod.name,
            "image": container.image,
            "what": what,
        }
        self._record.write(json.dumps(entry) + "\n")

    @staticmethod
    def _path(pod: Pod) -> str:
        return f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}"

    # --- for the threads that serve requests -----------------------------------------------------------

    def container(self, namespace: str, pod: str, name: str) -> Container | None:
        found = self._by_name.get((namespace, pod))
        return next((c for c in found.containers if c.name == name), None) if found else None

    def health(self, namespace: str, service: str) -> int:
        """The status with which the service's health endpoint answers: 200 when a ready pod says so."""
        answers = [
            int(pod.containers[0].behaviour.get("http_status", 200))
            for pod in list(self._pods.values())
            if pod.namespace == namespace and pod.labels.get("app") == service and pod.ready and not pod.leaving
        ]
        return 200 if 200 in answers else (answers[0] if answers else 503)


def _what(container: Container) -> str:
    return container.reason if container.phase == "waiting" else container.phase

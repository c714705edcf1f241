"""The state of a scripted pod, and the `status` that the real kubelet would report for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .containerlogs import ContainerLog
from .kube import Object


def server_time() -> str:
    """Now as the API writes times."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def precise_time() -> str:
    """Now with microseconds, for `kubelet.log`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Container:
    """One container: `phase` is `creating`, `waiting`, `running` or `completed`."""

    name: str
    image: str
    phase: str = "creating"
    reason: str = "ContainerCreating"
    message: str = ""
    ready: bool = False
    restarts: int = 0
    started: str = ""
    last: Object | None = None
    finished: Object | None = None
    back_off: float = 0
    # Counts the starts, so that what was planned for an earlier one is not done to a later one.
    life: int = 0
    behaviour: Mapping[str, Any] = field(default_factory=dict)
    log: ContainerLog = field(default_factory=ContainerLog)

    @property
    def image_id(self) -> str:
        """The digest under which the registry would have served the image: made from its name, so that the
        same tag always is the same digest, unless the script says that the tag was moved."""
        digest = self.behaviour.get("digest") or "sha256:" + hashlib.sha256(self.image.encode()).hexdigest()
        return f"docker-pullable://{self.image.rpartition(':')[0] or self.image}@{digest}"

    @property
    def container_id(self) -> str:
        return "docker://" + hashlib.sha256(f"{id(self)}/{self.life}".encode()).hexdigest()

    def terminated(self, code: int, reason: str) -> Object:
        return {
            "exitCode": code,
            "reason": reason,
            "startedAt": self.started,
            "finishedAt": server_time(),
            "containerID": self.container_id,
        }

    def status(self) -> Object:
        pulled = self.life > 0 and self.phase != "creating" and bool(self.started)
        state: Object
        if self.phase == "running":
            state = {"running": {"startedAt": self.started}}
        elif self.phase == "completed":
            state = {"terminated": self.finished}
        else:
            state = {"waiting": {"reason": self.reason, **({"message": self.message} if self.message else {})}}
        return {
            "name": self.name,
            "image": self.image,
            "imageID": self.image_id if pulled else "",
            "containerID": self.container_id if pulled else "",
            "ready": self.ready,
            "started": self.phase == "running",
            "restartCount": self.restarts,
            "state": state,
            "lastState": {"terminated": self.last} if self.last else {},
        }


@dataclass
class Pod:
    """One pod of the scripted node."""

    namespace: str
    name: str
    uid: str
    labels: dict[str, str]
    restart_policy: str
    grace: float
    ip: str
    containers: list[Container]
    started: str = field(default_factory=server_time)
    leaving: bool = False
    conditions: dict[str, Object] = field(default_factory=dict)

    @classmethod
    def of(cls, item: Object, ip: str) -> Pod:
        meta, spec = item["metadata"], item["spec"]
        return cls(
            namespace=meta["namespace"],
            name=meta["name"],
            uid=meta["uid"],
            labels=meta.get("labels") or {},
            restart_policy=spec.get("restartPolicy", "Always"),
            grace=float(spec.get("terminationGracePeriodSeconds", 30)),
            ip=ip,
            containers=[Container(c["name"], c["image"]) for c in spec["containers"]],
        )

    @property
    def ready(self) -> bool:
        return all(c.ready for c in self.containers)

    @property
    def phase(self) -> str:
        if all(c.phase == "completed" for c in self.containers):
            good = all(c.finished and c.finished["exitCode"] == 0 for c in self.containers)
            return "Succeeded" if good else "Failed"
        if any(c.life == 0 or not c.started for c in self.containers):
            return "Pending"
        return "Running"

    def status(self) -> Object:
        ready = self.ready and not self.leaving
        unready = [c.name for c in self.containers if not c.ready]
        why: Object = {}
        if self.phase == "Succeeded":
            why = {"reason": "PodCompleted"}
        elif not ready:
            why = {"reason": "ContainersNotReady", "message": f"containers with unready status: [{' '.join(unready)}]"}
        ids = [{"ip": self.ip}]
        return {
            "phase": self.phase,
            "hostIP": "127.0.0.1",
            "podIP": self.ip,
            "podIPs": ids,
            "startTime": self.started,
            "conditions": [
                self._condition("Initialized", True, {}),
                self._condition("Ready", ready, why),
                self._condition("ContainersReady", ready, why),
                self._condition("PodScheduled", True, {}),
            ],
            "containerStatuses": [c.status() for c in self.containers],
        }

    def _condition(self, kind: str, holds: bool, why: Object) -> Object:
        value = "True" if holds else "False"
        before = self.conditions.get(kind)
        since = before["lastTransitionTime"] if before and before["status"] == value else server_time()
        now = {"type": kind, "status": value, "lastProbeTime": None, "lastTransitionTime": since, **why}
        self.conditions[kind] = now
        return now

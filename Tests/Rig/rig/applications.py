"""An Argo CD Application in the rig: what its spec asks for, and the status that is written about it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .branch import repository_path
from .kube import Object

REFRESH = "argocd.argoproj.io/refresh"


@dataclass
class Operation:
    """A sync that is under way; `serial` tells it from a later one of the same Application."""

    request: Object
    revision: str
    started: str
    serial: int
    dry_run: bool


@dataclass
class Application:
    """The controller's knowledge of one Application."""

    item: Object
    # The commit that Argo CD last fetched, which may be behind the branch.
    fetched: str | None = None
    operation: Operation | None = None
    seen: dict[str, str] = field(default_factory=dict)
    # When the next comparison is due, if one is.
    due: float | None = None
    # What was synced last, with what success and when: automated sync does not try the same commit again,
    # unless that went well and it may heal.
    attempted: str | None = None
    attempt_failed: bool = False
    attempt_ended: float = 0
    history: list[Object] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.item["metadata"]["name"])

    @property
    def namespace(self) -> str:
        return str(self.item["metadata"]["namespace"])

    @property
    def path(self) -> str:
        return f"/apis/argoproj.io/v1alpha1/namespaces/{self.namespace}/applications/{self.name}"

    @property
    def source(self) -> Object:
        return self.item["spec"].get("source") or {}

    @property
    def repository(self) -> Path:
        return repository_path(self.source.get("repoURL", ""))

    @property
    def branch(self) -> str:
        revision = self.source.get("targetRevision", "HEAD")
        return "main" if revision == "HEAD" else revision

    @property
    def target(self) -> tuple[str, str]:
        """Namespace and name of the Deployment."""
        namespace = (self.item["spec"].get("destination") or {}).get("namespace", "default")
        service = (self.source.get("helm") or {}).get("releaseName") or self.name.rpartition("-")[0] or self.name
        return namespace, service

    def parameter(self, name: str, otherwise: str) -> str:
        for entry in (self.source.get("helm") or {}).get("parameters") or []:
            if entry.get("name") == name:
                return str(entry.get("value", otherwise))
        return otherwise

    @property
    def image(self) -> str:
        return self.parameter("image.repository", f"registry.example/{self.target[1]}")

    @property
    def automated(self) -> Object | None:
        """The automated sync policy, None when somebody suspended it."""
        policy = (self.item["spec"].get("syncPolicy") or {}).get("automated")
        return policy if isinstance(policy, dict) and policy.get("enabled", True) else None

    @property
    def refresh_asked(self) -> bool:
        return REFRESH in (self.item["metadata"].get("annotations") or {})

    @property
    def phase(self) -> str:
        return str(((self.item.get("status") or {}).get("operationState") or {}).get("phase", ""))

    def wishes(self) -> dict[str, str]:
        """What of the Application others write: when it changed, there is something to do."""
        refresh = (self.item["metadata"].get("annotations") or {}).get(REFRESH)
        asked = {"spec": self.item["spec"], "refresh": refresh, "operation": self.item.get("operation")}
        asked["terminate"] = self.phase == "Terminating"
        return {name: in_order(value) for name, value in asked.items()}

    def deployment(self, tag: str) -> Object:
        """The Deployment that the service's chart would render."""
        namespace, service = self.target
        probe = {"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 5}
        container = {
            "name": service,
            "image": f"{self.image}:{tag}",
            "ports": [{"containerPort": 8080}],
            "readinessProbe": probe,
        }
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": service, "namespace": namespace, "labels": self._labels(service)},
            "spec": {
                "replicas": int(self.parameter("replicas", "2")),
                "revisionHistoryLimit": 10,
                "selector": {"matchLabels": {"app": service}},
                "template": {"metadata": {"labels": {"app": service}}, "spec": {"containers": [container]}},
            },
        }

    def service(self) -> Object:
        namespace, service = self.target
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": service, "namespace": namespace, "labels": self._labels(service)},
            "spec": {"selector": {"app": service}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]},
        }

    def _labels(self, service: str) -> dict[str, str]:
        return {"app": service, "app.kubernetes.io/instance": self.name}

    def resources(self, status: str, health: Object) -> list[Object]:
        """What the Application owns, as its status lists it."""
        namespace, service = self.target
        place = {"version": "v1", "namespace": namespace, "name": service}
        return [
            {**place, "kind": "Service", "status": "Synced", "health": {"status": "Healthy"}},
            {**place, "group": "apps", "kind": "Deployment", "status": status, "health": health},
        ]

    def compared_to(self) -> Object:
        return {"source": self.source, "destination": self.item["spec"].get("destination") or {}}


def in_order(value: object) -> str:
    """A value as text that is the same for equal values."""
    return json.dumps(value, sort_keys=True)


def replacing(old: object, new: object) -> object:
    """The merge patch that makes `old` exactly `new`: what is only in the old object is set to null."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    gone = dict.fromkeys(key for key in old if key not in new)
    return {**gone, **{key: replacing(old.get(key), value) for key, value in new.items()}}


def live_image(deployment: Object | None) -> str | None:
    """The image of the first container of a Deployment."""
    if deployment is None:
        return None
    return str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])


def health_of(deployment: Object | None) -> dict[str, Any]:
    """The health that Argo CD reads off a Deployment, in its words."""
    if deployment is None:
        return {"status": "Missing"}
    meta, spec, status = deployment["metadata"], deployment["spec"], deployment.get("status") or {}
    if spec.get("paused"):
        return {"status": "Suspended", "message": "Deployment is paused"}
    if meta.get("generation", 0) > status.get("observedGeneration", 0):
        return {"status": "Progressing", "message": "Waiting for rollout to finish: observed generation is behind"}
    for condition in status.get("conditions") or []:
        if condition["type"] == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            text = f'Deployment "{meta["name"]}" exceeded its progress deadline'
            return {"status": "Degraded", "message": text}
    wanted = spec.get("replicas", 1)
    updated, total = status.get("updatedReplicas", 0), status.get("replicas", 0)
    available = status.get("availableReplicas", 0)
    if updated < wanted:
        text = f"Waiting for rollout to finish: {updated} out of {wanted} new replicas have been updated..."
    elif total > updated:
        text = f"Waiting for rollout to finish: {total - updated} old replicas are pending termination..."
    elif available < updated:
        text = f"Waiting for rollout to finish: {available} of {updated} updated replicas are available..."
    else:
        return {"status": "Healthy"}
    return {"status": "Progressing", "message": text}

"""Creating a fleet in a running rig: namespaces, repository, Applications, `slipway.yaml`, `control.json`."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .applications import health_of
from .branch import newest_commit
from .history import ENVIRONMENTS, Layout, Service, create_repository
from .kube import Api, Object
from .processes import RigError, write_atomically

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True)
class Request:
    """What `rig.sh fleet` was asked for."""

    name: str
    services: list[str]
    layout: str
    replicas: int
    copy: str
    folder: Path


def create(state: Path, request: Request) -> None:
    """Creates the fleet and waits until Argo CD and the kubelet have rolled it out."""
    for name in (request.name, *request.services):
        if not NAME.fullmatch(name):
            raise RigError(f"`{name}` is no name for a fleet or a service: small letters, digits and hyphens")
    registered = state / "fleets" / f"{request.name}.json"
    if registered.exists():
        raise RigError(f"the fleet {request.name} exists already")
    rig = json.loads((state / "rig.json").read_text())
    api = Api.of_rig(state)
    services = [Service(name) for name in request.services]
    layout = Layout(request.layout)
    repository = state / "repos" / request.name / "cluster-gitops.git"
    create_repository(repository, layout, services)

    request.folder.mkdir(parents=True, exist_ok=True)
    namespaces = {part: f"{request.name}-{part}" for part in (*ENVIRONMENTS, "argocd")}
    control = request.folder / "control.json"
    script = {
        "behaviours": {},
        "argocd": {"delay": 0.3, "stuck": False},
        "reviewer": {"after": 1.0, "method": "merge", "action": "merge"},
    }
    write_atomically(control, json.dumps(script, indent=2) + "\n")
    entry = {
        "name": request.name,
        "repo": str(repository),
        "github": f"acme/{request.name}",
        "namespaces": namespaces,
        "control": str(control.resolve()),
    }
    write_atomically(registered, json.dumps(entry, indent=2) + "\n")
    text = configuration(request, layout, services, repository, namespaces, rig["health"])
    write_atomically(request.folder / "slipway.yaml", text)

    for namespace in namespaces.values():
        api.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    wanted = [(environment, service) for environment in ENVIRONMENTS for service in services]
    collection = f"/apis/argoproj.io/v1alpha1/namespaces/{namespaces['argocd']}/applications"
    with ThreadPoolExecutor(4) as pool:
        applications = [
            application(environment, service, layout, repository, namespaces, request.replicas)
            for environment, service in wanted
        ]
        list(pool.map(lambda item: api.create(collection, item), applications))
    _await(api, collection, namespaces, len(services), str(newest_commit(repository, "main")))


def _await(api: Api, collection: str, namespaces: dict[str, str], count: int, head: str) -> None:
    deadline = time.monotonic() + 30 + 3 * count
    while True:
        applications = api.get(collection)["items"]
        done = sum(1 for item in applications if _settled(item, head))
        for environment in ENVIRONMENTS:
            items = api.get(f"/apis/apps/v1/namespaces/{namespaces[environment]}/deployments")["items"]
            done += sum(1 for item in items if health_of(item)["status"] == "Healthy")
        if done == 4 * count:
            return
        if time.monotonic() > deadline:
            raise RigError(f"the fleet did not settle: {done} of {4 * count} Deployments and Applications did")
        time.sleep(0.2)


def _settled(item: Object, head: str) -> bool:
    status = item.get("status") or {}
    sync = status.get("sync") or {}
    healthy = (status.get("health") or {}).get("status") == "Healthy"
    return healthy and sync.get("status") == "Synced" and sync.get("revision") == head and "operation" not in item


def application(
    environment: str, service: Service, layout: Layout, repository: Path, namespaces: dict[str, str], replicas: int
) -> Object:
    """The Application of a service in an environment."""
    parameters = [
        {"name": "image.repository", "value": f"registry.example/{service.name}"},
        {"name": "replicas", "value": str(replicas)},
    ]
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": f"{service.name}-{environment}", "namespace": namespaces["argocd"]},
        "spec": {
            "project": "default",
            "source": {
                "repoURL": f"file://{repository}",
                "targetRevision": "main",
                "path": layout.source_path(environment, service.name),
                "helm": {"releaseName": service.name, "parameters": parameters},
            },
            "destination": {"server": "https://kubernetes.default.svc", "namespace": namespaces[environment]},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
        },
    }


def configuration(
    request: Request, layout: Layout, services: list[Service], repository: Path, namespaces: dict[str, str], health: int
) -> str:
    """The `slipway.yaml` of the fleet."""
    lines = [
        "gitops:",
        f"  repository: file://{repository}",
        "  branch: main",
        f"  file: {layout.pattern}",
        "  tag: service.chartTag",
        f"  copy: {request.copy}",
        '  set: { envName: "{environment}" }',
        "environments:",
        f"  staging: {{ namespace: {namespaces['staging']}, context: staging }}",
        f"  production: {{ namespace: {namespaces['production']}, context: production, promotes-from: staging, "
        "protected: true }",
        "services:",
    ]
    for service in services:
        lines += [f"  {service.name}:", f'    tag: "{service.prefix}-v{{version}}"', "    health:"]
        for environment in ENVIRONMENTS:
            address = f"http://127.0.0.1:{health}/health/{namespaces[environment]}/{service.name}"
            lines.append(f"      {environment}: {address}")
    lines += [
        f'argocd: {{ namespace: {namespaces["argocd"]}, application: "{{service}}-{{environment}}" }}',
        f"pull-request: {{ repository: acme/{request.name}, labels: [requires-review], merge: merge }}",
        "policy: { minimum-monitor: 1s }",
    ]
    return "\n".join(lines) + "\n"


def service_names(named: list[str], count: int | None) -> list[str]:
    """The services asked for by name, filled up to `count` with made-up ones."""
    names = list(named)
    for number in range(1, (count or 0) + 1):
        if count is None or len(names) >= count:
            break
        names.append(f"service-{number:02d}")
    return names

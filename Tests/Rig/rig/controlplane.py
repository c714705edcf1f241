"""etcd, kube-apiserver and kube-controller-manager: the real programs, on loopback, in one private folder."""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
import subprocess
from pathlib import Path

from .kube import Api, ApiError
from .processes import Children, RigError, free_port, wait_until, write_atomically

# What a fleet needs and no more: every further controller costs watches and processor time when idle. No
# node lifecycle controller, so that nobody waits for the scripted kubelet's heartbeats.
CONTROLLERS = (
    "deployment,replicaset,statefulset,daemonset,job,cronjob,endpoint,endpointslice,namespace,garbagecollector,"
    "serviceaccount"
)

APPLICATION_RESOURCE = {
    # Argo CD's Application as far as the rig needs it. Like the real one it has no status subresource: whoever
    # may patch an Application may patch its status and its operation.
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "applications.argoproj.io"},
    "spec": {
        "group": "argoproj.io",
        "scope": "Namespaced",
        "names": {
            "kind": "Application",
            "listKind": "ApplicationList",
            "plural": "applications",
            "singular": "application",
            "shortNames": ["app", "apps"],
        },
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "required": ["metadata", "spec"],
                        "properties": {
                            name: {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
                            for name in ("spec", "status", "operation")
                        },
                    }
                },
                "additionalPrinterColumns": [
                    {"name": "Sync Status", "type": "string", "jsonPath": ".status.sync.status"},
                    {"name": "Health Status", "type": "string", "jsonPath": ".status.health.status"},
                    {"name": "Revision", "type": "string", "jsonPath": ".status.sync.revision", "priority": 10},
                ],
            }
        ],
    },
}


def new_token() -> str:
    return secrets.token_hex(24)


class ControlPlane:
    """Starts the control plane of one rig and waits for it."""

    def __init__(self, state: Path, programs: Path, children: Children) -> None:
        self._state, self._programs, self._children = state, programs, children
        self._folder = state / "controlplane"
        self._folder.mkdir(mode=0o700)
        self._certificates = self._folder / "apiserver"
        self.port = free_port()
        self.token = new_token()
        self.authority = self._certificates / "apiserver.crt"

    def start(self, users: dict[str, str]) -> None:
        """Starts etcd and the API server. `users`: further people by name, with the token of each; they may
        nothing until a role is bound to them."""
        etcd_port, peer_port = free_port(), free_port()
        etcd = f"http://127.0.0.1:{etcd_port}"
        self._children.start(
            "etcd",
            [
                str(self._programs / "etcd"),
                "--name=rig",
                f"--data-dir={self._folder / 'etcd'}",
                f"--listen-client-urls={etcd}",
                f"--advertise-client-urls={etcd}",
                f"--listen-peer-urls=http://127.0.0.1:{peer_port}",
                f"--initial-advertise-peer-urls=http://127.0.0.1:{peer_port}",
                f"--initial-cluster=rig=http://127.0.0.1:{peer_port}",
                "--unsafe-no-fsync",
                "--log-level=warn",
            ],
        )
        key = self._signing_key()
        tokens = [f'{self.token},admin,admin,"system:masters"']
        tokens += [f"{token},{name},{name}" for name, token in users.items()]
        write_atomically(self._folder / "tokens.csv", "\n".join(tokens) + "\n")
        self._children.start(
            "kube-apiserver",
            [
                str(self._programs / "kube-apiserver"),
                f"--etcd-servers={etcd}",
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                f"--secure-port={self.port}",
                "--insecure-port=0",
                f"--cert-dir={self._certificates}",
                f"--token-auth-file={self._folder / 'tokens.csv'}",
                "--authorization-mode=RBAC",
                "--anonymous-auth=false",
                f"--service-account-key-file={key}",
                f"--service-account-signing-key-file={key}",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-cluster-ip-range=10.96.0.0/16",
                "--disable-admission-plugins=ServiceAccount",
                "--endpoint-reconciler-type=none",
                "--kubelet-preferred-address-types=InternalIP",
                "--profiling=false",
            ],
        )

    def wait(self) -> None:
        """Waits for the API server, installs the Application resource, starts the controller manager."""
        wait_until("the API server", 60, self._healthy, self._children)
        api = Api("127.0.0.1", self.port, self.token, str(self.authority))
        resource = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        api.create(resource, APPLICATION_RESOURCE, existing_is_fine=True)
        self._children.start(
            "kube-controller-manager",
            [
                str(self._programs / "kube-controller-manager"),
                f"--kubeconfig={self._state / 'kubeconfig'}",
                "--leader-elect=false",
                "--port=0",
                "--bind-address=127.0.0.1",
                f"--secure-port={free_port()}",
                f"--cert-dir={self._folder / 'manager'}",
                f"--controllers={CONTROLLERS}",
                "--kube-api-qps=300",
                "--kube-api-burst=600",
                "--concurrent-deployment-syncs=4",
                "--concurrent-gc-syncs=2",
                "--profiling=false",
            ],
        )

        def established() -> bool:
            try:
                status = api.get(f"{resource}/applications.argoproj.io").get("status") or {}
                api.get("/apis/argoproj.io/v1alpha1/applications")
            except ApiError:
                return False
            return any(c["type"] == "Established" and c["status"] == "True" for c in status.get("conditions") or [])

        wait_until("the Application resource", 30, established, self._children)

    def _healthy(self) -> bool:
        if not self.authority.exists():
            return False
        try:
            tls = ssl.create_default_context(cafile=str(self.authority))
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=5, context=tls)
            connection.request("GET", "/readyz", headers={"Authorization": f"Bearer {self.token}"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False

    def _signing_key(self) -> Path:
        key = self._folder / "service-accounts.key"
        made = subprocess.run(
            ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise RigError(f"openssl made no key: {made.stderr.strip()}")
        key.chmod(0o600)
        return key


def write_kubeconfig(path: Path, port: int, authority: Path, user: str, token: str) -> None:
    """A kubeconfig (as JSON, which is YAML) whose contexts `staging` and `production` are the same cluster."""
    contexts = [
        {"name": name, "context": {"cluster": "rig", "user": user, "namespace": "default"}}
        for name in ("staging", "production")
    ]
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "staging",
        "clusters": [
            {
                "name": "rig",
                "cluster": {"server": f"https://127.0.0.1:{port}", "certificate-authority": str(authority)},
            }
        ],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": contexts,
    }
    write_atomically(path, json.dumps(config, indent=2) + "\n")

"""The scripted kubelet: a node without containers, so that real Deployments roll out and `kubectl logs` works.

It registers the Node, binds and runs pods as their script says (`pods.py`), and serves two ports on
loopback: the kubelet's own over TLS, where the API server fetches logs, and plain HTTP health endpoints
`/health/NAMESPACE/SERVICE`. Started by the rig as `python3 -m rig.kubelet --state DIR`.
"""

from __future__ import annotations

import argparse
import json
import select
import ssl
import subprocess
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from .agenda import Agenda
from .containerlogs import ContainerLog, Instance, Selection
from .kube import Api
from .pods import NODE, Pods
from .podstatus import server_time
from .processes import write_atomically
from .registry import Registry


class Handler(BaseHTTPRequestHandler):
    """What both ports have in common; each request is served in a thread of its own."""

    pods: Pods
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, format: str, *args: object) -> None:
        """Silence: a request is nothing to tell."""

    def answer(self, status: int, text: str, kind: str = "text/plain; charset=utf-8") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class HealthHandler(Handler):
    def do_GET(self) -> None:
        parts = urlsplit(self.path).path.strip("/").split("/")
        if len(parts) != 3 or parts[0] != "health":
            self.answer(404, "not found\n")
            return
        status = self.pods.health(parts[1], parts[2])
        word = "ok" if status == 200 else "unhealthy"
        self.answer(status, json.dumps({"status": word, "service": parts[2]}) + "\n", "application/json")

    do_HEAD = do_GET


class LogHandler(Handler):
    """`GET /containerLogs/NAMESPACE/POD/CONTAINER`, with the queries and complaints of the real kubelet."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        parts = url.path.strip("/").split("/")
        if url.path == "/healthz":
            self.answer(200, "ok")
            return
        if len(parts) != 4 or parts[0] != "containerLogs":
            self.answer(404, "404 page not found\n")
            return
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        _, namespace, pod, name = parts
        container = self.pods.container(namespace, pod, name)
        if container is None:
            self.answer(404, f'pod "{pod}" or its container "{name}" is not known to the node\n')
            return
        selection = _selection(query)
        instance = container.log.instance(selection.previous)
        if instance is None:
            if selection.previous:
                self.answer(400, f'previous terminated container "{name}" in pod "{pod}" not found')
            else:
                self.answer(400, f'container "{name}" in pod "{pod}" is waiting to start: {container.reason}')
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._stamped = query.get("timestamps") == "true"
        self._left = int(query.get("limitBytes") or 0) or None
        try:
            self._stream(container.log, instance, selection, query.get("follow") == "true")
        except OSError:
            # Whoever read has left, which is how following a log ends.
            self.close_connection = True

    def _stream(self, log: ContainerLog, instance: Instance, selection: Selection, follow: bool) -> None:
        lines, seen = log.read(instance, selection)
        self._send(lines)
        if follow:
            for lines in log.follow(instance, seen):
                if not self._send(lines):
                    break
                if self._client_left():
                    self.close_connection = True
                    return
        self.wfile.write(b"0\r\n\r\n")

    def _send(self, lines: list[tuple[int, str]]) -> bool:
        """Sends lines as one chunk; False when the bytes asked for are used up."""
        text = "".join(f"{_stamp(at)} {line}\n" if self._stamped else f"{line}\n" for at, line in lines).encode()
        if self._left is not None:
            text = text[: self._left]
            self._left -= len(text)
        if text:
            self.wfile.write(f"{len(text):x}\r\n".encode() + text + b"\r\n")
            self.wfile.flush()
        return self._left is None or self._left > 0

    def _client_left(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and not self.connection.recv(1)


def _stamp(nanoseconds: int) -> str:
    moment = datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{nanoseconds % 1_000_000_000:09d}Z"


def _selection(query: dict[str, str]) -> Selection:
    since = None
    if query.get("sinceSeconds"):
        since = time.time_ns() - int(query["sinceSeconds"]) * 1_000_000_000
    elif query.get("sinceTime"):
        since = int(datetime.fromisoformat(query["sinceTime"]).timestamp() * 1_000_000_000)
    tail = int(query["tailLines"]) if query.get("tailLines") else None
    return Selection(tail, since, query.get("previous") == "true")


def serve(handler: type[Handler], pods: Pods, tls: ssl.SSLContext | None = None) -> int:
    """Serves on a free loopback port, in threads that end with the process; answers the port."""
    bound = type(handler.__name__, (handler,), {"pods": pods})
    server = ThreadingHTTPServer(("127.0.0.1", 0), bound)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 3600}, daemon=True).start()
    return int(server.server_address[1])


def own_certificate(folder: Path) -> ssl.SSLContext:
    """A self-signed certificate, as a kubelet makes itself one; the API server does not verify it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    key, certificate = folder / "kubelet.key", folder / "kubelet.crt"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-subj", f"/CN={NODE}", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    return tls


def register_node(api: Api, port: int) -> None:
    """The Node, ready, with the address and port where the API server finds this kubelet."""
    now = server_time()
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE, "labels": {"kubernetes.io/os": "linux"}}}
    api.create("/api/v1/nodes", node, existing_is_fine=True)
    room = {"cpu": "64", "memory": "256Gi", "pods": "1000", "ephemeral-storage": "1Ti"}
    condition = {
        "type": "Ready",
        "status": "True",
        "reason": "KubeletReady",
        "message": "kubelet is posting ready status",
        "lastHeartbeatTime": now,
        "lastTransitionTime": now,
    }
    status = {
        "capacity": room,
        "allocatable": room,
        "conditions": [condition],
        "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}, {"type": "Hostname", "address": NODE}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
        "nodeInfo": {
            "kubeletVersion": "v1.20.2",
            "containerRuntimeVersion": "docker://scripted",
            "operatingSystem": "linux",
            "architecture": "amd64",
            **dict.fromkeys(("machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "kubeProxyVersion"), ""),
        },
    }
    api.patch(f"/api/v1/nodes/{NODE}/status", {"status": status})
    # The admission that marks new nodes as not ready expects a controller, which the rig leaves out, to unmark them.
    api.patch(f"/api/v1/nodes/{NODE}", {"spec": {"taints": None}})


def main() -> None:
    arguments = argparse.ArgumentParser(prog="rig.kubelet")
    arguments.add_argument("--state", type=Path, required=True)
    state: Path = arguments.parse_args().state
    api, agenda, registry = Api.of_rig(state), Agenda(), Registry(state)
    registry.refresh()
    pods = Pods(api, agenda, registry, state / "kubelet.log")
    port = serve(LogHandler, pods, own_certificate(state / "kubelet"))
    health = serve(HealthHandler, pods)
    register_node(api, port)

    def heard(kind: str, item: dict[str, object]) -> None:
        agenda.hand_in(pods.changed, kind, item)

    threading.Thread(target=api.follow, args=("/api/v1/pods", heard), daemon=True).start()
    agenda.every(0.25, pods.reread)
    write_atomically(state / "kubelet.json", json.dumps({"port": port, "health": health}) + "\n")
    agenda.run()


if __name__ == "__main__":
    main()

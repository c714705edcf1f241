"""Counters of a service on the rig, for a Prometheus that scrapes them.

    exporter.py KUBELET_LOG NAMESPACE SERVICE BAD_TAG GOOD_RATE BAD_RATE

Counts 100 requests a second, and of them the errors: GOOD_RATE of them, or BAD_RATE while a pod of the namespace runs an
image with BAD_TAG and is ready. Prints its port, and one more that nobody listens on.
"""

import http.server
import json
import socket
import sys
import threading
import time

log, namespace, service, bad_tag = sys.argv[1:5]
good_rate, bad_rate = float(sys.argv[5]), float(sys.argv[6])
requests_a_second = 100.0
counted = {"requests": 1000.0, "errors": 1000.0 * good_rate}
lock = threading.Lock()


def note(ready, line):
    """Follows the kubelet's log: which pods are ready, and with which image."""
    entry = json.loads(line)
    if entry.get("namespace") != namespace:
        return
    if entry.get("what") == "ready":
        ready[entry["pod"]] = entry.get("image", "")
    elif entry.get("what") in ("terminating", "deleted", "unready"):
        ready.pop(entry["pod"], None)


def count():
    ready = {}
    last = time.monotonic()
    with open(log, encoding="utf-8") as lines:
        pending = ""
        while True:
            pending += lines.read()
            *whole, pending = pending.split("\n")
            for line in whole:
                note(ready, line)
            now = time.monotonic()
            rate = bad_rate if any(image.endswith(":" + bad_tag) for image in ready.values()) else good_rate
            with lock:
                counted["requests"] += (now - last) * requests_a_second
                counted["errors"] += (now - last) * requests_a_second * rate
            last = now
            time.sleep(0.1)


class Metrics(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        labels = f'{{app="{service}",kubernetes_namespace="{namespace}"}}'
        with lock:
            text = "".join(
                f"# TYPE http_{name}_total counter\nhttp_{name}_total{labels} {value}\n"
                for name, value in counted.items()
            )
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


threading.Thread(target=count, daemon=True).start()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Metrics)
with socket.socket() as other:
    other.bind(("127.0.0.1", 0))
    free = other.getsockname()[1]
print(server.server_address[1], free, flush=True)
server.serve_forever()

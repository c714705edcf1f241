"""A GitHub API for the real gh, on a unix socket, over real bare repositories.

    python3 -m rig.github --state DIR

serves DIR/gh/gh.sock and writes DIR/gh/config/config.yml (for GH_CONFIG_DIR). Fleets are registered by files
DIR/fleets/NAME.json. Prints one JSON line when it is ready. Ends on SIGTERM and with its parent.
"""

import argparse
import ctypes
import fcntl
import hashlib
import json
import os
import re
import signal
import socketserver
import sys
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlsplit

from . import github_execute, github_rest
from .github_control import Controls, Fleets, Limits, Log
from .github_git import Git
from .github_resolvers import RESOLVERS, TYPES, typename
from .github_reviewer import Reviewer
from .github_state import Refused, Repository

DOCUMENTATION = "https://docs.github.com/rest"
LONGEST_BODY = 16 << 20


class Forge:
    """All repositories. `lock` is held while a request, or the reviewer, works on them."""

    def __init__(self, state):
        self.log = Log(os.path.join(state, "gh", "requests.log"))
        self.controls, self.limits = Controls(self.log), Limits()
        self.fleets = Fleets(os.path.join(state, "fleets"), self.log)
        self.lock = threading.RLock()
        self.repositories = {}
        self.reviewer = Reviewer(self)

    def wake(self):
        self.reviewer.woken.set()

    def refresh(self):
        """Takes over registered and removed fleets. What is known of one whose repository stays is kept."""
        found = self.fleets.changed()
        if found is None:
            return
        for name in [name for name in self.repositories if name not in found]:
            del self.repositories[name]
        for name, fleet in found.items():
            known = self.repositories.get(name)
            if known and known.fleet["repo"] == fleet["repo"]:
                known.fleet = fleet
            else:
                self.repositories[name] = Repository(self, fleet, Git(fleet["repo"]))
        self.wake()

    def concerned(self, path, mentions):
        """The repository a request is about, as far as can be told before running it."""
        if path.startswith("/repos/"):
            return self.repositories.get("/".join(path.split("/")[2:4]).lower())
        for one in list(self.repositories.values()):
            name = one.full_name.lower()
            for text in mentions:
                text = text.lower()
                is_node = re.fullmatch(r"[a-z]+_\d+_" + re.escape(name), text)
                if text == name or is_node or f"repo:{name}" in text.split():
                    return one
        return None


class Context:
    def __init__(self, forge, login):
        self.forge, self.login = forge, login


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "github.com", ""
    timeout = 120

    def log_message(self, *_):
        """The log is the forge's own."""

    def handle_any(self):
        began = time.time()
        forge, parts = self.server.forge, urlsplit(self.path)
        body = self.read_body()
        path = parts.path if not parts.path.startswith("/api/") else parts.path[len("/api"):]
        path = path[len("/v3"):] if path.startswith("/v3/") else path
        operation, fields, mentions, request = None, [], [], None
        line = f"{self.command} {path}"
        if path == "/graphql":
            try:
                request = json.loads(body)
                operation, fields, mentions = github_execute.describe(request)
            except (ValueError, AttributeError):
                request = None
            line += f" {operation or ''} {','.join(fields)}"
        with forge.lock:
            forge.refresh()
            one = None if path.startswith("/_rig/") else forge.concerned(path, mentions)
        rules = one.rules if one else {}
        if rules.get("latency"):
            time.sleep(float(rules["latency"]))
        fault = forge.controls.fault(one.fleet.get("control"), line) if one else None
        if fault and fault.get("delay"):
            time.sleep(float(fault["delay"]))
        broken = fault is not None and ("status" in fault or "body" in fault)
        answer = None
        if not broken or fault.get("after_effect"):
            with forge.lock:
                answer = self.answer(forge, path, parts.query, body, request)
        if broken:
            answer = self.broken(fault)
        status = self.send_answer(answer, "graphql" if path == "/graphql" else "core") if answer else 0
        forge.log.write(method=self.command, path=self.path, operation=operation, fields=fields or None, status=status,
                        fault=bool(fault), ms=round((time.time() - began) * 1000, 1), login=self.login(),
                        agent=self.headers.get("User-Agent"))
        if answer is None:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_any

    def read_body(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            length = min(int(self.headers.get("Content-Length") or 0), LONGEST_BODY)
            return self.rfile.read(length).decode("utf-8", "replace")
        found = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            found += self.rfile.read(size)
            self.rfile.readline()
            if size == 0 or len(found) > LONGEST_BODY:
                return found.decode("utf-8", "replace")

    def login(self):
        """Whose token it is: `rig-NAME` is NAME's, `invalid…` nobody's, any other the default robot's."""
        token = self.headers.get("Authorization", "").partition(" ")[2].strip()
        if not token or token.startswith("invalid"):
            return None
        return token[4:] if re.fullmatch(r"rig-[\w-]+", token) else "slipway-bot"

    def answer(self, forge, path, query, body, request):
        """What GitHub would answer."""
        try:
            if path.startswith("/_rig/"):
                call = github_rest.Call(forge, "rig", "", dict(parse_qsl(query)), {}, path)
                return github_rest.dispatch("GET", path, call)
            if self.headers.get("Host") != "api.github.com":
                raise Refused(404, f"no such host here: {self.headers.get('Host')}")
            if not self.login():
                given = self.headers.get("Authorization")
                raise Refused(401, "Bad credentials" if given else "Requires authentication")
            if path == "/graphql":
                if not isinstance(request, dict):
                    raise Refused(400, "Problems parsing JSON")
                found = github_execute.answer(request, TYPES, RESOLVERS, typename, Context(forge, self.login()))
                return github_rest.Answer(200, found)
            call = github_rest.Call(forge, self.login(), self.headers.get("Accept", ""),
                                    dict(parse_qsl(query, keep_blank_values=True)), github_rest.body_of(body), path)
            return github_rest.dispatch("GET" if self.command == "HEAD" else self.command, path, call)
        except Refused as refusal:
            return self.refusal(refusal.status, refusal.message, refusal.errors)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is answered and noted
            traceback.print_exc()
            forge.log.note("error", path, error=f"{type(error).__name__}: {error}")
            return self.refusal(500, f"emulator: {type(error).__name__}: {error}")

    @staticmethod
    def refusal(status, message, errors=None):
        body = {"message": message, **({"errors": errors} if errors else {}),
                "documentation_url": DOCUMENTATION, "status": str(status)}
        return github_rest.Answer(status, body)

    def broken(self, fault):
        """The answer of an injected fault; None (status 0) is a connection closed without one."""
        status = int(fault.get("status", 200))
        if status == 0:
            return None
        answer = self.refusal(status, fault.get("message", "Server Error"))
        if status == 200 and "body" not in fault:
            answer.body = {"data": None, "errors": [{"type": fault.get("type", "UNPROCESSABLE"),
                                                     "message": fault.get("message", "Something went wrong")}]}
        if "body" in fault:
            answer.body = fault["body"].encode() if isinstance(fault["body"], str) else fault["body"]
        answer.headers = {key: str(value) for key, value in (fault.get("headers") or {}).items()}
        return answer

    def send_answer(self, answer, resource):
        data = answer.body if isinstance(answer.body, bytes) else (
            b"" if answer.body is None else json.dumps(answer.body).encode())
        headers = {"Content-Type": answer.kind, "X-GitHub-Media-Type": "github.v3; format=json",
                   "X-OAuth-Scopes": "read:org, repo", "X-GitHub-Request-Id": os.urandom(8).hex().upper()}
        status = answer.status
        if answer.etag and self.command in ("GET", "HEAD"):
            etag = hashlib.sha256(answer.kind.encode() + data).hexdigest()
            headers["ETag"], headers["Cache-Control"] = f'W/"{etag}"', "private, max-age=60, s-maxage=60"
            if etag in re.findall(r'"([^"]*)"', self.headers.get("If-None-Match", "")):
                status, data = 304, b""
        limits = self.server.forge.limits
        if status not in (304, 401):
            limits.spend(resource)
        used, reset = limits.now(resource)
        headers.update({"X-RateLimit-Limit": str(limits.LIMIT), "X-RateLimit-Remaining": str(limits.LIMIT - used),
                        "X-RateLimit-Used": str(used), "X-RateLimit-Reset": str(reset),
                        "X-RateLimit-Resource": resource})
        headers.update(answer.headers)
        try:
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            if status not in (204, 304):
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        return status


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, path, forge):
        self.forge = forge
        super().__init__(path, Handler)

    def handle_error(self, request, client_address):
        """A client that went away in the middle of its request is no event."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def end_with_parent():
    """Linux sends us SIGTERM when the process that started us ends (PR_SET_PDEATHSIG)."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)


def write_config(folder, socket):
    os.makedirs(folder, mode=0o700, exist_ok=True)
    text = f'version: "1"\ngit_protocol: https\nprompt: disabled\npager: cat\nhttp_unix_socket: {json.dumps(socket)}\n'
    with open(os.path.join(folder, "config.yml"), "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(os.path.join(folder, "config.yml"), 0o600)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", required=True, help="the rig's state directory")
    state = os.path.abspath(parser.parse_args().state)
    folder = os.path.join(state, "gh")
    socket = os.path.join(folder, "gh.sock")
    if len(socket.encode()) > 100:
        sys.exit(f"the path of the socket is longer than a unix socket allows: {socket}")
    end_with_parent()
    os.makedirs(os.path.join(state, "fleets"), exist_ok=True)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    os.chmod(folder, 0o700)
    held = open(os.path.join(folder, "lock"), "w", encoding="utf-8")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(f"another forge serves {socket}")
    if os.path.exists(socket):
        os.unlink(socket)
    forge = Forge(state)
    forge.refresh()
    server = Server(socket, forge)

    def end(_signal, _frame):
        os.unlink(socket)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    write_config(os.path.join(folder, "config"), socket)
    forge.reviewer.start()
    print(json.dumps({"ready": True, "socket": socket, "GH_CONFIG_DIR": os.path.join(folder, "config")}), flush=True)
    server.serve_forever(poll_interval=3600)


if __name__ == "__main__":
    main()

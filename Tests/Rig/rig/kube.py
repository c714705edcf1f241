"""A small client of the Kubernetes API: requests over kept connections, and list-then-watch.

Only the standard library, because the rig must run wherever Python does.
"""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

Object = dict[str, Any]
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"


class ApiError(Exception):
    """An answer of the API server that is not a success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"HTTP {status}: {message}")
        self.status = status


class Api:
    """Requests as the holder of one token. Safe to share: every thread has its own connection."""

    def __init__(self, host: str, port: int, token: str, authority: str) -> None:
        self._host, self._port, self._token = host, port, token
        self._tls = ssl.create_default_context(cafile=authority)
        self._local = threading.local()

    @classmethod
    def of_rig(cls, state: Path) -> Api:
        """The admin's client of the rig whose state folder this is."""
        rig = json.loads((state / "rig.json").read_text())
        return cls("127.0.0.1", rig["apiserver"], rig["token"], rig["authority"])

    def _connect(self, timeout: float) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=self._tls)

    def _headers(self, content: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}", "Content-Type": content, "Accept": "application/json"}

    def request(self, method: str, path: str, body: Object | None = None, content: str = "application/json") -> Object:
        """One request; a connection that the server closed meanwhile is opened again once."""
        payload = None if body is None else json.dumps(body).encode()
        for attempt in (1, 2):
            connection = getattr(self._local, "connection", None)
            fresh = connection is None
            if connection is None:
                connection = self._local.connection = self._connect(30)
            try:
                connection.request(method, path, payload, self._headers(content))
                response = connection.getresponse()
                data = response.read()
                break
            except (http.client.HTTPException, OSError):
                connection.close()
                self._local.connection = None
                if fresh or attempt == 2:
                    raise
        if response.status >= 300:
            raise ApiError(response.status, _message(data))
        return json.loads(data) if data[:1] in (b"{", b"[") else {"text": data.decode(errors="replace")}

    def get(self, path: str) -> Object:
        return self.request("GET", path)

    def create(self, path: str, body: Object, existing_is_fine: bool = False) -> None:
        try:
            self.request("POST", path, body)
        except ApiError as error:
            if not (existing_is_fine and error.status == 409):
                raise

    def patch(self, path: str, body: Object, content: str = MERGE) -> Object:
        return self.request("PATCH", path, body, content)

    def delete(self, path: str, body: Object | None = None) -> None:
        """Deletes; what is gone already is as good as deleted."""
        try:
            self.request("DELETE", path, body)
        except ApiError as error:
            if error.status not in (404, 409):
                raise

    def follow(self, path: str, changed: Callable[[str, Object], None]) -> None:
        """Lists and watches for ever: `changed` hears ADDED, MODIFIED and DELETED. When the server has
        forgotten the version (410) or the connection broke, it lists again and reports what went meanwhile."""
        known: dict[str, Object] = {}
        while True:
            try:
                listed = self.get(path)
                now = {item["metadata"]["uid"]: item for item in listed["items"]}
                for uid, item in known.items():
                    if uid not in now:
                        changed("DELETED", item)
                known = now
                for item in now.values():
                    changed("ADDED", item)
                self._watch(path, listed["metadata"]["resourceVersion"], known, changed)
            except (ApiError, http.client.HTTPException, OSError, ValueError):
                time.sleep(0.5)

    def _watch(self, path: str, version: str, known: dict[str, Object], changed: Callable[[str, Object], None]) -> None:
        while True:
            query = urlencode(
                {"watch": "1", "resourceVersion": version, "allowWatchBookmarks": "true", "timeoutSeconds": "290"}
            )
            connection = self._connect(320)
            try:
                connection.request("GET", f"{path}?{query}", headers=self._headers("application/json"))
                response = connection.getresponse()
                if response.status != 200:
                    raise ApiError(response.status, _message(response.read()))
                while line := response.readline():
                    event = json.loads(line)
                    item = event["object"]
                    if event["type"] == "ERROR":
                        return
                    version = item["metadata"]["resourceVersion"]
                    if event["type"] == "BOOKMARK":
                        continue
                    if event["type"] == "DELETED":
                        known.pop(item["metadata"]["uid"], None)
                    else:
                        known[item["metadata"]["uid"]] = item
                    changed(event["type"], item)
            finally:
                connection.close()


def _message(data: bytes) -> str:
    try:
        return str(json.loads(data).get("message", ""))
    except (ValueError, AttributeError):
        return data[:300].decode(errors="replace")

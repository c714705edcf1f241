"""The scripted Argo CD: follows the branch, syncs Deployments, and writes what the real controller writes.

Imitated: the sync status against the newest commit (`status.sync.revision` moves with every commit of the
branch, also one that changes nothing of the Application), automated sync with and without self-healing,
operations asked for in the `operation` field and their termination, the refresh annotation, health from
the Deployment, `reconciledAt`, `resources`, `history`. Only the image is compared with git.

From the control file, for the fleet or under `applications` for one Application:

    delay 0.3               seconds from a commit until it is fetched
    sync_time 0.1           seconds that an operation takes; what it changes, it changes at its end
    sync_error "…"          every operation fails with this
    stuck false             true: nothing is reconciled, the old status stays as it is
    heal_after 0.5          seconds after a sync before self-healing syncs the same commit again (the real one: 5)
    progress_deadline 600   progressDeadlineSeconds of the Deployment, set by the next sync

Started by the rig as `python3 -m rig.argocd --state DIR`.
"""

from __future__ import annotations

import argparse
import itertools
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .agenda import Agenda
from .applications import REFRESH, Application, Operation, health_of, in_order, live_image, replacing
from .branch import SourceError, TagReader, newest_commit
from .kube import STRATEGIC, Api, ApiError, Object
from .podstatus import server_time
from .registry import Registry

KEPT_HISTORY = 10


class Controller:
    """All state is the agenda's thread's."""

    def __init__(self, api: Api, agenda: Agenda, registry: Registry) -> None:
        self._api, self._agenda, self._registry = api, agenda, registry
        self._applications: dict[str, Application] = {}
        self._deployments: dict[tuple[str, str], Object] = {}
        self._heads: dict[tuple[Path, str], str | None] = {}
        self._tags = TagReader()
        self._serials = itertools.count(1)

    # --- what is heard -------------------------------------------------------------------------------

    def application_changed(self, kind: str, item: Object) -> None:
        uid = item["metadata"]["uid"]
        application = self._applications.get(uid)
        if kind == "DELETED":
            self._applications.pop(uid, None)
            return
        if application is None:
            application = self._applications[uid] = Application(item)
            application.history = list((item.get("status") or {}).get("history") or [])
        elif int(item["metadata"]["resourceVersion"]) <= int(application.item["metadata"]["resourceVersion"]):
            return
        application.item = item
        self._look(application)

    def deployment_changed(self, kind: str, item: Object) -> None:
        key = (item["metadata"]["namespace"], item["metadata"]["name"])
        if kind == "DELETED":
            self._deployments.pop(key, None)
        else:
            self._deployments[key] = item
        for application in self._applications.values():
            if application.target == key:
                self._plan(application, 0.05)

    def poll_branches(self) -> None:
        """Reads the refs of all followed branches; a new commit is fetched after the script's delay."""
        followed: dict[tuple[Path, str], list[Application]] = {}
        for application in self._applications.values():
            followed.setdefault((application.repository, application.branch), []).append(application)
        for gone in set(self._heads) - set(followed):
            del self._heads[gone]
        for place, applications in followed.items():
            head = newest_commit(*place)
            if head is None or head == self._heads.get(place):
                continue
            self._heads[place] = head
            for application in applications:
                delay = float(self._script(application).get("delay", 0.3)) if application.fetched else 0.0
                self._agenda.after(delay, self._fetch, application)

    def reread(self) -> None:
        """Takes up changed control files: an Argo CD that is no longer stuck catches up."""
        changed = {fleet.name for fleet in self._registry.refresh()}
        for application in self._applications.values() if changed else ():
            fleet = self._registry.of_namespace(application.namespace)
            if fleet is not None and fleet.name in changed:
                self._look(application, again=True)

    # --- deciding ------------------------------------------------------------------------------------

    def _script(self, application: Application) -> Mapping[str, Any]:
        fleet = self._registry.of_namespace(application.namespace)
        return fleet.argocd(application.name) if fleet else {}

    def _look(self, application: Application, again: bool = False) -> None:
        """Finds out what somebody asks of an Application: end an operation, begin one, or reconcile."""
        wishes = application.wishes()
        if (wishes == application.seen and not again) or self._script(application).get("stuck"):
            return
        application.seen = wishes
        if application.phase == "Terminating":
            self._end(application, "Failed", "Operation terminated")
        asked = application.item.get("operation")
        if asked and application.operation is None:
            self._begin(application, asked)
        if application.refresh_asked:
            application.fetched = None
        self._plan(application, 0.0)

    def _fetch(self, application: Application) -> None:
        application.fetched = None
        self._plan(application, 0.0)

    def _plan(self, application: Application, seconds: float) -> None:
        """Plans a comparison, unless an earlier one is planned anyhow."""
        due = time.monotonic() + seconds
        if application.due is None or due < application.due:
            application.due = due
            self._agenda.after(seconds, self._reconcile, application, due)

    def _desired(self, application: Application, commit: str) -> str | None:
        paths = {
            other.source.get("path", "")
            for other in self._applications.values()
            if other.repository == application.repository and other.branch == application.branch
        }
        return self._tags.tag(application.repository, commit, application.source.get("path", ""), paths)

    def _reconcile(self, application: Application, due: float) -> None:
        """Compares git with the cluster, writes the status, and syncs when the policy says so."""
        if application.due != due:
            return
        application.due = None
        if application.item["metadata"]["uid"] not in self._applications or self._script(application).get("stuck"):
            return
        if application.fetched is None:
            application.fetched = newest_commit(application.repository, application.branch)
        status: Object = {"reconciledAt": server_time(), "sourceType": "Helm"}
        wanted: str | None = None
        try:
            if application.fetched is None:
                raise SourceError(f"unable to resolve '{application.branch}' to a commit SHA")
            wanted = self._desired(application, application.fetched)
        except SourceError as error:
            status["conditions"] = [
                {"type": "ComparisonError", "message": str(error), "lastTransitionTime": server_time()}
            ]
            status["sync"] = {"status": "Unknown", "comparedTo": application.compared_to()}
            self._write(application, status)
            return
        deployment = self._deployments.get(application.target)
        image = live_image(deployment)
        synced = wanted is None or image == f"{application.image}:{wanted}"
        word = "Synced" if synced else "OutOfSync"
        health = health_of(deployment) if wanted is not None else {"status": "Healthy"}
        status["conditions"] = None
        status["sync"] = {"status": word, "revision": application.fetched, "comparedTo": application.compared_to()}
        status["health"] = {key: health.get(key) for key in ("status", "message")}
        status["resources"] = application.resources(word, health) if wanted is not None else []
        status["summary"] = {"images": [image] if image else []}
        self._write(application, status)
        if not synced and application.operation is None:
            self._sync_by_policy(application)

    def _sync_by_policy(self, application: Application) -> None:
        """Automated sync: a commit once, and again only to heal, some time after a sync that went well."""
        policy = application.automated
        if policy is None:
            return
        if application.attempted == application.fetched:
            if application.attempt_failed or not policy.get("selfHeal"):
                return
            heal_after = float(self._script(application).get("heal_after", 0.5))
            wait = application.attempt_ended + heal_after - time.monotonic()
            if wait > 0:
                self._plan(application, wait)
                return
        sync = {"revision": application.fetched, "prune": bool(policy.get("prune"))}
        self._begin(application, {"initiatedBy": {"automated": True}, "retry": {"limit": 5}, "sync": sync})

    # --- operations ----------------------------------------------------------------------------------

    def _begin(self, application: Application, request: Object) -> None:
        sync = request.get("sync") or {}
        revision = sync.get("revision") or ""
        if len(revision) != 40:
            # A branch, `HEAD` or nothing: the newest commit, fetched now as the real operation does.
            revision = newest_commit(application.repository, application.branch) or ""
        operation = Operation(request, revision, server_time(), next(self._serials), bool(sync.get("dryRun")))
        application.operation = operation
        state = self._state(application, operation, "Running", "waiting for the sync to finish")
        self._write(application, {"operationState": state}, operation=request)
        duration = float(self._script(application).get("sync_time", 0.1))
        self._agenda.after(duration, self._finish, application, operation.serial)

    def _finish(self, application: Application, serial: int) -> None:
        operation = application.operation
        if operation is None or operation.serial != serial:
            return
        failure = self._script(application).get("sync_error")
        if failure is None:
            try:
                tag = self._desired(application, operation.revision)
                if tag is not None and not operation.dry_run:
                    self._apply(application, tag)
            except (SourceError, ApiError) as error:
                failure = str(error)
        if failure is not None:
            self._end(application, "Failed", str(failure))
        else:
            self._end(application, "Succeeded", "successfully synced (all tasks run)")
        self._plan(application, 0.0)

    def _end(self, application: Application, phase: str, message: str) -> None:
        operation = application.operation
        if operation is None:
            return
        now = server_time()
        state = self._state(application, operation, phase, message)
        status: Object = {"operationState": {**state, "finishedAt": now}}
        application.operation = None
        if not operation.dry_run:
            application.attempted, application.attempt_failed = operation.revision, phase != "Succeeded"
            application.attempt_ended = time.monotonic()
        if phase == "Succeeded" and not operation.dry_run:
            last = application.history[-1]["id"] if application.history else -1
            entry = {
                "id": last + 1,
                "revision": operation.revision,
                "deployStartedAt": operation.started,
                "deployedAt": now,
                "source": application.source,
                "initiatedBy": operation.request.get("initiatedBy") or {},
            }
            application.history = [*application.history, entry][-KEPT_HISTORY:]
            status["history"] = application.history
        self._write(application, status, operation=None)

    @staticmethod
    def _state(application: Application, operation: Operation, phase: str, message: str) -> Object:
        return {
            "operation": operation.request,
            "phase": phase,
            "message": message,
            "startedAt": operation.started,
            "syncResult": {
                "revision": operation.revision,
                "source": application.source,
                "resources": application.resources("Synced" if phase == "Succeeded" else phase, {}),
            },
        }

    def _apply(self, application: Application, tag: str) -> None:
        """Brings the Deployment to the tag; creates what is missing."""
        namespace, service = application.target
        wanted = application.deployment(tag)
        deadline = self._script(application).get("progress_deadline")
        if deadline is not None:
            wanted["spec"]["progressDeadlineSeconds"] = int(deadline)
        path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
        if (namespace, service) not in self._deployments:
            self._api.create(f"/api/v1/namespaces/{namespace}/services", application.service(), existing_is_fine=True)
            self._deployments[namespace, service] = self._api.request("POST", path, wanted)
            return
        container = {"name": service, "image": wanted["spec"]["template"]["spec"]["containers"][0]["image"]}
        change: Object = {"template": {"spec": {"containers": [container]}}}
        if deadline is not None:
            change["progressDeadlineSeconds"] = int(deadline)
        applied = self._api.patch(f"{path}/{service}", {"spec": change}, STRATEGIC)
        self._deployments[namespace, service] = applied

    # --- writing -------------------------------------------------------------------------------------

    def _write(self, application: Application, status: Object, **fields: Object | None) -> None:
        """Patches the Application; takes the refresh annotation away with a new comparison."""
        old = application.item.get("status") or {}
        patch: Object = {"status": {name: replacing(old.get(name), new) for name, new in status.items()}, **fields}
        expected = dict(application.seen)
        if "operation" in fields:
            expected["operation"] = in_order(fields["operation"])
        if "operationState" in status:
            expected["terminate"] = in_order(False)
        if "sync" in status and application.refresh_asked:
            patch["metadata"] = {"annotations": {REFRESH: None}}
            expected["refresh"] = in_order(None)
        try:
            application.item = self._api.patch(application.path, patch)
        except ApiError as error:
            if error.status != 404:
                raise
            return
        application.seen = expected
        if application.wishes() != expected:
            # Somebody wrote at the same time; the watch will not tell, as this answer is newer than its event.
            self._agenda.after(0.0, self._look, application)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="rig.argocd")
    arguments.add_argument("--state", type=Path, required=True)
    state: Path = arguments.parse_args().state
    api, agenda, registry = Api.of_rig(state), Agenda(), Registry(state)
    registry.refresh()
    controller = Controller(api, agenda, registry)

    def follow(path: str, work: Any) -> None:
        def heard(kind: str, item: Object) -> None:
            agenda.hand_in(work, kind, item)

        threading.Thread(target=api.follow, args=(path, heard), daemon=True).start()

    follow("/apis/apps/v1/deployments", controller.deployment_changed)
    follow("/apis/argoproj.io/v1alpha1/applications", controller.application_changed)
    agenda.every(0.2, controller.poll_branches)
    agenda.every(0.25, controller.reread)
    agenda.run()


if __name__ == "__main__":
    main()

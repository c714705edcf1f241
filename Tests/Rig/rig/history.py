"""The GitOps repository of a fleet: its files in both layouts of the guide, and a history as a team leaves one.

Written with one `git fast-import`, because a repository of thirty services made commit by commit takes
longer than everything else about a fleet.
"""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from .processes import RigError

AUTHORS = {
    "robot": "Release Robot <robot@example.org>",
    "ada": "Ada Byron <ada@example.org>",
    "grace": "Grace Murray <grace@example.org>",
    "joão": "João Sørensen <joao@example.org>",
}
ENVIRONMENTS = ("staging", "production")

# Oldest, production's, staging's: as far as the examples of the guide name them.
KNOWN_VERSIONS = {
    "api": ("1.2.1", "1.2.2", "1.3.0"),
    "web": ("4.9.3", "5.0.0", "5.0.1"),
    "project-management": ("10.44.0", "10.44.1", "10.45.0"),
}
OTHER_VERSIONS = ("2.0.2", "2.0.3", "2.1.0")


@dataclass(frozen=True)
class Service:
    """A service and the prefix of its tags, which need not be its name."""

    name: str

    @property
    def prefix(self) -> str:
        return "pm" if self.name == "project-management" else self.name

    @property
    def tags(self) -> tuple[str, str, str]:
        """The oldest tag, the one in production, the one in staging."""
        oldest, production, staging = KNOWN_VERSIONS.get(self.name, OTHER_VERSIONS)
        return f"{self.prefix}-v{oldest}", f"{self.prefix}-v{production}", f"{self.prefix}-v{staging}"


@dataclass(frozen=True)
class Layout:
    """Where a service's file is, and what Argo CD calls its path."""

    name: str

    @property
    def pattern(self) -> str:
        if self.name == "guide":
            return "syrf/environments/{environment}/{service}/config.yaml"
        return "environments/{environment}/services/{service}.yaml"

    def file(self, environment: str, service: str) -> str:
        return self.pattern.format(environment=environment, service=service)

    def source_path(self, environment: str, service: str) -> str:
        file = self.file(environment, service)
        return file.removesuffix("/config.yaml") if self.name == "guide" else file

    def content(self, environment: str, service: Service, tag: str) -> str:
        """The file, with comments that a promotion has to leave alone."""
        if self.name == "guide":
            return (
                f"# {service.name} in {environment}\n"
                f"serviceName: {service.name}\n"
                f"envName: {environment}\n"
                "\n"
                "service:\n"
                "  enabled: true\n"
                f"  chartTag: {tag} # moved by a promotion, never by hand\n"
            )
        return (
            f"# Values of {service.name}, read by its Application.\n"
            f"envName: {environment}\n"
            "service:\n"
            "    enabled: true\n"
            f'    chartTag: "{tag}"   # quoted, since a tag may look like a number\n'
        )


@dataclass
class _Stream:
    """The input of `git fast-import`."""

    clock: int
    parts: list[bytes] = field(default_factory=list)

    def commit(self, author: str, message: str, files: dict[str, str]) -> None:
        self.clock += 1200
        text = message.encode()
        head = f"commit refs/heads/main\nauthor {AUTHORS[author]} {self.clock} +0000\n"
        head += f"committer {AUTHORS[author]} {self.clock} +0000\ndata {len(text)}\n"
        self.parts += [head.encode(), text, b"\n"]
        for path, content in files.items():
            data = content.encode()
            self.parts += [f"M 100644 inline {path}\ndata {len(data)}\n".encode(), data, b"\n"]


def create_repository(path: Path, layout: Layout, services: list[Service]) -> None:
    """Makes the bare repository: the first versions in both environments, one step further in both, and then
    staging ahead of production. What runs in production ran in staging before."""
    stream = _Stream(clock=int(time.time()) - 1200 * (4 + 3 * len(services)))
    first = {"README.md": "# Cluster GitOps\n\nWhat runs where. Argo CD follows `main`.\n"}
    for environment in ENVIRONMENTS:
        for service in services:
            first[layout.file(environment, service.name)] = layout.content(environment, service, service.tags[0])
    stream.commit("ada", "chore: the environments and their services\n", first)

    def move(environment: str, service: Service, step: int, author: str, message: str) -> None:
        content = layout.content(environment, service, service.tags[step])
        stream.commit(author, message, {layout.file(environment, service.name): content})

    for service in services:
        move("staging", service, 1, "robot", f"ci({service.name}): {service.tags[1]} to staging\n")
    stream.commit("grace", "docs: who may merge\n", {"CODEOWNERS": "* @release-managers\n"})
    for service in services:
        version = service.tags[1].rpartition("-")[2]
        move("production", service, 1, "joão", f"promote({service.prefix}): {version} → production\n")
    for service in services:
        move("staging", service, 2, "robot", f"ci({service.name}): {service.tags[2]} to staging\n")
    stream.commit("grace", "chore: limits of the cluster\n", {"platform/limits.yaml": "pods: 200 # per node\n"})
    stream.parts.append(b"done\n")

    path.parent.mkdir(parents=True, exist_ok=True)
    _git("init", "--quiet", "--bare", "--initial-branch=main", str(path))
    # A clone may leave blobs out, and nothing is packed behind a test's back.
    for key, value in {
        "uploadpack.allowFilter": "true",
        "uploadpack.allowAnySHA1InWant": "true",
        "gc.auto": "0",
        "receive.autogc": "false",
    }.items():
        _git(f"--git-dir={path}", "config", key, value)
    _git(f"--git-dir={path}", "fast-import", "--quiet", "--done", stdin=b"".join(stream.parts))


def _git(*arguments: str, stdin: bytes = b"") -> None:
    done = subprocess.run(["git", *arguments], input=stdin, capture_output=True, check=False, timeout=60)
    if done.returncode != 0:
        raise RigError(f"git {arguments[-1]}: {done.stderr.decode(errors='replace').strip()}")

"""Two engines build and run the image: Docker's, and buildah where Docker has none."""

import json
import os
import re
import shutil
import stat
import tarfile
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol

from tests.container.base import base_image
from tests.container.client import mounts
from tests.container.command import Completed, Unavailable, output, run, succeeds

CHOICE = "LOCKSTEP_TEST_CONTAINER_ENGINE"
# What buildah adds to the standard error of a command that failed.
FAREWELL = re.compile(r"(subprocess exited with status \d+\n)+(Error: exit status \d+\n?)?\Z")
STUBS = frozenset({"/dev", "/proc", "/sys", "/run", "/.dockerenv"}) | {
    f"/etc/{name}" for name in ("hosts", "hostname", "resolv.conf", "mtab")
}


@dataclass(frozen=True)
class Ran:
    """How a call ended, and the paths that it wrote outside of its mounts."""

    returncode: int
    stdout: str
    stderr: str
    written: frozenset[str]


@dataclass(frozen=True)
class Call:
    """One run of a command in the image; mounts are files and folders of ours by their place inside."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: Mapping[str, Path] = field(default_factory=dict)
    workdir: str = "/"
    seconds: int = 60

    def ended(self, done: Completed, changed: Iterable[str]) -> Ran:
        written = frozenset(path for path in changed if not self.lent(path))
        return Ran(done.returncode, done.stdout, done.stderr, written)

    def lent(self, path: str) -> bool:
        """Whether the path lies in what was mounted, or was made for mounting it."""
        place = PurePosixPath(path)
        ours = [PurePosixPath(name) for name in (*self.mounts, self.workdir, *STUBS)]
        return any(place.is_relative_to(one) or one.is_relative_to(place) for one in ours)


class Engine(Protocol):
    name: str

    def has(self, image: str) -> bool: ...

    def build(self, context: Path, image: str) -> None: ...

    def images(self, repository: str) -> Iterable[str]: ...

    def remove(self, image: str) -> None: ...

    def entrypoint(self, image: str) -> list[str]: ...

    def files(self, image: str) -> dict[str, int]:
        """The size of every file in the image."""

    def run(self, image: str, call: Call) -> Ran: ...


def engine(choice: str = "") -> Engine:
    """The engine of this machine, or the one that is asked for."""
    if choice not in {"", "docker", "buildah"}:
        raise Unavailable(f"{CHOICE} is {choice}; right is docker or buildah")
    if choice != "buildah" and succeeds(["docker", "info"]):
        return Docker()
    if choice == "docker":
        raise Unavailable("docker has no engine")
    if shutil.which("buildah") is None:
        raise Unavailable(
            "docker has no engine, and buildah is missing (see tests/container/prepare)"
        )
    return Buildah()


class Docker:
    name = "docker"

    def has(self, image: str) -> bool:
        return succeeds(["docker", "image", "inspect", image])

    def build(self, context: Path, image: str) -> None:
        output(["docker", "build", "--network", "host", "--tag", image, str(context)], 600)

    def images(self, repository: str) -> Iterable[str]:
        form = "{{.Repository}}:{{.Tag}}"
        return output(["docker", "image", "ls", "--format", form, repository]).splitlines()

    def remove(self, image: str) -> None:
        run(["docker", "image", "rm", image])

    def entrypoint(self, image: str) -> list[str]:
        form = "{{json .Config.Entrypoint}}"
        return list(json.loads(output(["docker", "image", "inspect", "--format", form, image])))

    def files(self, image: str) -> dict[str, int]:
        container = output(["docker", "create", image])
        try:
            with tempfile.NamedTemporaryFile() as archive:
                output(["docker", "export", "--output", archive.name, container])
                with tarfile.open(archive.name) as members:
                    return {f"/{m.name}": m.size for m in members if not m.isdir()}
        finally:
            run(["docker", "rm", container])

    def run(self, image: str, call: Call) -> Ran:
        name = f"lockstep-test-{uuid.uuid4().hex}"
        program, *arguments = call.command
        command = ["docker", "run", "--name", name, "--network", "host", "--workdir", call.workdir]
        command += ["--entrypoint", program, *environment(call), *volumes(call.mounts)]
        try:
            done = run([*command, image, *arguments], call.seconds)
            changes = output(["docker", "diff", name]).splitlines()
        finally:
            run(["docker", "rm", "--force", name])
        paths = {line.partition(" ")[2] for line in changes}
        return call.ended(done, paths)


class Buildah:
    name = "buildah"

    def has(self, image: str) -> bool:
        return succeeds(["buildah", "inspect", "--type", "image", image])

    def build(self, context: Path, image: str) -> None:
        base = base_image()
        with tempfile.TemporaryDirectory(prefix="lockstep-build-") as folder:
            ours = volumes(mounts(Path(folder)), ":ro")
            command = ["buildah", "bud", "--isolation", "chroot", "--network", "host", *ours]
            output([*command, "--build-arg", f"BASE={base}", "--tag", image, str(context)], 600)

    def images(self, repository: str) -> Iterable[str]:
        listed = output(["buildah", "images", "--format", "{{.Name}}:{{.Tag}}"]).split()
        return [image for image in listed if image.startswith(f"{repository}:")]

    def remove(self, image: str) -> None:
        run(["buildah", "rmi", image])

    def entrypoint(self, image: str) -> list[str]:
        inspected = json.loads(output(["buildah", "inspect", "--type", "image", image]))
        return list(inspected["OCIv1"]["config"]["Entrypoint"])

    def files(self, image: str) -> dict[str, int]:
        with self._container(image) as (_, root):
            return {
                path: entry.st_size for path, entry in tree(root) if not stat.S_ISDIR(entry.st_mode)
            }

    def run(self, image: str, call: Call) -> Ran:
        with self._container(image) as (container, root):
            before = dict(tree(root))
            command = ["buildah", "run", "--isolation", "chroot", "--network", "host"]
            command += ["--workingdir", call.workdir, *environment(call), *volumes(call.mounts)]
            done = run([*command, container, "--", *call.command], call.seconds)
            done.stderr = FAREWELL.sub("", done.stderr)
            after = dict(tree(root))
        changed = {
            path for path in before.keys() | after if touched(before.get(path), after.get(path))
        }
        return call.ended(done, changed)

    @contextmanager
    def _container(self, image: str) -> Iterator[tuple[str, Path]]:
        container = output(["buildah", "from", "--pull-never", image])
        try:
            yield container, Path(output(["buildah", "mount", container]))
        finally:
            run(["buildah", "rm", container])


def environment(call: Call) -> list[str]:
    return [
        part for name, value in call.environment.items() for part in ("--env", f"{name}={value}")
    ]


def volumes(mounted: Mapping[str, Path], mode: str = "") -> list[str]:
    return [
        part for place, path in mounted.items() for part in ("--volume", f"{path}:{place}{mode}")
    ]


def tree(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            yield f"/{os.path.relpath(path, root)}", os.lstat(path)


def touched(before: os.stat_result | None, after: os.stat_result | None) -> bool:
    """A folder counts when it is new or gone, a file also when its content is another."""
    if before is None or after is None:
        return True
    if stat.S_ISDIR(after.st_mode):
        return False
    return (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)

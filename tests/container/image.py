"""An image is built once for what it is made of, and kept for later runs."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from tests.container.engine import Call, Engine, Ran

ROOT = Path(__file__).parents[2]
REPOSITORY = "localhost/pg-lockstep-test"
WORKSPACE = "/github/workspace"
LOCK = Path(tempfile.gettempdir()) / f"pg-lockstep-test-{os.getuid()}.lock"


class Container:
    """The action's image, ready to run as often as wanted; nothing stays from one run to the next."""

    def __init__(self, engine: Engine, image: str) -> None:
        self.engine = engine
        self.image = image

    def run(
        self,
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        mounts: Mapping[str, Path] | None = None,
        workdir: str = WORKSPACE,
        *,
        module: str | None = None,
        seconds: int = 60,
    ) -> Ran:
        """Runs the entry point, or another module the way the entry point is run, on the host's network."""
        command = [*self.entrypoint, *arguments]
        if module:
            command[len(self.entrypoint) - 1] = module
        call = Call(command, environment or {}, mounts or {}, workdir, seconds)
        return self.engine.run(self.image, call)

    @cached_property
    def entrypoint(self) -> list[str]:
        return self.engine.entrypoint(self.image)

    @cached_property
    def files(self) -> dict[str, int]:
        """The size of every file in the image, by absolute path."""
        return self.engine.files(self.image)


def container(engine: Engine) -> Container:
    """Builds the image unless it is there; the ones it replaces are removed."""
    image = f"{REPOSITORY}:{key()}"
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not engine.has(image):
            for old in engine.images(REPOSITORY):
                engine.remove(old)
            engine.build(ROOT, image)
    return Container(engine, image)


def key() -> str:
    """Differs as soon as one byte of what the image is made of does."""
    digest = hashlib.sha256()
    for path in ingredients():
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def ingredients() -> Iterator[Path]:
    for name in ("Dockerfile", ".dockerignore", "LICENSE", "requirements.lock"):
        yield ROOT / name
    for path in sorted((ROOT / "bot").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path

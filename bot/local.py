"""The change of a local checkout: what git says differs, or the files that the user names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import ConfigurationError
from bot.model.change import ChangedFile, FileStatus, decoded
from bot.model.source import Source
from bot.selection import could_be_a_migration

if TYPE_CHECKING:
    import subprocess


class LocalTree:
    """The working tree below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self, folder: str) -> frozenset[str]:
        try:
            return frozenset(entry.name for entry in (self.root / folder).iterdir())
        except OSError:
            return frozenset()

    def text(self, path: str) -> str | None:
        try:
            return (self.root / path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None


def named_files(root: Path, paths: Iterable[Path]) -> Iterator[ChangedFile]:
    """The files that the user names, and those that could be migrations in folders they name.

    Raises ConfigurationError for a path that is not there.
    """
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.is_file())
            for file in inside:
                name = _name(root, file)
                if could_be_a_migration(name) and ".git" not in file.parts:
                    yield _read(name, file)
        elif path.is_file():
            yield _read(_name(root, path), path)
        else:
            raise ConfigurationError(f"{path}: there is no such file or folder")


def _name(root: Path, path: Path) -> str:
    """`path` as the repository calls it; a file elsewhere keeps its own name."""
    whole = path.parent.resolve() / path.name
    return (whole.relative_to(root) if whole.is_relative_to(root) else whole).as_posix()


def _read(name: str, file: Path) -> ChangedFile:
    try:
        text = decoded(name, file.read_bytes())
    except OSError as error:
        text = f"it cannot be read: {error.strerror}"
    return ChangedFile(name, FileStatus.ADDED, text)


class Repository:
    """A git checkout; git is asked, nothing of the repository is run."""

    def __init__(self, folder: Path) -> None:
        """Raises ConfigurationError where `folder` is in no checkout."""
        found = _git(folder, "rev-parse", "--show-toplevel")
        self.root = Path(os.fsdecode(found).rstrip("\n"))

    def default_base(self) -> str:
        """The remote's default branch, else a local main or master."""
        for name in ("refs/remotes/origin/HEAD", "origin/main", "origin/master", "main", "master"):
            if self._is_commit(name):
                return name
        raise ConfigurationError("no base branch was found: name one with --base REF")

    def changed(self, base: str) -> Iterator[ChangedFile]:
        """The files that differ between the merge base with `base` and the working tree."""
        fork = self._merge_base(base)
        status = _git(self.root, "diff", "--name-status", "-z", "-M", "--no-ext-diff", fork, "--")
        fields = iter(os.fsdecode(status).split("\0"))
        for letter in fields:
            old = next(fields, "")
            path = next(fields) if letter[:1] in "RC" and letter else old
            if letter[:1] in "AMRCT" and could_be_a_migration(path):
                yield self._file(fork, None if letter[0] == "A" else old, path)
        others = _git(self.root, "ls-files", "--others", "--exclude-standard", "-z")
        for path in os.fsdecode(others).split("\0"):
            if could_be_a_migration(path):
                yield _read(path, self.root / path)

    def _file(self, fork: str, old: str | None, path: str) -> ChangedFile:
        from bot.hunks import hunks

        new = _read(path, self.root / path)
        if old is None:
            return new
        before = decoded(old, _git(self.root, "show", f"{fork}:{old}"))
        diff = _git(
            self.root, "diff", "-U0", "-M", "--no-color", "--no-ext-diff", fork, "--", old, path
        )
        found = hunks(diff.decode("utf-8", "replace"))
        return ChangedFile(
            path,
            FileStatus.MODIFIED,
            new.text,
            found.added if found else None,
            before if isinstance(before, Source) else None,
        )

    def _merge_base(self, base: str) -> str:
        if not self._is_commit(base):
            raise ConfigurationError(
                f'"{base}" is no commit that git knows here; fetch it, or name another with --base'
            )
        return os.fsdecode(_git(self.root, "merge-base", base, "HEAD")).strip()

    def _is_commit(self, name: str) -> bool:
        return not _run(self.root, "rev-parse", "--verify", "-q", f"{name}^{{commit}}").returncode


def _git(folder: Path, *arguments: str) -> bytes:
    """What git answers. Raises ConfigurationError with git's last words where it fails."""
    done = _run(folder, *arguments)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = said[-1] if said else "no answer"
        raise ConfigurationError(
            f"git {arguments[0]} failed in {folder}: {reason}; run it in a checkout with history,"
            " or name the files to check"
        )
    return done.stdout


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    import subprocess

    command = ["git", "-C", str(folder), "-c", "core.quotepath=false", *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise ConfigurationError("git is not installed; name the files to check instead") from error

"""The change of a local checkout: what git says differs, or the files that the user names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.base import Base
from bot.errors import ConfigurationError
from bot.frameworks import Tree, could_be_a_migration
from bot.model.change import ChangedFile, FileStatus, decoded
from bot.model.source import UTF_8, Source
from bot.tip import Tip

if TYPE_CHECKING:
    import subprocess


# Whatever the user's configuration says of colours, converters and renamed files.
_PLAINLY = ("--no-renames", "--no-color", "--no-ext-diff", "--no-textconv")


class LocalTree:
    """The working tree below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self, folder: str) -> frozenset[str]:
        try:
            return frozenset(entry.name for entry in (self.root / folder).iterdir())
        except OSError:
            return frozenset()

    def texts(self, paths: Sequence[str]) -> dict[str, str]:
        known = ((path, _content(path, self.root / path)) for path in paths)
        return {path: text.text for path, text in known if isinstance(text, Source)}

    def text(self, path: str) -> str | None:
        found = _content(path, self.root / path)
        return found.text if isinstance(found, Source) else None


def named_files(root: Path, paths: Iterable[Path]) -> Iterator[ChangedFile]:
    """The files that the user names, and those that could be migrations in folders they name.

    Each is there once. Raises ConfigurationError for a path that is not there.
    """
    files = {_name(root, file): file for path in paths for file in _files(path)}
    for name, file in files.items():
        yield _read(name, file)


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            migration = could_be_a_migration(file.as_posix()) and ".git" not in file.parts
            if migration and (file.is_symlink() or file.is_file()):
                yield file
    elif path.is_file() or path.is_symlink():
        yield path
    else:
        raise ConfigurationError(f"{path}: there is no such file or folder")


def _name(root: Path, path: Path) -> str:
    """`path` as the repository calls it; a file elsewhere keeps its own name."""
    whole = path.parent.resolve() / path.name
    return (whole.relative_to(root) if whole.is_relative_to(root) else whole).as_posix()


def _read(name: str, file: Path) -> ChangedFile:
    return ChangedFile(name, FileStatus.ADDED, _text(name, file))


def _text(name: str, file: Path) -> Source | str:
    """The text of `file`, or a sentence that says why it is not read."""
    if file.is_symlink():
        return "it is a symbolic link; its target is reviewed where it stands"
    return _content(name, file)


def _content(name: str, file: Path) -> Source | str:
    try:
        if not file.is_file():  # a pipe or a device, which may never end
            return "it is no file"
        return decoded(name, file.read_bytes())
    except OSError as error:
        return f"it cannot be read: {error.strerror}"


class CommittedNames:
    """The names in the folders of a `commit`."""

    def __init__(self, root: Path, commit: str) -> None:
        self._root, self._commit = root, commit

    def names(self, folder: str) -> frozenset[str]:
        place = f"{self._commit}:{'' if folder == '.' else folder}"
        told = _run(self._root, "ls-tree", "--name-only", "-z", place).stdout
        return frozenset(name for name in os.fsdecode(told).split("\0") if name)


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
        """The files that differ between the merge base with `base` and the working tree.

        One that was renamed is a new one: under its new name it will run once more.
        """
        fork = self._merge_base(base)
        for letter, path in self._differing(fork):
            if letter == "D" and could_be_a_migration(path):
                yield ChangedFile(path, FileStatus.DELETED, "it is deleted")
            elif letter in ("A", "M", "T") and could_be_a_migration(path):
                new = _read(path, self.root / path)
                yield self._modified(fork, new) if letter == "M" else new

    def before(self, base: str, tree: Tree) -> Base:
        """The checkout as it was where it left `base`."""
        differing = tuple(self._differing(self._merge_base(base)))
        added, gone, modified = (
            [path for letter, path in differing if letter in letters]
            for letters in ("A", "D", "MT")
        )
        return Base(tree, added, gone, modified)

    def tip(self, base: str, before: Base) -> Tip | None:
        """What `base` is now, where that is more than the checkout has of it."""
        commit = os.fsdecode(_git(self.root, "rev-parse", "--verify", f"{base}^{{commit}}")).strip()
        if commit == self._merge_base(base):
            return None
        return Tip(CommittedNames(self.root, commit), before.added, before.removed)

    def _differing(self, fork: str) -> Iterator[tuple[str, str]]:
        """The paths that differ, each with git's letter for how; what git does not know is new."""
        status = _git(self.root, "diff", "--name-status", "-z", *_PLAINLY, fork, "--")
        fields = os.fsdecode(status).split("\0")
        yield from zip(fields[::2], fields[1::2], strict=False)
        others = _git(self.root, "ls-files", "--others", "--exclude-standard", "-z")
        yield from (("A", path) for path in os.fsdecode(others).split("\0") if path)

    def _modified(self, fork: str, new: ChangedFile) -> ChangedFile:
        from bot.hunks import hunks

        before = decoded(new.path, _git(self.root, "show", f"{fork}:{new.path}"))
        diff = _git(self.root, "diff", "-U0", "--text", *_PLAINLY, fork, "--", new.path)
        # Of another encoding git compares bytes: its lines are not those of the text.
        in_lines = isinstance(new.text, str) or new.text.encoding == UTF_8
        found = hunks(diff.decode("utf-8", "replace")) if in_lines else None
        return ChangedFile(
            new.path,
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
        done = _run(self.root, "merge-base", base, "HEAD")
        if done.returncode:
            raise ConfigurationError(
                f'"{base}" and HEAD have no common commit: git has too little history here;'
                " in a shallow clone run `git fetch --unshallow`"
            )
        return os.fsdecode(done.stdout).strip()

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

    command = ["git", "-C", str(folder), "--literal-pathspecs", *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise ConfigurationError("git is not installed; name the files to check instead") from error
    except OSError as error:
        raise ConfigurationError(f"git cannot be run: {error.strerror}") from error

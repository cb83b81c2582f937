"""The change of a pull request, read through the API: nothing is checked out, nothing is run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.frameworks import frameworks
from bot.hunks import hunks
from bot.model.change import ChangedFile, FileStatus, decoded
from bot.model.pull_request import FileDiff, Place, PullRequest, Read, Wanted
from bot.model.source import Source
from bot.selection import could_be_a_migration

_NEW = ("added", "copied")


def migrations_among(files: Iterable[FileDiff]) -> tuple[FileDiff, ...]:
    """The files whose text is worth reading."""
    return tuple(
        file for file in files if file.status != "removed" and could_be_a_migration(file.path)
    )


def wanted(pull: PullRequest, files: Iterable[FileDiff], settings: Iterable[str]) -> Wanted:
    """All that a review of `files` needs to know, with the settings files of the base."""
    several = tuple(files)
    folders = {_folder(up) for file in several for up in PurePosixPath(file.path).parents}
    beside = {
        path
        for file in several
        for framework in frameworks().values()
        for path in framework.companions(file.path)
    }
    before = [_before(pull, file) for file in several if file.status not in _NEW]
    return Wanted(
        tuple(dict.fromkeys(file.blob for file in several)),
        (
            *(Place(pull.base_sha, path) for path in settings),
            *(Place(pull.head_sha, path) for path in sorted(beside)),
            *before,
        ),
        tuple(Place(pull.head_sha, folder) for folder in sorted(folders)),
    )


def changed(pull: PullRequest, files: Iterable[FileDiff], read: Read) -> tuple[ChangedFile, ...]:
    return tuple(_changed(pull, file, read) for file in files)


def _changed(pull: PullRequest, file: FileDiff, read: Read) -> ChangedFile:
    content = read.blobs.get(file.blob)
    text = "GitHub did not give its text" if content is None else decoded(file.path, content)
    if file.status in _NEW:
        return ChangedFile(file.path, FileStatus.ADDED, text)
    place = _before(pull, file)
    old = decoded(place.path, read.files[place]) if place in read.files else None
    found = hunks(file.patch) if file.patch is not None else None
    return ChangedFile(
        file.path,
        FileStatus.MODIFIED,
        text,
        found.added if found else None,
        old if isinstance(old, Source) else None,
    )


def _before(pull: PullRequest, file: FileDiff) -> Place:
    return Place(pull.base_sha, file.previous_path or file.path)


def _folder(path: PurePosixPath) -> str:
    return "" if str(path) == "." else str(path)


@dataclass(frozen=True, slots=True)
class RemoteTree:
    """The repository at the head of the pull request, as far as it was read."""

    commit: str
    read: Read

    def names(self, folder: str) -> frozenset[str]:
        place = Place(self.commit, _folder(PurePosixPath(folder)))
        return self.read.folders.get(place, frozenset())

    def text(self, path: str) -> str | None:
        content = self.read.files.get(Place(self.commit, path))
        return None if content is None else content.decode("utf-8", "replace")

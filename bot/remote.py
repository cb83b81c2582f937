"""A change is read through the API: nothing is checked out, nothing is run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from bot.frameworks import could_be_a_migration, frameworks, listing, ran_in, setting_names
from bot.hunks import added, hunks
from bot.model.change import ChangedFile, FileStatus, decoded
from bot.model.pull_request import Change, FileDiff, Place, PullRequest, Read, Unread, Wanted
from bot.model.source import Source
from bot.model.wording import plain

MAX_OBJECTS = 2_000  # texts and folders of one review: ten queries of 200
MAX_HISTORY = 1_000  # earlier migrations that are read, the latest: five queries
_FEW = 100  # files; their texts, those of before, companions and settings fit into one query
_ABOVE = 12  # folders above a file's own in which a tool's marker is looked for, and the root
_NEW = ("added", "copied", "renamed")  # a tool runs a file with a new name as a new migration
_GONE = "removed"
_NO_FILES = {0o120000: "it is a symbolic link", 0o160000: "it is a submodule"}  # git's file modes


def migrations_among(files: Iterable[FileDiff]) -> tuple[FileDiff, ...]:
    """The files that may be migrations, or may have been some."""
    return tuple(file for file in files if could_be_a_migration(file.path))


def added_among(files: Iterable[FileDiff]) -> Iterator[str]:
    return (file.path for file in files if file.status in _NEW)


def removed_among(files: Iterable[FileDiff]) -> Iterator[str]:
    """The paths that are there no more."""
    for file in files:
        if file.status == _GONE:
            yield file.path
        elif file.before and file.status == "renamed":
            yield file.before


def modified_among(files: Iterable[FileDiff]) -> Iterator[str]:
    return (file.path for file in files if file.status not in (*_NEW, _GONE))


def configuration_among(files: Iterable[FileDiff], settings: Collection[str]) -> Iterator[FileDiff]:
    """The files that are ours to read, or have been until the change."""
    for file in files:
        if file.path in settings:
            yield file
        elif file.before in settings:
            yield FileDiff(file.before, _GONE, "", None)


def wanted(
    change: Change,
    files: Iterable[FileDiff],
    settings: Iterable[str],
    configuration: Iterable[FileDiff] = (),
) -> Wanted:
    """All that a review of `files` needs to know, with the settings files of the base.

    Of those that change, `configuration`, it is what they will be.

    A change of more than MAX_OBJECTS is read as far as that: `changed` says so of the others.
    Companions and settings, which hardly any file has, are asked for where they are few; else
    `unread` tells of them, once folders are known.
    """
    several = tuple(_within(change, files))
    wants = [_wanted(change, file) for file in several]
    few = several if len(several) <= _FEW else ()
    companions = [place for file in few for place in _companions(change, file)]
    above = {place for file in few for place in _settings(change, file)}
    companions += sorted(above) if len(above) <= _FEW else ()
    blobs = (one.blob for one in configuration if one.blob and one.status != _GONE)
    own = (Place(change.base_sha, path) for path in settings)
    return Wanted(
        tuple(dict.fromkeys((*blobs, *(blob for one in wants for blob in one.blobs)))),
        tuple(dict.fromkeys((*own, *companions, *(place for one in wants for place in one.files)))),
        tuple(sorted({place for one in wants for place in one.folders})),
    )


def unread(change: Change, files: Iterable[FileDiff], read: Read) -> tuple[Place, ...]:
    """The companions and settings that folders show and that were not asked for."""
    places = chain.from_iterable(
        (*_companions(change, file), *_settings(change, file)) for file in files
    )
    missed = (one for one in places if one not in read.files and _shown(one, read))
    return tuple(dict.fromkeys(missed))


def _shown(place: Place, read: Read) -> bool:
    folder, _, name = place.path.rpartition("/")
    return name in read.folders.get(Place(place.commit, folder), ())


def _companions(change: Change, file: FileDiff) -> Iterator[Place]:
    """What changes how a file runs, if it is there."""
    if file.status != _GONE:
        paths = {path for tool in frameworks().values() for path in tool.companions(file.path)}
        yield from (Place(change.head_sha, path) for path in sorted(paths))


def _settings(change: Change, file: FileDiff) -> Iterator[Place]:
    """What changes how all files there run, if it is there."""
    names = sorted(setting_names(file.path)) if file.status != _GONE else ()
    for folder in _folders(file.path) if names else ():
        above = f"{folder}/" if folder else ""
        yield from (Place(change.head_sha, f"{above}{name}") for name in names)


def tip(change: Change) -> str:
    """The commit that the base branch is at, "" where the change stands on it.

    An event tells that of the pull request's last push, or an older one.
    """
    base = change.base_ref if isinstance(change, PullRequest) else ""
    return f"refs/heads/{base}" if base else ""


def superseded(change: Change, read: Read) -> str:
    """Why what was read says nothing about `change`, "" where it does."""
    if read.head_sha != change.head_sha:
        return f"{change.head_sha[:7]} is the head no more"
    base = change.base_ref if isinstance(change, PullRequest) else ""
    moved = base and read.base_ref and read.base_ref != base
    return f"`{plain(base)}` is the base no more" if moved else ""


def _within(change: Change, files: Iterable[FileDiff]) -> Iterator[FileDiff]:
    """The first of `files`, as many as need no more than MAX_OBJECTS."""
    known: set[str | Place] = set()
    for file in files:
        wants = _wanted(change, file)
        known.update(wants.blobs, wants.files, wants.folders)
        if len(known) > MAX_OBJECTS:
            return
        yield file


def _wanted(change: Change, file: FileDiff) -> Wanted:
    """The file now and before, and what lies beside and above it."""
    several = (*_folders(file.path), *sorted(ran_in(file.path)))
    folders = tuple(Place(change.head_sha, folder) for folder in several)
    blobs = (file.blob,) if file.blob else ()
    if file.status == _GONE:
        return Wanted(folders=folders)
    if file.status not in _NEW:
        return Wanted(blobs, (_before(change, file),), folders)
    now = (Place(tip(change), listing(file.path)),) if tip(change) else ()
    return Wanted(blobs, (), (*folders, *now))


def _folders(path: str) -> tuple[str, ...]:
    """The folder of a file, those above it, and the root; a path may be thousands deep."""
    parts = path.split("/")[:-1]
    least = max(len(parts) - _ABOVE, 1)
    return ("", *("/".join(parts[:depth]) for depth in range(least, len(parts) + 1)))


def changed(change: Change, files: Iterable[FileDiff], read: Read) -> tuple[ChangedFile, ...]:
    several = tuple(files)
    asked = frozenset(_within(change, several))
    return tuple(
        _changed(change, file, read, _text(change, file, read, asked=file in asked))
        for file in several
    )


def _text(change: Change, file: FileDiff, read: Read, *, asked: bool) -> Source | str:
    folder, _, name = file.path.rpartition("/")
    entry = read.folders.get(Place(change.head_sha, folder), {}).get(name)
    if entry and entry.mode in _NO_FILES:
        return _NO_FILES[entry.mode]
    if not asked:
        return f"GitHub was not asked for its text: {MAX_OBJECTS:,} files and folders are read"
    match read.blobs.get(file.blob):
        case None:
            return "GitHub did not give its text"
        case Unread(reason):
            return reason
        case content:
            return decoded(file.path, content)


def _changed(change: Change, file: FileDiff, read: Read, text: Source | str) -> ChangedFile:
    if file.status == _GONE:
        return ChangedFile(file.path, FileStatus.DELETED, "it is deleted")
    if file.status in _NEW:
        return ChangedFile(file.path, FileStatus.ADDED, text)
    place = _before(change, file)
    old = decoded(place.path, read.files[place]) if place in read.files else None
    before = old if isinstance(old, Source) else None
    return ChangedFile(file.path, FileStatus.MODIFIED, text, _touched(file, before, text), before)


def _touched(file: FileDiff, before: Source | None, text: Source | str) -> frozenset[int] | None:
    """The lines that the change added: as GitHub tells, else as the texts differ."""
    found = hunks(file.patch) if file.patch is not None else None
    if found is not None:
        return found.added
    if before is None or isinstance(text, str):
        return None
    return added(before.text, text.text)


def _before(change: Change, file: FileDiff) -> Place:
    """The file at the tip of the base, where the branch is going.

    What the base has gained since the branch left it counts as known: it was reviewed there.
    """
    return Place(change.base_sha, file.path)


@dataclass(frozen=True, slots=True)
class RemoteTree:
    """The repository at the head of the pull request, as far as it was read.

    `fetch` reads more of it; without it there is no more.
    """

    commit: str
    read: Read
    fetch: Callable[[Wanted], Read] | None = None

    def names(self, folder: str) -> frozenset[str]:
        place = Place(self.commit, "" if folder == "." else folder)
        return frozenset(self.read.folders.get(place, ()))

    def text(self, path: str) -> str | None:
        content = self.read.files.get(Place(self.commit, path))
        return None if content is None else content.decode("utf-8", "replace")

    def texts(self, paths: Sequence[str]) -> dict[str, str]:
        """Those that are there of the last MAX_HISTORY."""
        places = [Place(self.commit, path) for path in paths[-MAX_HISTORY:]]
        missing = tuple(place for place in places if place not in self.read.files)
        more = self.fetch(Wanted(files=missing)).files if self.fetch and missing else {}
        known = {**self.read.files, **more}
        found = (decoded(place.path, known[place]) for place in places if place in known)
        return {source.path: source.text for source in found if isinstance(source, Source)}

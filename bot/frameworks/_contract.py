"""What the pipeline asks of a migration tool; most tools are just facts with these defaults."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from re import Pattern
from typing import Protocol

from bot.model.finding import NewFile, NoFix
from bot.model.migration import Batch, Migration, Statement, Unreadable, Wrapping
from bot.model.source import Source
from bot.model.wording import naturally
from bot.sql.statements import statements


class Tree(Protocol):
    """The repository's files as the change leaves them, as far as they are asked for."""

    def names(self, folder: str) -> frozenset[str]:
        """What lies in `folder` ("" is the root); nothing where there is no such folder."""

    def text(self, path: str) -> str | None:
        """A small text file beside a migration, or None where it is missing or no text."""

    def texts(self, paths: Sequence[str]) -> Mapping[str, str]:
        """Those of many text files that can be had, in the order of `paths`."""


def no_companions(path: str) -> tuple[str, ...]:
    return ()


def same_folder(path: str) -> str:
    return str(PurePosixPath(path).parent)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """SQL that runs once `source` has been committed; `verb` says what it does, for a name.

    `alone` where PostgreSQL takes it outside of transactions only.
    """

    source: Source
    sql: str
    verb: str
    alone: bool


@dataclass(frozen=True, slots=True)
class Framework:
    """One migration tool.

    `file` matches the names of the files that it runs; `markers` are names of files whose
    presence in the folder or above proves the tool.
    """

    name: str
    file: Pattern[str]
    wrapping: Wrapping
    follow_up: Callable[[FollowUp, Iterable[str], Tree], tuple[NewFile, ...] | NoFix]
    """(what follows, paths already taken, repository) → the files that run next."""
    markers: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    """Names of folders that usually hold its migrations."""
    companions: Callable[[str], tuple[str, ...]] = no_companions
    """Files that change how the migration at this path runs."""
    wrapping_of: Callable[[Source, Sequence[Statement], Tree], Wrapping] | None = None
    """How this one file with its statements is wrapped, where files differ."""
    alone_in_place: bool = False
    """Whether a file of nothing else runs what PostgreSQL takes outside of transactions only."""
    several_alone: bool = False
    """Whether such a file may hold several such statements."""
    ignored: Pattern[str] = re.compile(r"(?!)")
    """Names of files that belong to the tool but do not run on the way up."""
    series: Callable[[str], str] = same_folder
    """Files of one series run one after another against the same database."""
    order: Callable[[str], tuple[object, ...]] = naturally
    """The key by which the files of a series are sorted."""
    history: Pattern[str] | None = None
    """Names of the files that ran before, where `file` does not tell them."""
    skips_older: bool = False
    """Whether a file is never run once a later one has been."""


def evidence(framework: Framework, path: str, tree: Tree) -> int:
    """How surely `framework` runs the file at `path`: 0 not at all, 3 its marker is there."""
    place = PurePosixPath(path)
    if not (framework.file.fullmatch(place.name) or framework.ignored.fullmatch(place.name)):
        return 0
    above = ["" if str(folder) == "." else str(folder) for folder in place.parents]
    if any(framework.markers & tree.names(folder) for folder in above):
        return 3
    return 2 if framework.folders & set(place.parts) else 1


def read(
    framework: Framework, source: Source, tree: Tree, wrapping: Wrapping | None = None
) -> Migration:
    """The statements of a file in the transactions in which `framework` runs them."""
    found = tuple(statements(source))
    readable = tuple(one for one in found if isinstance(one, Statement))
    if wrapping is None:
        decide = framework.wrapping_of
        wrapping = decide(source, readable, tree) if decide else framework.wrapping
    return Migration(
        source,
        framework.name,
        (Batch(readable, wrapping),),
        tuple(one for one in found if isinstance(one, Unreadable)),
    )

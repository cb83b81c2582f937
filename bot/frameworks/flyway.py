"""Flyway runs each file in one transaction, so a second file is what comes after the commit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from bot.frameworks._contract import FollowUp, Framework, Later
from bot.frameworks._numbering import next_number
from bot.frameworks._tree import Tree
from bot.model.finding import NewFile, NoFix
from bot.model.migration import Statement, Wrapping
from bot.model.source import Source

# V2__name.sql and R__name.sql, with the default prefixes, separator and suffix.
_FILE = re.compile(r"(?:V(?P<version>[0-9]{1,40}(?:[._][0-9]{1,40})*)|R)__(?P<title>.+)\.sql")


# Else Flyway's own transaction, which holds its lock, makes a concurrent build wait for ever.
_LOCK = "-- Flyway needs the setting postgresql.transactional.lock=false for this.\n"


def _follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
    place = PurePosixPath(new.source.path)
    own = _FILE.fullmatch(place.name)
    if not own or not own["version"]:
        return NoFix("Flyway runs repeatable migrations last, so no file of its own can follow.")
    versions = [version for path in taken if (version := _version(path))]
    name = f"V{_next_version(versions)}__{new.verb}_{own['title']}.sql"
    sql = f"{_LOCK}{new.sql}" if new.alone else new.sql
    return (NewFile(str(place.with_name(name)), sql),)


def _next_version(versions: list[str]) -> str:
    """V1.2 is followed by V1.3, V007 by V008, V20261120093000 by V20261120093001."""
    highest = max(versions, key=_numbers)
    before = highest.rstrip("0123456789")
    return f"{before}{next_number([highest.removeprefix(before)])}"


@lru_cache(maxsize=100_000)
def _version(path: str) -> str | None:
    match = _FILE.fullmatch(path.rpartition("/")[2])
    return match["version"] if match else None


@lru_cache(maxsize=100_000)
def _numbers(version: str) -> tuple[int, ...]:
    """1.2 and 1_2 are the same version, and 2 comes before 2.1; a trailing .0 says nothing."""
    numbers = [int(part) for part in re.split(r"[._]", version)]
    while numbers[-1:] == [0]:
        numbers.pop()
    return tuple(numbers)


def _order(path: str) -> tuple[object, ...]:
    """By version; repeatable migrations come last, by their names."""
    version = _version(path)
    return (0, *_numbers(version)) if version else (1, path.rpartition("/")[2])


# Where the command line, Maven's and Gradle's plugins look for their settings.
_SETTINGS = ("flyway.toml", "flyway.conf", "conf/flyway.toml", "conf/flyway.conf")
_GROUP = re.compile(
    r"^[ \t]*(?:flyway\.)?group[ \t]*=[ \t]*\"?true\b", re.MULTILINE | re.IGNORECASE
)


def _wrapping(source: Source, statements: Sequence[Statement], tree: Tree) -> Wrapping:
    """The script configuration beside a file may take its transaction away.

    So does a file of nothing but statements that run outside of transactions; beside others they
    are refused (ParserSqlScript in flyway-core, `mixed`).
    """
    if statements and all(one.alone for one in statements):
        return Wrapping.STATEMENT
    settings = tree.text(f"{source.path}.conf") or ""
    lines = ("".join(line.split()).lower() for line in settings.splitlines())
    if "executeintransaction=false" in lines:
        return Wrapping.STATEMENT
    grouped = any(_GROUP.search(tree.text(path) or "") for path in _SETTINGS)
    return Wrapping.ALL if grouped else Wrapping.FILE


def _series(path: str) -> str:
    """Locations are searched with all their folders: db/migration/2026/V7__a.sql."""
    folders = PurePosixPath(path).parent.parts
    usual = [i for i, folder in enumerate(folders) if folder in FRAMEWORK.folders]
    return "/".join(folders[: usual[-1] + 1] if usual else folders)


FRAMEWORK = Framework(
    name="flyway",
    file=_FILE,
    ignored=re.compile(r"[UB]\d.*__.+\.sql"),  # undo, and the baseline of an empty database
    markers=frozenset({"flyway.conf", "flyway.toml"}),
    hints=frozenset({"pom.xml", "build.gradle", "build.gradle.kts"}),
    folders=frozenset({"migration", "migrations"}),
    wrapping=Wrapping.FILE,
    wrapping_of=_wrapping,
    companions=lambda path: (f"{path}.conf", *_SETTINGS) if path.endswith(".sql") else (),
    follow_up=_follow_up,
    alone_in_place=True,
    alone_needs=(
        "Flyway needs the setting `postgresql.transactional.lock=false` for this: else it waits for"
        " Flyway's own lock for ever."
    ),
    several_alone=True,
    each_alone=(
        "Or run Flyway without `group`, so that it commits each file by itself: then it goes to the"
        " next version."
    ),
    refuses_older="refuses to migrate, unless `outOfOrder` is set",
    series=_series,
    order=_order,
)

"""Flyway runs each file in one transaction, so a second file is what comes after the commit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import PurePosixPath

from bot.frameworks._contract import FollowUp, Framework, Later
from bot.frameworks._numbering import next_number
from bot.frameworks._setting import texts_above
from bot.frameworks._tree import Tree
from bot.model.finding import NewFile, NoFix
from bot.model.migration import Statement, Wrapping
from bot.model.source import Source, Span

# V2__name.sql and R__name.sql, with the default prefixes, separator and suffix.
_FILE = re.compile(r"(?:V(?P<version>[0-9]{1,40}(?:[._][0-9]{1,40})*)|R)__(?P<title>.+)\.sql")


# PostgreSQLParser.java of 13.0.0: what it runs outside of transactions by itself.
_BY_ITSELF = re.compile(
    r"(?:CREATE|DROP)\s+(?:DATABASE|TABLESPACE|SUBSCRIPTION|(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY)\b"
    r"|REINDEX\s+(?:VERBOSE\s+)?(?:SCHEMA|DATABASE|SYSTEM)\b|ALTER\s+SYSTEM\b|VACUUM\b"
    r"|DISCARD\s+ALL\b",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_NOT_BY_ITSELF = re.compile(r"^[ \t]*REINDEX\b", re.MULTILINE | re.IGNORECASE)
_EXECUTE = re.compile(
    r"^[ \t]*executeInTransaction[ \t]*[=:][ \t]*(?P<value>(?i:true|false))[ \t]*$", re.MULTILINE
)
_LOOSE = "executeInTransaction=false\n"
_BEGINNING = 1_000  # characters of a statement, which tell what it is

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
    file = NewFile(str(place.with_name(name)), sql)
    words = new.alone and _NOT_BY_ITSELF.search(new.sql)
    return (file, NewFile(f"{file.path}.conf", _LOOSE)) if words else (file,)


def _unwrapped(source: Source, span: Span, tree: Tree) -> tuple[NewFile, ...] | None:
    """A script configuration, where Flyway does not know that it has to leave its transaction."""
    conf = f"{source.path}.conf"
    there = tree.text(conf) is not None or not _NOT_BY_ITSELF.search(source[span])
    return None if there else (NewFile(conf, _LOOSE),)


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


# Where the command line, Maven's and Gradle's plugins and Spring Boot look for their settings.
_SETTINGS = frozenset({"flyway.toml", "flyway.conf", "pom.xml", "application.properties"})
_IN_CONF = ("conf/flyway.toml", "conf/flyway.conf")
_GROUP = re.compile(
    r"^[ \t]*(?:spring\.)?(?:flyway\.)?group[ \t]*=[ \t]*\"?true\b"
    r"|<(?:flyway\.)?group>[ \t]*true[ \t]*</",
    re.MULTILINE | re.IGNORECASE,
)


def _wrapping(source: Source, statements: Sequence[Statement], tree: Tree) -> Wrapping:
    """The script configuration beside a file tells whether it has a transaction.

    Else a file of nothing but statements that Flyway knows to run outside of one has none; beside
    others they are refused (ParserSqlScript.java of 13.0.0, `mixed`).
    """
    told = _EXECUTE.findall(tree.text(f"{source.path}.conf") or "")[-1:]
    if told == [] and statements and all(map(_leaves_by_itself, statements)):
        return Wrapping.STATEMENT
    if [value.lower() for value in told] == ["false"]:
        return Wrapping.STATEMENT
    texts = chain(
        (tree.text(path) or "" for path in _IN_CONF), texts_above(source.path, _SETTINGS, tree)
    )
    return Wrapping.ALL if any(map(_GROUP.search, texts)) else Wrapping.FILE


def _leaves_by_itself(statement: Statement) -> bool:
    words = _COMMENT.sub(" ", statement.text[:_BEGINNING]).lstrip()
    return _BY_ITSELF.match(words) is not None


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
    companions=lambda path: (f"{path}.conf", *_IN_CONF) if path.endswith(".sql") else (),
    settings=_SETTINGS,
    unwrapped=_unwrapped,
    unwrapped_as=Wrapping.MESSAGE,
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
    reads_version=_numbers,
    refuses_older="refuses to migrate, unless `outOfOrder` is set",
    series=_series,
    order=_order,
)

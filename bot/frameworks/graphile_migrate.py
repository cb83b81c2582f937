"""graphile-migrate keeps what is under way in current.sql, and what is committed under a hash."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from bot.frameworks._contract import FollowUp, Framework, Later, Section
from bot.frameworks._marks import span_of
from bot.frameworks._tree import Tree
from bot.model.finding import NoFix
from bot.model.migration import Misreading, Wrapping
from bot.model.source import Source, Span

# src/current.ts, src/migration.ts and src/header.ts
_FILE = re.compile(r"current\.sql|(?P<version>[0-9]{1,40})(-(?P<title>[-_a-zA-Z0-9]*))?\.sql")
_COMMITTED = re.compile(r"\A(?:--! [A-Z][^\n]*\n)*--! Previous:")
_HEADERS = re.compile(r"(?:--! [A-Z][^\n]*(?:\n|\Z))*\s*")
_LOOSE = re.compile(r"^--![ \t]*no-transaction\b", re.MULTILINE)

SEALED = NoFix(
    "A committed migration carries a hash of itself: take it back with `graphile-migrate uncommit`,"
    " rewrite it in current.sql, where there is a suggestion, and commit it again."
)


def _is_committed(source: Source) -> bool:
    return _COMMITTED.match(source.text) is not None


def _sections(source: Source, tree: Tree) -> Iterator[Section | Misreading]:
    """A file is one message inside a transaction, and all files of current/ are one together."""
    headers = _HEADERS.match(source.text)
    start = headers.end() if headers else 0
    loose = _LOOSE.match(source.text, start)
    for match in _LOOSE.finditer(source.text):
        if match.start() != start:
            yield Misreading(
                span_of(match), "graphile-migrate reads this in the first line of SQL only."
            )
        elif PurePosixPath(source.path).parent.name == "current":
            yield Misreading(
                span_of(match), "graphile-migrate takes this in current.sql only, not in current/."
            )
    pending = Wrapping.FILE if _is_committed(source) else Wrapping.ALL
    yield Section(Span(start, len(source.text)), Wrapping.MESSAGE if loose else pending)


def _sealed(source: Source) -> NoFix | None:
    return SEALED if _is_committed(source) else None


def _follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
    return NoFix("There is one current migration: what has to follow goes into the next one.")


def _ran_in(path: str) -> tuple[str, ...]:
    """What is current runs after all that is committed, which lies beside it."""
    place = PurePosixPath(path)
    if place.name != "current.sql" and place.parent.name != "current":
        return ()
    above = place.parent if place.name == "current.sql" else place.parent.parent
    return (str(above / "committed"),)


FRAMEWORK = Framework(
    name="graphile-migrate",
    file=_FILE,
    says=_COMMITTED,
    markers=frozenset({".gmrc", ".gmrc.js", ".gmrc.cjs"}),
    needs_proof=True,
    folders=frozenset({"migrations"}),
    wrapping=Wrapping.ALL,
    sections=_sections,
    ran_in=_ran_in,
    sealed=_sealed,
    follow_up=_follow_up,
    alone="write it by itself into a migration whose first line is `--! no-transaction`",
)

"""Drizzle runs all pending migrations of its journal in one transaction, piece by piece."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from bot.frameworks._contract import FollowUp, Framework, Later, Section
from bot.frameworks._tree import Tree
from bot.model.finding import NoFix
from bot.model.migration import Misreading, Wrapping
from bot.model.source import Source, Span

_FILE = re.compile(r"(?P<version>[0-9]{4,14})_(?P<title>.+)\.sql")
_JOURNAL = "meta/_journal.json"
_BREAKPOINT = re.compile(r"--> statement-breakpoint")


def _follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
    return NoFix(
        "A migration of Drizzle's needs its entry in the journal: `drizzle-kit generate --custom`"
        " makes both, and what has to follow goes into that."
    )


def _journal(path: str) -> str:
    return str(PurePosixPath(path).parent / _JOURNAL)


def _companions(path: str) -> tuple[str, ...]:
    return (_journal(path),) if _FILE.fullmatch(PurePosixPath(path).name) else ()


def _planned(path: str, tree: Tree) -> list[str] | None:
    """The migrations that the journal names, in its order."""
    folder = PurePosixPath(path).parent
    try:
        journal = json.loads(tree.text(_journal(path)) or "")
        return [str(folder / f"{entry['tag']}.sql") for entry in journal["entries"]]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


def _sections(source: Source, tree: Tree) -> Iterator[Section | Misreading]:
    yield Section(Span(0, len(source.text)), Wrapping.ALL)
    listed = _planned(source.path, tree)
    if listed is not None and source.path not in listed:
        yield Misreading(
            source.span_of(source.lines(Span(0, 0))),
            f"Drizzle never runs this file, because `{_JOURNAL}` does not name it.",
        )


FRAMEWORK = Framework(
    name="drizzle",
    file=_FILE,
    says=_BREAKPOINT,
    markers=frozenset({_JOURNAL})
    | {f"drizzle.config.{ending}" for ending in ("ts", "mts", "js", "mjs", "cjs", "json")},
    needs_proof=True,
    folders=frozenset({"drizzle"}),
    wrapping=Wrapping.ALL,
    companions=_companions,
    sections=_sections,
    planned=_planned,
    follow_up=_follow_up,
    alone="in a migration, alone behind `COMMIT;--> statement-breakpoint`",
    same_versions=True,
)

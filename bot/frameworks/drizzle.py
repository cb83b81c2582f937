"""Drizzle runs all pending migrations of its journal in one transaction, piece by piece."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from math import inf
from pathlib import PurePosixPath
from typing import Any

from bot.frameworks._beside import beside
from bot.frameworks._contract import FollowUp, Framework, Later, Section, Sums
from bot.frameworks._drizzle import ALONE, CONFIGURATION, EACH_ALONE, SAYS, at_the_end, sections
from bot.frameworks._tree import Tree
from bot.model.finding import NoFix
from bot.model.migration import Misreading, Wrapping
from bot.model.source import Source, Span
from bot.model.wording import code

_FILE = re.compile(r"(?P<version>[0-9]{4,14})_(?P<title>.+)\.sql")
_JOURNAL = "meta/_journal.json"
_beside = beside(_FILE)


def _follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
    return at_the_end(new) if new.pending else _beside(new, taken, tree)


def _journal(path: str) -> str:
    return str(PurePosixPath(path).parent / _JOURNAL)


def _companions(path: str) -> tuple[str, ...]:
    return (_journal(path),) if _FILE.fullmatch(PurePosixPath(path).name) else ()


@lru_cache(maxsize=2)
def _listed(text: str) -> Mapping[str, str | None] | None:
    """The tags of a journal in its order, each with the latest above it that is no older."""
    try:
        entries = [(str(one["tag"]), one.get("when")) for one in json.loads(text)["entries"]]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    listed, last, newest = dict[str, str | None](), "", -inf
    for tag, when in entries:
        known = isinstance(when, int)
        listed[tag] = last if known and when <= newest else None
        if known and when > newest:
            last, newest = tag, when
    return listed


def _planned(path: str, tree: Tree) -> list[str] | None:
    """The migrations that the journal names, in its order."""
    listed = _listed(tree.text(_journal(path)) or "")
    if listed is None:
        return None
    return [str(PurePosixPath(path).parent / f"{tag}.sql") for tag in listed]


def _sections(source: Source, tree: Tree) -> Iterator[Section | Misreading]:
    yield from sections(source)
    listed = _listed(tree.text(_journal(source.path)) or "")
    tag, first = PurePosixPath(source.path).stem, source.span_of(source.lines(Span(0, 0)))
    if listed is None:
        return
    if tag not in listed:
        yield Misreading(
            first, f"Drizzle never runs this file, because `{_JOURNAL}` does not name it."
        )
    elif before := listed[tag]:
        yield Misreading(
            first,
            f"Where {code(before)} has run, Drizzle never runs this file: its `when` in"
            f" `{_JOURNAL}` has to be later than those above it.",
        )


def _with_new(before: str, texts: Mapping[str, str], new: Collection[str]) -> str | None:
    """The journal with an entry for each new file, as `drizzle-kit generate` writes it."""
    listed = _listed(before)
    if listed is None:
        return None
    journal = json.loads(before)
    entries: list[dict[str, Any]] = journal["entries"]
    for tag in sorted(name.removesuffix(".sql") for name in new):
        if tag not in listed:
            entries.append(_entry(tag, entries, journal))
    margin = re.search(r"\n([ \t]+)", before)
    text = json.dumps(journal, indent=margin[1] if margin else 2, ensure_ascii=False)
    return text + before[len(before.rstrip()) :]


def _entry(tag: str, above: Sequence[dict[str, Any]], journal: dict[str, Any]) -> dict[str, Any]:
    """The entry after those `above`, which was made later than all of them."""
    last = above[-1] if above else {}
    return {
        "idx": _latest(above, "idx") + 1,
        "version": last.get("version", journal.get("version")),
        "when": _latest(above, "when") + 1,
        "tag": tag,
        "breakpoints": last.get("breakpoints", True),
    }


def _latest(entries: Iterable[dict[str, Any]], key: str) -> int:
    return max((one[key] for one in entries if isinstance(one.get(key), int)), default=-1)


FRAMEWORK = Framework(
    name="drizzle",
    file=_FILE,
    says=SAYS,
    markers=frozenset({_JOURNAL}) | CONFIGURATION,
    needs_proof=True,
    folders=frozenset({"drizzle"}),
    wrapping=Wrapping.ALL,
    companions=_companions,
    sections=_sections,
    planned=_planned,
    follow_up=_follow_up,
    can_commit=True,
    alone=ALONE,
    each_alone=EACH_ALONE,
    same_versions=True,
    sums=Sums(
        _JOURNAL,
        _with_new,
        f"The new file needs an entry in `{_JOURNAL}`: `lockstep fix` writes that too, and"
        " `drizzle-kit generate --custom` makes both.",
        just_new=True,
    ),
)

"""A table of locks: which ones a change takes now and as suggested, who waits, and how long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bot.comments.markdown import cell
from bot.comments.proposal import Proposal
from bot.comments.titles import OTHER, title
from bot.model.course import Course, Stage, Until, until
from bot.model.moment import Moment
from bot.model.source import Lines
from bot.model.wording import listed, tables
from bot.postgres.effects import Lock
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName
from bot.postgres.outcome import HeldLock

_MOST_ROWS = 12
_MOST_PROPOSALS = 200  # of a file, beyond which it would take too long
_HEAD = """\
| | lock | others that wait | held until | the statement takes |
| --- | --- | --- | --- | --- |"""


@dataclass(frozen=True, slots=True)
class _Row:
    what: str
    mode: LockMode
    on: tuple[QualifiedName, ...]
    until: Until
    takes: str

    def __str__(self) -> str:
        waits = listed((*self.mode.blocks, "schema changes"))
        lock = f"{self.mode} on {tables(self.on)}"
        cells = (self.what, lock, waits, self.until.value, self.takes)
        return f"| {' | '.join(map(cell, cells))} |"


def locks(proposal: Proposal) -> Iterator[str]:
    """The table, where anything is locked."""
    rows = tuple(dict.fromkeys((*_now(proposal), *_suggested(proposal))))
    if rows:
        left = len(rows) - _MOST_ROWS
        more = (f"| … and {left} more | | | | |",) if left > 0 else ()
        yield "\n".join((_HEAD, *map(str, rows[:_MOST_ROWS]), *more))


def _now(proposal: Proposal) -> Iterator[_Row]:
    """Without line numbers: a comment is left alone while lines move."""
    for moment in _moments(proposal):
        held, end = moment.outcome.blocking, until(moment)
        takes = _takes(moment.outcome.scanned, moment.outcome.perhaps)
        yield from _rows("**Now**", moment.own, end, takes)
        earlier = [lock for lock in held if lock.since != moment.number]
        yield from _rows("**Now**, since an earlier statement", earlier, end, takes)


def _suggested(proposal: Proposal) -> Iterator[_Row]:
    for stage in proposal.stages:
        titles = dict.fromkeys(map(title, stage.operations))
        named = [one for one in titles if one != OTHER] or [OTHER]
        what, takes = f"Suggested: {listed(named)}", _takes(stage.reads, stage.perhaps)
        yield from _rows(what, (*stage.own, *stage.gentle), stage.until, takes)


def _takes(reads: Sequence[QualifiedName], perhaps: Sequence[QualifiedName]) -> str:
    if reads:
        return f"longer with every row of {tables(reads)}"
    return f"perhaps longer with every row of {tables(perhaps)}" if perhaps else "an instant"


def _rows(what: str, held: Iterable[Lock | HeldLock], end: Until, takes: str) -> Iterator[_Row]:
    by_mode = sorted(held, key=lambda lock: -lock.mode)
    for mode, several in groupby(by_mode, lambda lock: lock.mode):
        yield _Row(what, mode, tuple(lock.table for lock in several), end, takes)


def with_stages(proposals: tuple[Proposal, ...], suggested: Course | None) -> tuple[Proposal, ...]:
    """Those of one file, each with what its lines and new files do once all are accepted."""
    if suggested is None or len(proposals) > _MOST_PROPOSALS:
        return proposals
    shift, done = 0, list[Proposal]()
    for proposal in proposals:
        first = proposal.lines.first + shift
        shown = range(first, first + _height(proposal.text))
        done.append(replace(proposal, stages=tuple(_stages(proposal, shown, suggested))))
        if proposal.text is not None:
            shift += len(shown) - (proposal.lines.last - proposal.lines.first + 1)
    return tuple(done)


def _height(text: str | None) -> int:
    """How many lines a text takes."""
    return text.count("\n") + (not text.endswith("\n")) if text else 0


def _stages(proposal: Proposal, shown: range, suggested: Course) -> Iterator[Stage]:
    path = proposal.remarks[0].finding.source.path
    new = {file.path for file in proposal.follow_ups}
    concerned = {table for moment in _moments(proposal) for table in _tables(moment)}
    for stage in suggested.stages:
        in_place = stage.path == path and _overlap(stage.lines, shown)
        if in_place or (stage.path in new and concerned & _touched(stage)):
            yield stage


def _overlap(lines: Lines, shown: range) -> bool:
    return max(lines.first, shown.start) < min(lines.last + 1, shown.stop)


def _moments(proposal: Proposal) -> Iterator[Moment]:
    moments = (one.finding.moment for one in proposal.remarks)
    return (one for one in moments if one and not one.outcome.refused)


def _tables(moment: Moment) -> set[QualifiedName]:
    locked = {lock.table for lock in moment.outcome.effect.locks}
    return locked | set(moment.outcome.scanned)


def _touched(stage: Stage) -> set[QualifiedName]:
    return {lock.table for lock in stage.own} | {lock.table for lock in stage.gentle}

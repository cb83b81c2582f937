"""A Mermaid diagram shows from statement to statement who waits, now and as suggested."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.course import Course, Stage
from bot.model.report import Report
from bot.model.wording import NAMED, SHOWN, listed, others, plain, unqualified
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName
from bot.reports import counted

_MOST_BARS = 12  # of each section
_LONGEST_NAME = 40
_INSTANT, _READING = 1, 8  # how wide a statement is drawn
_START = datetime.fromisoformat("2000-01-02")  # a Gantt chart wants one; its axis shows none

_HEAD = """\
gantt
    dateFormat YYYY-MM-DD HH:mm
    axisFormat .
    tickInterval 1month
    todayMarker off
"""
_LEGEND = (
    "Red: others wait while rows are read, the longer the more there are. Grey: rows are read, and"
    " nobody waits. All else: others wait for an instant."
)


_Key = tuple[int, LockMode]
"""The statement that takes some locks, and their mode."""


@dataclass(slots=True)
class _Bar:
    """`first` up to, not including, `end` on the axis; `tag` is Mermaid's, or empty."""

    label: str
    first: int
    end: int
    tag: str


@dataclass(frozen=True, slots=True)
class _Section:
    """`left` statements are not drawn."""

    name: str
    bars: tuple[_Bar, ...]
    left: int


def timeline(report: Report) -> Iterator[str]:
    """The diagram and what it leaves out, in parts; nothing where nobody waits long."""
    sections = [_section("Now", report.now)]
    if not any(bar.tag == "crit" for bar in sections[0].bars):
        return
    if report.suggested is not None:
        sections.append(_section("As suggested", report.suggested))
    lines = [line for section in sections for line in _lines(section)]
    yield "Who waits, from statement to statement:"
    yield "\n".join(("```mermaid", f"{_HEAD}{chr(10).join(lines)}", "```"))
    left = [_left(section) for section in sections if section.left]
    yield " ".join((_LEGEND, *left))


def _left(section: _Section) -> str:
    return f"{section.name}: … and {counted(section.left, 'more statement')}."


def _lines(section: _Section) -> Iterator[str]:
    yield f"    section {section.name}"
    for bar in section.bars:
        first = _START + timedelta(hours=bar.first)
        tag = f"{bar.tag}, " if bar.tag else ""
        yield f"    {bar.label} :{tag}{first:%Y-%m-%d %H:%M}, {bar.end - bar.first}h"


def _section(name: str, course: Course) -> _Section:
    bars, held, place = list[_Bar](), dict[_Key, _Bar](), 0
    for drawn, stage in enumerate(course.stages):
        long = bool(stage.reads or stage.perhaps)
        end = place + (_READING if long else _INSTANT)
        fresh = {key: _Bar(label, place, end, "") for key, label in _fresh(stage)}
        alone = [_Bar(_read(stage), place, end, "done")] if not stage.held else []
        if len(bars) + len(fresh) + len(alone) > _MOST_BARS:
            return _Section(name, tuple(bars), len(course.stages) - drawn)
        still = {(lock.since, lock.mode) for lock in stage.held}
        held = {**{key: bar for key, bar in held.items() if key in still}, **fresh}
        for bar in held.values():
            bar.end = end
            bar.tag = "crit" if long else bar.tag
        bars += (*fresh.values(), *alone)
        place = end
    return _Section(name, tuple(bars), 0)


def _fresh(stage: Stage) -> Iterator[tuple[_Key, str]]:
    """Who waits for the locks that the statement takes."""
    for mode in sorted({lock.mode for lock in stage.own}, reverse=True):
        several = [lock.table for lock in stage.own if lock.mode == mode]
        who = "reads and writes of" if "reads" in mode.blocks else "writes to"
        named = _named(several, more=stage.unnamed > 0)
        unless = "" if stage.reads or not stage.perhaps else " if rows are rewritten"
        yield (stage.number, mode), f"{who} {named} wait{unless}, {_place(stage)}"


def _read(stage: Stage) -> str:
    return f"rows of {_named(stage.reads)} are read, nobody waits, {_place(stage)}"


def _named(tables: Sequence[QualifiedName], *, more: bool = False) -> str:
    left = len(tables) - NAMED
    names = [harmless(unqualified(name)) for name in tables[:NAMED]]
    if more:
        return listed((*names, "others"))
    return listed((*names, others(left))) if left > 0 else listed(names)


def _place(stage: Stage) -> str:
    """V3 line 7"""
    name = stage.path.rpartition("/")[2]
    version = re.match(r"[A-Za-z]?[0-9][0-9._]*(?=_)", name)
    short = version[0].rstrip("._") if version else name.partition(".")[0]
    return f"{harmless(short)} line {stage.lines.first}"


def harmless(name: str) -> str:
    """A name for a label: letters, digits and a few signs, none of which Mermaid reads as more."""
    short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    return "".join(c if _is_harmless(c) else SHOWN for c in plain(short))


def _is_harmless(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in "_.-"
    # Letters that run from right to left would turn the rest of the label around.
    return character == "…" or (character.isalpha() and unicodedata.bidirectional(character) == "L")

"""A report for its reader: a terminal, a program, a code scanner, a workflow's log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from typing import Literal

from bot.model.finding import Fix, NoFix
from bot.model.report import Remark, Report
from bot.settings import Threshold, fails

FORMATS = ("text", "json", "sarif", "github")
Value = str | int | bool | None | list["Value"] | Mapping[str, "Value"]
"""What JSON can hold."""

_ROOM, _TIMES = 100_000, 20
_TOO_LONG = NoFix("The change is too long to be shown here.")


def verdict(report: Report, threshold: Threshold) -> Literal[0, 1, 2]:
    """The exit status: 2 something was not analysed, 1 findings at the threshold, else 0."""
    if report.unreadable:
        return 2
    failed = any(fails(remark.severity, threshold) for remark in report.remarks)
    return 1 if failed else 0


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`"""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def render(report: Report, threshold: Threshold, form: str, *, colour: bool = False) -> str:
    """The report in one of FORMATS."""
    module = import_module(f"{__name__}.as_{form}")
    text: str = module.render(report, threshold, colour=colour)
    return text


def showable(remarks: Iterable[Remark]) -> Iterator[Remark]:
    """`remarks`, the fix left out where showing it would repeat too much of its file.

    A fix is shown as whole lines. Where n findings share a line, it would be written n times, so
    all the lines of a file's fixes together may be _TIMES as long as the file, and _ROOM more.
    """
    shown: dict[str, int] = defaultdict(int)
    sizes: dict[object, int] = {}
    for remark in tuple(remarks):
        source = remark.finding.source
        edits = remark.fix.same_edits if isinstance(remark.fix, Fix) else None
        if edits not in sizes:
            sizes[edits] = _size(remark)
        size = sizes[edits]
        if shown[source.path] + size > _ROOM + _TIMES * len(source.text):
            yield replace(remark, fix=_TOO_LONG)
        else:
            shown[source.path] += size
            yield remark


def _size(remark: Remark) -> int:
    """How many characters of its file the fix shows; its own words are few."""
    if not isinstance(remark.fix, Fix):
        return 0
    source = remark.finding.source
    edits = (*remark.fix.amendments, *remark.fix.additions)
    spans = (source.span_of(source.lines(edit.span)) for edit in edits)
    return sum(span.end - span.start for span in spans)

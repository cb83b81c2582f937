"""The review as a person reads it in a terminal: place, message, change, verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from bot.model.finding import Finding, Fix, NoFix, Severity
from bot.model.report import Applicability, Remark, Report, Status, follow_ups
from bot.model.source import LineEdit
from bot.model.wording import plain
from bot.reports import counted, showable, verdict
from bot.settings import Threshold

_COLOURS = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "bold": 1, "faint": 2}
_OF_SEVERITY = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTICE: "blue"}
_ENDS = {
    0: ("green", "The check passes"),
    1: ("red", "The check fails"),
    2: ("red", "The check fails"),
}


@dataclass(frozen=True, slots=True)
class Paper:
    """What the text is written on: `colour` for a terminal that shows it."""

    colour: bool

    def paint(self, text: str, colour: str) -> str:
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if self.colour else text


POSTPONED = "For a migration of the next deployment, since what is pending runs in one transaction:"


def render(report: Report, threshold: Threshold, *, colour: bool = False) -> str:
    return "\n".join(_lines(report, threshold, Paper(colour))) + "\n"


def _lines(report: Report, threshold: Threshold, paper: Paper) -> Iterator[str]:
    for path, remarks in groupby(report.remarks, lambda remark: remark.finding.source.path):
        told = tuple(remarks)
        for remark in showable(told):
            yield from _remark(remark, paper)
            yield ""
        for new in follow_ups(told):
            yield f"{paper.paint(f'{plain(path)} is followed by', 'faint')} {plain(new.path)}"
            yield from (paper.paint(f"        + {line}", "green") for line in _shown(new.text))
            yield ""
    for gap in report.unreadable:
        yield f"{_bold(gap.path, gap.line, paper)} {paper.paint('not analysed', 'red')}"
        yield f"  {plain(gap.reason)}"
        yield ""
    for remark in report.suppressed:
        place = _place(remark.finding)
        yield paper.paint(f"{place} {remark.finding.rule} allowed: {remark.because}", "faint")
    for file in report.files:
        if file.status is Status.SKIPPED and file.framework is None:
            yield paper.paint(f"{plain(file.path)} not reviewed: {file.reason}", "faint")
    yield _verdict(report, threshold, paper)


def _bold(path: str, line: int, paper: Paper) -> str:
    return paper.paint(f"{plain(path)}:{line}", "bold")


def _place(finding: Finding) -> str:
    lines = finding.lines
    end = f"-{lines.last}" if lines.last > lines.first else ""
    return f"{plain(finding.source.path)}:{lines.first}{end}"


def _remark(remark: Remark, paper: Paper) -> Iterator[str]:
    severity = paper.paint(str(remark.severity), _OF_SEVERITY[remark.severity])
    yield f"{paper.paint(_place(remark.finding), 'bold')} {severity} {remark.finding.rule}"
    yield f"  {remark.finding.message}"
    match remark.fix:
        case Fix() as fix:
            yield from _fix(remark, fix, paper)
        case NoFix(reason):
            yield f"  {reason}"


def _fix(remark: Remark, fix: Fix, paper: Paper) -> Iterator[str]:
    if remark.applicability is Applicability.DISPLAY:
        yield "  This file may have run already: what follows belongs into a new migration."
    source = remark.finding.source
    for edit in source.line_edits((*fix.amendments, *fix.additions)):
        yield ""
        old = source[source.span_of(edit.lines)]
        yield from _difference(old, edit, paper)
    if fix.postponed:
        yield ""
        yield f"  {POSTPONED}"
        yield from (paper.paint(f"        + {line}", "green") for line in _shown(fix.postponed))
    if fix.afterwards:
        yield f"  {fix.afterwards}"


def _difference(old: str, edit: LineEdit, paper: Paper) -> Iterator[str]:
    """Old and new lines with their numbers, as in a side of a pull request's diff."""
    from difflib import SequenceMatcher

    before, after = _shown(old), _shown(edit.text)
    number = edit.lines.first
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (f"  {number + i:>5}   {before[i]}" for i in range(a, b))
            continue
        yield from (paper.paint(f"  {number + i:>5} - {before[i]}", "red") for i in range(a, b))
        yield from (paper.paint(f"        + {line}", "green") for line in after[c:d])


def _shown(text: str) -> list[str]:
    """Lines safe to print: a tab stays, anything else that is invisible is made visible."""
    lines = text.removesuffix("\n").split("\n") if text else []
    return ["\t".join(map(plain, line.removesuffix("\r").split("\t"))) for line in lines]


def _verdict(report: Report, threshold: Threshold, paper: Paper) -> str:
    colour, words = _ENDS[verdict(report, threshold)]
    counts = [
        counted(number, str(severity))
        for severity in sorted(Severity, reverse=True)
        if (number := sum(remark.severity is severity for remark in report.remarks))
    ]
    if report.unreadable:
        counts.append(f"{counted(len(report.unreadable), 'part')} not analysed")
    reviewed = sum(file.status is Status.REVIEWED for file in report.files)
    found = f"{', '.join(counts) or 'nothing found'} in {counted(reviewed, 'migration')} reviewed"
    told = found if reviewed or counts else "no migration was found"
    return f"{paper.paint(words, colour)}: {told}."

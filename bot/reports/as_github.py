"""Annotations on the lines of a workflow run, which need no permission at all.

The runner shows 10 of each kind for a step and cuts messages at 4,096 characters; `%` and line
ends are escaped, in properties `:` and `,` too (actions/toolkit, `command.ts`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.model.report import Report, is_aside
from bot.model.wording import plain
from bot.reports import counted
from bot.settings import Threshold

SHOWN = 10
_LONGEST = 4000
_ESCAPES = {character: f"%{ord(character):02X}" for character in "%\r\n:,"}


def render(report: Report, threshold: Threshold, *, colour: bool = False) -> str:
    """Workflow commands, one on each line, and a plain line for what is over the limit."""
    seen: Counter[str] = Counter()
    lines: list[str] = []
    for kind, place, message in _annotations(report):
        seen[kind] += 1
        if seen[kind] <= SHOWN:
            lines.append(f"::{kind} {place}::{_message(message)}")
    for kind, number in seen.items():
        if number > SHOWN:
            lines.append(f"{counted(number - SHOWN, f'more {kind}')} not shown as annotations.")
    return "".join(f"{line}\n" for line in lines)


def _annotations(report: Report) -> Iterator[tuple[str, str, str]]:
    for gap in report.unreadable:
        yield "error", _place(gap.path, gap.line, gap.line, "not analysed"), gap.reason
    for remark in report.suppressed:
        finding, lines = remark.finding, remark.finding.lines
        place = _place(finding.source.path, lines.first, lines.last, f"{finding.rule} allowed")
        yield "notice", place, f"Because {remark.because}: {finding.message}"
    told = (remark for remark in report.remarks if not is_aside(remark))
    for remark in sorted(told, key=lambda remark: -remark.severity):
        finding = remark.finding
        lines = finding.lines
        place = _place(finding.source.path, lines.first, lines.last, finding.rule)
        yield str(remark.severity), place, finding.message


def _place(path: str, first: int, last: int, title: str) -> str:
    return f"file={_property(path)},line={first},endLine={last},title={_property(title)}"


def _message(text: str) -> str:
    return plain(text)[:_LONGEST].replace("%", "%25")


def _property(text: str) -> str:
    """Line ends are escaped; other control characters, of which a log makes colours, are shown."""
    return "".join(_ESCAPES.get(character) or plain(character) for character in text)

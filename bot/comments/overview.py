"""A review begins with the verdict, what each migration makes wait, and what will be left of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from bot.comments.markdown import cell, path_cell
from bot.comments.timeline import timeline
from bot.model.finding import Severity
from bot.model.report import Remark, Report, is_fixable
from bot.model.wording import listed, tables
from bot.reports import counted, verdict
from bot.settings import Threshold

_MOST_FILES = 20
_LONGEST_PATH = 120
_LONGEST = 20_000
_VERDICTS = {0: "the check passes", 1: "the check fails", 2: "the check fails"}
_TABLE = """\
| migration | found | others wait while rows are read | left after the suggestions |
| --- | --- | --- | --- |"""


def headline(report: Report, commit: str, threshold: Threshold) -> str:
    """The verdict in one line, without a blank one."""
    found = [_counts(report.remarks)] if report.remarks else []
    if report.unreadable:
        found.append(f"{counted(len(report.unreadable), 'part')} not analysed")
    told = ", ".join(found) or "nothing found"
    word = _VERDICTS[verdict(report, threshold)]
    return f"**pg-lockstep: {word}.** {told.capitalize()}, as of {commit[:12]}."


def overview(report: Report) -> str:
    """A table of migrations and a timeline of locks; "" where one would say nothing new."""
    parts = (*_table(report.remarks), *timeline(report))
    text = "\n\n".join(parts)
    return text if len(text) <= _LONGEST else ""


def _table(remarks: Iterable[Remark]) -> Iterator[str]:
    by_path: dict[str, list[Remark]] = defaultdict(list)
    for remark in remarks:
        by_path[remark.finding.source.path].append(remark)
    rows = [_row(path, several) for path, several in by_path.items()]
    if rows:
        left = len(rows) - _MOST_FILES
        more = (f"| … and {counted(left, 'more migration')} | | | |",) if left > 0 else ()
        yield "\n".join((_TABLE, *rows[:_MOST_FILES], *more))


def _row(path: str, remarks: Sequence[Remark]) -> str:
    left = [remark for remark in remarks if not is_fixable(remark)]
    short = path if len(path) <= _LONGEST_PATH else f"…{path[-_LONGEST_PATH:]}"
    cells = (_counts(remarks), cell(_waits(remarks)), _counts(left) if left else "nothing")
    return f"| {path_cell(short)} | {' | '.join(cells)} |"


def _counts(remarks: Iterable[Remark]) -> str:
    """2 errors, 1 warning"""
    numbers = Counter(remark.severity for remark in remarks)
    ordered = (one for one in sorted(Severity, reverse=True) if numbers[one])
    return ", ".join(counted(numbers[one], str(one)) for one in ordered)


def _waits(remarks: Iterable[Remark]) -> str:
    """reads and writes of `orders`, and writes to `customers`"""
    found = (one.finding for one in remarks if one.finding.scans and one.finding.moment)
    locks = [lock for one in found if one.moment for lock in one.moment.outcome.blocking]
    reads = dict.fromkeys(lock.table for lock in locks if "reads" in lock.mode.blocks)
    writes = dict.fromkeys(lock.table for lock in locks if lock.table not in reads)
    several = (("reads and writes of", reads), ("writes to", writes))
    return listed([f"{words} {tables(names)}" for words, names in several if names] or [""])

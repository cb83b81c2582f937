"""A report in plain data: its drafts, and the line that counts what it finds."""

from __future__ import annotations

from dataclasses import replace

from bot.comments.drafts import Surface, drafts
from bot.discussion.content import Content
from bot.discussion.marker import identity, mark_in
from bot.model.finding import Severity
from bot.model.pull_request import Said
from bot.model.report import Report, is_aside
from bot.reports import counted


def content(report: Report, surface: Surface, commit: str, said: Said) -> Content:
    """What is worth knowing and asks for no change is left to the job's summary."""
    report = replace(report, remarks=tuple(one for one in report.remarks if not is_aside(one)))
    known = {one for comment in said.comments for one in mark_in(comment.body).identities}
    return Content(
        drafts(report, surface, known),
        _headline(report, commit),
        frozenset(identity(remark) for remark in report.suppressed),
        frozenset(gap.path for gap in report.unreadable),
    )


def _headline(report: Report, commit: str) -> str:
    counts = _counts(report)
    return f"pg-lockstep: {counts} in the migrations of this pull request, as of {commit[:12]}."


def _counts(report: Report) -> str:
    errors = sum(remark.severity is Severity.ERROR for remark in report.remarks)
    counts = [counted(errors, "error"), counted(len(report.remarks) - errors, "other finding")]
    if report.unreadable:
        counts.append(f"{counted(len(report.unreadable), 'part')} not analysed")
    return ", ".join(counts)

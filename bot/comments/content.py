"""A report in plain data: its drafts, and what is said above them all."""

from __future__ import annotations

from dataclasses import replace

from bot.comments.drafts import Surface, drafts
from bot.comments.overview import headline, overview
from bot.discussion.content import Content
from bot.discussion.marker import identity, mark_in
from bot.model.pull_request import Said
from bot.model.report import Report, is_aside
from bot.settings import Threshold


def content(
    report: Report, surface: Surface, commit: str, said: Said, threshold: Threshold
) -> Content:
    """What is worth knowing and asks for no change is left to the job's summary."""
    report = replace(report, remarks=tuple(one for one in report.remarks if not is_aside(one)))
    known = {one for comment in said.comments for one in mark_in(comment.body).identities}
    return Content(
        drafts(report, surface, known),
        headline(report, commit, threshold),
        overview(report),
        frozenset(identity(remark) for remark in report.suppressed),
        frozenset(gap.path for gap in report.unreadable),
    )

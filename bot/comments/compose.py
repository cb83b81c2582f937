"""A report becomes one review: what lies in the diff as comments, everything else in its body."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.comments.body import Desk, body, gap_body, gap_line, one_line
from bot.comments.markdown import LONGEST
from bot.comments.marker import identities_in, identity, identity_of_all, identity_of_gap, marker
from bot.comments.proposal import Proposal, proposals
from bot.hunks import Hunks
from bot.model.finding import Severity
from bot.model.pull_request import Review, ReviewComment
from bot.model.report import NotAnalysed, Remark, Report, is_aside
from bot.model.source import Lines
from bot.reports import counted


@dataclass(frozen=True, slots=True)
class Draft:
    """Something to say: as a comment where it has a place in the diff, else as a line."""

    identities: tuple[str, ...]
    severity: Severity
    line: str
    comment: ReviewComment | None


@dataclass(frozen=True, slots=True)
class Surface:
    """The pull request as comments see it: hunks by path, None where GitHub gave no patch."""

    hunks: Mapping[str, Hunks | None]
    desk: Desk

    def place(self, path: str, lines: Lines) -> Lines | None:
        """`lines`, if one hunk shows them all, else the first of them that a hunk shows."""
        known = self.hunks.get(path)
        if known is None:
            return None
        if known.hold(lines):
            return lines
        shown = (Lines(n, n) for n in range(lines.first, lines.last + 1))
        return next((line for line in shown if known.hold(line)), None)


def compose(
    report: Report,
    surface: Surface,
    commit: str,
    own_texts: Iterable[str],
    *,
    max_comments: int,
) -> Review | None:
    """The review to post, None where the earlier ones (`own_texts`) have said everything.

    What is worth knowing and asks for no change is left to the job's summary.
    """
    report = replace(report, remarks=tuple(one for one in report.remarks if not is_aside(one)))
    said = frozenset(one for text in own_texts for one in identities_in(text))
    everything = _drafts(report, surface)
    drafts = [draft for draft in everything if not said.issuperset(draft.identities)]
    whole = identity_of_all(one for draft in everything for one in draft.identities)
    if not drafts or whole in said:
        return None
    worst = sorted(drafts, key=lambda draft: -draft.severity)
    chosen = [draft for draft in worst if draft.comment][:max_comments]
    listed = [draft for draft in drafts if draft not in chosen]
    comments = [draft.comment for draft in chosen if draft.comment]
    # Accepting a batch of suggestions shifts what lies below them: post from the bottom up.
    comments.sort(key=lambda comment: (comment.path, -comment.lines.last))
    return Review(commit, _text(report, listed, whole), tuple(comments))


def _drafts(report: Report, surface: Surface) -> list[Draft]:
    by_path: dict[str, list[Remark]] = defaultdict(list)
    for remark in report.remarks:
        by_path[remark.finding.source.path].append(remark)
    remarks = [
        _draft(proposal, surface) for several in by_path.values() for proposal in proposals(several)
    ]
    return [*remarks, *(_gap_draft(gap, surface) for gap in report.unreadable)]


def _draft(proposal: Proposal, surface: Surface) -> Draft:
    path = proposal.remarks[0].finding.source.path
    place = surface.place(path, proposal.lines)
    text = body(proposal, surface.desk, suggest=place == proposal.lines)
    return Draft(
        tuple(identity(remark) for remark in proposal.remarks),
        max(remark.severity for remark in proposal.remarks),
        "\n- ".join(one_line(remark) for remark in proposal.remarks),
        ReviewComment(path, place, text) if place and len(text) <= LONGEST else None,
    )


def _gap_draft(gap: NotAnalysed, surface: Surface) -> Draft:
    lines = gap.source.lines(gap.span) if gap.source and gap.span else Lines(1, 1)
    place = surface.place(gap.path, Lines(lines.first, lines.first))
    return Draft(
        (identity_of_gap(gap),),
        Severity.ERROR,
        gap_line(gap),
        ReviewComment(gap.path, place, gap_body(gap)) if place else None,
    )


def _text(report: Report, listed: list[Draft], whole: str) -> str:
    """The review's body: the count, and what has no place in the diff.

    `whole` stands for all there is to say, where it is too much for the body.
    """
    errors = sum(remark.severity is Severity.ERROR for remark in report.remarks)
    counts = [counted(errors, "error"), counted(len(report.remarks) - errors, "other finding")]
    if report.unreadable:
        counts.append(f"{counted(len(report.unreadable), 'part')} not analysed")
    text = f"pg-lockstep: {', '.join(counts)} in the migrations of this pull request."
    if not listed:
        return text
    told, room = list[Draft](), LONGEST
    for draft in listed:
        room -= len(draft.line) + len(marker(draft.identities))
        if room < 0:
            break
        told.append(draft)
    lines = [f"- {draft.line}" for draft in told]
    if len(told) < len(listed):
        lines.append(f"- and {len(listed) - len(told)} more, which the job's summary lists")
    said = marker((whole, *(one for draft in told for one in draft.identities)))
    return "\n\n".join((text, "Not shown in the diff:", "\n".join(lines), said))

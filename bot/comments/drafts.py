"""What a report has to say falls into drafts, each with the place in the diff where it belongs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.comments.body import Desk, body, gap_body, gap_line, group_body, one_line
from bot.comments.locks import with_stages
from bot.comments.proposal import Proposal, proposals
from bot.discussion.content import Draft
from bot.discussion.marker import identity, identity_of_gap, identity_of_group
from bot.hunks import Hunks
from bot.model.finding import Fix, Severity
from bot.model.report import NotAnalysed, Remark, Report
from bot.model.source import Lines

_HANDFUL = 5  # comments of one rule in one file, beyond which they become one
_MOST_TEXTS = 1_000  # new ones; of a file of 10 MB, those of all findings would be gigabytes


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


def drafts(report: Report, surface: Surface, said: Collection[str]) -> tuple[Draft, ...]:
    """One for each comment; `said` are the identities of the earlier ones."""
    by_path: dict[str, list[Remark]] = defaultdict(list)
    for remark in report.remarks:
        by_path[remark.finding.source.path].append(remark)
    told = [
        pair
        for one in by_path.values()
        for pair in _of_file(with_stages(proposals(one), report.suggested), surface, said)
    ]
    needed = _needed([draft for draft, proposal in told if proposal], said)
    return (
        *(
            _worded(draft, proposal, surface.desk)
            if proposal and draft.identities in needed
            else draft
            for draft, proposal in told
        ),
        *(_gap(gap, surface) for gap in report.unreadable),
    )


def _needed(drafts: Sequence[Draft], said: Collection[str]) -> set[tuple[str, ...]]:
    """Those that need a text: what was said before, and the worst of what is new."""
    before = {one.identities for one in drafts if any(name in said for name in one.identities)}
    new = [one for one in drafts if one.place and one.identities not in before]
    worst = sorted(new, key=lambda draft: -draft.severity)[:_MOST_TEXTS]
    return before | {one.identities for one in worst}


def _of_file(
    several: Sequence[Proposal], surface: Surface, said: Collection[str]
) -> Iterator[tuple[Draft, Proposal | None]]:
    """Beyond a handful, the findings of a rule that have no change to offer share a comment."""
    by_rule: dict[str, list[Remark]] = defaultdict(list)
    for proposal in several:
        if _offers_nothing(proposal):
            by_rule[proposal.remarks[0].finding.rule].append(proposal.remarks[0])
    grouped = {rule for rule, ones in by_rule.items() if _crowded(ones, said)}
    yield from ((_group(by_rule[rule], surface), None) for rule in by_rule if rule in grouped)
    for proposal in several:
        rule = proposal.remarks[0].finding.rule
        if not _offers_nothing(proposal) or rule not in grouped:
            yield _draft(proposal, surface), proposal


def _offers_nothing(proposal: Proposal) -> bool:
    return not any(isinstance(remark.fix, Fix) for remark in proposal.remarks)


def _crowded(remarks: Sequence[Remark], said: Collection[str]) -> bool:
    """A group stays one until a single finding is left, so that a fix brings no new comments."""
    finding = remarks[0].finding
    before = identity_of_group(finding.source.path, finding.rule) in said
    return len(remarks) > (1 if before else _HANDFUL)


def _draft(proposal: Proposal, surface: Surface) -> Draft:
    """Without a text, which takes more time and room than all the rest."""
    path = proposal.remarks[0].finding.source.path
    return Draft(
        tuple(identity(remark) for remark in proposal.remarks),
        max(remark.severity for remark in proposal.remarks),
        "\n- ".join(dict.fromkeys(one_line(remark) for remark in proposal.remarks)),
        path,
        proposal.lines,
        surface.place(path, proposal.lines),
    )


def _worded(draft: Draft, proposal: Proposal, desk: Desk) -> Draft:
    clickable = body(proposal, desk, suggest=True)
    return replace(draft, clickable=clickable, text=body(proposal, desk, suggest=False))


def _group(remarks: list[Remark], surface: Surface) -> Draft:
    first = remarks[0].finding
    path = first.source.path
    places = (surface.place(path, one.finding.lines) for one in remarks)
    identities = (identity_of_group(path, first.rule),)
    text = group_body(remarks, identities)
    return Draft(
        identities,
        max(remark.severity for remark in remarks),
        f"{one_line(remarks[0])} The same rule finds {len(remarks) - 1} more in this file.",
        path,
        first.lines,
        next((place for place in places if place), None),
        text,
        text,
    )


def _gap(gap: NotAnalysed, surface: Surface) -> Draft:
    lines = gap.source.lines(gap.span) if gap.source and gap.span else Lines(1, 1)
    first = Lines(lines.first, lines.first)
    text = gap_body(gap)
    place = surface.place(gap.path, first)
    line = gap_line(gap)
    return Draft((identity_of_gap(gap),), Severity.ERROR, line, gap.path, first, place, text, text)

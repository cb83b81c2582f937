"""Remarks whose fixes touch the same lines become one proposal, so that no two can collide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.model.course import Stage
from bot.model.finding import Fix, NewFile, merged
from bot.model.report import Remark, follow_ups
from bot.model.source import Lines


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is said in one comment: one remark, or several that share a change.

    `text` takes the place of `lines`; None where there is nothing to replace, as where all of the
    fix is a new file. `stages` are what the change does, once it is made, where that is known.
    """

    remarks: tuple[Remark, ...]
    lines: Lines
    text: str | None = None
    stages: tuple[Stage, ...] = ()

    @property
    def follow_ups(self) -> tuple[NewFile, ...]:
        return follow_ups(self.remarks)


def proposals(remarks: Iterable[Remark]) -> tuple[Proposal, ...]:
    """The proposals for the remarks of one file, from top to bottom."""
    several = tuple(remarks)
    plain = [Proposal((one,), one.finding.lines) for one in several if not _changes(one)]
    groups: list[tuple[Lines, list[Remark]]] = []
    for hull, one in _by_hull(one for one in several if _changes(one)):
        if groups and hull.first <= groups[-1][0].last:
            before, together = groups.pop()
            together.append(one)
            groups.append((Lines(before.first, max(before.last, hull.last)), together))
        else:
            groups.append((hull, [one]))
    changing = [_proposal(lines, together) for lines, together in groups]
    return tuple(sorted((*plain, *changing), key=lambda proposal: proposal.lines))


def _changes(remark: Remark) -> bool:
    return isinstance(remark.fix, Fix)


def _by_hull(remarks: Iterable[Remark]) -> list[tuple[Lines, Remark]]:
    """From top to bottom, each with the lines from its first edit to its last."""
    hulls: dict[object, Lines] = {}
    pairs: list[tuple[Lines, Remark]] = []
    for one in remarks:
        fix = one.fix if isinstance(one.fix, Fix) else Fix(())
        same = fix.same_edits if fix.amendments or fix.additions else id(one)
        if same not in hulls:
            hulls[same] = _hull(one, fix)
        pairs.append((hulls[same], one))
    return sorted(pairs, key=lambda pair: pair[0])


def _hull(remark: Remark, fix: Fix) -> Lines:
    source = remark.finding.source
    edits = (*fix.amendments, *fix.additions)
    lines = [source.lines(edit.span) for edit in edits] or [remark.finding.lines]
    return Lines(min(one.first for one in lines), max(one.last for one in lines))


def _proposal(lines: Lines, remarks: list[Remark]) -> Proposal:
    ordered = tuple(sorted(remarks, key=lambda remark: remark.finding.span))
    fixes = [remark.fix for remark in ordered if isinstance(remark.fix, Fix)]
    source = ordered[0].finding.source
    edits = merged(fixes)
    return Proposal(ordered, lines, source.edited_lines(lines, edits) if edits else None)

"""Of a file that is not new, a change is told what it brought and nothing else."""

from __future__ import annotations

from bot.comments.fingerprint import fingerprints
from bot.model.change import ChangedFile
from bot.model.finding import Finding
from bot.model.migration import Migration, Unreadable
from bot.rules import findings
from bot.simulation import simulate


def concerned(
    file: ChangedFile, found: tuple[Finding, ...], before: Migration | None, version: int
) -> tuple[Finding, ...]:
    """Findings on the lines that the change touched, and any that the file `before` had not."""
    if file.touched is None:
        return found
    old = set(fingerprints(findings(simulate([before], version)))) if before else set()
    return tuple(
        finding
        for finding, mark in zip(found, fingerprints(found), strict=True)
        if touched(file, finding) or mark not in old
    )


def unreadable(
    file: ChangedFile, migration: Migration, before: Migration | None
) -> tuple[Unreadable, ...]:
    """What could not be read on the lines that the change touched, or is new."""
    if file.touched is None:
        return migration.unreadable
    old = {before.source[gap.span] for gap in before.unreadable} if before else set()
    source = migration.source
    return tuple(
        gap
        for gap in migration.unreadable
        if source.lines(gap.span).touches(file.touched) or source[gap.span] not in old
    )


def touched(file: ChangedFile, finding: Finding) -> bool:
    return file.touched is None or finding.lines.touches(file.touched)

"""A report is all that a review has to say, whoever reads it in the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from bot.model.course import Course
from bot.model.finding import Finding, Fix, NewFile, NoFix, Severity
from bot.model.source import Source, Span
from bot.model.wording import naturally


class Status(Enum):
    REVIEWED = "reviewed"
    UNREADABLE = "unreadable"
    SKIPPED = "skipped"


class Applicability(Enum):
    """How far a fix can be trusted.

    safe: the schema ends up the same. unsafe: a person has to look at it first.
    display: it is shown, but the file may have run already and must not be edited.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


@dataclass(frozen=True, slots=True)
class ReviewedFile:
    path: str
    framework: str | None
    status: Status
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding as it is told: its fix in the tool's idiom, and its fingerprint.

    `because` is the reason that the author gave for allowing it. `violating_rows` is a query for
    the rows that break the constraint.
    """

    finding: Finding
    severity: Severity
    fingerprint: str
    fix: Fix | NoFix | None = None
    applicability: Applicability = Applicability.SAFE
    because: str | None = None
    violating_rows: str | None = None


def is_fixable(remark: Remark) -> bool:
    """Whether the fix may be made without asking."""
    return isinstance(remark.fix, Fix) and remark.applicability is Applicability.SAFE


def is_aside(remark: Remark) -> bool:
    """Whether it is just worth knowing, and asks for no change."""
    return remark.severity is Severity.NOTICE and not isinstance(remark.fix, Fix)


def follow_ups(remarks: Iterable[Remark]) -> tuple[NewFile, ...]:
    """The new files that the fixes of some remarks ask for, each once, as they will run.

    Files of one version, up and down, stay as their tool has put them.
    """
    fixes = (remark.fix for remark in remarks if isinstance(remark.fix, Fix))
    new = dict.fromkeys(file for fix in fixes for file in fix.follow_ups)
    return tuple(sorted(new, key=lambda file: (file.turn, naturally(file.path)[:-1])))


@dataclass(frozen=True, slots=True)
class NotAnalysed:
    """`span` is the part that could not be read, None for the whole file."""

    path: str
    reason: str
    source: Source | None = None
    span: Span | None = None

    @property
    def line(self) -> int:
        return self.source.line(self.span.start) if self.source and self.span else 1


@dataclass(frozen=True, slots=True)
class Report:
    postgres_version: int
    files: tuple[ReviewedFile, ...] = ()
    remarks: tuple[Remark, ...] = ()
    unreadable: tuple[NotAnalysed, ...] = ()
    suppressed: tuple[Remark, ...] = ()
    now: Course = field(default_factory=Course)
    """What the new files do that have hazards, where that is to be drawn."""
    suggested: Course | None = None
    """What the same files do, and those that follow, once all safe fixes are made."""

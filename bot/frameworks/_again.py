"""What a failed attempt leaves behind, and the next one does not clear away by itself."""

from __future__ import annotations

from collections.abc import Iterator

from bot.frameworks._contract import Framework
from bot.frameworks._lines import steps_of
from bot.frameworks._wanted import Wanted
from bot.model.finding import Fix
from bot.postgres.operations import AddConstraint, CreateIndex, OnTable

INDEX = (
    "A build that fails leaves an invalid index behind: drop it (`DROP INDEX CONCURRENTLY`) before"
    " you try again."
)
COMMITTED = (
    "If it fails half-way, what stands above has been committed: undo that before it runs again."
)


def again(framework: Framework, one: Wanted, fix: Fix, builds: int) -> Iterator[str]:
    """What is to be done by hand before a second attempt, as sentences.

    `builds` is how many indexes are built concurrently in place of what stood there.
    """
    indexes = (step[0] for step in steps_of(one.rewrite) if isinstance(step[0], CreateIndex))
    if not all(_is_cleared_away(framework, one, index) for index in indexes):
        yield INDEX
    in_one_file = not (fix.follow_ups or fix.postponed or framework.by_section)
    validates = in_one_file and any(map(_waits, one.rewrite.instead))
    if (builds > 1 or validates) and not framework.resumes:
        yield COMMITTED


def _is_cleared_away(framework: Framework, one: Wanted, build: CreateIndex) -> bool:
    """Whether a statement that runs each time before the build drops what is left of it."""
    together = framework.several_alone or not one.apart
    return build.retried and together and not framework.resumes


def _waits(operation: OnTable) -> bool:
    return isinstance(operation, AddConstraint) and operation.constraint.not_valid

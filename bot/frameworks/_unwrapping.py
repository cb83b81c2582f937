"""A part of a file that is nothing but a hazard may run without its tool's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.frameworks._contract import Framework, Later
from bot.frameworks._tree import Tree
from bot.model.finding import Finding, Following, NoFix, Rewrite, Step
from bot.model.migration import Batch, Migration, Statement, Wrapping
from bot.model.source import Span
from bot.postgres.operations import OnTable, Take


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """By the place of a part the words that take its transaction away."""

    migration: Migration
    words: Mapping[Span, Later]

    def without_transaction(self, finding: Finding) -> Finding:
        """The finding as it is once each statement of its part is a transaction of its own."""
        moment = finding.moment
        if not moment or not self.words or _place(self.migration, finding) not in self.words:
            return finding
        alone = replace(moment, wrapping=Wrapping.STATEMENT, ends_with=moment.statement)
        return replace(finding, moment=alone)


def _place(migration: Migration, finding: Finding) -> Span:
    return migration.batch_of(finding.span).span


def unwrapped(
    framework: Framework,
    migration: Migration,
    findings: Sequence[Finding],
    following: Following,
    tree: Tree,
) -> Unwrapped:
    """The parts of the file in which what comes later can stand, once they have no transaction.

    By itself that is done to a part of one statement: others would lose that all of them happen or
    none does, and where a validation fails they could not be run again. A tool that goes by parts
    needs none of this.
    """
    words: dict[Span, Later] = {}
    in_file = framework.unwrapped_as is Wrapping.STATEMENT and following != "new-file"
    if framework.by_section or not (framework.unwrapped and in_file):
        return Unwrapped(migration, words)
    steps: dict[Span, list[Step]] = defaultdict(list)
    for finding in findings:
        if finding.moment and isinstance(finding.rewrite, Rewrite):
            steps[_place(migration, finding)] += finding.rewrite.then
    stuck = {_place(migration, finding) for finding in findings if _is_stuck(finding)}
    for place, several in steps.items():
        if place not in stuck and _can_lose(
            migration.batch_of(place), migration, several, following
        ):
            found = framework.unwrapped(migration.source, place, tree)
            words |= {place: found} if found else {}
    return Unwrapped(migration, words)


def _is_stuck(finding: Finding) -> bool:
    """Whether it has no fix just because of what follows in the transaction."""
    disturbed = finding.moment is not None and finding.moment.disturbed_by is not None
    return disturbed and isinstance(finding.rewrite, NoFix)


def _can_lose(
    batch: Batch, migration: Migration, steps: Sequence[Step], following: Following
) -> bool:
    """Whether its statements do the same in transactions of their own, on any connection."""
    if batch.wrapping is not Wrapping.FILE or not steps:
        return False
    if any(len(step.operations) > 1 for step in steps):
        return False  # a transaction is to be opened, on a connection that may be another one's
    if any(gap.span in batch.span for gap in migration.unreadable):
        return False
    if len(batch.statements) == 1:
        return True
    return following == "same-file" and all(_stands_alone(one) for one in batch.statements)


def _stands_alone(statement: Statement) -> bool:
    """Whether it is known to speak of a table and to set nothing for what follows."""
    operations = [command.operation for command in statement.commands]
    return bool(operations) and all(
        isinstance(one, OnTable) and not isinstance(one, Take) for one in operations
    )

"""A constraint added NOT VALID and never validated says nothing of the rows that were there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.model.finding import Finding, Rewrite, Severity, Step
from bot.model.hazard import unless_objected, validation
from bot.model.migration import Wrapping
from bot.model.moment import Moment
from bot.model.wording import code, table
from bot.postgres.operations import AddConstraint


def findings(moment: Moment) -> Iterator[Finding]:
    if moment.outcome.refused or not moment.never_validated:
        return
    match moment.command.operation, moment.outcome.operation:
        case AddConstraint() as written, AddConstraint() as add:
            name = add.constraint.name or ""
            constraint = replace(written.constraint, name=written.constraint.name or name)
            instead = replace(written, constraint=constraint)
            rewrite = Rewrite((instead,), (Step((validation(written, name),)),))
            together = moment.wrapping is Wrapping.ALL
            yield Finding(
                rule="constraint-never-validated",
                severity=Severity.NOTICE if together else Severity.WARNING,
                source=moment.migration.source,
                span=moment.command.span,
                message=(
                    f"{code(name)} has to be validated in the next deployment"
                    if together
                    else f"Nothing in this change validates {code(name)}"
                )
                + f": rows of {table(add.table)} that are there already may break it.",
                moment=moment,
                table=add.table,
                rewrite=unless_objected(moment, rewrite),
            )

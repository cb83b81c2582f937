"""NOT NULL set on a column reads every row while the table refuses reads and writes."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, NoFix, Rewrite, Step
from bot.model.hazard import hazard, split, validation
from bot.model.moment import Moment
from bot.model.not_null import checked, proved
from bot.model.wording import sentence
from bot.postgres.operations import (
    AddConstraint,
    NotNull,
    NotNullCheck,
    SetNotNull,
)

NATIVE = 18  # NOT NULL as a constraint that can be NOT VALID


def findings(moment: Moment) -> Iterator[Finding]:
    if not moment.hazardous:
        return
    match moment.command.operation, moment.outcome.operation:
        case SetNotNull() as written, SetNotNull(
            constraint=str(name), helper=NotNullCheck() as helper
        ):
            native = moment.postgres_version >= NATIVE
            in_steps = _natively(written, name) if native else _by_a_check(written, helper)
            rewrite: Rewrite | NoFix = _ONLY if written.only else in_steps
        case AddConstraint() as written, AddConstraint(constraint=NotNull()) as add:
            rewrite = split(written, add)
        case _:
            return
    message = sentence(f"{moment.waiting} until {moment.rows} is checked for nulls")
    yield hazard("not-null-validated-on-set", moment, message, rewrite)


_ONLY = NoFix(
    "What spares it the rows is a constraint, and one that says `ONLY` is refused where there are"
    " tables below: without `ONLY` it can be done in steps."
)


def _natively(written: SetNotNull, name: str) -> Rewrite:
    """The constraint that SET NOT NULL would make, under its name, and valid later."""
    constraint = NotNull(name=name, column=written.column, not_valid=True)
    instead = AddConstraint(written.table, constraint, if_exists=written.if_exists)
    return Rewrite((instead,), (Step((validation(written, name),)),))


def _by_a_check(written: SetNotNull, helper: NotNullCheck) -> Rewrite:
    return Rewrite(checked(written, [helper]), (proved(written, [helper]),))

"""A foreign key that becomes ENFORCED looks up every row while the table refuses all others."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, NoFix
from bot.model.hazard import hazard
from bot.model.moment import Moment
from bot.model.wording import code, sentence, table
from bot.postgres.operations import AlterConstraint


def findings(moment: Moment) -> Iterator[Finding]:
    match moment.outcome.operation:
        case AlterConstraint(own, name, enforced=True) if moment.hazardous:
            others = [one for one in moment.outcome.scanned if one != own]
            where = table(others[0]) if others else "the table that it references"
            message = sentence(
                f"{moment.waiting} until every row of {table(own)} is looked up in {where}"
            )
            again = (
                f"There is no such change that waits for nobody: drop {code(name)} and add it again"
                " `NOT VALID`, both in one ALTER TABLE, and validate it in a later transaction."
            )
            yield hazard("foreign-key-validated-on-enforce", moment, message, NoFix(again))

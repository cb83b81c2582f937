"""A foreign key added as valid looks up every row while both tables refuse writes."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding
from bot.model.hazard import hazard, split
from bot.model.moment import Moment
from bot.model.wording import sentence, table
from bot.postgres.operations import AddConstraint, ForeignKey


def findings(moment: Moment) -> Iterator[Finding]:
    if not moment.hazardous:
        return
    match moment.command.operation, moment.outcome.operation:
        case AddConstraint() as written, AddConstraint(constraint=ForeignKey() as key) as add:
            message = sentence(
                f"{moment.waiting} until every row of {table(add.table)}"
                f" is looked up in {table(key.referenced)}"
            )
            yield hazard("foreign-key-validated-on-add", moment, message, split(written, add))

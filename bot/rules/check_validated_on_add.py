"""A CHECK added as valid reads every row while the table refuses reads and writes."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding
from bot.model.hazard import hazard, split
from bot.model.moment import Moment
from bot.model.wording import sentence, table
from bot.postgres.operations import AddConstraint, Check


def findings(moment: Moment) -> Iterator[Finding]:
    if not moment.hazardous:
        return
    match moment.command.operation, moment.outcome.operation:
        case AddConstraint() as written, AddConstraint(constraint=Check()) as add:
            message = sentence(f"{moment.waiting} until every row of {table(add.table)} is checked")
            yield hazard("check-validated-on-add", moment, message, split(written, add))

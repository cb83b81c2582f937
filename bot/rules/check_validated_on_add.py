"""A CHECK added as valid reads every row while the table refuses reads and writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.model.finding import Finding
from bot.model.hazard import hazard, split, taken_out
from bot.model.moment import Moment
from bot.model.wording import sentence
from bot.postgres.operations import AddColumn, AddConstraint, Check

RULE = "check-validated-on-add"


def findings(moment: Moment) -> Iterator[Finding]:
    if not moment.hazardous:
        return
    match moment.command.operation, moment.outcome.operation:
        case AddConstraint() as written, AddConstraint(constraint=Check()) as add:
            yield hazard(RULE, moment, _message(moment), split(written, add))
        case AddColumn() as written, AddColumn(constraints=constraints) as add:
            for index, one in enumerate(constraints):
                if isinstance(one, Check) and one.enforced:
                    rewrite = taken_out(written, add, index)
                    found = hazard(RULE, moment, _message(moment), rewrite)
                    yield replace(found, span=moment.command.parts[index])


def _message(moment: Moment) -> str:
    return sentence(f"{moment.waiting} until {moment.rows} is checked")

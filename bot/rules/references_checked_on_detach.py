"""A partition that others reference is detached only once all of their rows have been looked at."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, NoFix
from bot.model.hazard import hazard
from bot.model.moment import Moment
from bot.model.wording import sentence, table, tables
from bot.postgres.operations import DetachPartition


def findings(moment: Moment) -> Iterator[Finding]:
    operation = moment.outcome.operation
    if not moment.hazardous or not isinstance(operation, DetachPartition):
        return
    part, whole = table(operation.partition), table(operation.table)
    rows = tables(moment.outcome.scanned)
    message = f"{moment.waiting} until every row of {rows} is checked for references to {part}"
    advice = NoFix(
        f"No constraint spares it this. `CONCURRENTLY` leaves {whole} open to others meanwhile;"
        " else set a `lock_timeout`, and take a time when few use the tables."
    )
    yield hazard("references-checked-on-detach", moment, sentence(message), advice)

"""EXCLUDE builds its index while the table refuses reads and writes, and knows no other way."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, NoFix
from bot.model.hazard import hazard
from bot.model.moment import Moment
from bot.model.wording import sentence, table
from bot.postgres.operations import AddConstraint, Key

_NO_OTHER_WAY = NoFix(
    "PostgreSQL has no way to add an exclusion constraint that lets others work: it takes neither"
    " `NOT VALID` nor an index that is there. Set a `lock_timeout` and take a time when few use the"
    " table, or add the constraint to a new table and move the rows over in batches."
)


def findings(moment: Moment) -> Iterator[Finding]:
    if not moment.hazardous:
        return
    match moment.outcome.operation:
        case AddConstraint(constraint=Key(kind="EXCLUDE")):
            name = table(moment.read)
            message = sentence(f"{moment.waiting} until an index is built from the rows of {name}")
            yield hazard("exclusion-indexed-on-add", moment, message, _NO_OTHER_WAY)

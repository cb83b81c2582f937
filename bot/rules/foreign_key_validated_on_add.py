"""A foreign key added as valid looks up every row while both tables refuse writes."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, NoFix, Rewrite
from bot.model.hazard import hazard, split
from bot.model.moment import Moment
from bot.model.wording import sentence, table
from bot.postgres.operations import AddConstraint, ForeignKey

NOT_VALID_IF_PARTITIONED = 18


def findings(moment: Moment) -> Iterator[Finding]:
    if not moment.hazardous:
        return
    match moment.command.operation, moment.outcome.operation:
        case AddConstraint() as written, AddConstraint(constraint=ForeignKey() as key) as add:
            message = sentence(
                f"{moment.waiting} until every row of {table(add.table)}"
                f" is looked up in {table(key.referenced)}"
            )
            yield hazard(
                "foreign-key-validated-on-add", moment, message, _rewrite(moment, written, add)
            )


def _rewrite(moment: Moment, written: AddConstraint, add: AddConstraint) -> Rewrite | NoFix:
    """A partitioned table takes no foreign key NOT VALID before 18 (ATAddForeignKeyConstraint)."""
    if not moment.outcome.partitioned or moment.postgres_version >= NOT_VALID_IF_PARTITIONED:
        return split(written, add)
    name = table(add.table)
    return NoFix(
        f"{name} is partitioned, and before PostgreSQL {NOT_VALID_IF_PARTITIONED} such a table"
        " takes no foreign key `NOT VALID`: add the key to each partition `NOT VALID` under the"
        f" same name, validate them one by one, and then add it to {name}, which has no row left"
        " to look up."
    )

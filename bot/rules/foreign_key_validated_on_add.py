"""A foreign key added as valid looks up every row while both tables refuse writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.model.finding import Finding, NoFix, Rewrite
from bot.model.hazard import hazard, split, taken_out
from bot.model.moment import Moment
from bot.model.wording import sentence, table
from bot.postgres.operations import AddColumn, AddConstraint, ForeignKey, OnTable

RULE = "foreign-key-validated-on-add"
NOT_VALID_IF_PARTITIONED = 18


def findings(moment: Moment) -> Iterator[Finding]:
    if not moment.hazardous:
        return
    match moment.command.operation, moment.outcome.operation:
        case AddConstraint() as written, AddConstraint(constraint=ForeignKey() as key) as add:
            yield _finding(moment, add, key, split(written, add))
        case AddColumn() as written, AddColumn(constraints=constraints) as add:
            if add.filling.leaves_null:
                return  # there is nothing to look up
            for index, one in enumerate(constraints):
                if isinstance(one, ForeignKey) and one.enforced:
                    found = _finding(moment, add, one, taken_out(written, add, index))
                    yield replace(found, span=moment.command.parts[index])


def _finding(moment: Moment, add: OnTable, key: ForeignKey, rewrite: Rewrite | NoFix) -> Finding:
    message = sentence(
        f"{moment.waiting} until every row of {table(add.table)}"
        f" is looked up in {table(key.referenced)}"
    )
    return hazard(RULE, moment, message, _refused(moment, add) or rewrite)


def _refused(moment: Moment, add: OnTable) -> NoFix | None:
    """A partitioned table takes no foreign key NOT VALID before 18 (ATAddForeignKeyConstraint)."""
    if not moment.outcome.partitioned or moment.postgres_version >= NOT_VALID_IF_PARTITIONED:
        return None
    name = table(add.table)
    return NoFix(
        f"{name} is partitioned, and before PostgreSQL {NOT_VALID_IF_PARTITIONED} such a table"
        " takes no foreign key `NOT VALID`: add the key to each partition `NOT VALID` under the"
        f" same name, validate them one by one, and then add it to {name}, which has no row left"
        " to look up."
    )

"""A foreign key added as valid looks up every row while both tables refuse writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.model.finding import Finding, NoFix, Rewrite, Step
from bot.model.hazard import hazard, split, taken_out, validation
from bot.model.migration import Wrapping
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
            yield _finding(moment, add, key, _rewrite(moment, written, add))
        case AddColumn() as written, AddColumn(constraints=constraints) as add:
            if add.filling.leaves_null:
                return  # there is nothing to look up
            for index, one in enumerate(constraints):
                if isinstance(one, ForeignKey) and one.enforced:
                    rewrite = _refused(moment, add) or taken_out(written, add, index)
                    found = _finding(moment, add, one, rewrite)
                    yield replace(found, span=moment.command.parts[index])


def _finding(moment: Moment, add: OnTable, key: ForeignKey, rewrite: Rewrite | NoFix) -> Finding:
    message = sentence(
        f"{moment.waiting} until every row of {table(add.table)}"
        f" is looked up in {table(key.referenced)}"
    )
    return hazard(RULE, moment, message, rewrite)


def _rewrite(moment: Moment, written: AddConstraint, add: AddConstraint) -> Rewrite | NoFix:
    refused = _refused(moment, add)
    if refused is None:
        return split(written, add)
    single = len(moment.statement.commands) == 1
    others = add.table in moment.outcome.scanned  # partitions that nobody has told of
    known = add.lacking and single and not others
    return _by_partition(moment, written, add) if known else refused


def _by_partition(moment: Moment, written: AddConstraint, add: AddConstraint) -> Rewrite:
    """The key on every partition first, under the name that it gets from above."""
    name = add.constraint.name or ""
    later = replace(written.constraint, name=name, not_valid=True)
    adds = [
        AddConstraint(moment.as_called(partition), later, if_exists=written.if_exists)
        for partition in add.lacking
    ]
    validations = [validation(one, name) for one in adds]
    whole = replace(written, constraint=replace(written.constraint, name=name))
    rest = Step((*validations, whole))
    if moment.wrapping is not Wrapping.STATEMENT:
        return Rewrite(tuple(adds), (rest,))
    return Rewrite((), (*(Step((one,)) for one in adds), rest))


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

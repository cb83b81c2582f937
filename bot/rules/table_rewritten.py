"""A table that is written anew from end to end refuses reads and writes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, NoFix, Severity
from bot.model.hazard import doubt, hazard
from bot.model.moment import Moment
from bot.model.wording import code, sentence, table
from bot.postgres.operations import (
    AlterTable,
    Cluster,
    ClusterAll,
    MoveAll,
    OnTable,
    SetExpression,
    SetLogged,
    Vacuum,
    VacuumAll,
)

RULE = "table-rewritten"

_UNLESS = {
    "SetTableSpace": "it lies there already",
    "SetAccessMethod": "it is stored by that method already",
}


def findings(moment: Moment) -> Iterator[Finding]:
    match moment.outcome.operation:
        case (AlterTable() | Cluster() | SetExpression() | SetLogged() | Vacuum()) as operation:
            yield from _of_one(moment, operation)
        case ClusterAll() if not moment.outcome.refused:
            yield _of_many(moment, Severity.WARNING, "each table that was clustered before")
        case MoveAll(indexes=False) if not moment.outcome.refused:
            yield _of_many(moment, Severity.WARNING, "each table in the tablespace")
        case VacuumAll(full=True) if not moment.outcome.refused:
            yield _of_many(moment, Severity.ERROR, "each table of the database")


def _of_one(moment: Moment, operation: OnTable) -> Iterator[Finding]:
    name = table(operation.table)
    certain = moment.hazardous and moment.outcome.effect.rewrites
    if not certain and not moment.doubtful:
        return
    # VACUUM takes its tables one by one, each in a transaction of its own.
    alone = isinstance(operation, Vacuum)
    waiting = f"reads and writes of {name} wait" if alone else moment.waiting
    message = f"{waiting} until every row of {name} is rewritten"
    if certain:
        yield hazard(RULE, moment, sentence(message), _instead(operation))
    else:
        unless = f"{message}, unless {_condition(operation)}"
        yield doubt(RULE, moment, sentence(unless), _instead(operation))


def _condition(operation: OnTable) -> str:
    match operation:
        case SetExpression(_, column):
            return f"{code(column)} is `VIRTUAL`"
        case SetLogged(_, logged):
            return f"it is {'logged' if logged else 'unlogged'} already"
        case AlterTable(_, action):
            return _UNLESS[action]
    raise TypeError(f"nothing is doubtful about {operation}")


def _instead(operation: OnTable) -> NoFix | None:
    match operation:
        case Cluster():
            return NoFix("`pg_repack` sorts a table while others read and write it.")
        case Vacuum():
            return NoFix(
                "A plain `VACUUM` makes the space free for new rows and hinders nobody; `pg_repack`"
                " gives it back to the disk while others read and write."
            )
        case SetExpression(_, column):
            return NoFix(
                f"Add a plain column that a trigger fills, fill the rows that are there in batches,"
                f" and swap its name with that of {code(column)} in the end."
            )
    return None


def _of_many(moment: Moment, severity: Severity, tables: str) -> Finding:
    return Finding(
        rule=RULE,
        severity=severity,
        source=moment.migration.source,
        span=moment.command.span,
        message=f"Reads and writes of {tables} wait until every row of it is rewritten.",
        moment=moment,
    )

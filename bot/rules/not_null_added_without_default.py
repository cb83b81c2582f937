"""A new column that is NOT NULL without a default is refused by a table with rows."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, NoFix, Severity
from bot.model.moment import Moment
from bot.model.wording import code, table
from bot.postgres.operations import AddColumn


def findings(moment: Moment) -> Iterator[Finding]:
    match moment.outcome.operation:
        case AddColumn() as add if moment.outcome.fails_on and not _may_do(add):
            yield Finding(
                rule="not-null-added-without-default",
                severity=Severity.WARNING,
                source=moment.migration.source,
                span=moment.command.span,
                message=f"It fails if {table(add.table)} holds a row, in which {code(add.column)}"
                " would be null.",
                moment=moment,
                table=add.table,
                rewrite=_instead(add),
            )


def _may_do(add: AddColumn) -> bool:
    """The column may be there already, or its type may bring a default."""
    return add.if_not_exists or add.type is None or not add.type.own


def _instead(add: AddColumn) -> NoFix:
    return NoFix(
        f"Give {code(add.column)} a default: with a constant nothing is rewritten, and it can be"
        " dropped later. Or add it without NOT NULL, fill the rows that are there in batches, and"
        " make it NOT NULL then."
    )

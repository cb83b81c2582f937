"""A new value of an enum can be used only once the transaction that added it has committed."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, NoFix, Severity
from bot.model.moment import Moment
from bot.model.wording import code, unqualified
from bot.postgres.operations import OnEnum
from bot.postgres.outcome import NewValue


def findings(moment: Moment) -> Iterator[Finding]:
    if not moment.outcome.new_values or moment.command is not moment.statement.commands[0]:
        return
    if isinstance(moment.outcome.operation, OnEnum):
        return  # that it stands before or after the value, or is renamed, is no use of it
    text = moment.statement.in_sql.text
    for new in moment.outcome.new_values:
        literal = "'" + new.value.replace("'", "''") + "'"
        if literal in text:
            yield _finding(moment, new, code(literal))


def _finding(moment: Moment, new: NewValue, value: str) -> Finding:
    where, enum = moment.place(moment.statements[new.since]), code(unqualified(new.type))
    return Finding(
        rule="enum-value-used-before-commit",
        severity=Severity.WARNING,
        source=moment.migration.source,
        span=moment.command.span,
        message=f"PostgreSQL refuses this where {value} is the value that {where} adds to {enum}:"
        " it can be used once the transaction has committed.",
        moment=moment,
        rewrite=NoFix("Add the value in a migration of its own, before this one."),
    )

"""What the rules share: a hazard of one moment, and the split of a constraint in two steps."""

from __future__ import annotations

from dataclasses import replace

from bot.model.finding import Finding, Rewrite, Severity, Step
from bot.model.moment import Moment
from bot.postgres.names import QualifiedName
from bot.postgres.operations import AddConstraint, OnTable, ValidateConstraint
from bot.postgres.session import DEFAULT_SEARCH_PATH


def hazard(rule: str, moment: Moment, message: str, rewrite: Rewrite | None) -> Finding:
    """The finding that others wait behind `moment.worst` while tables are scanned."""
    worst = moment.worst
    return Finding(
        rule=rule,
        severity=Severity.ERROR,
        source=moment.migration.source,
        span=moment.command.span,
        message=message,
        moment=moment,
        table=worst.table,
        lock=worst.mode,
        blocks=worst.mode.blocks,
        scans=moment.outcome.scanned,
        rewrite=rewrite,
    )


def split(moment: Moment, written: AddConstraint, add: AddConstraint) -> Rewrite:
    """Add the constraint NOT VALID, under the name it would have got, and validate it later."""
    name = add.constraint.name or ""  # the simulation names every constraint
    constraint = replace(written.constraint, not_valid=True, name=written.constraint.name or name)
    instead = replace(written, constraint=constraint)
    return Rewrite(instead, (Step((validation(moment, written, name),)),))


def validation(moment: Moment, written: OnTable, name: str) -> ValidateConstraint:
    """VALIDATE of a constraint on the table that `written` names."""
    return ValidateConstraint(table_for_later(moment, written), name, if_exists=written.if_exists)


def table_for_later(moment: Moment, written: OnTable) -> QualifiedName:
    """The table as the author wrote it, qualified where their search path may not last."""
    resolved = moment.outcome.operation
    if moment.outcome.search_path == DEFAULT_SEARCH_PATH or not isinstance(resolved, OnTable):
        return written.table
    return resolved.table

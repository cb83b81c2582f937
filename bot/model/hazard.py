"""What the rules share: a hazard of one moment, and the split of a constraint in two steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

from bot.model.finding import Finding, NoFix, Rewrite, Severity, Step
from bot.model.migration import Statement
from bot.model.moment import Moment
from bot.model.wording import sentence
from bot.postgres.names import Guess
from bot.postgres.operations import AddColumn, AddConstraint, OnTable, ValidateConstraint


def hazard(rule: str, moment: Moment, message: str, rewrite: Rewrite | NoFix | None) -> Finding:
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
        rewrite=unless_objected(moment, rewrite),
    )


def doubt(rule: str, moment: Moment, message: str, reason: NoFix | None) -> Finding:
    """The warning that others may wait in the same way."""
    found = hazard(rule, moment, message, reason)
    return replace(found, severity=Severity.WARNING, scans=moment.outcome.perhaps)


def split(written: AddConstraint, add: AddConstraint) -> Rewrite:
    """Add the constraint NOT VALID, under the name it would have got, and validate it later."""
    name = add.constraint.name or ""  # the simulation names every constraint
    constraint = replace(written.constraint, not_valid=True, name=written.constraint.name or name)
    instead = replace(written, constraint=constraint)
    return Rewrite((instead,), (Step((validation(written, name),)),))


def taken_out(written: AddColumn, add: AddColumn, index: int) -> Rewrite | NoFix:
    """A constraint of a new column as one of the table, which can be NOT VALID."""
    if written.if_not_exists:
        return NoFix(
            "Where the column exists already, nothing is added, its constraint neither: without"
            " `IF NOT EXISTS` the constraint could be added `NOT VALID` and validated later."
        )
    name = add.constraints[index].name or ""
    constraint = replace(written.constraints[index], not_valid=True, name=name)
    instead = AddConstraint(written.table, constraint, if_exists=written.if_exists)
    return Rewrite((instead,), (Step((validation(written, name),)),), inline=index)


def validation(written: OnTable, name: str) -> ValidateConstraint:
    """VALIDATE of a constraint on the table that `written` names."""
    return ValidateConstraint(written.table, name, if_exists=written.if_exists)


def unless_objected(moment: Moment, rewrite: Rewrite | NoFix | None) -> Rewrite | NoFix | None:
    """What puts nothing off can be done at any time."""
    if not isinstance(rewrite, Rewrite):
        return rewrite
    objection = _unwritable(moment, rewrite) or (_objection(moment) if rewrite.then else None)
    return objection or rewrite


def _unwritable(moment: Moment, rewrite: Rewrite) -> NoFix | None:
    """Why the statement cannot be edited where it stands."""
    return NoFix(moment.statement.doubt) if moment.statement.doubt else _nameless(rewrite)


def _objection(moment: Moment) -> NoFix | None:
    """Why validating once the transaction has ended is not the same here."""
    if moment.undone:
        return NoFix("It is rolled back in the end, so nothing of it can be validated later.")
    return _built_upon(moment, moment.disturbed_by)


def behind_its_file(finding: Finding) -> Finding:
    """The finding as it is where nothing can follow before all of its file has run."""
    moment, rewrite = finding.moment, finding.rewrite
    if moment is None or not isinstance(rewrite, Rewrite) or not rewrite.then:
        return finding
    return replace(finding, rewrite=_built_upon(moment, moment.disturbed_later) or rewrite)


def _built_upon(moment: Moment, later: Statement | None) -> NoFix | None:
    if later is None:
        return None
    itself = later is moment.statement
    which = "another command of the same statement" if itself else moment.place(later)
    return NoFix(
        sentence(
            f"{which} builds on it or changes its table, so a person has to decide"
            " how to do it later"
        )
    )


def _nameless(rewrite: Rewrite) -> NoFix | None:
    """A name that is not known cannot be written down."""
    if not any(isinstance(name, Guess) for name in _words(rewrite)):
        return None
    return NoFix(
        "The names that PostgreSQL chooses here depend on what is filled in for the placeholder, so"
        " a person has to choose them: with a name of its own it could be done in steps."
    )


def _words(value: object) -> Iterator[str]:
    """All texts in a rewrite."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _words(one)
    elif is_dataclass(value):
        for part in fields(value):
            yield from _words(getattr(value, part.name))

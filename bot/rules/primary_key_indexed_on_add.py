"""PRIMARY KEY builds its index, and looks for nulls, while the table refuses reads and writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.model.finding import Finding, NoFix, Rewrite, Severity, Step
from bot.model.hazard import hazard
from bot.model.keys import by_an_index, no_index_for
from bot.model.moment import Moment
from bot.model.not_null import checked, proved
from bot.model.wording import code, listed, sentence, table
from bot.postgres.operations import AddColumn, AddConstraint, Key

RULE = "primary-key-indexed-on-add"


def findings(moment: Moment) -> Iterator[Finding]:
    if not moment.hazardous:
        return
    match moment.command.operation, moment.outcome.operation:
        case AddConstraint() as written, AddConstraint(constraint=Key(kind="PRIMARY KEY") as key):
            yield (
                _with_index(moment, written, key)
                if key.using_index
                else _built(moment, written, key)
            )
        case AddColumn(), AddColumn(constraints=constraints):
            for index, one in enumerate(constraints):
                if isinstance(one, Key) and one.kind == "PRIMARY KEY":
                    found = hazard(RULE, moment, _message(moment), _NEW_COLUMN)
                    yield replace(found, span=moment.command.parts[index])


_NEW_COLUMN = NoFix(
    "Add the column without `PRIMARY KEY`, fill it in batches, and make it the key once no row"
    " lacks it: the index can be built concurrently then."
)


_UNKNOWN = NoFix(
    "Where they may be null, make them NOT NULL before: a check of `IS NOT NULL` that is added"
    " `NOT VALID` and validated spares `SET NOT NULL` its look at the rows."
)


def _message(moment: Moment) -> str:
    name = table(moment.read)
    return sentence(f"{moment.waiting} until an index is built from the rows of {name}")


def _built(moment: Moment, written: AddConstraint, key: Key) -> Finding:
    rewrite = no_index_for(moment, key) or _rewrite(moment, written, key)
    return hazard(RULE, moment, _message(moment), rewrite)


def _rewrite(moment: Moment, written: AddConstraint, key: Key) -> Rewrite:
    """NOT NULL first, since the key would look for nulls under its lock."""
    index = by_an_index(moment, key)
    if not key.checks:
        return Rewrite((), index)
    return Rewrite(checked(written, key.checks), (proved(written, key.checks), *index))


def _with_index(moment: Moment, written: AddConstraint, key: Key) -> Finding:
    """The index is there; what is left to look at are nulls."""
    rows = f"every row of {table(moment.read)}"
    message = f"{moment.waiting} until {rows} is checked for nulls"
    if key.columns and moment.outcome.declared:
        last = Step((AddConstraint(written.table, key, if_exists=written.if_exists),))
        rewrite = Rewrite(checked(written, key.checks), (proved(written, key.checks), last))
        return hazard(RULE, moment, sentence(message), rewrite)
    columns = listed(code(column) for column in key.columns) if key.columns else "its columns"
    verb = "are" if len(key.columns) != 1 else "is"
    doubtful = sentence(f"{message}, unless {columns} {verb} NOT NULL already")
    found = hazard(RULE, moment, doubtful, _UNKNOWN)
    return replace(found, severity=Severity.WARNING)

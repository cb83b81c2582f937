"""A column's new type rewrites the table, or checks it again, while nobody can use it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, NoFix, Severity
from bot.model.hazard import doubt, hazard
from bot.model.moment import Moment
from bot.model.wording import code, sentence, tables, unqualified
from bot.postgres.locks import LockMode
from bot.postgres.operations import AlterComposite, AlterType
from bot.postgres.types import Work, have_other_operators

RULE = "column-type-rewritten"

_HOLDS_MOST = ("text", "varchar", "bpchar")
_TIMES = ("timestamp", "timestamptz")
_COUNTED = ("text", "varchar")


def findings(moment: Moment) -> Iterator[Finding]:
    match moment.outcome.operation:
        case AlterType() as change:
            pass
        case AlterComposite(change=AlterType() as change):
            if moment.outcome.effect.elsewhere and not moment.outcome.refused:
                yield _of_tables_unknown(moment, change)
        case _:
            return
    if moment.hazardous and moment.outcome.effect.rewrites:
        message = f"{moment.waiting} until {moment.rewritten_rows} is rewritten"
        yield hazard(RULE, moment, sentence(message), _instead(change))
    elif moment.hazardous and change.indexed:
        index = f"since it has an expression or a condition, and {code(change.column)} in it"
        message = f"{moment.waiting} until an index is built anew from {moment.rows}, {index}"
        yield hazard(RULE, moment, sentence(message), _built_later())
    elif moment.hazardous and change.reordered:
        what = "type" if have_other_operators(change.old, change.type) else "collation"
        index = f"since the {what} of {code(change.column)}, by which it is ordered, is another"
        message = f"{moment.waiting} until an index is built anew from {moment.rows}, {index}"
        yield hazard(RULE, moment, sentence(message), _built_later())
    elif moment.hazardous:
        checks = f"since a CHECK speaks of {code(change.column)}"
        message = f"{moment.waiting} until {moment.rows} is checked again, {checks}"
        yield hazard(RULE, moment, sentence(message), _checked_later(change))
    elif moment.doubtful and change.reordered is None and _keeps_rows(change):
        unless = f"unless {code(change.column)} has that collation already"
        rows = f"every row of {tables(moment.outcome.perhaps)}"
        message = f"{moment.waiting} until an index is built anew from {rows}, {unless}"
        yield doubt(RULE, moment, sentence(message), _built_later())
    elif moment.doubtful and not _most_likely_stays(change):
        rewritten = f"{moment.rewritten_rows} is rewritten, unless {_condition(change)}"
        message = f"{moment.waiting} until {rewritten}"
        yield doubt(RULE, moment, sentence(message), _instead(change))


def _of_tables_unknown(moment: Moment, change: AlterType) -> Finding:
    kind = code(unqualified(change.table))
    return Finding(
        rule=RULE,
        severity=Severity.WARNING,
        source=moment.migration.source,
        span=moment.command.span,
        message=f"Reads and writes of every table of type {kind} wait until all of its rows are"
        f" rewritten, unless {_condition(change)}.",
        moment=moment,
        lock=LockMode.ACCESS_EXCLUSIVE,
        blocks=LockMode.ACCESS_EXCLUSIVE.blocks,
        rewrite=_instead(change),
    )


def _keeps_rows(change: AlterType) -> bool:
    return change.work is Work.NONE or _most_likely_stays(change)


def _most_likely_stays(change: AlterType) -> bool:
    """Nearly every change to text is one from varchar, whose values stay as they are.

    And nearly every one of a time while the zone is UTC is one from a timestamp to the other.
    """
    new = change.type if change.old is None else None
    kinds = _HOLDS_MOST + (_TIMES if change.utc else ())
    return bool(new and new.own and new.name in kinds and not (new.modifiers or new.array))


def _condition(change: AlterType) -> str:
    """What would spare the rows."""
    column, new = code(change.column), change.type
    match new.name if new and new.own and not new.array else None:
        case "varchar" if new and new.modifiers:
            return f"{column} is a `varchar` of at most {new.modifiers[0]} characters already"
        case "numeric":
            return f"{column} is a `numeric` of the same scale and of no more digits"
        case "timestamp" | "timestamptz":
            kind = "" if change.old else f"{column} is a timestamp of some kind and "
            return f"{kind}`TimeZone` is UTC"
    return f"the values of {column} are stored in that way already"


def _instead(change: AlterType) -> NoFix:
    column, new = code(change.column), change.type
    if change.constrained:
        return NoFix(
            f"A CHECK on {column} that demands what the domain does needs no rewrite: added"
            " `NOT VALID`, and validated later."
        )
    if new and new.own and new.name == "varchar" and new.modifiers and _is_refused(change):
        length = new.modifiers[0]
        return NoFix(
            f"A CHECK that {column} has at most {length} characters says the same without a"
            " rewrite: added `NOT VALID`, and validated later."
        )
    if new and new.own and new.name == "timestamptz" and _is_moved(change):
        return NoFix(
            f"Where {column} holds times in UTC, `SET LOCAL TimeZone = 'UTC'` before it, in the"
            " same transaction, spares a `timestamp` the rewrite. Its indexes are built anew all"
            " the same."
        )
    return NoFix(
        f"Add a column of the new type, have a trigger fill it wherever {column} is written, fill"
        " the rows that are there in batches, and swap the names of the two in one transaction in"
        " the end."
    )


def _is_refused(change: AlterType) -> bool:
    """Whether, as far as is known, a text is refused when it is too long; USING would cut it."""
    old = change.old
    text = old is None or (old.own and old.name in _COUNTED and not old.array)
    return text and change.casts == ()


def _is_moved(change: AlterType) -> bool:
    """Whether, as far as is known, the time zone alone decides what a timestamp becomes."""
    old = change.old
    timestamp = old is None or (old.name == "timestamp" and old.own)
    return timestamp and change.work is Work.UNKNOWN


def _built_later() -> NoFix:
    return NoFix(
        "Drop the index `CONCURRENTLY` before, and build it again `CONCURRENTLY` afterwards, where"
        " the queries can do without it meanwhile."
    )


def _checked_later(change: AlterType) -> NoFix:
    return NoFix(
        f"Drop the CHECK in the same ALTER TABLE, add it again `NOT VALID`, and validate it later:"
        f" {code(change.column)} itself stays as it is stored."
    )

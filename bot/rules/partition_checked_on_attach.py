"""A table that becomes a partition is read for whether its rows belong there, and is locked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.model.finding import Finding, NoFix, Rewrite, Step
from bot.model.hazard import hazard, validation
from bot.model.migration import Wrapping
from bot.model.moment import Moment
from bot.model.wording import sentence, table, tables
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddConstraint,
    AttachPartition,
    CreateTable,
    DropConstraint,
    OnTable,
)

RULE = "partition-checked-on-attach"


def findings(moment: Moment) -> Iterator[Finding]:
    if not moment.hazardous:
        return
    match moment.command.operation, moment.outcome.operation:
        case AttachPartition() as written, AttachPartition() as attach:
            rewrite = _impossible(attach) or _in_steps(moment, written, attach.proofs or ())
            yield hazard(RULE, moment, _message(moment, attach.referenced), rewrite)
        case CreateTable() as written, CreateTable(parent=QualifiedName()) as new:
            yield hazard(RULE, moment, _message(moment, ()), _created(moment, written, new))


def _message(moment: Moment, referenced: Sequence[QualifiedName]) -> str:
    others = {*referenced, *moment.outcome.effect.looked_up}
    rows = tables(name for name in moment.outcome.scanned if name not in others)
    looked_up = f" and looked up in {tables(referenced)}" if referenced else ""
    return sentence(f"{moment.waiting} until every row of {rows} is checked{looked_up}")


def _impossible(attach: AttachPartition) -> NoFix | None:
    part, kind = table(attach.partition), attach.bound.kind if attach.bound else ""
    if attach.referenced:
        return NoFix(
            f"{table(attach.table)} has foreign keys that {part} lacks: add them to {part}"
            " `NOT VALID`, validate them, and then attach it."
        )
    if attach.unindexed:
        return NoFix(
            f"{table(attach.table)} has indexes or keys that {part} lacks: build them on {part}"
            " concurrently, make those of keys its constraints, and then attach it."
        )
    if attach.proofs is not None:
        return None
    if kind == "HASH":
        return NoFix(
            f"A `CHECK` on {part} that calls `satisfies_hash_partition()` as the bounds mean it"
            " spares it this: add it `NOT VALID`, validate it, attach the table, and drop the"
            " check."
        )
    if kind == "DEFAULT":
        return NoFix(
            f"A `CHECK` on {part} spares it this, if it says that no row belongs to another"
            " partition: add it `NOT VALID`, validate it, attach the table, and drop the check."
        )
    return NoFix(
        f"A `CHECK` on {part} spares it this, if it says what the bounds say, and that no column"
        " of the key is null: add it `NOT VALID`, validate it, attach the table, and drop the"
        " check."
    )


def _created(moment: Moment, written: CreateTable, new: CreateTable) -> Rewrite | NoFix:
    default = tables(moment.outcome.scanned)
    if not new.proofs or moment.ends_with is not moment.statement:
        return NoFix(
            f"A `CHECK` on {default} that says that it holds no row of the new partition spares it"
            " this: add it `NOT VALID` and validate it in migrations of their own before this one,"
            " and drop it after."
        )
    return _in_steps(moment, written, new.proofs)


def _in_steps(moment: Moment, written: OnTable, proofs: Sequence[AddConstraint]) -> Rewrite:
    """Valid checks spare the statement, which stays as it is, its look at the rows."""
    adds = [replace(add, table=moment.as_called(add.table)) for add in proofs]
    names = [(add, str(add.constraint.name)) for add in adds]
    validations = [validation(add, name) for add, name in names]
    drops = [DropConstraint(add.table, name) for add, name in names]
    rest = Step((*validations, written, *drops))  # should a validation fail, nothing is attached
    if moment.wrapping is not Wrapping.STATEMENT:
        return Rewrite(tuple(adds), (rest,))
    return Rewrite((), (*(Step((one,)) for one in adds), rest))

"""A scan that would block nobody makes others wait for the locks its transaction already holds."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, Rewrite, Step
from bot.model.hazard import hazard, validation
from bot.model.moment import Moment
from bot.model.wording import sentence, table, tables
from bot.postgres.operations import ValidateConstraint


def findings(moment: Moment) -> Iterator[Finding]:
    if not moment.hazardous or not moment.others or moment.blocks_by_itself:
        return
    scanned = tables(moment.outcome.scanned)
    message = sentence(f"{moment.waiting} until every row of {scanned} is read")
    yield hazard("validated-under-lock", moment, f"{message} {_cause(moment)}", _moved(moment))


def _cause(moment: Moment) -> str:
    lock = max(moment.others, key=lambda lock: lock.mode)
    if lock.since == moment.number:
        return "All commands of one ALTER TABLE run under the strongest lock that any one takes."
    return sentence(
        f"{moment.where(lock)} locked {table(lock.table)}, and the lock lasts until the"
        " transaction ends"
    )


def _moved(moment: Moment) -> Rewrite | None:
    """VALIDATE in a later transaction; other scans are not ours to move."""
    match moment.command.operation:
        case ValidateConstraint(_, name) as written:
            return Rewrite((), (Step((validation(written, name),)),))
    return None

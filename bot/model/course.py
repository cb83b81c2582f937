"""The course of a change: statement by statement, the locks it holds and the tables it reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

from bot.model.migration import Wrapping
from bot.model.moment import Moment
from bot.model.source import Lines
from bot.postgres.effects import Lock
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName
from bot.postgres.operations import Operation
from bot.postgres.outcome import HeldLock


class Until(Enum):
    """What gives a lock back."""

    STATEMENT = "the end of the statement"
    TRANSACTION = "the end of the transaction"
    MIGRATION = "the end of the migration"
    ALL = "the end of all pending migrations"


@dataclass(frozen=True, slots=True)
class Stage:
    """A statement at work.

    `held` are the locks for which others wait meanwhile, `unnamed` more of them left out. `reads`
    are the tables that are read from end to end, or rewritten, and may hold rows; `perhaps` those
    of which the text does not tell. `gentle` are its own locks that let others read and write.
    """

    path: str
    lines: Lines
    number: int
    operations: tuple[Operation, ...]
    held: tuple[HeldLock, ...]
    unnamed: int
    reads: tuple[QualifiedName, ...]
    perhaps: tuple[QualifiedName, ...]
    gentle: tuple[Lock, ...]
    until: Until

    @property
    def own(self) -> tuple[HeldLock, ...]:
        return tuple(lock for lock in self.held if lock.since == self.number)


@dataclass(frozen=True, slots=True)
class Course:
    stages: tuple[Stage, ...] = ()

    def __add__(self, other: Course) -> Course:
        return Course((*self.stages, *other.stages))


def course(moments: Iterable[Moment]) -> Course:
    """The stages of `moments` that lock or read anything; what is refused does neither."""
    by_statement = groupby(moments, lambda moment: moment.number)
    several = (_stage(tuple(together)) for _, together in by_statement)
    return Course(tuple(one for one in several if one.own or one.reads))


def _stage(moments: Sequence[Moment]) -> Stage:
    first = moments[0]
    done = [moment.outcome for moment in moments if not moment.outcome.refused]
    reads = tuple(dict.fromkeys(table for outcome in done for table in outcome.scanned))
    locks = dict.fromkeys(lock for outcome in done for lock in outcome.effect.locks)
    return Stage(
        path=first.migration.source.path,
        lines=first.statement.source.lines(first.statement.span),
        number=first.number,
        operations=tuple(outcome.operation for outcome in done),
        held=tuple(dict.fromkeys(lock for outcome in done for lock in outcome.blocking)),
        unnamed=max((outcome.unnamed for outcome in done), default=0),
        reads=reads,
        perhaps=tuple(dict.fromkeys(table for outcome in done for table in outcome.perhaps)),
        gentle=tuple(one for one in locks if one.table in reads and _is_gentle(one.mode)),
        until=until(first),
    )


def _is_gentle(mode: LockMode) -> bool:
    """Whether it hinders others, but neither their reads nor their writes."""
    return not mode.blocks and mode >= LockMode.SHARE_UPDATE_EXCLUSIVE


def until(moment: Moment) -> Until:
    """What gives the locks back that the statement of `moment` takes."""
    end = moment.ends_with
    if end is not None:
        itself = moment.statement.span in end.span and end.source is moment.statement.source
        return Until.STATEMENT if itself else Until.TRANSACTION
    return Until.ALL if moment.wrapping is Wrapping.ALL else Until.MIGRATION

"""A table becomes a part of another, or leaves it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.names import QualifiedName
from bot.postgres.operations.base import OnTable
from bot.postgres.operations.constraints import AddConstraint, Check
from bot.postgres.predicates import Bound


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundCheck(Check):
    """A CHECK of nothing but its predicate: a partition's bound; the opposite if `excluded`."""

    excluded: bool = False


@dataclass(frozen=True, slots=True)
class AttachPartition(OnTable):
    """ALTER TABLE … ATTACH PARTITION partition

    `proofs` are the checks that would spare it the rows that it reads, None where there are none
    so simple. `referenced` are the tables in which its rows are looked up; `unindexed` where it
    lacks an index of the table, which is built meanwhile.
    """

    partition: QualifiedName
    bound: Bound | None = None
    proofs: tuple[AddConstraint, ...] | None = None
    referenced: tuple[QualifiedName, ...] = ()
    unindexed: bool = False


@dataclass(frozen=True, slots=True)
class DetachPartition(OnTable):
    """ALTER TABLE … DETACH PARTITION partition [CONCURRENTLY | FINALIZE]"""

    partition: QualifiedName
    concurrently: bool = False
    finalize: bool = False

    @property
    def alone(self) -> bool:
        return self.concurrently


@dataclass(frozen=True, slots=True)
class Inherit(OnTable):
    """ALTER TABLE … INHERIT parent"""

    parent: QualifiedName


@dataclass(frozen=True, slots=True)
class NoInherit(OnTable):
    """ALTER TABLE … NO INHERIT parent"""

    parent: QualifiedName

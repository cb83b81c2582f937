"""What is asked of a table as it is stored."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.operations.base import OnTable, Operation


@dataclass(frozen=True, slots=True)
class Analyze(OnTable):
    """ANALYZE, for each table that it names."""


@dataclass(frozen=True, slots=True)
class Cluster(OnTable):
    """CLUSTER table"""


@dataclass(frozen=True, slots=True)
class ClusterAll(Operation):
    """CLUSTER: every table that was clustered before."""

    @property
    def alone(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class MoveAll(Operation):
    """ALTER TABLE, INDEX or MATERIALIZED VIEW ALL IN TABLESPACE … SET TABLESPACE"""

    indexes: bool = False


@dataclass(frozen=True, slots=True)
class Vacuum(OnTable):
    """VACUUM [FULL], for each table that it names: each is a transaction of its own."""

    full: bool = False

    @property
    def alone(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class VacuumAll(Operation):
    """VACUUM [FULL] of every table of the database."""

    full: bool = False

    @property
    def alone(self) -> bool:
        return True

"""What is asked of a view."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.names import QualifiedName
from bot.postgres.operations.base import OnTable, Operation


@dataclass(frozen=True, slots=True)
class CreateView(OnTable):
    """CREATE [OR REPLACE] VIEW"""

    replace: bool = False


@dataclass(frozen=True, slots=True)
class UseColumns(Operation):
    """What a query that makes a view names of one table; `every` where it asks for all columns."""

    view: QualifiedName
    table: QualifiedName
    columns: tuple[str, ...]
    every: bool = False


@dataclass(frozen=True, slots=True)
class DropDependents(Operation):
    """DROP … CASCADE of what is no table: views may go with it."""


@dataclass(frozen=True, slots=True)
class RefreshMaterializedView(OnTable):
    """REFRESH MATERIALIZED VIEW [CONCURRENTLY] … [WITH NO DATA]

    `readable` where it is known that it can be CONCURRENTLY.
    """

    concurrently: bool = False
    with_data: bool = True
    readable: bool = False

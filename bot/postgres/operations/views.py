"""What is asked of a view."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.operations.base import OnTable


@dataclass(frozen=True, slots=True)
class CreateView(OnTable):
    """CREATE [OR REPLACE] VIEW"""

    replace: bool = False


@dataclass(frozen=True, slots=True)
class RefreshMaterializedView(OnTable):
    """REFRESH MATERIALIZED VIEW [CONCURRENTLY] … [WITH NO DATA]

    `readable` where it is known that it can be CONCURRENTLY.
    """

    concurrently: bool = False
    with_data: bool = True
    readable: bool = False

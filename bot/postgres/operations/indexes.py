"""What is asked of an index."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.operations.base import OnTable


@dataclass(frozen=True, slots=True)
class CreateIndex(OnTable):
    """CREATE [UNIQUE] INDEX [CONCURRENTLY] … ON table"""

    concurrently: bool = False

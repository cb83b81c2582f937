"""What is asked of the server rather than of a table."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.operations.base import Operation


@dataclass(frozen=True, slots=True)
class Alone(Operation):
    """CREATE DATABASE, ALTER SYSTEM and the like, which no transaction may hold."""

    @property
    def alone(self) -> bool:
        return True

"""Which values of enums the open transaction has added, and cannot use yet."""

from __future__ import annotations

from itertools import islice

from bot.postgres.journal import Journal
from bot.postgres.names import QualifiedName
from bot.postgres.outcome import NewValue


class Enums:
    """The enums and values that are new in the open transaction."""

    def __init__(self, journal: Journal, version: int) -> None:
        self._journal = journal
        self._version = version
        self._enums: dict[QualifiedName, bool] = {}
        self._values: dict[tuple[QualifiedName, str], NewValue] = {}

    def create(self, enum: QualifiedName) -> None:
        self._journal.put(self._enums, enum, True)

    def add(self, new: NewValue) -> None:
        if not self._takes_values_at_once(new.type):
            self._journal.put(self._values, (new.type, new.value), new)

    def _takes_values_at_once(self, enum: QualifiedName) -> bool:
        """Since 17, where the open transaction has created it (check_safe_enum_use in enum.c)."""
        return enum in self._enums and self._version >= 17

    def unusable(self, most: int) -> tuple[NewValue, ...]:
        """The first of those values."""
        return tuple(islice(self._values.values(), most))

    def clear(self) -> None:
        """The transaction has ended."""
        self._enums.clear()
        self._values.clear()

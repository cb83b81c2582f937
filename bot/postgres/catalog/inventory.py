"""Which columns a table certainly has, and whether all that it has is known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from bot.postgres.journal import Journal


class Inventory:
    """By the oid of the table. What may differ at the end of two ways is not certain."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._columns: dict[int, dict[str, bool]] = {}
        self._entire: dict[int, int] = {}  # by the number of its last change
        self._changes = count(1)

    def declare(self, table: int) -> None:
        """All of its columns and constraints are known, and will be."""
        self._journal.put(self._entire, table, next(self._changes))

    def is_entire(self, table: int) -> bool:
        return table in self._entire

    def change(self, table: int) -> None:
        """Anything of it changes; where nobody can tell how, it is not known entirely any more."""
        if table in self._entire:
            self.declare(table)

    def columns(self, table: int) -> Iterator[str]:
        yield from self._columns.get(table, ())

    def has(self, table: int, column: str) -> bool | None:
        """None where nobody can tell."""
        if column in self._columns.get(table, ()):
            return True
        return False if self.is_entire(table) else None

    def add(self, table: int, column: str) -> None:
        self.change(table)
        self._journal.put(self._columns.setdefault(table, {}), column, True)

    def drop(self, table: int, column: str) -> None:
        self.change(table)
        self._journal.remove(self._columns.get(table, {}), column)

    def rename(self, table: int, old: str, new: str) -> None:
        if self.has(table, old):
            self.drop(table, old)
            self.add(table, new)

"""Which columns a table certainly has, and whether all that it has is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from bot.postgres.catalog.certain import Certain
from bot.postgres.catalog.tables import Tables
from bot.postgres.journal import Journal
from bot.postgres.names import QualifiedName

HANDED_DOWN = 50_000
"""How many columns parts get from above in all; what later ones get is not known."""


class Inventory:
    """What may differ at the end of two ways is not certain."""

    def __init__(self, journal: Journal, tables: Tables, certain: Certain) -> None:
        self._journal = journal
        self._tables, self._certain = tables, certain
        self._columns: dict[int, dict[str, bool]] = {}
        self._entire: dict[int, int] = {}  # by the number of its last change
        self._changes = count(1)
        self._patience = HANDED_DOWN

    def declare(self, table: QualifiedName) -> None:
        """All of its columns and constraints are known, and will be."""
        self._journal.put(self._entire, self._tables.oid(table), next(self._changes))

    def is_entire(self, table: QualifiedName) -> bool:
        """Whether all of its columns and constraints are known."""
        return not self._certain.shaken and self._tables[table].oid in self._entire

    def change(self, table: QualifiedName) -> None:
        """Anything of it changes; where nobody can tell how, it is not known entirely any more."""
        if self._tables[table].oid in self._entire:
            self.declare(table)

    def columns(self, table: QualifiedName) -> Iterator[str]:
        """The columns that it certainly has."""
        yield from self._of(table)

    def handed_down(self, parents: Iterable[QualifiedName]) -> list[tuple[QualifiedName, str]]:
        """The columns that a new part gets, each with the parent that has it."""
        several = parents if self._patience > 0 else ()
        columns = [(parent, column) for parent in several for column in self._of(parent)]
        self._patience -= len(columns)
        return columns

    def hands_all_down(self, parents: Iterable[QualifiedName]) -> bool:
        """Whether a new part is known entirely where its own columns are."""
        return all(self.is_entire(parent) and self._patience > 0 for parent in parents)

    def has(self, table: QualifiedName, column: str) -> bool | None:
        """None where nobody can tell."""
        if self._certain.shaken:
            return None
        if column in self._of(table):
            return True
        return False if self.is_entire(table) else None

    def add(self, table: QualifiedName, column: str) -> None:
        self.change(table)
        columns = self._columns.setdefault(self._tables.oid(table), {})
        self._journal.put(columns, column, True)

    def drop(self, table: QualifiedName, column: str) -> None:
        self.change(table)
        self._journal.remove(self._of(table), column)

    def rename(self, table: QualifiedName, old: str, new: str) -> None:
        if old in self._of(table):
            self.drop(table, old)
            self.add(table, new)

    def _of(self, table: QualifiedName) -> dict[str, bool]:
        return self._columns.get(self._tables[table].oid, {})

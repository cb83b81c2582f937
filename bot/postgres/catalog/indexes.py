"""What is known of indexes, by their names and the oid of their table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.postgres.journal import Journal
from bot.postgres.names import QualifiedName
from bot.postgres.operations import IndexShape


@dataclass(frozen=True, slots=True)
class KnownIndex:
    """`table` is the oid of the table that it was built on."""

    table: int
    shape: IndexShape


class Indexes:
    """The indexes that the change has mentioned, whose tables may be gone meanwhile."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._indexes: dict[QualifiedName, KnownIndex] = {}
        self._by_table: dict[int, tuple[str, ...]] = {}

    def get(self, name: QualifiedName) -> KnownIndex | None:
        return self._indexes.get(name)

    def of(self, table: int) -> tuple[str, ...]:
        """The names that indexes of the table have or had."""
        return self._by_table.get(table, ())

    def create(self, name: QualifiedName, index: KnownIndex) -> None:
        self._journal.put(self._indexes, name, index)
        names = (*self._by_table.get(index.table, ()), name.name)
        self._journal.put(self._by_table, index.table, names)

    def shapes(self, schema: str | None, table: int) -> Iterator[IndexShape]:
        """Those of the table's indexes."""
        for name in self._by_table.get(table, ()):
            known = self.get(QualifiedName(schema, name))
            if known and known.table == table:
                yield known.shape

    def drop(self, name: QualifiedName) -> None:
        self._journal.remove(self._indexes, name)

    def rename(self, old: QualifiedName, new: QualifiedName) -> None:
        known = self.get(old)
        if known:
            self.drop(old)
            self.create(new, known)

    def move(self, table: int, old: str | None, new: str | None) -> None:
        """The table goes into another schema, and its indexes with it."""
        for name in self.of(table):
            known = self.get(QualifiedName(old, name))
            if known and known.table == table:
                self.drop(QualifiedName(old, name))
                self._journal.put(self._indexes, QualifiedName(new, name), known)

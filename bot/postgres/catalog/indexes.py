"""What is known of indexes, by their names and the oid of their table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from bot.postgres.catalog.columns import LOOKED_AT, Column, Columns
from bot.postgres.catalog.names import Names
from bot.postgres.catalog.tables import Tables
from bot.postgres.journal import Journal
from bot.postgres.names import QualifiedName
from bot.postgres.operations import IndexShape

MOVED = 50_000
"""How many indexes, or constraints, are followed into other schemas in all."""


@dataclass(frozen=True, slots=True)
class KnownIndex:
    """`table` is the oid of the table that it was built on; `tied` and `ordered` are its columns
    that are so.
    """

    table: int
    shape: IndexShape
    tied: tuple[Column, ...] = ()
    ordered: tuple[Column, ...] = ()


class Indexes:
    """The indexes that the change has mentioned, whose tables may be gone meanwhile."""

    def __init__(self, journal: Journal, tables: Tables, columns: Columns, names: Names) -> None:
        self._journal = journal
        self._tables, self._columns, self._names = tables, columns, names
        self._indexes: dict[QualifiedName, KnownIndex] = {}
        self._by_table: dict[int, dict[str, bool]] = {}
        self._patience = MOVED

    def get(self, name: QualifiedName) -> KnownIndex | None:
        """What is known of an index whose table is still there, in the same schema."""
        known = self._indexes.get(name)
        table = self._tables.places.get(known.table) if known else None
        return known if table and table.schema == name.schema else None

    def table_of(self, index: QualifiedName) -> QualifiedName | None:
        """The table of a known index, by its present name."""
        known = self.get(index)
        return self._tables.places[known.table] if known else None

    def has(self, table: QualifiedName, kind: Callable[[IndexShape], bool]) -> bool:
        """Whether the table is known to have an index of that kind."""
        return any(kind(known.shape) for _, known in self._of(table))

    def has_none(self, table: QualifiedName) -> bool:
        """Whether all of the table is known, and no index of it."""
        entire = self._tables[table].declared or self._columns.inventory.is_entire(table)
        return entire and not self.has(table, lambda shape: True)

    def tie(self, table: QualifiedName, column: str) -> bool:
        """Whether one that has an expression or a condition is known to speak of the column."""
        return any(one in known.tied for one, known in self._looked_at(table, column))

    def follow(self, table: QualifiedName, column: str) -> bool:
        """Whether one is known that has the column's own collation."""
        return any(one in known.ordered for one, known in self._looked_at(table, column))

    def _looked_at(self, table: QualifiedName, column: str) -> Iterator[tuple[Column, KnownIndex]]:
        """Some indexes of the table, each with the column that is searched for in it."""
        if (table, column) in self._columns:
            searched = self._columns[table, column]
            yield from ((searched, known) for _, known in islice(self._of(table), LOOKED_AT))

    def shapes(self, table: QualifiedName) -> tuple[IndexShape, ...]:
        """Those of some of its indexes."""
        return tuple(known.shape for _, known in islice(self._of(table), LOOKED_AT))

    def create(self, table: QualifiedName, name: str, shape: IndexShape) -> None:
        tied, ordered = (self._columns.named(table, one) for one in (shape.tied, shape.ordered))
        index = KnownIndex(self._tables.oid(table), shape, tied, ordered)
        self._put(QualifiedName(table.schema, name), index)

    def _put(self, name: QualifiedName, index: KnownIndex) -> None:
        self._journal.put(self._indexes, name, index)
        self._journal.put(self._by_table.setdefault(index.table, {}), name.name, True)

    def drop(self, name: QualifiedName) -> None:
        known = self._indexes.get(name)
        if known:
            self._journal.remove(self._by_table[known.table], name.name)
            self._journal.remove(self._indexes, name)
        self._names.may_be_free()

    def rename(self, old: QualifiedName, new: str) -> None:
        known = self._indexes.get(old)
        if known:
            self.drop(old)
            self._put(QualifiedName(old.schema, new), known)

    def move(self, table: QualifiedName, schema: str | None) -> None:
        """They go with the table into another schema, unless there have been very many."""
        moving = tuple(self._of(table)) if self._patience > 0 else ()
        for name, known in moving:
            self.drop(QualifiedName(table.schema, name))
            self._put(QualifiedName(schema, name), known)
        self._patience -= len(moving)

    def _of(self, table: QualifiedName) -> Iterator[tuple[str, KnownIndex]]:
        """The indexes of the table, by their names."""
        oid = self._tables[table].oid
        for name in self._by_table.get(oid, ()):
            known = self._indexes.get(QualifiedName(table.schema, name))
            if known and known.table == oid:
                yield name, known

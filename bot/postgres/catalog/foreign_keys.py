"""Which tables and columns foreign keys reference, by their present names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from bot.postgres.catalog.columns import LOOKED_AT, PRIMARY_KEY, Columns
from bot.postgres.catalog.constraints import Constraints, KnownConstraint
from bot.postgres.catalog.tables import Tables
from bot.postgres.names import QualifiedName
from bot.postgres.operations import ForeignKey, Key

_CONSIDERED = 64
"""Of so many constraints of a column at the most its foreign keys are looked at."""


class ForeignKeys:
    """The known foreign keys, looked up from either end."""

    def __init__(self, tables: Tables, columns: Columns, constraints: Constraints) -> None:
        self._tables, self._columns, self._constraints = tables, columns, constraints

    def referenced_by(self, table: QualifiedName) -> tuple[QualifiedName, ...]:
        """The tables that its known foreign keys reference."""
        keys = (known.constraint for _, known in self._constraints.all(table))
        return tuple(key.referenced for key in keys if isinstance(key, ForeignKey))

    def referencing(self, table: QualifiedName) -> list[QualifiedName]:
        """Some of the tables with foreign keys that reference it."""
        oids = self._constraints.references.tables(self._tables[table].oid, LOOKED_AT)
        return [self._tables.places[oid] for oid in oids]

    def of_column(self, table: QualifiedName, column: str) -> tuple[QualifiedName, ...]:
        """The tables that the foreign keys of the column reference."""
        keys = (known.constraint for known in self._bound(table, column))
        return tuple(key.referenced for key in keys if isinstance(key, ForeignKey))

    def to_column(self, table: QualifiedName, column: str) -> tuple[QualifiedName, ...]:
        """The tables that have foreign keys to the column."""
        keys = self._to(table, column, _CONSIDERED)
        return tuple(place for place, name in keys if self._constraints.get(place, name))

    def all_to_column(
        self, table: QualifiedName, column: str
    ) -> tuple[tuple[QualifiedName, str], ...]:
        """Each foreign key that references the column, or has done so: its table and name."""
        return tuple(self._to(table, column, None))

    def is_in_primary_key(self, table: QualifiedName, column: str) -> bool:
        return any(
            isinstance(known.constraint, Key) and known.constraint.kind == "PRIMARY KEY"
            for known in self._bound(table, column)
        )

    def _bound(self, table: QualifiedName, column: str) -> Iterator[KnownConstraint]:
        """The latest constraints of the column."""
        names = islice(self._columns.constraints(table, column), _CONSIDERED)
        return (known for name in names if (known := self._constraints.get(table, name)))

    def _to(
        self, table: QualifiedName, column: str, most: int | None
    ) -> Iterator[tuple[QualifiedName, str]]:
        """The foreign keys to the column, and those to the primary key that it is in."""
        places = self._tables.places
        by_name = islice(self._columns.referring(table, column), most)
        yield from ((places[oid], name) for oid, name in by_name if oid in places)
        if self.is_in_primary_key(table, column):
            unnamed = islice(self._columns.referring(table, PRIMARY_KEY), most)
            yield from ((places[oid], name) for oid, name in unnamed if oid in places)

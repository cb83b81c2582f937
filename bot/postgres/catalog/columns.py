"""What is known of columns, by the oid of their table; a column stays itself when it is renamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, islice
from typing import TypeVar

from bot.postgres.catalog.inventory import Inventory
from bot.postgres.catalog.tables import ConstraintNames, Tables
from bot.postgres.journal import Journal
from bot.postgres.names import QualifiedName
from bot.postgres.operations import Column as NewColumn
from bot.postgres.operations import Filling
from bot.postgres.types import Collation, Type

T = TypeVar("T")

Column = int
"""A column's identity, as attnum is in PostgreSQL: no other column ever has it."""


@dataclass(frozen=True, slots=True)
class _Key:
    """A list of foreign keys, each by the oid of its table and its name."""

    table: int
    name: str
    rest: _Key | None


LOOKED_AT = 100
"""How many columns of a table, or constraints, are compared with others."""

WHOLE_ROW = "\0"
"""Stands for all columns of a table that is made of a composite type."""

PRIMARY_KEY = ""
"""Stands for the columns of a table's primary key, whichever they are."""


class Columns:
    """The columns that the change has mentioned; of any other nothing is known."""

    def __init__(self, journal: Journal, tables: Tables, inventory: Inventory) -> None:
        self._journal = journal
        self._tables, self.inventory = tables, inventory
        self._numbers = count(1)
        self._columns: dict[tuple[int, str], Column] = {}
        self._places: dict[Column, tuple[int, str]] = {}  # by table and present name
        self._types: dict[Column, Type] = {}
        self._collations: dict[Column, Collation] = {}
        self._fillings: dict[Column, Filling] = {}
        self._proofs: dict[Column, int] = {}  # valid checks of IS NOT NULL
        self._checks: dict[Column, int] = {}  # valid checks of whatever
        self._not_null: dict[Column, bool] = {}
        self._constraints: dict[Column, ConstraintNames] = {}
        self._references: dict[Column, _Key] = {}
        self._primary_keys: dict[int, tuple[str, ...]] = {}
        self._marked: dict[int, dict[str, bool]] = {}

    def __contains__(self, place: tuple[QualifiedName, str]) -> bool:
        """Whether the table is known to have the column."""
        table, column = place
        return (self._tables[table].oid, column) in self._columns

    def __getitem__(self, place: tuple[QualifiedName, str]) -> Column:
        """The column of that table and name."""
        table, column = place
        return self._of(self._tables.oid(table), column)

    def _of(self, table: int, name: str) -> Column:
        key = (table, name)
        if key not in self._columns:
            column = next(self._numbers)
            self._journal.put(self._columns, key, column)
            self._journal.put(self._places, column, key)
        return self._columns[key]

    def name_of(self, column: Column) -> str:
        """What it is called at present, or was at last."""
        return self._places[column][1]

    def named(self, table: QualifiedName, names: Iterable[str]) -> tuple[Column, ...]:
        return tuple(self[table, name] for name in names)

    def _known(self, table: QualifiedName, column: str) -> Column:
        """0 where nothing is known of it."""
        return self._columns.get((self._tables[table].oid, column), 0)

    def add(self, table: QualifiedName, new: NewColumn) -> None:
        """Nothing that is known of an earlier column of that name holds for the new one."""
        self.drop(table, new.name)
        self.set_type(table, new.name, new.type, new.collation)
        self._journal.put(self._fillings, self[table, new.name], new.filling)
        self.inventory.add(table, new.name)

    def drop(self, table: QualifiedName, column: str) -> None:
        self._journal.remove(self._columns, (self._tables.oid(table), column))
        self.inventory.drop(table, column)

    def rename(self, table: QualifiedName, old: str, new: str) -> None:
        oid, column = self._tables.oid(table), self[table, old]
        self.inventory.rename(table, old, new)
        self.drop(table, old)
        self._journal.put(self._columns, (oid, new), column)
        self._journal.put(self._places, column, (oid, new))
        if old in self._marked.get(oid, {}):
            self._mark(oid, new)

    def filling_of(self, table: QualifiedName, column: str) -> Filling | None:
        """What filled the column when it was added; None where nobody can tell."""
        return self._fillings.get(self._known(table, column))

    def type_of(self, table: QualifiedName, column: str) -> Type | None:
        return self._types.get(self._known(table, column))

    def collation_of(self, table: QualifiedName, column: str) -> Collation | None:
        return self._collations.get(self._known(table, column))

    def set_type(
        self, table: QualifiedName, column: str, kind: Type | None, collation: Collation | None
    ) -> None:
        self._set(self._types, self[table, column], kind)
        self._set(self._collations, self[table, column], collation)

    def _set(self, facts: dict[Column, T], column: Column, value: T | None) -> None:
        if value is None:
            self._journal.remove(facts, column)
        else:
            self._journal.put(facts, column, value)

    def is_not_null(self, table: QualifiedName, column: str) -> bool:
        """Whether the server knows that no row holds a null, so that it need not look."""
        known = self._known(table, column)
        return self._not_null.get(known, False) or self._proofs.get(known, 0) > 0

    def is_marked_not_null(self, table: QualifiedName, column: str) -> bool:
        """Whether the column is NOT NULL itself, and not just by a check."""
        return self._not_null.get(self._known(table, column), False)

    def set_not_null(self, table: QualifiedName, column: str, *, value: bool) -> None:
        self.inventory.change(table)
        self.mark((self[table, column],), value=value)

    def mark_alike(self, parent: QualifiedName, child: QualifiedName) -> None:
        """What is NOT NULL in a table is so in its partitions and children."""
        names = self._marked.get(self._tables.oid(parent), ())
        marked = (name for name in names if self.is_marked_not_null(parent, name))
        for name in tuple(islice(marked, LOOKED_AT)):
            self.set_not_null(child, name, value=True)

    def mark(self, columns: Iterable[Column], *, value: bool) -> None:
        """They are NOT NULL, or not."""
        for column in columns:
            self._journal.put(self._not_null, column, value)
            self._mark(*self._places[column])

    def _mark(self, table: int, column: str) -> None:
        """It is, or was at times, NOT NULL."""
        self._journal.put(self._marked.setdefault(table, {}), column, True)

    def is_checked(self, table: QualifiedName, column: str) -> bool:
        """Whether a valid check speaks of the column."""
        return self._checks.get(self._known(table, column), 0) > 0

    def prove(self, columns: Iterable[Column], change: int) -> None:
        """One valid check more (1) or less (-1) says that the columns are not null."""
        for column in columns:
            self._journal.put(self._proofs, column, self._proofs.get(column, 0) + change)

    def check(self, columns: Iterable[Column], change: int) -> None:
        """One valid check more (1) or less (-1) speaks of the columns."""
        for column in columns:
            self._journal.put(self._checks, column, self._checks.get(column, 0) + change)

    def bind(self, columns: Iterable[Column], constraint: str) -> None:
        """The constraint is one of these columns', and goes with any of them."""
        for column in columns:
            names = ConstraintNames(constraint, self._constraints.get(column))
            self._journal.put(self._constraints, column, names)

    def constraints(self, table: QualifiedName, column: str) -> Iterator[str]:
        """The names of those it has, or has had, the latest first."""
        node = self._constraints.get(self._known(table, column))
        while node:
            yield node.name
            node = node.rest

    def primary_key(self, table: QualifiedName) -> tuple[str, ...]:
        """Its columns, none where it is not known."""
        return self._primary_keys.get(self._tables[table].oid, ())

    def set_primary_key(self, table: QualifiedName, columns: tuple[str, ...]) -> None:
        self._journal.put(self._primary_keys, self._tables.oid(table), columns)

    def forget_primary_key(self, table: QualifiedName) -> None:
        """Its columns may have other names now, or none."""
        if self.primary_key(table):
            self.set_primary_key(table, ())

    def refer(self, columns: Iterable[Column], table: int, name: str) -> None:
        """A foreign key of `table` references these columns."""
        for column in columns:
            known = _Key(table, name, self._references.get(column))
            self._journal.put(self._references, column, known)

    def referring(self, table: QualifiedName, column: str) -> Iterator[tuple[int, str]]:
        """The foreign keys that reference the column, or have done so, the latest first."""
        node = self._references.get(self._known(table, column))
        while node:
            yield node.table, node.name
            node = node.rest

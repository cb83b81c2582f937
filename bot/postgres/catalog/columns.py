"""What is known of columns, by the oid of their table; a column stays itself when it is renamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from bot.postgres.journal import Journal
from bot.postgres.operations import Check, Constraint, Filling, ForeignKey, Key, NotNull
from bot.postgres.types import Type

Column = int
"""A column's identity, as attnum is in PostgreSQL: no other column ever has it."""


@dataclass(frozen=True, slots=True)
class ConstraintNames:
    """A list of names that is shared by all that is put before it."""

    name: str
    rest: ConstraintNames | None


@dataclass(frozen=True, slots=True)
class References:
    """A list of foreign keys, each by the oid of its table and its name."""

    table: int
    name: str
    rest: References | None


PRIMARY_KEY = ""
"""Stands for the columns of a table's primary key, whichever they are."""


class Columns:
    """The columns that the change has mentioned; of any other nothing is known."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._numbers = count(1)
        self._columns: dict[tuple[int, str], Column] = {}
        self._places: dict[Column, tuple[int, str]] = {}  # by table and present name
        self._types: dict[Column, Type] = {}
        self._fillings: dict[Column, Filling] = {}
        self._proofs: dict[Column, int] = {}  # valid checks of IS NOT NULL
        self._checks: dict[Column, int] = {}  # valid checks of whatever
        self._not_null: dict[Column, bool] = {}
        self._constraints: dict[Column, ConstraintNames] = {}
        self._references: dict[Column, References] = {}
        self._primary_keys: dict[int, tuple[str, ...]] = {}
        self._marked: dict[int, dict[str, bool]] = {}

    def __getitem__(self, key: tuple[int, str]) -> Column:
        """The column of that table and name."""
        if key not in self._columns:
            column = next(self._numbers)
            self._journal.put(self._columns, key, column)
            self._journal.put(self._places, column, key)
        return self._columns[key]

    def named(self, table: int, names: Iterable[str]) -> tuple[Column, ...]:
        return tuple(self[table, name] for name in names)

    def __contains__(self, key: tuple[int, str]) -> bool:
        return key in self._columns

    def add(self, table: int, column: str, kind: Type | None, filling: Filling) -> None:
        """Nothing that is known of an earlier column of that name holds for the new one."""
        self.drop(table, column)
        self.set_type(table, column, kind)
        self._journal.put(self._fillings, self[table, column], filling)

    def drop(self, table: int, column: str) -> None:
        self._journal.remove(self._columns, (table, column))

    def rename(self, table: int, old: str, new: str) -> None:
        column = self[table, old]
        self.drop(table, old)
        self._journal.put(self._columns, (table, new), column)
        self._journal.put(self._places, column, (table, new))
        if old in self._marked.get(table, {}):
            self._mark(table, new)

    def filling_of(self, table: int, column: str) -> Filling | None:
        return self._fillings.get(self._columns.get((table, column), 0))

    def type_of(self, table: int, column: str) -> Type | None:
        return self._types.get(self._columns.get((table, column), 0))

    def set_type(self, table: int, column: str, kind: Type | None) -> None:
        if kind:
            self._journal.put(self._types, self[table, column], kind)
        else:
            self._journal.remove(self._types, self[table, column])

    def is_not_null(self, table: int, column: str) -> bool:
        known = self._columns.get((table, column), 0)
        return self._not_null.get(known, False) or self._proofs.get(known, 0) > 0

    def is_marked(self, table: int, column: str) -> bool:
        """Whether it is NOT NULL itself, and not just by a check."""
        return self._not_null.get(self._columns.get((table, column), 0), False)

    def marked(self, table: int) -> Iterator[str]:
        """The columns of a table that are NOT NULL."""
        return (one for one in self._marked.get(table, ()) if self.is_marked(table, one))

    def _mark(self, table: int, column: str) -> None:
        """It is, or was at times, NOT NULL."""
        self._journal.put(self._marked.setdefault(table, {}), column, True)

    def set_not_null(self, column: Column, *, value: bool) -> None:
        self._journal.put(self._not_null, column, value)
        self._mark(*self._places[column])

    def is_checked(self, table: int, column: str) -> bool:
        """Whether a valid check speaks of it."""
        return self._checks.get(self._columns.get((table, column), 0), 0) > 0

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

    def constraints(self, table: int, column: str) -> Iterator[str]:
        """The names of those it has, or has had, the latest first."""
        node = self._constraints.get(self._columns.get((table, column), 0))
        while node:
            yield node.name
            node = node.rest

    def primary_key(self, table: int) -> tuple[str, ...]:
        return self._primary_keys.get(table, ())

    def set_primary_key(self, table: int, columns: tuple[str, ...]) -> None:
        """Nothing is known of it where there are no `columns`."""
        self._journal.put(self._primary_keys, table, columns)

    def refer(self, columns: Iterable[Column], table: int, name: str) -> None:
        """A foreign key of `table` references these columns."""
        for column in columns:
            known = References(table, name, self._references.get(column))
            self._journal.put(self._references, column, known)

    def referring(self, table: int, column: str) -> Iterator[tuple[int, str]]:
        """The foreign keys that reference the column, or have done so, the latest first."""
        node = self._references.get(self._columns.get((table, column), 0))
        while node:
            yield node.table, node.name
            node = node.rest


def spoken_of(constraint: Constraint) -> tuple[str, ...]:
    """The columns with which a constraint goes."""
    match constraint:
        case Check(columns=columns) | ForeignKey(columns=columns):
            return columns
        case Key(index=index):
            return (*index.columns, *index.including)
        case NotNull(column=column):
            return (column,)
    return ()


def proven(constraint: Constraint) -> tuple[str, ...]:
    """The columns that are not null where the constraint is valid."""
    match constraint:
        case Check(not_null=columns):
            return tuple(sorted(columns))
        case NotNull(column=column):
            return (column,)
        case Key(kind="PRIMARY KEY", index=index):
            return index.columns
    return ()

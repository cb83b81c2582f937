"""What is known of constraints, by the oid of their table and their names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from bot.postgres.catalog.columns import LOOKED_AT, PRIMARY_KEY, Column, Columns
from bot.postgres.catalog.indexes import MOVED, Indexes
from bot.postgres.catalog.names import Names
from bot.postgres.catalog.references import References
from bot.postgres.catalog.tables import Tables
from bot.postgres.journal import Journal
from bot.postgres.names import QualifiedName
from bot.postgres.operations import Check, Constraint, ForeignKey, Key, NotNull


@dataclass(frozen=True, slots=True)
class KnownConstraint:
    """`columns` are those that it speaks of, `not_null` those that it says to be so.

    `referenced` is the oid of the table that a foreign key references, 0 for all others.
    """

    constraint: Constraint
    valid: bool
    columns: tuple[Column, ...] = ()
    not_null: tuple[Column, ...] = ()
    referenced: int = 0


class Constraints:
    """The constraints that the change has mentioned, and what they tell of columns and indexes."""

    def __init__(
        self, journal: Journal, tables: Tables, columns: Columns, indexes: Indexes, names: Names
    ) -> None:
        self._journal = journal
        self._tables, self._columns = tables, columns
        self._indexes, self._names = indexes, names
        self.references = References(journal)
        self._constraints: dict[tuple[int, str], KnownConstraint] = {}
        self._patience = MOVED

    def get(self, table: QualifiedName, name: str) -> KnownConstraint | None:
        known = self._constraints.get((self._tables[table].oid, name))
        return self._at_present(known) if known else None

    def _at_present(self, known: KnownConstraint) -> KnownConstraint:
        """With the table that it references by its present name."""
        place = self._tables.places.get(known.referenced)
        match known.constraint:
            case ForeignKey(referenced=before) as key if place and place != before:
                return replace(known, constraint=replace(key, referenced=place))
        return known

    def all(self, table: QualifiedName) -> Iterator[tuple[str, KnownConstraint]]:
        """Those of the table, by their names, in alphabetical order."""
        for name in sorted(set(self._names_of(table))):
            known = self.get(table, name)
            if known:
                yield name, known

    def latest(self, table: QualifiedName) -> list[KnownConstraint]:
        """Those that were named last: more than LOOKED_AT are not looked at."""
        known = {name: self.get(table, name) for name in islice(self._names_of(table), LOOKED_AT)}
        return [one for one in known.values() if one]

    def _names_of(self, table: QualifiedName) -> Iterator[str]:
        """The names that its constraints have or had, the latest first."""
        node = self._tables[table].constraints
        while node:
            yield node.name
            node = node.rest

    def add(self, table: QualifiedName, constraint: Constraint) -> None:
        name, target = constraint.name, 0
        if name is None:
            return
        if isinstance(constraint, ForeignKey):
            target = self._tables.oid(constraint.referenced)
        known = KnownConstraint(
            constraint,
            valid=not constraint.not_valid,
            columns=self._columns.named(table, _spoken_of(constraint)),
            not_null=self._columns.named(table, _proven(constraint)),
            referenced=target,
        )
        self._remember(table, name, known)

    def rename(self, table: QualifiedName, old: str, new: str) -> None:
        known = self.get(table, old)
        if known:
            self.drop(table, old)
            self._remember(table, new, known)

    def _remember(self, table: QualifiedName, name: str, known: KnownConstraint) -> None:
        oid = self._tables.oid(table)
        self._columns.inventory.change(table)
        self._tables.name_constraint(table, name)
        self._journal.put(self._constraints, (oid, name), known)
        self._columns.bind(known.columns, name)
        self._names.take(table.schema, name)
        match known.constraint:
            case Key() as key:
                self._learn_key(table, name, key)
            case ForeignKey(referenced=referenced, referenced_columns=columns):
                target = self._columns.named(referenced, columns or (PRIMARY_KEY,))
                self._columns.refer(target, oid, name)
                self.references.add(self._tables.oid(referenced), oid, name)
        if known.valid:
            self._prove(table, known, 1)

    def _learn_key(self, table: QualifiedName, name: str, key: Key) -> None:
        """It has an index of its own name; one that was there before takes that name."""
        if key.using_index:
            self._indexes.rename(QualifiedName(table.schema, key.using_index), name)
        else:
            plain = key.index.plain and key.kind != "EXCLUDE"  # which is like no other index
            self._indexes.create(table, name, replace(key.index, plain=plain))

    def validate(self, table: QualifiedName, name: str) -> None:
        known = self.get(table, name)
        if known and not known.valid:
            key = (self._tables.oid(table), name)
            self._journal.put(self._constraints, key, replace(known, valid=True))
            self._columns.inventory.change(table)
            self._prove(table, known, 1)

    def enforce(self, table: QualifiedName, name: str, *, enforced: bool) -> None:
        """A foreign key is enforced from now on, its rows have been checked, or it is no more."""
        known = self.get(table, name)
        if known and isinstance(known.constraint, ForeignKey):
            constraint = replace(known.constraint, enforced=enforced)
            if known.constraint != constraint:
                changed = replace(known, constraint=constraint, valid=enforced)
                self._journal.put(self._constraints, (self._tables.oid(table), name), changed)

    def drop(self, table: QualifiedName, name: str) -> None:
        known = self.get(table, name)
        if known:
            oid = self._tables.oid(table)
            self._columns.inventory.change(table)
            if known.valid:
                self._prove(table, known, -1)
            if isinstance(known.constraint, Key):
                self._indexes.drop(QualifiedName(table.schema, name))
            if isinstance(known.constraint, ForeignKey):
                self.references.remove(self._tables[known.constraint.referenced].oid, oid, name)
            self._journal.remove(self._constraints, (oid, name))
            self._names.give_back(table.schema, name)

    def move(self, table: QualifiedName, schema: str | None) -> None:
        """Their names are taken in another schema, unless there have been very many."""
        moving = tuple(self.all(table)) if self._patience > 0 else ()
        for name, _ in moving:
            self._names.give_back(table.schema, name)
            self._names.take(schema, name)
        self._patience -= len(moving)

    def _prove(self, table: QualifiedName, known: KnownConstraint, change: int) -> None:
        """What a valid constraint says of its columns; a primary key's stay NOT NULL without it."""
        match known.constraint:
            case Check(enforced=True):
                self._columns.prove(known.not_null, change)
                self._columns.check(known.columns, change)
            case NotNull():
                self._columns.mark(known.not_null, value=change > 0)
            case Key(kind="PRIMARY KEY", columns=columns) if change > 0:
                self._columns.set_primary_key(table, columns)
                self._columns.mark(known.not_null, value=True)
            case Key(kind="PRIMARY KEY"):
                self._columns.forget_primary_key(table)


def _spoken_of(constraint: Constraint) -> tuple[str, ...]:
    """The columns with which a constraint goes."""
    match constraint:
        case Check(columns=columns) | ForeignKey(columns=columns):
            return columns
        case Key(index=index):
            return (*index.columns, *index.including)
        case NotNull(column=column):
            return (column,)
    return ()


def _proven(constraint: Constraint) -> tuple[str, ...]:
    """The columns that are not null where the constraint is valid."""
    match constraint:
        case Check(not_null=columns):
            return tuple(sorted(columns))
        case NotNull(column=column):
            return (column,)
        case Key(kind="PRIMARY KEY", index=index):
            return index.columns
    return ()

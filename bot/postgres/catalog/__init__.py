"""What the change itself tells about tables: created here, filled here, which constraints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count, islice

from bot.postgres.catalog.certain import Certain
from bot.postgres.catalog.columns import (
    PRIMARY_KEY,
    Column,
    Columns,
    ConstraintNames,
    proven,
    spoken_of,
)
from bot.postgres.catalog.domains import Domains
from bot.postgres.catalog.indexes import Indexes, KnownIndex
from bot.postgres.catalog.inventory import Inventory
from bot.postgres.catalog.references import References
from bot.postgres.catalog.trees import Trees
from bot.postgres.journal import Journal
from bot.postgres.names import QualifiedName
from bot.postgres.operations import Check, Constraint, Filling, ForeignKey, IndexShape, Key, NotNull
from bot.postgres.predicates import PartitionKey
from bot.postgres.types import Type


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


@dataclass(frozen=True, slots=True)
class Table:
    """A table as far as the statements so far have shown it.

    `created`: by this change, so that no running program uses it yet.
    `filled`: rows may have been written since it was created.
    `dropped`: there is no such table any more.
    `declared`: all of its columns are known.
    `unlogged`: it is known to be so, or (False) not to be so.
    `view`: it is a view, materialized or not: nobody writes to it.
    `linked`: it is a partition, or has one that this change created.
    `hollow`: it is partitioned and has no rows but those of the partitions that are known.
    `oid`: what stays the same when it is renamed; a later table has a larger one.
    """

    created: bool = False
    filled: bool = False
    dropped: bool = False
    linked: bool = False
    partitioned: bool = False
    hollow: bool = False
    declared: bool = False
    unlogged: bool | None = None
    view: bool = False
    constraints: ConstraintNames | None = None
    oid: int = 0


_OLD = Table()
_CONSIDERED = 64
"""Of so many constraints of a column at the most its foreign keys are looked at."""

LOOKED_AT = 100
"""How many constraints of a table are compared with others."""


class Catalog:
    """Every table that the change has mentioned; any other one exists and holds rows."""

    def __init__(self, journal: Journal, version: int) -> None:
        self.version = version
        self._journal = journal
        self._tables: dict[QualifiedName, Table] = {}
        self._constraints: dict[tuple[int, str], KnownConstraint] = {}
        self._names: dict[tuple[str | None, str], int] = {}
        self._columns = Columns(journal)
        self._indexes = Indexes(journal)
        self._references = References(journal)
        self.domains = Domains(journal)
        self.certain = Certain(journal)
        self._inventory = Inventory(journal)
        self._places: dict[int, QualifiedName] = {}  # by oid
        self.trees = Trees(journal, lambda table: self[table].oid, self._places)
        self._free: dict[tuple[str | None, str], int] = {}
        self._created: list[QualifiedName] = []
        self._clock = count(1)
        self._calls = {"last": 0}  # when a function that may write anywhere was last called
        # By the open transaction:
        self._unseen: dict[QualifiedName, bool] = {}
        self._truncated: dict[QualifiedName, bool] = {}
        self._dropped_on_commit: dict[QualifiedName, bool] = {}

        journal.join_by(self._tables, _either)
        journal.join_by(self._names, lambda one, other: max(one or 0, other or 0))
        journal.join_by(self._calls, lambda one, other: max(one or 0, other or 0))

    def __contains__(self, name: QualifiedName) -> bool:
        return name in self._tables

    def __getitem__(self, name: QualifiedName) -> Table:
        return self._tables.get(name, _OLD)

    def is_empty(self, name: QualifiedName) -> bool:
        """Whether the table was created here and nothing can have been written to it since."""
        table = self[name]
        return table.created and not table.filled and table.oid > self._calls["last"]

    def is_unseen(self, name: QualifiedName) -> bool:
        """Whether the open transaction has created the table, so that nobody else sees it."""
        return name in self._unseen

    def holds_no_rows(self, name: QualifiedName) -> bool:
        """Whether it is empty, be it that the open transaction has emptied it."""
        return name in self._truncated or self.is_empty(name)

    def is_not_null(self, table: QualifiedName, column: str) -> bool:
        """Whether the server knows that no row holds a null, so that it need not look."""
        return self._columns.is_not_null(self[table].oid, column)

    def is_marked_not_null(self, table: QualifiedName, column: str) -> bool:
        """Whether the column is NOT NULL itself, and not just by a check."""
        return self._columns.is_marked(self[table].oid, column)

    def mark_alike(self, parent: QualifiedName, child: QualifiedName) -> None:
        """What is NOT NULL in a table is so in its partitions and children."""
        for column in tuple(islice(self._columns.marked(self._oid(parent)), LOOKED_AT)):
            self.set_not_null(child, column, value=True)

    def is_entire(self, table: QualifiedName) -> bool:
        """Whether all of its columns and constraints are known."""
        return not self.certain.shaken and self._inventory.is_entire(self[table].oid)

    def declare(self, table: QualifiedName) -> None:
        """All that there is of the table is known."""
        self._inventory.declare(self._oid(table))

    def columns(self, table: QualifiedName) -> Iterator[str]:
        """The columns that it certainly has."""
        return self._inventory.columns(self[table].oid)

    def has_column(self, table: QualifiedName, column: str) -> bool | None:
        """None where nobody can tell."""
        return None if self.certain.shaken else self._inventory.has(self[table].oid, column)

    def set_not_null(self, table: QualifiedName, column: str, *, value: bool) -> None:
        self._inventory.change(self._oid(table))
        self._columns.set_not_null(self._columns[self._oid(table), column], value=value)

    def is_checked(self, table: QualifiedName, column: str) -> bool:
        """Whether a valid check speaks of the column."""
        return self._columns.is_checked(self[table].oid, column)

    def has_index(self, table: QualifiedName, kind: Callable[[IndexShape], bool]) -> bool:
        """Whether the table is known to have an index of that kind."""
        shapes = self._indexes.shapes(table.schema, self[table].oid)
        return any(kind(shape) for shape in shapes)

    def knows_column(self, table: QualifiedName, column: str) -> bool:
        """Whether the table is known to have the column."""
        return (self[table].oid, column) in self._columns

    def type_of(self, table: QualifiedName, column: str) -> Type | None:
        return self._columns.type_of(self[table].oid, column)

    def set_type(self, table: QualifiedName, column: str, kind: Type | None) -> None:
        self._columns.set_type(self._oid(table), column, kind)
        self._note_type(table, column, kind)

    def filling_of(self, table: QualifiedName, column: str) -> Filling | None:
        """What filled the column when it was added; None where nobody can tell."""
        return self._columns.filling_of(self[table].oid, column)

    def add_column(
        self, table: QualifiedName, column: str, kind: Type | None, filling: Filling
    ) -> None:
        self._leave_type(table, column)
        self._columns.add(self._oid(table), column, kind, filling)
        self._inventory.add(self._oid(table), column)
        self._note_type(table, column, kind)

    def is_constrained(self, kind: Type | None) -> bool:
        """Whether each value of the type is checked."""
        return bool(kind and not kind.array and self.domains.is_constrained(kind.qualified))

    def _note_type(self, table: QualifiedName, column: str, kind: Type | None) -> None:
        """Any type that is not PostgreSQL's own may be a domain."""
        self._leave_type(table, column)
        if kind and not kind.own:
            oid = self._oid(table)
            self.domains.use(oid, self._columns[oid, column], kind.qualified, array=kind.array)

    def _leave_type(self, table: QualifiedName, column: str) -> None:
        if self.knows_column(table, column):
            self.domains.leave(self._columns[self[table].oid, column])

    def rename_column(self, table: QualifiedName, old: str, new: str) -> None:
        self.forget_primary_key(table)
        self._columns.rename(self._oid(table), old, new)
        self._inventory.rename(self._oid(table), old, new)

    def drop_column(self, table: QualifiedName, column: str) -> None:
        """With all constraints that speak of it, and the foreign keys to it, as CASCADE does."""
        self.forget_primary_key(table)
        for oid, name in self._keys_to(table, column, None):
            if oid in self._places:
                self.drop_constraint(self._places[oid], name)
        if self._is_in_primary_key(table, column):
            self._columns.drop(self._oid(table), PRIMARY_KEY)
        for name in self._columns.constraints(self[table].oid, column):
            self.drop_constraint(table, name)
        self._leave_type(table, column)
        self._columns.drop(self._oid(table), column)
        self._inventory.drop(self._oid(table), column)

    def references(self, table: QualifiedName, column: str) -> tuple[QualifiedName, ...]:
        """The tables that the foreign keys of the column reference."""
        names = islice(self._columns.constraints(self[table].oid, column), _CONSIDERED)
        known = (self.constraint(table, name) for name in names)
        keys = (one.constraint for one in known if one)
        return tuple(key.referenced for key in keys if isinstance(key, ForeignKey))

    def referring(self, table: QualifiedName, column: str) -> tuple[QualifiedName, ...]:
        """The tables that have foreign keys to the column."""
        keys = self._keys_to(table, column, _CONSIDERED)
        there = (self._places.get(oid) for oid, name in keys if (oid, name) in self._constraints)
        return tuple(place for place in there if place)

    def _keys_to(
        self, table: QualifiedName, column: str, most: int | None
    ) -> Iterator[tuple[int, str]]:
        """The foreign keys to the column, by the oid of their table and their name."""
        oid = self[table].oid
        yield from islice(self._columns.referring(oid, column), most)
        if self._is_in_primary_key(table, column):
            yield from islice(self._columns.referring(oid, PRIMARY_KEY), most)

    def _is_in_primary_key(self, table: QualifiedName, column: str) -> bool:
        names = islice(self._columns.constraints(self[table].oid, column), _CONSIDERED)
        known = (self.constraint(table, name) for name in names)
        return any(
            one and isinstance(one.constraint, Key) and one.constraint.kind == "PRIMARY KEY"
            for one in known
        )

    def primary_key(self, table: QualifiedName) -> tuple[str, ...]:
        """Its columns, none where it is not known."""
        return self._columns.primary_key(self[table].oid)

    def forget_primary_key(self, table: QualifiedName) -> None:
        """Its columns may have other names now, or none."""
        if self.primary_key(table):
            self._columns.set_primary_key(self[table].oid, ())

    def _oid(self, table: QualifiedName) -> int:
        """The table's; it gets one as soon as there is something to remember."""
        known = self[table]
        if not known.oid:
            known = replace(known, oid=next(self._clock))
            self._journal.put(self._tables, table, known)
            self._journal.put(self._places, known.oid, table)
        return known.oid

    def name_of(self, oid: int) -> QualifiedName | None:
        """The present name of a table, None where it is gone."""
        return self._places.get(oid)

    def index(self, name: QualifiedName) -> KnownIndex | None:
        """What is known of an index whose table is still there."""
        known = self._indexes.get(name)
        return known if known and known.table in self._places else None

    def table_of(self, index: QualifiedName) -> QualifiedName | None:
        """The table of a known index, by its present name."""
        known = self.index(index)
        return self._places[known.table] if known else None

    def create_index(self, table: QualifiedName, name: str, shape: IndexShape) -> None:
        index = KnownIndex(self._oid(table), shape)
        self._indexes.create(QualifiedName(table.schema, name), index)

    def drop_index(self, name: QualifiedName) -> None:
        self._indexes.drop(name)
        self._free.clear()

    def rename_index(self, old: QualifiedName, new: str) -> None:
        self._indexes.rename(old, QualifiedName(old.schema, new))
        self._free.clear()

    def has_no_index(self, table: QualifiedName) -> bool:
        """Whether all of the table is known, and no index of it."""
        known = self[table]
        names = self._indexes.of(known.oid)
        left = (self.index(QualifiedName(table.schema, name)) for name in names)
        return known.declared and not any(one and one.table == known.oid for one in left)

    def is_relation(self, schema: str | None, name: str) -> bool:
        """Whether a known table or index of `schema` is called `name`."""
        there = QualifiedName(schema, name)
        return (there in self and not self[there].dropped) or self.index(there) is not None

    def is_there(self, name: QualifiedName) -> bool:
        """Whether a known table, index or domain is called so."""
        return self.is_relation(name.schema, name.name) or name in self.domains

    def first_free(self, schema: str | None, name: str) -> int:
        """The number below which all of `name`, `name1`, `name2` … are known to be taken."""
        return self._free.get((schema, name), 0)

    def note_first_free(self, schema: str | None, name: str, number: int) -> None:
        self._free[schema, name] = number

    def constraint(self, table: QualifiedName, name: str) -> KnownConstraint | None:
        known = self._constraints.get((self[table].oid, name))
        return self._at_present(known) if known else None

    def _at_present(self, known: KnownConstraint) -> KnownConstraint:
        """With the table that it references by its present name."""
        place = self._places.get(known.referenced)
        match known.constraint:
            case ForeignKey(referenced=before) as key if place and place != before:
                return replace(known, constraint=replace(key, referenced=place))
        return known

    def is_taken(self, schema: str | None, name: str) -> bool:
        """Whether a known constraint in `schema`, on whichever table, is called `name`."""
        return bool(self._names.get((schema, name)))

    def create(self, table: QualifiedName, new: Table, key: PartitionKey | None = None) -> None:
        """There is a table or view of that name, which nobody else sees yet."""
        self.drop(table)
        oid, split = next(self._clock), key is not None
        new = replace(new, created=True, oid=oid, partitioned=split, hollow=split)
        self._journal.put(self._tables, table, new)
        self._journal.put(self._places, oid, table)
        if key:
            self.trees.set_key(table, key)
        self._journal.put(self._unseen, table, True)
        self._created.append(table)

    def set_unlogged(self, table: QualifiedName, *, value: bool) -> None:
        self._journal.put(self._tables, table, replace(self[table], unlogged=value))

    def drop_on_commit(self, table: QualifiedName) -> None:
        self._journal.put(self._dropped_on_commit, table, True)

    def truncate(self, table: QualifiedName) -> None:
        self._journal.put(self._truncated, table, True)

    def commit(self) -> None:
        for table in self._dropped_on_commit:
            self.drop(table)

    def perhaps_end_transaction(self) -> None:
        """What the open transaction did is done, or it is still open."""
        for facts in (self._unseen, self._truncated, self._dropped_on_commit):
            self._journal.remove_all(facts)

    def end_transaction(self) -> None:
        self._unseen.clear()
        self._truncated.clear()
        self._dropped_on_commit.clear()

    def note(self, table: QualifiedName) -> None:
        """It is there now, whether it was before or not."""
        self._oid(table)

    def link(self, parent: QualifiedName, child: QualifiedName, *, is_partition: bool) -> None:
        """What is written to one of them may arrive in the other."""
        for name in (parent, child):
            self._oid(name)
            known = self[name]
            partitioned = known.partitioned or (is_partition and name == parent)
            linked = replace(known, linked=True, partitioned=partitioned)
            self._journal.put(self._tables, name, linked)
        self.trees.link(parent, child)

    def call(self) -> None:
        """Something may have written to any table."""
        self._journal.put(self._calls, "last", next(self._clock))

    def grow_old(self) -> None:
        """The tables known so far have been there before; rows and users are to be expected."""
        for name in self._created:
            self._tables[name] = replace(self[name], created=False, hollow=False)
        self._created.clear()
        self.domains.grow_old()
        self.certain.forget()

    def adopt(self, parent: QualifiedName) -> None:
        """The table has got a part that may hold rows."""
        self._journal.put(self._tables, parent, replace(self[parent], created=False))

    def drop(self, table: QualifiedName) -> None:
        for name in self._constraint_names(self[table]):
            self.drop_constraint(table, name)
        self.trees.forget(table)
        self._journal.remove(self._places, self[table].oid)
        self._free.clear()
        self._journal.put(self._tables, table, Table(dropped=True))
        self._journal.remove(self._unseen, table)

    def in_schema(self, schema: str) -> list[QualifiedName]:
        return [name for name in self._tables if name.schema == schema]

    def rename(self, old: QualifiedName, new: QualifiedName) -> None:
        """The table and all that is known of it go by another name, or live in another schema."""
        self._oid(old)
        table = self[old]
        if old.schema != new.schema:
            for name in self._constraint_names(table):
                self._count(old, name, -1)
                self._count(new, name, 1)
            self._indexes.move(table.oid, old.schema, new.schema)
            self._free.clear()
        self._journal.put(self._tables, old, Table(dropped=True))
        self._journal.put(self._tables, new, table)
        self._journal.put(self._places, table.oid, new)
        self._created.append(new)
        if old in self._unseen:
            self._journal.remove(self._unseen, old)
            self._journal.put(self._unseen, new, True)

    def latest_constraints(self, table: QualifiedName) -> list[KnownConstraint]:
        """Those that were named last: more than LOOKED_AT are not looked at."""
        found, node = dict[str, KnownConstraint](), self[table].constraints
        for _ in range(LOOKED_AT):
            if node is None:
                break
            known = self.constraint(table, node.name)
            if known:
                found[node.name] = known
            node = node.rest
        return list(found.values())

    def _constraint_names(self, table: Table) -> list[str]:
        names, node = set[str](), table.constraints
        while node:
            names.add(node.name)
            node = node.rest
        return sorted(name for name in names if (table.oid, name) in self._constraints)

    def referenced_by(self, table: QualifiedName) -> tuple[QualifiedName, ...]:
        """The tables that its known foreign keys reference."""
        names = self._constraint_names(self[table])
        known = [one.constraint for name in names if (one := self.constraint(table, name))]
        return tuple(key.referenced for key in known if isinstance(key, ForeignKey))

    def rename_constraint(self, table: QualifiedName, old: str, new: str) -> None:
        known = self.constraint(table, old)
        if known:
            self.drop_constraint(table, old)
            self._remember(table, new, known)

    def fill(self, table: QualifiedName) -> None:
        if self[table].linked:
            self.call()
        self._journal.remove(self._truncated, table)
        if not self[table].filled:
            self._journal.put(self._tables, table, replace(self[table], filled=True))

    def empty(self, view: QualifiedName) -> None:
        """Nobody can read it until it is filled again."""
        self._journal.put(self._tables, view, replace(self[view], filled=False))

    def add_constraint(self, table: QualifiedName, constraint: Constraint) -> None:
        name = constraint.name
        if name is None:
            return
        oid = self._oid(table)
        known = KnownConstraint(
            constraint,
            valid=not constraint.not_valid,
            columns=self._columns.named(oid, spoken_of(constraint)),
            not_null=self._columns.named(oid, proven(constraint)),
            referenced=self._oid(constraint.referenced)
            if isinstance(constraint, ForeignKey)
            else 0,
        )
        self._remember(table, name, known)

    def _remember(self, table: QualifiedName, name: str, known: KnownConstraint) -> None:
        oid, before = self._oid(table), self[table]
        self._inventory.change(oid)
        names = ConstraintNames(name, before.constraints)
        self._journal.put(self._tables, table, replace(before, constraints=names))
        self._journal.put(self._constraints, (oid, name), known)
        self._columns.bind(known.columns, name)
        self._count(table, name, 1)
        match known.constraint:
            case Key() as key:
                self._learn_key(table, name, key)
            case ForeignKey(referenced=referenced, referenced_columns=columns):
                target = self._columns.named(self._oid(referenced), columns or (PRIMARY_KEY,))
                self._columns.refer(target, oid, name)
                self._references.add(self._oid(referenced), oid, name)
        if known.valid:
            self._prove(table, known, 1)

    def referencing(self, table: QualifiedName) -> list[QualifiedName]:
        """Some of the tables with foreign keys that reference it."""
        tables = self._references.tables(self[table].oid, LOOKED_AT)
        return [self._places[oid] for oid in tables]

    def _learn_key(self, table: QualifiedName, name: str, key: Key) -> None:
        """It has an index of its own name; one that was there before takes that name."""
        if key.using_index:
            self.rename_index(QualifiedName(table.schema, key.using_index), name)
        else:
            self.create_index(table, name, key.index)

    def validate_constraint(self, table: QualifiedName, name: str) -> None:
        known = self.constraint(table, name)
        if known and not known.valid:
            key = (self._oid(table), name)
            self._journal.put(self._constraints, key, replace(known, valid=True))
            self._inventory.change(self._oid(table))
            self._prove(table, known, 1)

    def enforce_constraint(self, table: QualifiedName, name: str, *, enforced: bool) -> None:
        """A foreign key is enforced from now on, its rows have been checked, or it is no more."""
        known = self.constraint(table, name)
        if known and isinstance(known.constraint, ForeignKey):
            constraint = replace(known.constraint, enforced=enforced)
            if known.constraint != constraint:
                changed = replace(known, constraint=constraint, valid=enforced)
                self._journal.put(self._constraints, (self._oid(table), name), changed)

    def drop_constraint(self, table: QualifiedName, name: str) -> None:
        known = self.constraint(table, name)
        if known:
            self._inventory.change(self._oid(table))
            if known.valid:
                self._prove(table, known, -1)
            if isinstance(known.constraint, Key):
                self._indexes.drop(QualifiedName(table.schema, name))
            if isinstance(known.constraint, ForeignKey):
                referenced = self[known.constraint.referenced].oid
                self._references.remove(referenced, self._oid(table), name)
            self._free.clear()
            self._journal.remove(self._constraints, (self._oid(table), name))
            self._count(table, name, -1)

    def _prove(self, table: QualifiedName, known: KnownConstraint, change: int) -> None:
        """What a valid constraint says of its columns; a primary key's stay NOT NULL without it."""
        match known.constraint:
            case Check(enforced=True):
                self._columns.prove(known.not_null, change)
                self._columns.check(known.columns, change)
            case NotNull():
                self._set_not_null(known.not_null, value=change > 0)
            case Key(kind="PRIMARY KEY", columns=columns) if change > 0:
                self._columns.set_primary_key(self._oid(table), columns)
                self._set_not_null(known.not_null, value=True)
            case Key(kind="PRIMARY KEY"):
                self.forget_primary_key(table)

    def _set_not_null(self, columns: Iterable[Column], *, value: bool) -> None:
        for column in columns:
            self._columns.set_not_null(column, value=value)

    def forget_free_names(self) -> None:
        """After a rollback names that were taken may be free."""
        self._free.clear()

    def _count(self, table: QualifiedName, name: str, change: int) -> None:
        key = (table.schema, name)
        self._journal.put(self._names, key, self._names.get(key, 0) + change)


def _either(one: Table | None, other: Table | None) -> Table:
    """A table of which nobody knows whether it is as `one` or as `other`."""
    one, other = one or _OLD, other or _OLD
    if one.oid and other.oid and one.oid != other.oid:
        return _OLD
    return replace(
        max(one, other, key=lambda table: table.oid),
        created=one.created and other.created,
        filled=one.filled or other.filled,
        dropped=one.dropped and other.dropped,
        linked=one.linked or other.linked,
        partitioned=one.partitioned or other.partitioned,
        constraints=other.constraints or one.constraints,
    )

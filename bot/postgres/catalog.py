"""What the change itself tells about tables: created here, filled here, which constraints."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

from bot.postgres.journal import Journal
from bot.postgres.names import QualifiedName
from bot.postgres.operations import Constraint


@dataclass(frozen=True, slots=True)
class KnownConstraint:
    constraint: Constraint
    valid: bool


@dataclass(frozen=True, slots=True)
class ConstraintNames:
    """A list of names that is shared by all that is put before it."""

    name: str
    rest: ConstraintNames | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table as far as the statements so far have shown it.

    `created`: by this change, so that no running program uses it yet.
    `filled`: rows may have been written since it was created.
    `dropped`: there is no such table any more. `born` counts creations and calls.
    """

    created: bool = False
    filled: bool = False
    dropped: bool = False
    constraints: ConstraintNames | None = None
    born: int = 0


_OLD = Table()


class Catalog:
    """Every table that the change has mentioned; any other one exists and holds rows."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._tables: dict[QualifiedName, Table] = {}
        self._constraints: dict[tuple[QualifiedName, str], KnownConstraint] = {}
        self._names: dict[tuple[str | None, str], int] = {}
        self._free: dict[tuple[str | None, str], int] = {}
        self._created: list[QualifiedName] = []
        self._clock = count(1)
        self._calls = {"last": 0}  # when a function that may write anywhere was last called

    def __contains__(self, name: QualifiedName) -> bool:
        return name in self._tables

    def __getitem__(self, name: QualifiedName) -> Table:
        return self._tables.get(name, _OLD)

    def is_empty(self, name: QualifiedName) -> bool:
        """Whether the table was created here and nothing can have been written to it since."""
        table = self[name]
        return table.created and not table.filled and table.born > self._calls["last"]

    def first_free(self, schema: str | None, name: str) -> int:
        """The number below which all of `name`, `name1`, `name2` … are known to be taken."""
        return self._free.get((schema, name), 0)

    def note_first_free(self, schema: str | None, name: str, number: int) -> None:
        self._free[schema, name] = number

    def constraint(self, table: QualifiedName, name: str) -> KnownConstraint | None:
        return self._constraints.get((table, name))

    def is_taken(self, schema: str | None, name: str) -> bool:
        """Whether a known constraint in `schema`, on whichever table, is called `name`."""
        return bool(self._names.get((schema, name)))

    def create(self, table: QualifiedName, *, filled: bool) -> None:
        self.drop(table)
        born = next(self._clock)
        self._journal.put(self._tables, table, Table(created=True, filled=filled, born=born))
        self._created.append(table)

    def call(self) -> None:
        """Something may have written to any table."""
        self._journal.put(self._calls, "last", next(self._clock))

    def grow_old(self) -> None:
        """The tables known so far have been there before; rows and users are to be expected."""
        for name in self._created:
            self._tables[name] = replace(self[name], created=False)
        self._created.clear()

    def adopt(self, parent: QualifiedName) -> None:
        """The table has got a part that may hold rows."""
        self._journal.put(self._tables, parent, replace(self[parent], created=False))

    def drop(self, table: QualifiedName) -> None:
        names = self[table].constraints
        while names:
            self.drop_constraint(table, names.name)
            names = names.rest
        self._journal.put(self._tables, table, Table(dropped=True))

    def in_schema(self, schema: str) -> list[QualifiedName]:
        return [name for name in self._tables if name.schema == schema]

    def rename(self, old: QualifiedName, new: QualifiedName) -> None:
        """The table and all that is known of it go by another name, or live in another schema."""
        table = self[old]
        names, node = list[str](), table.constraints
        while node:
            names.append(node.name)
            node = node.rest
        known = {name: self.constraint(old, name) for name in names}
        self.drop(old)
        self._journal.put(self._tables, new, replace(table, constraints=None))
        self._created.append(new)
        for name, one in known.items():
            if one:
                self._remember(new, name, one)

    def rename_constraint(self, table: QualifiedName, old: str, new: str) -> None:
        known = self.constraint(table, old)
        if known:
            self.drop_constraint(table, old)
            self._remember(table, new, known)

    def fill(self, table: QualifiedName) -> None:
        if not self[table].filled:
            self._journal.put(self._tables, table, replace(self[table], filled=True))

    def add_constraint(self, table: QualifiedName, constraint: Constraint) -> None:
        name = constraint.name
        if name is None:
            return
        self._remember(table, name, KnownConstraint(constraint, valid=not constraint.not_valid))

    def _remember(self, table: QualifiedName, name: str, known: KnownConstraint) -> None:
        before = self[table]
        names = ConstraintNames(name, before.constraints)
        self._journal.put(self._tables, table, replace(before, constraints=names))
        self._journal.put(self._constraints, (table, name), known)
        self._count(table, name, 1)

    def validate_constraint(self, table: QualifiedName, name: str) -> None:
        known = self.constraint(table, name)
        if known and not known.valid:
            self._journal.put(self._constraints, (table, name), replace(known, valid=True))

    def drop_constraint(self, table: QualifiedName, name: str) -> None:
        if self.constraint(table, name):
            self._free.clear()
            self._journal.remove(self._constraints, (table, name))
            self._count(table, name, -1)

    def forget_free_names(self) -> None:
        """After a rollback names that were taken may be free."""
        self._free.clear()

    def _count(self, table: QualifiedName, name: str, change: int) -> None:
        key = (table.schema, name)
        self._journal.put(self._names, key, self._names.get(key, 0) + change)

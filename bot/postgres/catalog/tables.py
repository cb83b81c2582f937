"""What is known of tables: created here, filled here, partitioned, and by which name they go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count

from bot.postgres.journal import Journal
from bot.postgres.names import QualifiedName


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
    `dropped`: there is no such table any more.
    `declared`: all of its columns are known.
    `unlogged`: it is known to be so, or (False) not to be so.
    `foreign`: its rows lie elsewhere, where nothing that is asked of the table itself reads them.
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
    foreign: bool = False
    constraints: ConstraintNames | None = None
    oid: int = 0


_OLD = Table()


class Tables:
    """Every table that the change has mentioned; any other one exists and holds rows."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._tables: dict[QualifiedName, Table] = {}
        self._places: dict[int, QualifiedName] = {}
        self._created: list[QualifiedName] = []
        self._clock = count(1)
        self._calls = {"last": 0}  # when a function that may write anywhere was last called
        # By the open transaction:
        self._unseen: dict[QualifiedName, bool] = {}
        self._truncated: dict[QualifiedName, bool] = {}
        self._dropped_on_commit: dict[QualifiedName, bool] = {}

        journal.join_by(self._tables, _either)
        journal.join_by(self._calls, lambda one, other: max(one or 0, other or 0))

    def __contains__(self, name: QualifiedName) -> bool:
        return name in self._tables

    def __getitem__(self, name: QualifiedName) -> Table:
        return self._tables.get(name, _OLD)

    @property
    def places(self) -> Mapping[int, QualifiedName]:
        """The present names of the tables that are there, by oid."""
        return self._places

    def oid(self, table: QualifiedName) -> int:
        """The table's; it gets one as soon as there is something to remember."""
        known = self[table]
        if not known.oid:
            known = replace(known, oid=next(self._clock))
            self._put(table, known)
            self._journal.put(self._places, known.oid, table)
        return known.oid

    def note(self, table: QualifiedName) -> None:
        """It is there now, whether it was before or not."""
        self.oid(table)

    def note_foreign(self, table: QualifiedName) -> None:
        self.oid(table)
        if not self[table].foreign:
            self._put(table, replace(self[table], foreign=True))

    def in_schema(self, schema: str) -> list[QualifiedName]:
        return [name for name in self._tables if name.schema == schema]

    def is_empty(self, name: QualifiedName) -> bool:
        """Whether the table was created here and nothing can have been written to it since."""
        table = self[name]
        return table.created and not table.filled and table.oid > self._calls["last"]

    def holds_no_rows(self, name: QualifiedName) -> bool:
        """Whether it is empty, be it that the open transaction has emptied it."""
        return name in self._truncated or self.is_empty(name)

    def is_unseen(self, name: QualifiedName) -> bool:
        """Whether the open transaction has created the table, so that nobody else sees it."""
        return name in self._unseen

    def create(self, table: QualifiedName, new: Table, *, partitioned: bool) -> None:
        """There is a table or view of that name, which nobody else sees yet."""
        oid = next(self._clock)
        new = replace(new, created=True, oid=oid, partitioned=partitioned, hollow=partitioned)
        self._put(table, new)
        self._journal.put(self._places, oid, table)
        self._journal.put(self._unseen, table, True)
        self._created.append(table)

    def drop(self, table: QualifiedName) -> None:
        self._journal.remove(self._places, self[table].oid)
        self._put(table, Table(dropped=True))
        self._journal.remove(self._unseen, table)

    def rename(self, old: QualifiedName, new: QualifiedName) -> None:
        oid, table = self.oid(old), self[old]
        self._put(old, Table(dropped=True))
        self._put(new, table)
        self._journal.put(self._places, oid, new)
        self._created.append(new)
        if old in self._unseen:
            self._journal.remove(self._unseen, old)
            self._journal.put(self._unseen, new, True)

    def link(self, parent: QualifiedName, child: QualifiedName, *, is_partition: bool) -> None:
        """What is written to one of them may arrive in the other."""
        for name in (parent, child):
            self.oid(name)
            known = self[name]
            partitioned = known.partitioned or (is_partition and name == parent)
            self._put(name, replace(known, linked=True, partitioned=partitioned))

    def adopt(self, parent: QualifiedName) -> None:
        """The table has got a part that may hold rows."""
        self._put(parent, replace(self[parent], created=False))

    def name_constraint(self, table: QualifiedName, name: str) -> None:
        """A constraint of it has, or had, that name."""
        before = self[table]
        names = ConstraintNames(name, before.constraints)
        self._put(table, replace(before, constraints=names))

    def set_unlogged(self, table: QualifiedName, *, value: bool) -> None:
        self._put(table, replace(self[table], unlogged=value))

    def fill(self, table: QualifiedName) -> None:
        if self[table].linked:
            self.call()
        self._journal.remove(self._truncated, table)
        if not self[table].filled:
            self._put(table, replace(self[table], filled=True))

    def empty(self, view: QualifiedName) -> None:
        """Nobody can read it until it is filled again."""
        self._put(view, replace(self[view], filled=False))

    def call(self) -> None:
        """Something may have written to any table."""
        self._journal.put(self._calls, "last", next(self._clock))

    def truncate(self, table: QualifiedName) -> None:
        self._journal.put(self._truncated, table, True)

    def drop_on_commit(self, table: QualifiedName) -> None:
        self._journal.put(self._dropped_on_commit, table, True)

    @property
    def dropped_on_commit(self) -> tuple[QualifiedName, ...]:
        return tuple(self._dropped_on_commit)

    def perhaps_end_transaction(self) -> None:
        """What the open transaction did is done, or it is still open."""
        for facts in (self._unseen, self._truncated, self._dropped_on_commit):
            self._journal.remove_all(facts)

    def end_transaction(self) -> None:
        for facts in (self._unseen, self._truncated, self._dropped_on_commit):
            facts.clear()

    def grow_old(self) -> None:
        """Those known so far have been there before; rows and users are to be expected."""
        for name in self._created:
            self._tables[name] = replace(self[name], created=False, hollow=False)
        self._created.clear()

    def _put(self, name: QualifiedName, table: Table) -> None:
        self._journal.put(self._tables, name, table)


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

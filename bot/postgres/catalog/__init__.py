"""What the change itself tells of the database: each subject by itself, and what goes together."""

from __future__ import annotations

from bot.postgres.catalog.certain import Certain
from bot.postgres.catalog.columns import LOOKED_AT, PRIMARY_KEY, Columns
from bot.postgres.catalog.composites import Composites
from bot.postgres.catalog.constraints import Constraints, KnownConstraint
from bot.postgres.catalog.domains import Domains
from bot.postgres.catalog.foreign_keys import ForeignKeys
from bot.postgres.catalog.indexes import Indexes
from bot.postgres.catalog.inventory import Inventory
from bot.postgres.catalog.names import Names
from bot.postgres.catalog.tables import Table, Tables
from bot.postgres.catalog.trees import Trees
from bot.postgres.catalog.views import Views
from bot.postgres.journal import Journal
from bot.postgres.names import QualifiedName
from bot.postgres.operations import Column as NewColumn
from bot.postgres.predicates import PartitionKey
from bot.postgres.types import Collation, Type, differ

__all__ = ["LOOKED_AT", "Catalog", "KnownConstraint", "Table"]


class Catalog:
    """Everything that the change has mentioned; of anything else nothing is known."""

    def __init__(self, journal: Journal, version: int) -> None:
        self.version = version
        self.names = Names(journal)
        self.tables = tables = Tables(journal)
        self.certain = Certain(journal)
        self.inventory = Inventory(journal, tables, self.certain)
        self.columns = columns = Columns(journal, tables, self.inventory)
        self.indexes = Indexes(journal, tables, columns, self.names)
        self.constraints = Constraints(journal, tables, columns, self.indexes, self.names)
        self.foreign_keys = ForeignKeys(tables, columns, self.constraints)
        self.trees = Trees(journal, lambda table: tables[table].oid, tables.places)
        self.domains = Domains(journal)
        self.views = Views(journal, tables, columns, self.certain)
        self.composites = Composites(tables, columns, self.domains)

    def __getitem__(self, table: QualifiedName) -> Table:
        return self.tables[table]

    def holds_no_rows(self, table: QualifiedName) -> bool:
        """Whether it is empty, be it that the open transaction has emptied it."""
        return self.tables.holds_no_rows(table)

    def is_relation(self, schema: str | None, name: str) -> bool:
        """Whether a known table or index of `schema` is called `name`."""
        there = QualifiedName(schema, name)
        is_table = there in self.tables and not self.tables[there].dropped
        return is_table or self.indexes.get(there) is not None

    def is_there(self, name: QualifiedName) -> bool:
        """Whether a known table, index or domain is called so."""
        return self.is_relation(name.schema, name.name) or name in self.domains

    def create(self, table: QualifiedName, new: Table, key: PartitionKey | None = None) -> None:
        """There is a table or view of that name, which nobody else sees yet."""
        self.drop(table)
        self.tables.create(table, new, partitioned=key is not None)
        if key:
            self.trees.set_key(table, key)

    def drop(self, table: QualifiedName) -> None:
        for name, _ in self.constraints.all(table):
            self.constraints.drop(table, name)
        self.trees.forget(table)
        self.tables.drop(table)
        self.names.may_be_free()

    def rename(self, old: QualifiedName, new: QualifiedName) -> None:
        """The table and all that is known of it go by another name, or live in another schema."""
        if old.schema != new.schema:
            self.constraints.move(old, new.schema)
            self.indexes.move(old, new.schema)
            self.names.may_be_free()
        self.tables.rename(old, new)

    def link(self, parent: QualifiedName, child: QualifiedName, *, is_partition: bool) -> None:
        """What is written to one of them may arrive in the other."""
        self.tables.link(parent, child, is_partition=is_partition)
        self.trees.link(parent, child)

    def add_column(self, table: QualifiedName, new: NewColumn) -> None:
        self._leave_type(table, new.name)
        self.columns.add(table, new)
        self._note_type(table, new.name, new.type)

    def set_type(
        self, table: QualifiedName, column: str, kind: Type | None, collation: Collation | None
    ) -> None:
        self.columns.set_type(table, column, kind, collation)
        self._note_type(table, column, kind)

    def is_constrained(self, kind: Type | None) -> bool:
        """Whether each value of the type is checked."""
        return bool(kind and not kind.array and self.domains.is_constrained(kind.qualified))

    def differ(self, one: QualifiedName, other: QualifiedName, column: str) -> bool:
        """Whether the column is certainly of another type in the other table."""
        kinds = [self.columns.type_of(table, column) for table in (one, other)]
        made = [self._made(table, column) for table in (one, other)]
        return differ(*kinds) or (None not in made and made[0] != made[1])

    def _made(self, table: QualifiedName, column: str) -> tuple[int, bool] | None:
        """The domain of the column, 0 for none, and whether it holds arrays; None if unknown.

        A type that is not PostgreSQL's own is known where the change has created it as a domain.
        """
        kind = self.columns.type_of(table, column)
        if kind is None:
            return None
        domain = self.domains.made(self.columns[table, column])
        return (domain, kind.array and domain > 0) if kind.own or domain else None

    def _note_type(self, table: QualifiedName, column: str, kind: Type | None) -> None:
        """Any type that is not PostgreSQL's own may be a domain."""
        self._leave_type(table, column)
        if kind and not kind.own:
            oid, user = self.tables.oid(table), self.columns[table, column]
            self.domains.use(oid, user, kind.qualified, array=kind.array)

    def _leave_type(self, table: QualifiedName, column: str) -> None:
        if (table, column) in self.columns:
            self.domains.leave(self.columns[table, column])

    def rename_column(self, table: QualifiedName, old: str, new: str) -> None:
        self.columns.forget_primary_key(table)
        self.columns.rename(table, old, new)

    def drop_column(self, table: QualifiedName, column: str) -> None:
        """With all constraints that speak of it, and the foreign keys to it, as CASCADE does."""
        self.columns.forget_primary_key(table)
        for place, name in self.foreign_keys.all_to_column(table, column):
            self.constraints.drop(place, name)
        if self.foreign_keys.is_in_primary_key(table, column):
            self.columns.drop(table, PRIMARY_KEY)
        for name in self.columns.constraints(table, column):
            self.constraints.drop(table, name)
        self._leave_type(table, column)
        self.columns.drop(table, column)

    def commit(self) -> None:
        for table in self.tables.dropped_on_commit:
            self.drop(table)

    def grow_old(self) -> None:
        """What is known so far has been there before; rows and users are to be expected."""
        self.tables.grow_old()
        self.domains.grow_old()
        self.certain.forget()

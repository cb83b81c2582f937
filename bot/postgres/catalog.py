"""What the change itself tells about tables: created here, filled here, which constraints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.postgres.names import QualifiedName
from bot.postgres.operations import Constraint


@dataclass(frozen=True, slots=True)
class KnownConstraint:
    constraint: Constraint
    valid: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table as far as the statements so far have shown it.

    `created`: by this change, so that no running program uses it yet.
    `filled`: rows may have been written since it was created.
    """

    created: bool = False
    filled: bool = False
    constraints: Mapping[str, KnownConstraint] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return self.created and not self.filled


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every table that the change has mentioned; any other one exists and holds rows."""

    tables: Mapping[QualifiedName, Table] = field(default_factory=dict)

    def __getitem__(self, name: QualifiedName) -> Table:
        return self.tables.get(name, Table())

    def with_table(self, name: QualifiedName, table: Table) -> Catalog:
        return Catalog({**self.tables, name: table})

    def with_constraint(self, table: QualifiedName, name: str, known: KnownConstraint) -> Catalog:
        before = self[table]
        return self.with_table(
            table, replace(before, constraints={**before.constraints, name: known})
        )

    def without_constraint(self, table: QualifiedName, name: str) -> Catalog:
        before = self[table]
        left = {key: value for key, value in before.constraints.items() if key != name}
        return self.with_table(table, replace(before, constraints=left))

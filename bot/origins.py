"""What checks rows is traced to the command that wrote the condition, while its names hold."""

from __future__ import annotations

from collections.abc import Iterable

from bot.model.moment import Origin
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddConstraint,
    AddDomainCheck,
    DropColumn,
    DropConstraint,
    DropTable,
    ForeignKey,
    OnDomain,
    OnTable,
    Operation,
    RenameColumn,
    RenameConstraint,
    RenameTable,
    SetDomainNotNull,
    SetNotNull,
    ValidateConstraint,
)
from bot.postgres.outcome import Outcome


class Origins:
    """The constraints that a change adds, by their tables and names."""

    def __init__(self) -> None:
        self._added: dict[tuple[QualifiedName, str], tuple[int, Origin]] = {}
        self._renamed: dict[QualifiedName, int] = {}  # when last, as the number of a statement
        self._new_names: set[QualifiedName] = set()

    def open_file(self) -> None:
        """What is told of names from here on is told of another file."""
        self._new_names.clear()

    def expect(self, number: int, outcomes: Iterable[Outcome]) -> None:
        """The `number`-th statement belongs to the file whose commands come next."""
        for outcome in outcomes:
            if isinstance(outcome.operation, OnTable) and _renames(outcome.operation):
                self._renamed[outcome.operation.table] = number
            match outcome.operation:
                case RenameTable() as renamed:
                    self._new_names.add(renamed.new)
                case RenameColumn(table):
                    self._new_names.add(table)

    def of(self, number: int, written: Origin, *, undone: bool) -> Origin | None:
        """The origin of what `written`, of the `number`-th statement, checks; None where unknown.

        None too where its names are others once the file has run, or were before it: the rows must
        be corrected first.
        """
        match written.outcome.operation:
            case AddConstraint(table, constraint):
                if not undone:
                    self._added[table, constraint.name or ""] = (number, written)
                return self._lasting(number, written)
            case SetNotNull() | AddDomainCheck() | SetDomainNotNull():
                return self._lasting(number, written)
            case ValidateConstraint(table, name) if (table, name) in self._added:
                return self._lasting(*self._added[table, name])
            case DropConstraint(table, name) | RenameConstraint(table, name):
                self._added.pop((table, name), None)
        return None

    def _lasting(self, number: int, origin: Origin) -> Origin | None:
        tables = _tables(origin.outcome)
        lasting = all(self._renamed.get(table, -1) <= number for table in tables)
        return origin if lasting and self._new_names.isdisjoint(tables) else None


def _renames(operation: Operation) -> bool:
    """Whether the table or a column has another name afterwards, or none."""
    match operation:
        case RenameTable() | DropTable() | DropColumn() | RenameColumn():
            return True
    return False


def _tables(outcome: Outcome) -> tuple[QualifiedName, ...]:
    match outcome.operation:
        case OnDomain():
            return tuple(table for table, _ in outcome.effect.values)
        case AddConstraint(table, ForeignKey(referenced=referenced)):
            return table, referenced
        case OnTable(table):
            return (table,)
    return ()

"""Which columns a view certainly uses, as long as it is certainly there."""

from __future__ import annotations

from itertools import count, islice

from bot.postgres.catalog.certain import Certain
from bot.postgres.catalog.columns import LOOKED_AT, Column, Columns
from bot.postgres.catalog.tables import Tables
from bot.postgres.journal import Journal
from bot.postgres.names import TEMPORARY, QualifiedName

_MOST_ENTIRE = 500
"""How many views may ask for all columns of a table; what further ones use is not known."""


class Views:
    """Of several views that use a column the latest is remembered."""

    def __init__(
        self, journal: Journal, tables: Tables, columns: Columns, certain: Certain
    ) -> None:
        self._journal = journal
        self._tables, self._columns, self._certain = tables, columns, certain
        self._clock = count(1)
        self._patience = _MOST_ENTIRE
        self._users: dict[Column, tuple[int, int]] = {}  # a view, and since when it uses it
        self._changed: dict[int, int] = {}  # when a view last got another query
        self._forgotten = {"last": 0}  # when any view may last have been dropped
        journal.join_by(self._changed, _later)
        journal.join_by(self._forgotten, _later)

    def use(
        self, view: QualifiedName, table: QualifiedName, columns: tuple[str, ...], *, every: bool
    ) -> None:
        if {view.schema, table.schema} & {None, TEMPORARY}:
            return
        names = list(columns)
        if every and self._patience > 0:
            self._patience -= 1
            names += islice(self._columns.inventory.columns(table), LOOKED_AT)
        user = self._tables.oid(view), next(self._clock)
        for column in self._columns.named(table, names):
            self._journal.put(self._users, column, user)

    def change(self, view: QualifiedName) -> None:
        """It is there, with a query that may use other columns."""
        self._journal.put(self._changed, self._tables.oid(view), next(self._clock))

    def forget(self) -> None:
        """Any of them may have been dropped with something else."""
        self._journal.put(self._forgotten, "last", next(self._clock))

    def uses(self, table: QualifiedName, column: str) -> bool:
        """Whether a view that is there uses the column."""
        if self._certain.shaken or (table, column) not in self._columns:
            return False
        view, since = self._users.get(self._columns[table, column], (0, 0))
        known = max(self._changed.get(view, 0), self._forgotten["last"])
        return view in self._tables.places and since > known


def _later(one: int | None, other: int | None) -> int:
    return max(one or 0, other or 0)

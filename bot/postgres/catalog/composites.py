"""Which tables are made of which composite types."""

from __future__ import annotations

from bot.postgres.catalog.columns import WHOLE_ROW, Columns
from bot.postgres.catalog.domains import Domains, User
from bot.postgres.catalog.tables import Tables
from bot.postgres.names import QualifiedName


class Composites:
    """A table that is made of a type uses it for all of its columns together."""

    def __init__(self, tables: Tables, columns: Columns, domains: Domains) -> None:
        self._tables, self._columns, self._domains = tables, columns, domains

    def set(self, table: QualifiedName, kind: QualifiedName | None) -> None:
        """Its columns are the attributes of a composite type, or no longer."""
        row = self._columns[table, WHOLE_ROW]
        self._domains.leave(row)
        if kind:
            self._domains.use(self._tables.oid(table), row, kind, array=False)

    def tables(self, kind: QualifiedName) -> list[QualifiedName]:
        """Those that are known to be made of it."""
        places = ((self._place(user), user) for user in self._domains.users(kind))
        return [place for place, user in places if place and self._is_row(place, user)]

    def has_columns(self, kind: QualifiedName) -> bool:
        """Whether a column is known to be of it."""
        places = ((self._place(user), user) for user in self._domains.users(kind))
        return any(place and not self._is_row(place, user) for place, user in places)

    def _place(self, user: User) -> QualifiedName | None:
        return self._tables.places.get(user.table)

    def _is_row(self, place: QualifiedName, user: User) -> bool:
        return user.column == self._columns[place, WHOLE_ROW]

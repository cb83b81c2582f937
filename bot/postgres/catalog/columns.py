"""What is known of columns, by the oid of their table."""

from __future__ import annotations

from bot.postgres.journal import Journal

Column = tuple[int, str]


class Columns:
    """The columns that the change has mentioned; of any other nothing is known."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._proofs: dict[Column, int] = {}  # valid checks of IS NOT NULL
        self._not_null: dict[Column, bool] = {}
        self._primary_keys: dict[int, tuple[str, ...]] = {}

    def add(self, table: int, column: str) -> None:
        """Nothing that is known of an earlier column of that name holds for the new one."""
        self._journal.remove(self._not_null, (table, column))
        self._journal.remove(self._proofs, (table, column))

    def is_not_null(self, table: int, column: str) -> bool:
        key = (table, column)
        return self._not_null.get(key, False) or self._proofs.get(key, 0) > 0

    def set_not_null(self, table: int, column: str, *, value: bool) -> None:
        self._journal.put(self._not_null, (table, column), value)

    def prove(self, table: int, column: str, change: int) -> None:
        """One valid check more (1) or less (-1) says that the column is not null."""
        proofs = self._proofs.get((table, column), 0) + change
        self._journal.put(self._proofs, (table, column), proofs)

    def primary_key(self, table: int) -> tuple[str, ...]:
        return self._primary_keys.get(table, ())

    def set_primary_key(self, table: int, columns: tuple[str, ...]) -> None:
        """Nothing is known of it where there are no `columns`."""
        self._journal.put(self._primary_keys, table, columns)

"""Which foreign keys reference a table, by oids."""

from __future__ import annotations

from itertools import islice

from bot.postgres.journal import Journal


class References:
    """The keys that the change and the migrations before it have made."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._keys: dict[int, dict[tuple[int, str], bool]] = {}

    def add(self, referenced: int, table: int, name: str) -> None:
        self._journal.put(self._keys.setdefault(referenced, {}), (table, name), True)

    def remove(self, referenced: int, table: int, name: str) -> None:
        self._journal.remove(self._keys.get(referenced, {}), (table, name))

    def tables(self, referenced: int, limit: int) -> list[int]:
        """The tables whose keys reference it, of the first `limit` keys."""
        some = islice(self._keys.get(referenced, ()), limit)
        return list(dict.fromkeys(table for table, _ in some))

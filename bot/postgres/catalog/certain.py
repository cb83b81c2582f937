"""Which constraints are certainly there, and which are certainly gone."""

from __future__ import annotations

from bot.postgres.journal import Journal
from bot.postgres.names import QualifiedName


class Certain:
    """What statements just before have added and dropped, with nothing unknown in between."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._there: dict[tuple[QualifiedName, str], bool] = {}
        self.shaken = False
        """Whether something has run of which nobody can tell what it did to keys and indexes."""

    def is_there(self, table: QualifiedName, name: str) -> bool | None:
        """None where nobody can tell."""
        return self._there.get((table, name))

    def note(self, table: QualifiedName, name: str, *, there: bool) -> None:
        self._journal.put(self._there, (table, name), there)

    def shake(self) -> None:
        """Something may have changed any table, nobody can tell what."""
        self.shaken = True
        self.forget()

    def forget(self) -> None:
        """Something may have changed any table."""
        for key in tuple(self._there):
            self._journal.remove(self._there, key)

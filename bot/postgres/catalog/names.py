"""Which names of constraints are taken, and from where on there may be a free one."""

from __future__ import annotations

from bot.postgres.journal import Journal


class Names:
    """How many known constraints of a schema, on whichever table, have a name."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._constraints: dict[tuple[str | None, str], int] = {}
        self._free: dict[tuple[str | None, str], int] = {}
        journal.join_by(self._constraints, lambda one, other: max(one or 0, other or 0))

    def is_taken(self, schema: str | None, name: str) -> bool:
        return bool(self._constraints.get((schema, name)))

    def take(self, schema: str | None, name: str) -> None:
        self._count(schema, name, 1)

    def give_back(self, schema: str | None, name: str) -> None:
        self.may_be_free()
        self._count(schema, name, -1)

    def _count(self, schema: str | None, name: str, change: int) -> None:
        key = (schema, name)
        self._journal.put(self._constraints, key, self._constraints.get(key, 0) + change)

    def first_free(self, schema: str | None, name: str) -> int:
        """The number below which all of `name`, `name1`, `name2` … are known to be taken."""
        return self._free.get((schema, name), 0)

    def note_first_free(self, schema: str | None, name: str, number: int) -> None:
        self._free[schema, name] = number

    def may_be_free(self) -> None:
        """After a DROP, a rename or a rollback names that were taken may be free."""
        self._free.clear()

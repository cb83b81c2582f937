"""The savepoints of the open transaction; the latest one of a name hides those before it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.variables import Marks


@dataclass(frozen=True, slots=True)
class Savepoint:
    """`changes` marks the journal, `variables` what had been SET."""

    name: str
    changes: int
    variables: Marks


class Savepoints:
    """All that have been set and not been released, the innermost last."""

    def __init__(self) -> None:
        self._open: list[Savepoint] = []
        self._places: dict[str, list[int]] = {}

    def set(self, name: str, changes: int, variables: Marks) -> None:
        self._places.setdefault(name, []).append(len(self._open))
        self._open.append(Savepoint(name, changes, variables))

    def back_to(self, name: str) -> Savepoint | None:
        """The latest one of that name, which stays, while those inside it are gone."""
        places = self._places.get(name)
        if not places:
            return None
        self._leave(places[-1] + 1)
        return self._open[-1]

    def release(self, name: str) -> None:
        places = self._places.get(name)
        if places:
            self._leave(places[-1])

    def _leave(self, depth: int) -> None:
        while len(self._open) > depth:
            self._places[self._open.pop().name].pop()

    def clear(self) -> None:
        self._open.clear()
        self._places.clear()

"""Of several ways that a session may have gone, what is known after is true of each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot.postgres.journal import Changes, Journal

Path = TypeVar("Path")


@dataclass(slots=True)
class _Fork(Generic[Path]):
    """`path` is the search path where the ways begin, `strays` whether one of them changes it."""

    mark: int
    path: Path
    strays: bool = False
    ways: list[Changes] = field(default_factory=list)


class Forks(Generic[Path]):
    """The forks that are open, the innermost last."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._open: list[_Fork[Path]] = []

    def __bool__(self) -> bool:
        return bool(self._open)

    def fork(self, path: Path) -> None:
        self._open.append(_Fork(self._journal.mark(), path))

    def otherwise(self, path: Path) -> Path:
        """One way ends with this search path; the one where they begin is to be set again."""
        fork = self._open[-1]
        fork.strays |= path != fork.path
        fork.ways.append(self._journal.since(fork.mark))
        self._journal.back_to(fork.mark)
        return fork.path

    def join(self) -> bool:
        """Leave a fork whose ways have ended; whether the search path may have changed."""
        fork = self._open.pop()
        for way in fork.ways:
            self._journal.join(way)
        return fork.strays

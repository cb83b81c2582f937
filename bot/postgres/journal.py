"""Changes of facts are written down: they can be taken back, or left as what may have happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")

Join = Callable[[Any, Any], Any]
"""One fact of two of which nobody knows which one holds; None is one that is not known."""
Changes = tuple[tuple[dict[Any, Any], Any, Any], ...]

_MISSING: Any = object()


class Journal:
    """Everything that has changed since the transaction began."""

    def __init__(self) -> None:
        self._entries: list[tuple[dict[Any, Any], Any, Any]] = []
        self._joins: dict[int, Join] = {}

    def join_by(self, facts: dict[K, V], join: Callable[[V | None, V | None], V | None]) -> None:
        """How facts that may hold come together; of others nothing is known where they differ."""
        self._joins[id(facts)] = join

    def put(self, facts: dict[K, V], key: K, value: V) -> None:
        self._entries.append((facts, key, facts.get(key, _MISSING)))
        facts[key] = value

    def remove(self, facts: dict[K, V], key: K) -> None:
        if key in facts:
            self._entries.append((facts, key, facts.pop(key)))

    def remove_all(self, facts: dict[K, V]) -> None:
        for key in list(facts):
            self.remove(facts, key)

    def mark(self) -> int:
        """The present state, for `back_to`."""
        return len(self._entries)

    def back_to(self, mark: int) -> None:
        while len(self._entries) > mark:
            facts, key, before = self._entries.pop()
            if before is _MISSING:
                del facts[key]
            else:
                facts[key] = before

    def since(self, mark: int) -> Changes:
        """The present values of all that has changed since."""
        changed = {(id(facts), key): (facts, key) for facts, key, _ in self._entries[mark:]}
        return tuple((facts, key, facts.get(key)) for facts, key in changed.values())

    def join(self, changes: Changes) -> None:
        """Facts of which nobody knows whether they hold, or those that there are."""
        for facts, key, perhaps in changes:
            now = facts.get(key)
            if now != perhaps:
                join = self._joins.get(id(facts))
                value = join(now, perhaps) if join else None
                if value is None:
                    self.remove(facts, key)
                else:
                    self.put(facts, key, value)

    def clear(self) -> None:
        """After a commit nothing can be taken back."""
        self._entries.clear()

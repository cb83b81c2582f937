"""Changes of facts are written down, so that a rollback can take them back one by one."""

from __future__ import annotations

from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_MISSING: Any = object()


class Journal:
    """Everything that has changed since the transaction began."""

    def __init__(self) -> None:
        self._entries: list[tuple[dict[Any, Any], Any, Any]] = []

    def put(self, facts: dict[K, V], key: K, value: V) -> None:
        self._entries.append((facts, key, facts.get(key, _MISSING)))
        facts[key] = value

    def remove(self, facts: dict[K, V], key: K) -> None:
        if key in facts:
            self._entries.append((facts, key, facts.pop(key)))

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

    def clear(self) -> None:
        """After a commit nothing can be taken back."""
        self._entries.clear()

"""A setting of a session keeps its value as SET, SET LOCAL and the end of a transaction leave it.

Source: PostgreSQL documentation, SET.
"""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Setting(Generic[T]):
    """One setting, which begins as `default`."""

    def __init__(self, default: T) -> None:
        self._default = self.value = self._before = self._after = default

    def reset(self) -> None:
        """A new connection."""
        self.value = self._before = self._after = self._default

    def begin(self) -> None:
        self._before = self._after = self.value

    def set(self, value: T, *, local: bool) -> None:
        """Inside a transaction; `local` ends with it."""
        self.value = value
        if not local:
            self._after = value

    def commit(self) -> None:
        self.value = self._after

    def rollback(self) -> None:
        self.value = self._before

    def mark(self) -> tuple[T, T]:
        """The present state, for `back_to`."""
        return self.value, self._after

    def back_to(self, mark: tuple[T, T]) -> None:
        self.value, self._after = mark

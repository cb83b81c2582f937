"""What SET has set in a session, and for how long."""

from __future__ import annotations

from typing import Any

from bot.postgres.operations import TIMEOUTS
from bot.postgres.outcome import SearchPath, Timeout
from bot.postgres.setting import Setting

Marks = tuple[tuple[Any, Any], ...]


class Variables:
    """The search path and the timeouts of a connection."""

    def __init__(self) -> None:
        self.search_path = Setting(SearchPath())
        self._timeouts = {name: Setting(Timeout()) for name in TIMEOUTS}
        self._all: list[Setting[Any]] = [self.search_path, *self._timeouts.values()]

    @property
    def waits_are_limited(self) -> bool:
        """Whether a timeout ends the waiting for locks."""
        return any(timeout.value.on for timeout in self._timeouts.values())

    @property
    def lock_timeout(self) -> Timeout:
        return self._timeouts["lock_timeout"].value

    def set_search_path(self, path: SearchPath) -> None:
        self.search_path.set(path, local=path.local)

    def set_timeout(self, name: str, timeout: Timeout) -> None:
        self._timeouts[name].set(timeout, local=timeout.local)

    def reset(self, number: int) -> None:
        """The `number`-th statement sets all of them to their defaults."""
        self.set_search_path(SearchPath(since=number))
        for name in self._timeouts:
            self.set_timeout(name, Timeout())

    def reconnect(self) -> None:
        for setting in self._all:
            setting.reset()

    def begin(self) -> None:
        for setting in self._all:
            setting.begin()

    def commit(self) -> None:
        for setting in self._all:
            setting.commit()

    def rollback(self) -> None:
        for setting in self._all:
            setting.rollback()

    def mark(self) -> Marks:
        """The present state, for `back_to`."""
        return tuple(setting.mark() for setting in self._all)

    def back_to(self, marks: Marks) -> None:
        for setting, mark in zip(self._all, marks, strict=True):
            setting.back_to(mark)

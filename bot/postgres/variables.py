"""What SET has set in a session, and for how long."""

from __future__ import annotations

from typing import Any

from bot.postgres.operations import (
    TIMEOUTS,
    Operation,
    ResetAll,
    SetSearchPath,
    SetTimeout,
    SetTimeZone,
)
from bot.postgres.outcome import SearchPath, Timeout, TimeZone
from bot.postgres.setting import Setting

Marks = tuple[tuple[Any, Any], ...]


class Variables:
    """The search path, the timeouts and the time zone of a connection."""

    def __init__(self) -> None:
        self.search_path = Setting(SearchPath())
        self._timeouts = {name: Setting(Timeout()) for name in TIMEOUTS}
        self._zone = Setting(TimeZone())
        self._all: list[Setting[Any]] = [self.search_path, self._zone, *self._timeouts.values()]

    @property
    def waits_are_limited(self) -> bool:
        """Whether a timeout ends the waiting for locks."""
        return any(timeout.value.on for timeout in self._timeouts.values())

    @property
    def lock_timeout(self) -> Timeout:
        return self._timeouts["lock_timeout"].value

    @property
    def in_utc(self) -> bool:
        """Whether the time zone is certainly UTC."""
        return self._zone.value.utc

    def run(self, number: int, operation: Operation, *, in_transaction: bool) -> None:
        """The `number`-th statement; outside of a transaction SET LOCAL sets nothing."""
        match operation:
            case SetSearchPath(local=True) | SetTimeout(local=True) | SetTimeZone(local=True) if (
                not in_transaction
            ):
                pass
            case SetSearchPath(schemas, local):
                self.search_path.set(SearchPath(schemas, number, local), local=local)
                if schemas is None:  # what nobody can read may set anything
                    self.forget_zone()
            case SetTimeout(name, on, local):
                self._timeouts[name].set(Timeout(on, number, local), local=local)
            case SetTimeZone(utc, local):
                self._zone.set(TimeZone(utc), local=local)
            case ResetAll():
                self._reset(number)

    def _reset(self, number: int) -> None:
        self.search_path.set(SearchPath(since=number), local=False)
        for timeout in self._timeouts.values():
            timeout.set(Timeout(), local=False)
        self.forget_zone()

    def forget_zone(self) -> None:
        self._zone.set(TimeZone(), local=False)

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

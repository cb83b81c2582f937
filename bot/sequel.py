"""What comes later in a change decides whether something of a statement can be put off."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.model.migration import Statement, Wrapping
from bot.postgres.dependence import Subject, disturbed, subjects
from bot.postgres.operations import Operation, Rollback, RollbackTo, Savepoint
from bot.postgres.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Ran:
    """The `number`-th statement of all has run; `ends` where it ended its transaction."""

    number: int
    statement: Statement
    wrapping: Wrapping
    outcomes: tuple[Outcome, ...]
    ends: bool


def ends(ran: Sequence[Ran]) -> list[Ran | None]:
    """For each statement the one that ends its transaction, None where only the tool does."""
    found: list[Ran | None] = []
    end: Ran | None = None
    for one in reversed(ran):
        end = one if one.ends else end
        found.append(end)
    return found[::-1]


def undone(ran: Iterable[Ran]) -> set[int]:
    """The statements that ROLLBACK or ROLLBACK TO takes back."""
    numbers: set[int] = set()
    since: list[int] = []  # the statements of the open transaction
    marks: list[tuple[str, int]] = []
    for one in ran:
        match [outcome.operation for outcome in one.outcomes]:
            case [Savepoint(name)]:
                marks.append((name, len(since)))
            case [RollbackTo(name)] if any(mark == name for mark, _ in marks):
                while marks[-1][0] != name:
                    marks.pop()
                numbers.update(since[marks[-1][1] :])
                del since[marks[-1][1] :]
            case [Rollback()]:
                numbers.update(since)
            case _:
                since.append(one.number)
        if one.ends:
            since, marks = [], []
    return numbers


Place = tuple[int, int]
"""A command: the number of its statement, and its own in it."""


def first_without_limit(ran: Iterable[Ran]) -> Place | None:
    """The first command that waits, without any limit, for a lock that makes others wait."""
    places = (
        (one.number, index)
        for one in ran
        for index, outcome in enumerate(one.outcomes)
        if not outcome.limited and any(lock.since == one.number for lock in outcome.blocking)
    )
    return next(places, None)


class Disturbers:
    """The commands of a change that build on a table or a constraint, or change it."""

    def __init__(self, ran: Iterable[Ran]) -> None:
        self._found: dict[Subject, list[tuple[Place, Statement]]] = defaultdict(list)
        for one in ran:
            for index, outcome in enumerate(one.outcomes):
                for subject in disturbed(outcome.operation):
                    self._found[subject].append(((one.number, index), one.statement))

    def of(self, operation: Operation, place: Place, until: int | None) -> Statement | None:
        """The last one behind the command at `place`, up to the statement numbered `until`."""
        several = (self._last(subject, place, until) for subject in subjects(operation))
        found = [one for one in several if one]
        return max(found, key=lambda pair: pair[0])[1] if found else None

    def _last(
        self, subject: Subject, place: Place, until: int | None
    ) -> tuple[Place, Statement] | None:
        known = self._found.get(subject, [])
        end = len(known)
        if until is not None:
            end = bisect_left(known, (until + 1, 0), key=lambda pair: pair[0])
        return known[end - 1] if end and known[end - 1][0] > place else None

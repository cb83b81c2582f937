"""UNIQUE builds its index while the table refuses reads and writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.model.finding import Finding, NoFix, Rewrite
from bot.model.hazard import hazard
from bot.model.keys import by_an_index, no_index_for
from bot.model.moment import Moment
from bot.model.wording import sentence, table
from bot.postgres.operations import AddColumn, AddConstraint, Key


def findings(moment: Moment) -> Iterator[Finding]:
    if not moment.hazardous:
        return
    match moment.command.operation, moment.outcome.operation:
        case AddConstraint(), AddConstraint(constraint=Key(kind="UNIQUE") as key):
            yield _finding(moment, key, None)
        case AddColumn(), AddColumn(constraints=constraints):
            for index, one in enumerate(constraints):
                if isinstance(one, Key) and one.kind == "UNIQUE":
                    found = _finding(moment, one, index)
                    yield replace(found, span=moment.command.parts[index])


def _finding(moment: Moment, key: Key, inline: int | None) -> Finding:
    name = table(moment.read)
    message = sentence(f"{moment.waiting} until an index is built from the rows of {name}")
    return hazard("unique-indexed-on-add", moment, message, _rewrite(moment, key, inline))


def _rewrite(moment: Moment, key: Key, inline: int | None) -> Rewrite | NoFix:
    return no_index_for(moment, key) or Rewrite((), by_an_index(moment, key, inline), inline)

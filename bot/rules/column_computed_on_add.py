"""A new column with a value of its own for every row rewrites the table while nobody can use it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.model.finding import Finding, NoFix
from bot.model.hazard import doubt, hazard
from bot.model.moment import Moment
from bot.model.wording import code, listed, sentence
from bot.postgres.operations import AddColumn, Filling

RULE = "column-computed-on-add"
_TEMPLATE = re.compile(r"\$\{[^}]*\}")


def findings(moment: Moment) -> Iterator[Finding]:
    match moment.outcome.operation:
        case AddColumn() as add if moment.hazardous and moment.outcome.effect.rewrites:
            yield hazard(RULE, moment, sentence(_waiting(moment, add)), _instead(add))
        case AddColumn(functions=functions) as add if moment.doubtful:
            message = f"{_waiting(moment, add)}, unless {_steady(functions)}"
            yield doubt(RULE, moment, sentence(message), _instead(add))


def _steady(functions: Sequence[str]) -> str:
    """What has to hold of functions whose names are known, or are yet to be filled in."""
    if any(_TEMPLATE.fullmatch(name) for name in functions):
        return "no function of its default is `VOLATILE`"
    named = listed(code(f"{name}()") for name in functions)
    return f"{named} {'is' if len(functions) == 1 else 'are'} declared `STABLE` or `IMMUTABLE`"


def _waiting(moment: Moment, add: AddColumn) -> str:
    return f"{moment.waiting} until {moment.rewritten_rows} is rewritten {_work(add)}"


def _work(add: AddColumn) -> str:
    column = code(add.column)
    if add.constrained:
        return f"and its {column} checked against the domain"
    return f"with a {'number' if add.filling is Filling.NUMBERED else 'value'} for {column}"


def _instead(add: AddColumn) -> NoFix:
    column = code(add.column)
    if add.constrained:
        return NoFix(
            f"Add {column} with the type that the domain is built on, which is brief, and demand"
            " of it what the domain does by a CHECK that is added `NOT VALID` and validated later."
        )
    match add.filling:
        case Filling.NUMBERED:
            return NoFix(
                f"Add {column} as a plain integer, let a sequence be its default in a second"
                " command, number the rows that are there in batches, and make it NOT NULL, and an"
                " identity where it is to be one, in the end."
            )
        case Filling.STORED:
            return NoFix(
                f"Add {column} as a plain column that a trigger fills, and fill the rows that are"
                " there in batches. Since PostgreSQL 18 a column can be `VIRTUAL` as well, which is"
                " computed when it is read."
            )
    return NoFix(
        f"Add {column} without a default, which is brief, then give it the default in a second"
        " command, which is for new rows only, and fill the rows that are there in batches. NOT"
        " NULL comes in the end."
    )

"""Migrations in JavaScript are detected and told not to be reviewed; nobody reads their code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from re import Pattern

from bot.frameworks._contract import FollowUp, Framework, Later
from bot.frameworks._tree import Tree
from bot.model.finding import NoFix
from bot.model.migration import Wrapping

SCRIPT = r"(?<!\.d)\.[cm]?[jt]s"


def in_javascript(
    tool: str,
    file: str,
    says: Pattern[str],
    *,
    wrapping: Wrapping,
    markers: Iterable[str] = (),
    place: Pattern[str] | None = None,
) -> Framework:
    """`file` matches names without their ending."""
    runs = {
        Wrapping.ALL: f"{tool} runs all pending migrations in one transaction",
        Wrapping.STATEMENT: f"{tool} runs each statement in a transaction of its own",
    }

    def follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
        return NoFix(f"What has to follow goes into a migration of {tool}'s, in JavaScript.")

    return Framework(
        name=tool.lower(),
        file=re.compile(file + SCRIPT),
        says=says,
        markers=frozenset(markers),
        place=place,
        needs_proof=True,
        folders=frozenset({"migrations"}),
        wrapping=wrapping,
        follow_up=follow_up,
        unread=(
            f"{runs[wrapping]}, and its JavaScript is not read; `lockstep explain {tool.lower()}`"
            " tells how its SQL is reviewed"
        ),
    )

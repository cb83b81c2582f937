"""Drizzle runs all pending migrations of its journal in one transaction, piece by piece."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.frameworks._contract import FollowUp, Framework, Later, Tree
from bot.model.finding import NoFix
from bot.model.migration import Wrapping

_FILE = re.compile(r"(?P<version>[0-9]{4,14})_(?P<title>.+)\.sql")
_BREAKPOINT = re.compile(r"--> statement-breakpoint")


def _follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
    return NoFix(
        "A migration of Drizzle's needs its entry in the journal: `drizzle-kit generate --custom`"
        " makes both, and what has to follow goes into that."
    )


FRAMEWORK = Framework(
    name="drizzle",
    file=_FILE,
    says=_BREAKPOINT,
    markers=frozenset({"meta/_journal.json"})
    | {f"drizzle.config.{ending}" for ending in ("ts", "mts", "js", "mjs", "cjs", "json")},
    needs_proof=True,
    folders=frozenset({"drizzle"}),
    wrapping=Wrapping.ALL,
    follow_up=_follow_up,
    alone="in a migration, alone behind `COMMIT;--> statement-breakpoint`",
    same_versions=True,
)

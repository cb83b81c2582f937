"""Drizzle runs all pending migrations in one transaction, unless one of them commits it."""

from __future__ import annotations

import re

from bot.frameworks._contract import FollowUp
from bot.frameworks._marks import appended
from bot.model.source import Edit, Span

_BREAKPOINT = "--> statement-breakpoint"
SAYS = re.compile(re.escape(_BREAKPOINT))
CONFIGURATION = frozenset(
    f"drizzle.config.{ending}" for ending in ("ts", "mts", "js", "mjs", "cjs", "json")
)
ALONE = (
    "in a migration, alone behind `COMMIT;--> statement-breakpoint`, which"
    ' `follow-up = "same-file"` in the configuration has written for you'
)
EACH_ALONE = (
    'Make that migration with `drizzle-kit generate --custom`. Or say `follow-up = "same-file"` in'
    " the configuration: then this one commits all that is pending, and goes on with it."
)


def at_the_end(new: FollowUp) -> tuple[Edit, ...]:
    """What follows, behind all of the file, in a transaction of its own or in none.

    What Drizzle runs then is in a transaction again, which Drizzle ends.
    """
    source, text = new.source, new.source.text.rstrip()
    before, after = ("COMMIT;", "BEGIN;") if new.alone else ("COMMIT; BEGIN;", "COMMIT; BEGIN;")
    pieces = (before, new.sql.rstrip(), after)
    lines = [line for piece in pieces for line in (_BREAKPOINT, *piece.splitlines())]
    ended = [] if not text or text.endswith(";") else [";"]
    return (appended(source, Span(0, len(source.text)), [*ended, *lines]),)

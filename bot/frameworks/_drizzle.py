"""Drizzle runs all pending migrations in one transaction, unless one of them commits it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.frameworks._contract import FollowUp, Section
from bot.frameworks._marks import appended
from bot.model.migration import Statement, Wrapping
from bot.model.source import Edit, Source, Span
from bot.postgres.operations import Begin, Commit, Rollback
from bot.sql.statements import statements

_BREAKPOINT = "--> statement-breakpoint"
SAYS = re.compile(re.escape(_BREAKPOINT))
_MAY_END = re.compile(r"\b(?:commit|end|rollback|abort|prepare)\b", re.IGNORECASE)
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


def sections(source: Source) -> list[Section]:
    """All of a file, or its pieces where one ends the transaction: then each is a message."""
    whole = Span(0, len(source.text))
    if not _MAY_END.search(source.text):
        return [Section(whole, Wrapping.ALL)]
    found, inside = list[Section](), True
    for piece in _pieces(source):
        before, inside = inside, _leaves_open(source, piece, before=inside)
        together = before or inside
        found.append(Section(piece, Wrapping.ALL if together else Wrapping.MESSAGE))
    together = all(one.wrapping is Wrapping.ALL for one in found)
    return [Section(whole, Wrapping.ALL)] if together else found


def _pieces(source: Source) -> Iterator[Span]:
    start = 0
    for match in SAYS.finditer(source.text):
        yield Span(start, match.start())
        start = match.end()
    yield Span(start, len(source.text))


def _leaves_open(source: Source, piece: Span, *, before: bool) -> bool:
    """Whether a transaction is open behind `piece`; what cannot be read of it ends none."""
    inside = before
    for one in statements(source, piece):
        for command in one.commands if isinstance(one, Statement) else ():
            match command.operation:
                case Begin():
                    inside = True
                case Commit(chain=chain) | Rollback(chain=chain):
                    inside = chain
    return inside


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

"""No suggestion for a program has a placeholder, which just stands for what the program knows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.model.finding import Fix, NoFix

UNFILLED = NoFix(
    "What would be written depends on what is known only when the program runs, so a person has to"
    " write it."
)
_PLACEHOLDER = re.compile(r"\$\{[^{}'\"\s;]+\}")


def is_unfilled(texts: Iterable[str]) -> bool:
    """Whether one of the texts has a placeholder."""
    return any(_PLACEHOLDER.search(text) for text in texts)


def filled(fix: Fix) -> Fix | NoFix:
    """The fix, unless something that it would write has a placeholder."""
    edits = (one.text for one in (*fix.amendments, *fix.additions))
    files = (one.text for one in fix.follow_ups)
    return UNFILLED if is_unfilled((*edits, *files, fix.postponed)) else fix

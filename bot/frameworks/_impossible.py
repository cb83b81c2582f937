"""Some tools run everything in a transaction, so they cannot build an index concurrently at all."""

from __future__ import annotations

from collections.abc import Iterable

from bot.frameworks._beside import Following
from bot.frameworks._contract import FollowUp, Later
from bot.frameworks._tree import Tree
from bot.model.finding import NoFix


def unless_alone(tool: str, follow_up: Following, hint: str = "") -> Following:
    """As `follow_up` says, except for what PostgreSQL takes outside of transactions only."""

    def refused(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
        if not new.alone:
            return follow_up(new, taken, tree)
        return NoFix(
            f"{tool} runs every migration in a transaction, in which no index can be built"
            " concurrently: build it outside of migrations before this runs, and write"
            f" `IF NOT EXISTS` or `USING INDEX` here.{hint}"
        )

    return refused

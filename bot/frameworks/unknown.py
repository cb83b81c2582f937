"""A migration of a tool that nobody recognised is taken to run in one transaction per file."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.frameworks._contract import FollowUp, Framework, Later
from bot.frameworks._tree import Tree
from bot.model.finding import NoFix
from bot.model.migration import Wrapping


def _follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
    return NoFix(
        "It is not known which migration tool runs this file, so not where a transaction ends:"
        " name the tool under `[[migrations]]` in the configuration, or with `--framework`."
    )


FRAMEWORK = Framework(
    name="unknown",
    file=re.compile(r"(?!)"),  # never recognised, only fallen back on
    wrapping=Wrapping.FILE,
    follow_up=_follow_up,
)

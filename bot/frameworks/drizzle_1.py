"""From 1.0 on Drizzle has a folder for each migration and no journal, and runs what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from bot.frameworks import _folders
from bot.frameworks._contract import FollowUp, Framework, Later
from bot.frameworks._drizzle import ALONE, CONFIGURATION, EACH_ALONE, SAYS, at_the_end, sections
from bot.frameworks._numbering import next_number
from bot.frameworks._tree import Tree
from bot.model.finding import NoFix
from bot.model.migration import Wrapping

_FOLDER = re.compile(r"(?P<version>[0-9]{14})_(?P<title>.+)")
_in_folders = _folders.in_folders(_FOLDER, next_number)


def _follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
    return at_the_end(new) if new.pending else _in_folders(new, taken, tree)


def _order(path: str) -> tuple[object, ...]:
    """By the folder's name, as a string."""
    return (PurePosixPath(path).parent.name,)


FRAMEWORK = Framework(
    name="drizzle-1",
    file=re.compile(r"migration\.sql"),
    folder=_FOLDER,
    says=SAYS,
    markers=frozenset({"snapshot.json"}) | CONFIGURATION,
    needs_proof=True,
    folders=frozenset({"drizzle"}),
    wrapping=Wrapping.ALL,
    sections=lambda source, tree: sections(source),
    follow_up=_follow_up,
    can_commit=True,
    alone=ALONE,
    each_alone=EACH_ALONE,
    series=_folders.series,
    order=_order,
    same_versions=True,
)

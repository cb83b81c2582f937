"""golang-migrate sends each file as one message: one transaction unless BEGIN, COMMIT split it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from bot.frameworks._contract import FollowUp, Framework, Later, Tree
from bot.frameworks._numbering import next_number
from bot.model.finding import NewFile, NoFix
from bot.model.migration import Wrapping

# source/parse.go takes any extension, so SQL runs from .up.json too.
_FILE = re.compile(r"(?P<version>[0-9]{1,40})_(?P<title>.+)\.up\.(?P<extension>.+)")
_ANY = re.compile(r"(?P<version>[0-9]{1,40})_.*\.(up|down)\..+")


def _follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
    """A pair of files where the migration itself is one."""
    place = PurePosixPath(new.source.path)
    own = _FILE.fullmatch(place.name)
    if not own:
        return NoFix("The file's name has no version, so the name of the next one is unknown.")
    names = [path.rpartition("/")[2] for path in taken]
    version = next_number([match["version"] for name in names if (match := _ANY.fullmatch(name))])
    stem = f"{version}_{new.verb}_{own['title']}"
    extension = own["extension"]
    up = NewFile(str(place.with_name(f"{stem}.up.{extension}")), new.sql)
    if f"{own['version']}_{own['title']}.down.{extension}" not in names:
        return (up,)
    nothing = "-- What this adds stays until the migration that it belongs to is undone.\n"
    return up, NewFile(str(place.with_name(f"{stem}.down.{extension}")), nothing)


FRAMEWORK = Framework(
    name="golang-migrate",
    file=_FILE,
    ignored=re.compile(r"[0-9]+_.+\.down\..+"),
    skips_older=True,
    folders=frozenset({"migrations", "migration"}),
    wrapping=Wrapping.MESSAGE,
    follow_up=_follow_up,
    alone_in_place=True,
)

"""psql commits statement by statement, so what comes later stands below in the same file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from bot.frameworks._contract import FollowUp, Framework, Later
from bot.frameworks._numbering import next_number
from bot.frameworks._tree import Tree
from bot.model.finding import NewFile, NoFix
from bot.model.migration import Wrapping

_NUMBERED = re.compile(r"(?P<number>[0-9]{1,40})(?P<title>([^0-9].*)?)\.sql")


def _follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
    """Where the configuration says that a file is one transaction (psql -1): the next number."""
    place = PurePosixPath(new.source.path)
    own = _NUMBERED.fullmatch(place.name)
    if not own:
        return NoFix("The file's name has no number, so the name of the next one is unknown.")
    names = (path.rpartition("/")[2] for path in taken)
    numbers = [match["number"] for name in names if (match := _NUMBERED.fullmatch(name))]
    title = own["title"].lstrip("_.-")
    separator = own["title"].removesuffix(title) or "_"
    words = f"{new.verb}_{title}" if title else new.verb
    name = f"{next_number(numbers)}{separator}{words}.sql"
    return (NewFile(str(place.with_name(name)), new.sql),)


FRAMEWORK = Framework(
    name="psql",
    file=re.compile(r"(?!)"),  # any file could be one: only the configuration or the user knows
    history=re.compile(r".+\.sql"),
    wrapping=Wrapping.STATEMENT,
    each_alone=(
        "Or run psql without `-1`, or once for each file, and say so in the configuration with"
        ' `transaction = "statement"` or `"file"`.'
    ),
    follow_up=_follow_up,
)

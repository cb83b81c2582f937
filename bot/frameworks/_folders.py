"""Some tools give each migration a folder, whose name holds the version."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePosixPath
from re import Pattern

from bot.frameworks._beside import UNDONE, Following, renamed
from bot.frameworks._contract import FollowUp, Later
from bot.frameworks._tree import Tree
from bot.model.finding import NewFile, NoFix
from bot.model.wording import naturally


def series(path: str) -> str:
    return str(PurePosixPath(path).parent.parent)


def order(path: str) -> tuple[object, ...]:
    return naturally(str(PurePosixPath(path).parent))


def in_folders(
    folder: Pattern[str],
    next_version: Callable[[Sequence[str]], str],
    more: Callable[[FollowUp], dict[str, str]] = lambda new: {},
) -> Following:
    """A folder called as the migration's own; `next_version` is told its own first, then others.

    `more` are files that the tool wants there besides up.sql, and down.sql where there was one.
    """

    def follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
        place = PurePosixPath(new.source.path)
        match = folder.fullmatch(place.parent.name)
        if not match:
            return NoFix("The folder's name has no version, so the next one's name is unknown.")
        several = list(taken)
        names = (PurePosixPath(path).parent.name for path in several)
        versions = [one["version"] for name in names if (one := folder.fullmatch(name))]
        name = renamed(match, next_version([match["version"], *versions]), new.verb)
        files = {place.name: new.sql, **more(new)}
        if "down.sql" in tree.names(str(place.parent)):
            files["down.sql"] = UNDONE
        above = place.parent.with_name(name)
        return tuple(NewFile(str(above / one), text) for one, text in files.items())

    return follow_up

"""The next migration lies beside its own one and is called as that is, with a later version."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from re import Match, Pattern

from bot.frameworks._contract import FollowUp, Later, Tree
from bot.frameworks._numbering import next_number
from bot.model.finding import NewFile, NoFix

NO_VERSION = NoFix("The file's name has no version, so the name of the next one is unknown.")


def beside(
    file: Pattern[str], text: Callable[[FollowUp], str] = lambda new: new.sql
) -> Callable[[FollowUp, Iterable[str], Tree], Later | NoFix]:
    """`file` has the groups `version` and `title`; `text` is what the tool wants around the SQL."""

    def follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
        place = PurePosixPath(new.source.path)
        name = next_name(place.name, file, new.verb, taken)
        return (NewFile(str(place.with_name(name)), text(new)),) if name else NO_VERSION

    return follow_up


def next_name(own: str, file: Pattern[str], verb: str, taken: Iterable[str]) -> str | None:
    """`own` with the version after all of `taken`, and with `verb` before its title."""
    match = file.fullmatch(own)
    if not match or not match["version"]:
        return None
    names = (path.rpartition("/")[2] for path in taken)
    versions = [one["version"] for name in names if (one := file.fullmatch(name))]
    return renamed(match, next_number([*versions, match["version"]]), verb)


def renamed(own: Match[str], version: str, verb: str) -> str:
    """The name that `own` matches, with another version and with `verb` before its title."""
    name, (start, end) = own.string, own.span("version")
    titled = f"{verb}_" if own["title"] else f"_{verb}"
    place = own.start("title") if own["title"] else end
    return f"{name[:start]}{version}{name[end:place]}{titled}{name[place:]}"

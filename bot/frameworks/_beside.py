"""The next migration lies beside its own one and is called as that is, with a later version."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from re import Match, Pattern

from bot.frameworks._contract import FollowUp, Later
from bot.frameworks._numbering import next_number
from bot.frameworks._tree import Tree
from bot.model.finding import NewFile, NoFix

NO_VERSION = NoFix("The file's name has no version, so the name of the next one is unknown.")
UNDONE = "-- What this adds stays until the migration that it belongs to is undone.\n"

Following = Callable[[FollowUp, Iterable[str], Tree], Later | NoFix]


def just_sql(new: FollowUp) -> str:
    return new.sql


def beside(
    file: Pattern[str], text: Callable[[FollowUp], str] = just_sql, seconds: int = 1
) -> Following:
    """`file` has the groups `version` and `title`; `text` is what the tool wants around the SQL.

    A version that tells the time is followed by one so many `seconds` later.
    """

    def follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
        place = PurePosixPath(new.source.path)
        name = next_name(place.name, file, new.verb, taken, seconds=seconds)
        return (NewFile(str(place.with_name(name)), text(new)),) if name else NO_VERSION

    return follow_up


def paired(
    file: Pattern[str],
    down: Pattern[str],
    text: Callable[[FollowUp], str] = just_sql,
    seconds: int = 1,
) -> Following:
    """As `beside`, and with a file that undoes it where the migration itself has one.

    `down` matches those, which have versions as well.
    """

    def follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
        place, several = PurePosixPath(new.source.path), list(taken)
        names = {path.rpartition("/")[2] for path in several}
        name = next_name(place.name, file, new.verb, several, seconds=seconds, other=down)
        if not name:
            return NO_VERSION
        up = NewFile(str(place.with_name(name)), text(new))
        if ".up." not in name or _undoes(place.name) not in names:
            return (up,)
        return up, NewFile(str(place.with_name(_undoes(name))), UNDONE)

    return follow_up


def _undoes(name: str) -> str:
    before, _, after = name.rpartition(".up.")
    return f"{before}.down.{after}"


def next_name(
    own: str,
    file: Pattern[str],
    verb: str,
    taken: Iterable[str],
    *,
    seconds: int = 1,
    other: Pattern[str] | None = None,
) -> str | None:
    """`own` with the version after all of `taken`, and with `verb` before its title."""
    match = file.fullmatch(own)
    if not match or not match["version"]:
        return None
    versions = [match["version"]]
    for path in taken:
        name = path.rpartition("/")[2]
        one = file.fullmatch(name) or (other.fullmatch(name) if other else None)
        versions += [one["version"]] if one and one["version"] else []
    return renamed(match, next_number(versions, seconds), verb)


def renamed(own: Match[str], version: str, verb: str) -> str:
    """The name that `own` matches, with another version and with `verb` before its title."""
    name, (start, end) = own.string, own.span("version")
    titled = f"{verb}_" if own["title"] else f"_{verb}"
    place = own.start("title") if own["title"] else end
    return f"{name[:start]}{version}{name[end:place]}{titled}{name[place:]}"

"""Once a change is merged, what its base has gained meanwhile is there, and what it lost is not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from bot.frameworks import Framework, listing


class Names(Protocol):
    """The files of a commit, of which the names are enough."""

    def names(self, folder: str) -> frozenset[str]:
        """What lies in `folder` ("" is the root); nothing where there is no such folder."""


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """The paths that a base branch has gained and lost since a change left it."""

    gained: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()

    def merged(self, paths: Iterable[str]) -> frozenset[str]:
        """What is there of `paths`, and beside them, once the change is merged."""
        return (frozenset(paths) - self.lost) | self.gained


@dataclass(frozen=True, slots=True)
class Tip:
    """The base branch as it is now, for a change that adds some paths and removes others."""

    tree: Names
    added: frozenset[str]
    removed: frozenset[str]

    def since(self, framework: Framework, here: frozenset[str], own: Iterable[str]) -> Meanwhile:
        """What became of the paths `here`, beside the change's `own`.

        Of a folder that the tip does not have, or of which nothing is known, nothing is told.
        """
        there = beside(framework, own, self.tree)
        listed = set(map(listing, there))
        gone = here - there - self.added
        lost = frozenset(path for path in gone if listing(path) in listed)
        return Meanwhile(there - here - self.removed, lost)


def beside(framework: Framework, own: Iterable[str], tree: Names) -> frozenset[str]:
    """What lies in the folders of the migrations `own`, and where what ran before them lies.

    Where each has a folder of its own, so do those in the folders beside it.
    """
    places = [PurePosixPath(path) for path in own]
    folders = {place.parent for place in places}
    folders |= {PurePosixPath(folder) for path in own for folder in framework.ran_in(path)}
    paths = {str(folder / name) for folder in folders for name in tree.names(str(folder))}
    if framework.folder:
        paths |= {
            str(above / name / file)
            for above, file in {(place.parent.parent, place.name) for place in places}
            for name in tree.names(str(above))
            if framework.folder.fullmatch(name)
        }
    return frozenset(paths)

"""Files beside or above its migrations may tell for all of them how a tool runs them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from bot.frameworks._contract import Framework
from bot.frameworks._tree import Tree
from bot.model.migration import Wrapping


def texts_above(path: str, names: frozenset[str], tree: Tree) -> Iterator[str]:
    """The texts of the files called so in the folder of `path` and above, the nearest first."""
    for folder in PurePosixPath(path).parents:
        for name in sorted(names & tree.names(str(folder))):
            yield tree.text(str(folder / name)) or ""


def set_wrapping(framework: Framework, path: str, now: Tree, base: Tree | None) -> Wrapping | None:
    """How the repository has its migrations wrapped, where `base`, before the change, had it too.

    What makes more wait is believed at once.
    """
    if framework.set_wrapping is None:
        return None
    found = framework.set_wrapping(path, now)
    known = base is None or framework.set_wrapping(path, base) is found
    return found if known or found is Wrapping.ALL else None


def setting_names(frameworks: Iterable[Framework], path: str) -> frozenset[str]:
    """The names of the files that are asked for the migration at `path`."""
    place = PurePosixPath(path)
    return frozenset().union(*(one.settings for one in frameworks if one.could_own(place)))

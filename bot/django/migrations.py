"""A file among Django's migrations is one, or a module that is none, or cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from bot.django.project import Tree, project
from bot.django.reading import batches
from bot.django.written import read as read_migration
from bot.model.migration import Batch, Unreadable
from bot.model.source import Source, Span
from bot.python.layout import configured_width
from bot.python.parsing import Unparsable

_CONFIGURES = ("ruff.toml", ".ruff.toml", "pyproject.toml")
_LENGTH = re.compile(r"^line[-_]length\s*=", re.MULTILINE)


def read(source: Source, tree: Tree) -> Iterator[Batch | Unreadable]:
    """What a file sends; a module that defines no migration sends nothing."""
    place = PurePosixPath(source.path)
    folder = project(tree).folder(str(place.parent))
    try:
        known = folder.migration(place.stem)
        same = known is not None and known.source.text == source.text
        migration = known if same else read_migration(source)
    except Unparsable as error:
        yield Unreadable(Span(error.offset, error.offset), error.reason)
        return
    if migration is None:
        return
    if migration.unfollowed:
        yield migration.unfollowed
        return
    if folder.is_replaced_whole(migration):
        return
    yield from batches(migration, project(tree).before(migration), width(source.path, tree))


def width(path: str, tree: Tree) -> int:
    """As many characters as the lines of a file may have, as the repository's tools know it."""
    for above in PurePosixPath(path).parents:
        start = "" if str(above) == "." else f"{above}/"
        there = tree.names(str(above))
        paths = [f"{start}{name}" for name in _CONFIGURES if name in there]
        texts = tree.texts(paths) if paths else {}
        if any(_LENGTH.search(text) for text in texts.values()):
            return configured_width(*(texts.get(one) for one in paths))
    return configured_width()


def in_order(path: str, tree: Tree) -> list[str]:
    """The migrations of the app of one of them, each behind those that it depends on."""
    folder = project(tree).folder(str(PurePosixPath(path).parent))
    return [f"{folder.path}/{name}.py" for name in folder.in_order]

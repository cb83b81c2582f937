"""A file among Django's migrations is one, or a module that is none, or cannot be read."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from itertools import accumulate

from bot.django.project import Tree, project
from bot.django.project import read as read_migration
from bot.django.reading import batches
from bot.model.migration import Batch, Unreadable
from bot.model.source import Source, Span
from bot.python.parsing import Unparsable

_MIGRATES = re.compile(r"\bclass[ \t]+Migration\b")


def read(source: Source, tree: Tree) -> Iterator[Batch | Unreadable]:
    """What a file sends; a module that defines no migration sends nothing."""
    try:
        migration = read_migration(source)
    except Unparsable as error:
        yield Unreadable(Span(error.offset, error.offset), error.reason)
        return
    if migration is None:
        if _MIGRATES.search(source.text):
            yield Unreadable(Span(0, 0), "its Migration is not a class of the module itself")
        return
    yield from batches(migration, project(tree).before(migration))


def comments(source: Source) -> tuple[Span, ...]:
    """Where the comments stand, as far as the text is Python."""
    starts = [0, *accumulate(len(line) for line in source.text.splitlines(keepends=True))]
    found = list[Span]()
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text, newline="").readline):
            if token.type == tokenize.COMMENT:
                start = starts[token.start[0] - 1] + token.start[1]
                found.append(Span(start, start + len(token.string)))
    except (tokenize.TokenError, SyntaxError):
        pass
    return tuple(found)

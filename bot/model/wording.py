"""Names from a migration stand in a sentence without being able to break out of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bot.postgres.names import QualifiedName

NAMED = 3
"""How many tables a sentence names."""

_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control, format (bidirectional ones too), separators


def plain(text: str) -> str:
    """`text` on one line, every hidden or direction-changing character made visible as U+FFFD."""
    return "".join("\ufffd" if unicodedata.category(c) in _HIDDEN else c for c in text)


def code(text: str) -> str:
    """`text` as inline code; a backtick in it could end the code and becomes an apostrophe."""
    return f"`{plain(text).replace('`', chr(39))}`"


def table(name: QualifiedName) -> str:
    """A table as its users call it: without the schema that everybody's search path has."""
    return code(unqualified(name))


def unqualified(name: QualifiedName) -> str:
    """`name` without the schema that everybody's search path has."""
    return name.name if name.schema in (None, "public") else str(name)


def listed(words: Iterable[str], word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`, or with another `word`."""
    *most, last = words
    return f"{', '.join(most)} {word} {last}" if most else last


def tables(names: Iterable[QualifiedName], word: str = "and") -> str:
    """Tables in a sentence: a few by their names, of the others how many there are."""
    several = tuple(names)
    left = len(several) - NAMED
    return listed((*map(table, several[:NAMED]), *((others(left),) if left > 0 else ())), word)


def others(number: int) -> str:
    return f"{number} other {'table' if number == 1 else 'tables'}"


def sentence(words: str) -> str:
    """`words` with a capital and a full stop."""
    return f"{words[:1].upper()}{words[1:]}."


def naturally(path: str) -> tuple[object, ...]:
    """Numbers by their value: 2_b before 10_a."""
    parts = re.split(r"([0-9]{1,40})", path.rpartition("/")[2])
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts))

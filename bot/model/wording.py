"""Names from a migration stand in a sentence without being able to break out of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bot.postgres.names import QualifiedName

_LAYOUT = re.compile(r"\t|\r?\n")

NAMED = 3
"""How many tables a sentence names."""

SHOWN = "\ufffd"
"""Stands where a hidden character is."""

_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control, format (bidirectional ones too), separators
# Letters and marks of which nothing is seen (DerivedCoreProperties.txt of Unicode:
# Default_Ignorable_Code_Point), but for the two that choose the look of an emoji.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]"
)


def is_hidden(character: str) -> bool:
    """Whether it is not seen, or changes the order in which others are."""
    return unicodedata.category(character) in _HIDDEN or bool(_BLANK.match(character))


def plain(text: str) -> str:
    """`text` on one line, every hidden or direction-changing character made visible as U+FFFD."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(SHOWN if is_hidden(c) else c for c in text)


def hidden(text: str) -> tuple[str, ...]:
    """The hidden characters of a text of several lines; tabs and line ends are none."""
    return tuple(sorted({c for c in _LAYOUT.sub("", text) if is_hidden(c)}))


def in_lines(text: str) -> str:
    """`text` with its lines and tabs, everything else that is hidden made visible."""
    return "".join(c if c in "\t\n" else plain(c) for c in text.replace("\r\n", "\n"))


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

"""Strings that are put together, with what is unknown of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import Formatter

from bot.python.values import Known, Pairs, Several, Text, Unknown, Value, joined

_MOST_PIECES = 1_000
LONGEST = 200_000
"""As many characters as a string may have that is put together."""


def joined_by(glue: str, items: Sequence[Value]) -> Value | None:
    """`glue.join(items)`"""
    parts = [pieces_of(item) for item in items]
    if any(part is None for part in parts):
        return None
    spaced = list[str | Unknown]()
    for index, part in enumerate(filter(None, parts)):
        spaced += [glue] if index else []
        spaced += part
    return short(joined(spaced))


def pieces_of(value: Value) -> tuple[str | Unknown, ...] | None:
    """The pieces of a string; None for what is none."""
    match value:
        case Known(str() as text):
            return (text,) if text else ("",)
        case Text(pieces):
            return pieces
        case Unknown():
            return (value,)
    return None


def short(value: Value) -> Value | None:
    """The value, unless it is too long."""
    match value:
        case Known(str() as text):
            return value if len(text) <= LONGEST else None
        case Text(pieces):
            size = sum(len(one) for one in pieces if isinstance(one, str))
            return value if size <= LONGEST and len(pieces) <= _MOST_PIECES else None
    return value


def formatted(text: str, arguments: Sequence[Value], named: Mapping[str, Value]) -> Value | None:
    """str.format(), with unknown parts where an argument is unknown."""
    pieces, number = list[str | Unknown](), 0
    try:
        for before, name, rule, _ in Formatter().parse(text):
            pieces.append(before)
            if name is None:
                continue
            if name == "" or name.isdigit():
                place = int(name) if name else number
                number += 1
                value = arguments[place] if place < len(arguments) else Unknown(name)
            else:
                value = named.get(name, Unknown(name))
            pieces.append(shown(value, rule or "", name or "value"))
    except ValueError:
        return None
    return short(joined(pieces))


def shown(value: Value, rule: str, name: str) -> str | Unknown:
    """A value in the middle of a string."""
    match value:
        case Known(known_value) if not rule:
            return str(known_value)
        case Known(known_value):
            try:
                return format(known_value, rule[:20]) if len(rule) < 6 else Unknown(name)
            except (ValueError, TypeError):
                return Unknown(name)
        case Unknown(named) if named:
            return value
    return Unknown(name)


def percent(text: str, right: Value) -> Value | None:
    """`text % right`, where it asks for strings and numbers."""
    values = list(right.items) if isinstance(right, Several) else [right]
    table = right if isinstance(right, Pairs) else None
    pieces, end = list[str | Unknown](), 0
    for match in re.finditer(r"%(?:\((?P<name>\w+)\))?(?P<kind>[sdr%])", text):
        if "%" in text[end : match.start()]:
            return None  # another form, of which nothing is known here
        pieces.append(text[end : match.start()])
        end = match.end()
        if match["kind"] == "%":
            pieces.append("%")
        elif match["name"]:
            value = table.get(match["name"]) if table else None
            pieces.append(shown(value or Unknown(match["name"]), "", match["name"]))
        elif values:
            pieces.append(shown(values.pop(0), "", "value"))
        else:
            return None
    return None if "%" in text[end:] else short(joined((*pieces, text[end:])))

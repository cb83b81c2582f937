"""What Python's own functions and methods make of values that are known."""

from __future__ import annotations

import inspect
import operator
import textwrap
from collections.abc import Callable, Mapping, Sequence
from itertools import chain

from bot.python.texts import LONGEST, formatted, joined_by, percent, pieces_of, short
from bot.python.values import (
    Attribute,
    Known,
    Name,
    Pairs,
    Several,
    Text,
    Unknown,
    Value,
    joined,
    path,
)

_MOST = 5_000
"""As many items as a list may have that is put together."""
_METHODS = frozenset(
    {"capitalize", "casefold", "endswith", "expandtabs", "find", "join", "lower", "lstrip"}
    | {"partition", "removeprefix", "removesuffix", "replace", "rpartition", "rsplit", "rstrip"}
    | {"split", "splitlines", "startswith", "strip", "title", "upper", "isdigit", "isalpha"}
)
_IN_PLACE = frozenset(["strip", "lstrip", "rstrip"])
"""Methods that leave the unknown parts of a string what they are."""
_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "str": str,
    "int": int,
    "len": len,
    "repr": repr,
    "bool": bool,
    "min": min,
    "max": max,
    "abs": abs,
    "textwrap.dedent": textwrap.dedent,
    "inspect.cleandoc": inspect.cleandoc,
}
_OPERATORS: Mapping[str, Callable[..., object]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mod": operator.mod,
    "FloorDiv": operator.floordiv,
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
}


def known(value: object) -> Value:
    """A value of Python's own, as one that is known."""
    match value:
        case list() | tuple() | set() | frozenset():
            return Several(tuple(known(one) for one in value))
        case dict():
            return Pairs(tuple((known(key), known(one)) for key, one in value.items()))
    return Known(value)


def plain(value: Value) -> object:
    """The value as Python's own; raises ValueError where any of it is unknown."""
    match value:
        case Known(own):
            return own
        case Several(items):
            return tuple(plain(item) for item in items)
        case Pairs(items):
            return {plain(key): plain(one) for key, one in items}
    raise ValueError("not known")


def items_of(value: Value) -> tuple[Value, ...] | None:
    """What a loop over the value runs through; None where nobody can tell."""
    match value:
        case Several(items):
            return items
        case Pairs(items):
            return tuple(key for key, _ in items)
        case Known(str() as text):
            return tuple(Known(character) for character in text[:_MOST])
    return None


def called(name: str, arguments: Sequence[Value]) -> Value | None:
    """What a function of Python's gives; None where it is another one, or nobody can tell."""
    match name, arguments:
        case ("list" | "tuple" | "set" | "frozenset", []):
            return Several(())
        case ("list" | "tuple" | "sorted" | "reversed", [one]):
            items = items_of(one)
            if items is None:
                return None
            if name == "sorted":
                return _sorted(items)
            return Several(items[::-1] if name == "reversed" else items)
        case "range", several:
            return _range(several)
        case "enumerate", [one, *rest]:
            items, start = items_of(one), rest[0] if rest else Known(0)
            if items is None or not isinstance(start, Known) or not isinstance(start.value, int):
                return None
            numbered = enumerate(items, start.value)
            return Several(tuple(Several((Known(number), item)) for number, item in numbered))
        case "zip", several:
            rows = [items_of(one) for one in several]
            if any(row is None for row in rows):
                return None
            known_rows = [row for row in rows if row is not None]
            return Several(tuple(Several(row) for row in zip(*known_rows, strict=False)))
        case ("textwrap.dedent" | "inspect.cleandoc" | "str", [Text() as text]):
            return text
    function = _FUNCTIONS.get(name)
    return _computed(lambda: function(*(plain(one) for one in arguments))) if function else None


def _sorted(items: tuple[Value, ...]) -> Value | None:
    return _computed(lambda: sorted(plain(one) for one in items))  # type: ignore[type-var]


def _range(arguments: Sequence[Value]) -> Value | None:
    try:
        bounds = [bound for one in arguments if isinstance(bound := plain(one), int)]
        if len(bounds) != len(arguments):
            return None
        numbers = range(*bounds)
        return known(list(numbers)) if len(numbers) <= _MOST else None
    except (ValueError, TypeError, OverflowError):
        return None


def method(
    of: Value, name: str, arguments: Sequence[Value], named: Mapping[str, Value]
) -> Value | None:
    """What a method of a string, a list or a dictionary gives; None where nobody can tell."""
    match of, name, arguments:
        case ((Known(str() as text) | Text((str() as text, *_))), "format", _):
            whole = of if isinstance(of, Known) else None
            return formatted(text, arguments, named) if whole else None
        case Known(str() as glue), "join", [one] if (several := items_of(one)) is not None:
            return joined_by(glue, several)
        case Text() as text, _, _ if name in _IN_PLACE and not arguments:
            return text
        case Known(str() as text), _, _ if name in _METHODS:
            return _of_string(text, name, arguments)
        case Pairs(items), "items", []:
            return Several(tuple(Several(pair) for pair in items))
        case Pairs(items), "keys", []:
            return Several(tuple(key for key, _ in items))
        case Pairs(items), "values", []:
            return Several(tuple(value for _, value in items))
        case Pairs() as pairs, "get", [Known(key), *default]:
            return pairs.get(key) or (default[0] if default else Known(None))
        case (Several() | Pairs()) as one, "copy", []:
            return one
    return None


def _of_string(text: str, name: str, arguments: Sequence[Value]) -> Value | None:
    """None as well where it might get too long."""
    try:
        given = [plain(one) for one in arguments]
    except ValueError:
        return None
    size = max(len(text), 1)
    for one in given:
        size *= max(one if isinstance(one, int) else len(str(one)), 1)
    return _computed(lambda: getattr(text, name)(*given)) if size <= 10 * LONGEST else None


def combined(sign: str, left: Value, right: Value) -> Value | None:
    """What an operator makes of two values; None where nobody can tell."""
    if sign == "Add":
        match left, right:
            case Several(first), Several(second):
                return Several((*first, *second)) if len(first) + len(second) < _MOST else None
            case ((Text() | Known(str()) | Unknown()), (Text() | Known(str()) | Unknown())):
                if isinstance(left, Unknown) and isinstance(right, Unknown):
                    return None
                pieces = (pieces_of(one) or () for one in (left, right))
                return short(joined(tuple(chain.from_iterable(pieces))))
    if sign == "Mod" and isinstance(left, Known) and isinstance(left.value, str):
        return percent(left.value, right)
    if sign in ("In", "NotIn"):
        return _within(left, right, wanted=sign == "In")
    if sign in ("Is", "IsNot"):
        same = _computed(lambda: plain(left) is plain(right)) if _is_none(left, right) else None
        return same if sign == "Is" or same is None else Known(not same.value)  # type: ignore[union-attr]
    if isinstance(left, Several) and isinstance(right, Several):
        return None  # a list is no tuple
    compute = _OPERATORS.get(sign)
    return _computed(lambda: compute(plain(left), plain(right))) if compute else None


def _is_none(left: Value, right: Value) -> bool:
    return Known(None) in (left, right) and isinstance(left, Known) and isinstance(right, Known)


def _within(item: Value, several: Value, *, wanted: bool) -> Value | None:
    if isinstance(item, Known) and isinstance(several, Known):
        return _computed(lambda: (plain(item) in plain(several)) is wanted)  # type: ignore[operator]
    items = items_of(several)
    if items is None or not isinstance(item, Known):
        return None
    if item in items:
        return Known(wanted)
    return Known(not wanted) if all(isinstance(one, Known) for one in items) else None


def item(of: Value, key: Value) -> Value | None:
    """`of[key]`."""
    match of, key:
        case Pairs() as pairs, Known(known_key):
            return pairs.get(known_key)
        case Several(items), Known(int() as place) if -len(items) <= place < len(items):
            return items[place]
        case Known(str() as text), Known(int() as place) if -len(text) <= place < len(text):
            return Known(text[place])
        case ((Name() | Attribute()), Known(str() as member)) if is_class(of):
            return Attribute(of, member)
    return None


def is_class(of: Value) -> bool:
    """Whether it is called as classes are, whose members an enumeration gives by their names."""
    last = path(of).rpartition(".")[2]
    return last[:1].isupper() and not last.isupper()


def _computed(compute: Callable[[], object]) -> Value | None:
    try:
        found = compute()
    except Exception:
        return None
    size = len(found) if isinstance(found, str | bytes | list | tuple) else 0
    return known(found) if size <= LONGEST else None

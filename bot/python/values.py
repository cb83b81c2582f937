"""What an expression is worth, as far as the text alone tells."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that nobody can tell; `named` is what the author calls it.

    `mighty` where it is made of what can change a database.
    """

    named: str = ""
    mighty: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A string, bytes, a number, True, False, None or Ellipsis."""

    value: object


@dataclass(frozen=True, slots=True)
class Text:
    """A string of which some parts are unknown."""

    pieces: tuple[str | Unknown, ...]


@dataclass(frozen=True, slots=True)
class Several:
    """A list, a tuple or a set."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """A dictionary."""

    items: tuple[tuple[Value, Value], ...]

    def get(self, key: object) -> Value | None:
        found = (value for known, value in self.items if known == Known(key))
        return next(found, None)


@dataclass(frozen=True, slots=True)
class Name:
    """What another module or the language brings, by its full path: "alembic.op"."""

    path: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """`name` of a value of which only that is known."""

    of: Value
    name: str


@dataclass(frozen=True, slots=True)
class Argument:
    """What a call is given, and where that is written."""

    value: Value
    node: ast.expr


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A call of what is not defined in the module: nobody runs it, it stands for itself.

    `partial` where it is given more than is known, by `*` or `**`.
    """

    function: Value
    arguments: tuple[Argument, ...]
    keywords: Mapping[str, Argument]
    node: ast.Call
    partial: bool = False

    @property
    def path(self) -> str:
        return path(self.function)

    def bound(self, *names: str) -> dict[str, Argument]:
        """The arguments by the names of the parameters, given by place or by name."""
        by_place = dict(zip(names, self.arguments, strict=False))
        return {**by_place, **self.keywords}


@dataclass(frozen=True, slots=True)
class Combined:
    """What `~`, `&` or `|` (`sign`) makes of calls that nobody runs."""

    sign: str
    operands: tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Local:
    """A function of the module itself; `names` are those that it sees.

    `defaults` are what its parameters are worth that are not given.
    """

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    names: Scope = field(repr=False)
    defaults: Mapping[str, Value] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class LocalClass:
    """A class of the module; `names` are what its body defines."""

    node: ast.ClassDef
    bases: tuple[Value, ...]
    names: Scope = field(repr=False)


Value = (
    Unknown
    | Known
    | Text
    | Several
    | Pairs
    | Name
    | Attribute
    | Call
    | Combined
    | Local
    | LocalClass
)

NOTHING = Known(None)


class Scope:
    """Names and what they are worth, within another scope."""

    def __init__(self, outer: Scope | None = None) -> None:
        self.outer = outer
        self.own: dict[str, Value] = {}

    def get(self, name: str) -> Value | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.own:
                return scope.own[name]
            scope = scope.outer
        return None


def path(value: Value) -> str:
    """What the value is called in full: "alembic.op.get_bind().execute", or "" for others."""
    parts = list[str]()
    while True:
        match value:
            case Name(named):
                return "".join((named, *reversed(parts)))
            case Attribute(of, name):
                parts.append(f".{name}")
                value = of
            case Call(function=function):
                parts.append("()")
                value = function
            case _:
                return ""


def text_of(value: Value | None) -> str | None:
    """A string that is known in full."""
    match value:
        case Known(str() as text):
            return text
    return None


def written(value: Value, hole: Callable[[str], str]) -> str | None:
    """A string with what `hole` makes of its unknown parts; None for no string."""
    match value:
        case Known(str() as text):
            return text
        case Text(pieces):
            return "".join(one if isinstance(one, str) else hole(one.named) for one in pieces)
    return None


def texts_of(value: Value | None) -> tuple[str, ...] | None:
    """Strings that are all known, in a list or alone."""
    if (one := text_of(value)) is not None:
        return (one,)
    if not isinstance(value, Several):
        return None
    found = [text_of(item) for item in value.items]
    return tuple(one for one in found if one is not None) if None not in found else None


def truth(value: Value) -> bool | None:
    """Whether a condition on the value holds; None where nobody can tell."""
    match value:
        case Known(known):
            return bool(known)
        case Several(items) | Pairs(items):
            return bool(items)
        case Local():
            return True
    return None


def joined(pieces: Sequence[str | Unknown]) -> Value:
    """A string of these pieces."""
    if all(isinstance(piece, str) for piece in pieces):
        return Known("".join(str(piece) for piece in pieces))
    return Text(tuple(pieces))

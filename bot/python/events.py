"""What is met when a function's code is followed."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from bot.model.source import Span
from bot.python.values import Call, Value


@dataclass(frozen=True, slots=True)
class Made:
    """A call of what the module does not define; `alone` where nothing is done with its value."""

    call: Call
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """A `with` begins; `node` is where it says what with."""

    value: Value
    node: ast.With | ast.AsyncWith


@dataclass(frozen=True, slots=True)
class Left:
    """A `with` ends."""

    value: Value
    node: ast.With | ast.AsyncWith


@dataclass(frozen=True, slots=True)
class Forked:
    """From here on two ways are possible, up to the next Joined on this level."""

    node: ast.stmt | ast.Call


@dataclass(frozen=True, slots=True)
class Otherwise:
    """The second way begins where the first one has."""

    node: ast.stmt | ast.Call


@dataclass(frozen=True, slots=True)
class Joined:
    """From here on there is one way again."""

    node: ast.stmt | ast.Call


@dataclass(frozen=True, slots=True)
class Undecided:
    """What could not be followed, and why."""

    span: Span
    reason: str


Event = Made | Entered | Left | Forked | Otherwise | Joined | Undecided

"""Calls of which nobody can tell from a program's text what they do."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable
from dataclasses import dataclass
from re import Pattern

from bot.python.values import (
    Attribute,
    Call,
    Local,
    LocalClass,
    Pairs,
    Several,
    Unknown,
    Value,
    path,
)

EXECUTES = ("execute", "executemany", "exec_driver_sql", "scalar", "scalars")
"""Methods of connections that send statements."""
STANDARD = (
    r"super\b|logging\b|warnings\b|time\b|datetime\b|json\b|re\b|os\.(?:environ|getenv|path)\b|uuid\b"
    r"|sys\b|typing\b|collections\b|itertools\b|functools\b|decimal\b|hashlib\b|random\b|secrets\b"
    r"|string\b|textwrap\b|inspect\b|pathlib\b|math\b|enum\b|dataclasses\b|contextlib\b|copy\b"
    r"|structlog\b|loguru\b|tqdm\b|click\.echo\b"
)
"""Modules that send nothing, as a regular expression."""
_BUILT_IN = frozenset(dir(builtins))
_LOOKS = frozenset({"print", "isinstance", "hasattr", "getattr", "type", "bool", "str", "repr"})
"""Functions of Python's that do nothing with what they are given but to look at it."""
_RUNS_ANYTHING = re.compile(
    r"(?:exec|eval|__import__|compile|setattr|delattr)\b|(?:getattr|vars|globals|locals)\(\)"
)
_NOT_TOLD = "what is called here cannot be told from the text"


@dataclass(frozen=True, slots=True)
class Judge:
    """Tells which calls may do anything.

    `harmless` begins the full names of those that send nothing for which anybody waits, `looks`
    of those to which a connection can be given; `can_change` tells whether a value of a full name
    is a connection, or sends statements itself.
    """

    harmless: Pattern[str]
    looks: Pattern[str]
    can_change: Callable[[str], bool]

    def why_unknown(self, call: Call, *, alone: bool) -> str | None:
        """Why nobody can tell what a call of another module's does, if it may do anything."""
        named = call.path
        if _RUNS_ANYTHING.match(named) or _is_nameless(call.function, alone=alone):
            return _NOT_TOLD
        if _is_of_a_class(call.function):
            return "what an object of the module's own does is not followed"
        if self.is_given_might(call) and named not in _LOOKS and not self.looks.match(named):
            what = f"`{short(named)}`" if named else "the function"
            return f"what {what} does with what it is given stands in a module that is not read"
        first = named.partition(".")[0].partition("(")[0]
        if not named or first in _BUILT_IN or self.harmless.match(named):
            return None
        if alone:
            return f"what `{short(named)}` does stands in a module that is not read"
        return None

    def is_given_might(self, call: Call) -> bool:
        """Whether it is given what can send statements."""
        given = (*call.arguments, *call.keywords.values())
        return any(self._is_mighty(one.value) for one in given)

    def _is_mighty(self, value: Value) -> bool:
        match value:
            case Unknown(mighty=mighty):
                return mighty
            case Several(items):
                return any(map(self._is_mighty, items))
            case Pairs(items):
                return any(self._is_mighty(one) for _, one in items)
        return self.can_change(path(value))


def _is_nameless(function: Value, *, alone: bool) -> bool:
    match function:
        case Unknown(mighty=True):
            return True
        case Unknown(named):
            executes = named.rpartition(".")[2] in EXECUTES
            return executes or (alone and "." not in named)
        case Attribute(of=Local()):
            return True
    return False


def _is_of_a_class(function: Value) -> bool:
    """Whether it is a method of an object, or makes one, of a class with code of its own."""
    match function:
        case LocalClass(node=node):
            functions = ast.FunctionDef | ast.AsyncFunctionDef
            return any(isinstance(one, functions) for one in node.body)
        case Attribute(Call(function=LocalClass(names=names)), name):
            return name in names.own
        case Attribute(of, _) | Call(function=of):
            return isinstance(of, Attribute | Call) and _is_of_a_class(of)
    return False


def short(named: str) -> str:
    """The end of a full name, for a sentence."""
    return ".".join(named.split(".")[-2:])[-80:]

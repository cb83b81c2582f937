"""Calls of which nobody can tell from a revision's text what they do."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

from bot.python.values import (
    Argument,
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

CONNECTION = re.compile(
    r"(?:alembic\.(?:op|context)\.(?:get_bind|get_context)\(\)|sqlalchemy[\w.]*\.Session(?:\(\))?"
    r"|sqlalchemy[\w.]*\.sessionmaker\(\)\(\))"
    r"(?:\.(?:bind|connection|connection\(\)|engine|connect\(\)|begin\(\)|execution_options\(\)|__enter__\(\)))*"
)
"""What statements can be given to."""
_HARMLESS = re.compile(
    r"(?:alembic\.op\.(?:get_bind|get_context|f|inline_literal|batch_alter_table)\b"
    r"|alembic\.op\.(?:create|replace|drop)_entity\b"  # alembic_utils: no table is read for those
    r"|alembic\.context\b|super\b|logging\b|warnings\b|time\b|datetime\b|json\b|re\b"
    r"|os\.(?:environ|getenv|path)\b|uuid\b|sys\b|typing\b|collections\b|itertools\b|functools\b"
    r"|decimal\b|hashlib\b|random\b|secrets\b|string\b|textwrap\b|inspect\b|pathlib\b|math\b|enum\b"
    r"|dataclasses\b|structlog\b|loguru\b|tqdm\b|click\.echo\b|contextlib\b|sqlalchemy\b|sqlmodel\b)"
)
_BUILT_IN = frozenset(dir(builtins))
_LOOKS = frozenset(
    {"print", "isinstance", "hasattr", "type", "bool", "str", "repr", "id", "len", "getattr"}
)
"""Functions of Python's that do nothing with what they are given but to look at it."""
_RUNS_ANYTHING = re.compile(
    r"(?:exec|eval|__import__|compile|setattr|delattr)\b|(?:getattr|vars|globals|locals)\(\)"
)
EXECUTES = ("execute", "exec_driver_sql", "scalar", "scalars")
"""Methods of connections that send statements."""
_NOT_TOLD = "what is called here cannot be told from the text"


def can_change(named: str) -> bool:
    """Whether a value of this full name is Alembic's operations, one of them, or a connection."""
    return bool(re.fullmatch(r"alembic(?:\.op(?:\.\w+)?)?", named) or CONNECTION.fullmatch(named))


def is_harmless(named: str) -> bool:
    """Whether a call of this full name sends nothing for which anybody waits."""
    return _HARMLESS.match(named) is not None


def why_unknown(call: Call, *, alone: bool) -> str | None:
    """Why nobody can tell what a call of another module's does, if it may do anything."""
    named = call.path
    if named.endswith((".cursor", ".raw_connection")):
        return "what a cursor is given is not read"
    if named.endswith((".create_all", ".drop_all")):
        return f"what `{_short(named)}` creates or drops is told elsewhere"
    given = any(map(_is_mighty, (one.value for one in _all(call))))
    if ".impl." in named or (given and named.endswith((".create", ".drop"))):
        return f"what `{_short(named)}` sends is not known"
    if _RUNS_ANYTHING.match(named) or _is_nameless(call.function, alone=alone):
        return _NOT_TOLD
    if _is_of_a_class(call.function):
        return "what an object of the module's own does is not followed"
    first = named.partition(".")[0].partition("(")[0]
    if named not in _LOOKS and not named.startswith(("sqlalchemy", "sqlmodel")):
        if given and named:
            return f"what `{_short(named)}` does with what it is given is told elsewhere"
        if given:
            return _NOT_TOLD
    if not named or first in _BUILT_IN or is_harmless(named):
        return None
    if alone:
        return f"what `{_short(named)}` does is told elsewhere, in a module that is not read"
    return None


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


def _is_mighty(value: Value) -> bool:
    match value:
        case Unknown(mighty=mighty):
            return mighty
        case Several(items):
            return any(map(_is_mighty, items))
        case Pairs(items):
            return any(_is_mighty(one) for _, one in items)
    return can_change(path(value))


def _short(named: str) -> str:
    return ".".join(named.split(".")[-2:])[-80:]


def _all(call: Call) -> Iterator[Argument]:
    yield from call.arguments
    yield from call.keywords.values()

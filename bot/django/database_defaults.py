"""The default that the database keeps is a constant, or what an expression gives for each row."""

from __future__ import annotations

import builtins

from bot.django.expressions import FUNCTIONS, STEADY, Unsaid, expression, own_name
from bot.django.fields import COMPUTED, Field, sent_by
from bot.django.state import Model
from bot.python.pure import is_class
from bot.python.values import (
    NOTHING,
    Attribute,
    Call,
    Combined,
    Known,
    Name,
    Pairs,
    Several,
    Text,
    Value,
    path,
    text_of,
)

HOLE = "${expression}"
"""In the place of an expression that nobody knows."""
_DEEPEST = 60
_CONSTANTS = (
    *(
        "datetime.",
        "decimal.",
        "uuid.",
        "ipaddress.",
        "zoneinfo.",
        "collections.",
        "psycopg.types.",
    ),
    *("psycopg2.extras.", "django.db.backends.postgresql.psycopg_any.", "django.utils.timezone."),
    *("django.utils.dateparse.", "django.contrib.gis.geos."),
)
"""What begins the names of Python's values, whatever they are."""
_BUILT_IN = frozenset(dir(builtins))
_WRAPPERS = ("Cast", "ExpressionWrapper", "Collate")


def db_default(one: Field, model: Model) -> str:
    """What follows DEFAULT; a function whose name is a placeholder where nobody can tell."""
    value = one.option("db_default")
    match value:
        case Call(arguments=(first, *_)) as call if own_name(call) == "Value":
            return _constant(one, first.value)
        case _ if value is not None and _is_constant(value):
            return _constant(one, value)
    try:
        return f"({_term(value, model, 0)})"
    except Unsaid:
        return f"({HOLE}())"


def _constant(one: Field, value: Value) -> str:
    return "NULL" if value == NOTHING else one.sent(value)


def _is_constant(value: Value) -> bool:
    """Whether Python makes one value of it, which is sent as it is."""
    match value:
        case Known() | Text() | Several() | Pairs():
            return True
        case Call() as call:
            return call.path.startswith(_CONSTANTS) or call.path.partition(".")[0] in _BUILT_IN
        case Name() | Attribute():
            of, _, member = path(value).rpartition(".")
            return member.isidentifier() and is_class(Name(of))  # of an enumeration
    return False


def _term(value: Value | None, model: Model, depth: int) -> str:
    if value is None or depth > _DEEPEST:
        raise Unsaid
    if isinstance(value, Known | Call) and _is_constant(value):
        return sent_by(value)
    match value:
        case Combined(("+" | "-" | "*" | "/") as sign, (left, right)):
            return f"({_term(left, model, depth + 1)} {sign} {_term(right, model, depth + 1)})"
        case Call() as call if not call.partial:
            return _call(call, model, depth)
    raise Unsaid


def _call(call: Call, model: Model, depth: int) -> str:
    name, given = own_name(call), [one.value for one in call.arguments]
    if name == "Value" and given:
        return sent_by(given[0])
    parts = [_term(one, model, depth + 1) for one in given if not _is_field(one)]
    if name in _WRAPPERS and parts:
        return parts[0]
    if name == "Concat" and parts:
        return " || ".join(f"COALESCE({one}, '')" for one in parts)
    if name == "Func" and "template" not in call.keywords and "function" in call.keywords:
        function = text_of(call.keywords["function"].value)
        if function:
            return f"{function}({', '.join(parts)})"
    if name in FUNCTIONS and parts:
        return FUNCTIONS[name].format(", ".join(parts))
    known = expression(call, model, HOLE)
    if known != HOLE:
        return known
    if call.path.startswith(STEADY):
        return f"COALESCE({', '.join((COMPUTED, *parts))})"
    raise Unsaid


def _is_field(value: Value) -> bool:
    """Whether it says the type alone."""
    return isinstance(value, Call) and value.path.endswith("Field")

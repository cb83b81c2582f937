"""The conditions and expressions of constraints and indexes become SQL, as far as it is known."""

from __future__ import annotations

from bot.django.fields import COMPUTED, Field, sent_by
from bot.django.names import quoted
from bot.django.state import Model
from bot.python.values import Attribute, Call, Combined, Known, Several, Value, text_of


class Unsaid(Exception):
    """Nobody can tell what SQL becomes of it."""


UNKNOWN = "${condition}"
"""A condition of which nobody knows the SQL."""
_COMPARED = {"exact": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_LIKE = {
    "contains": "LIKE '%{}%'",
    "startswith": "LIKE '{}%'",
    "endswith": "LIKE '%{}'",
}
_DEEPEST = 60
FUNCTIONS = {
    "Upper": "UPPER({})",
    "Lower": "LOWER({})",
    "Length": "LENGTH({})",
    "Trim": "BTRIM({})",
    "MD5": "MD5({})",
    "Abs": "ABS({})",
    "Coalesce": "COALESCE({})",
    "Greatest": "GREATEST({})",
    "Least": "LEAST({})",
    "TruncDate": "({})::date",
}
_ALWAYS = {
    "Random": "RANDOM()",
    "Pi": "PI()",
    "Now": "STATEMENT_TIMESTAMP()",
    "RandomUUID": "GEN_RANDOM_UUID()",
    "TransactionNow": "CURRENT_TIMESTAMP",
}
STEADY = ("django.db.models.functions.", "django.contrib.postgres.functions.")
"""What begins the names of functions that give the same for all rows, `_ALWAYS` aside."""
_MODULES = ("django.db.models", "django.contrib.postgres", "django.contrib.gis")


def condition(value: Value | None, model: Model) -> str:
    """A Q as SQL; UNKNOWN where it is more than is known."""
    try:
        return _condition(value, model, 0)
    except Unsaid:
        return UNKNOWN


def expression(value: Value | None, model: Model, hole: str = "${expression}") -> str:
    try:
        return _expression(value, model, 0)
    except Unsaid:
        return hole


def own_name(call: Call) -> str:
    """The name of a class of Django's, "" for another."""
    module, _, name = call.path.rpartition(".")
    return name if module.startswith(_MODULES) else ""


def _condition(value: Value | None, model: Model, depth: int) -> str:
    if depth > _DEEPEST:
        raise Unsaid
    match value:
        case Combined("~", (inner,)):
            return f"NOT {_bracketed(_condition(inner, model, depth + 1))}"
        case Combined(("&" | "|") as sign, operands):
            parts = [_condition(one, model, depth + 1) for one in operands]
            return f"({(' AND ' if sign == '&' else ' OR ').join(parts)})"
        case Call() as call if own_name(call) == "Q" and not call.partial:
            return _q(call, model, depth)
    raise Unsaid


def _q(value: Call, model: Model, depth: int) -> str:
    parts, sign, negated = list[str](), " AND ", False
    for one in value.arguments:
        match one.value:
            case Several((Known(str() as lookup), operand)):
                parts.append(_lookup(lookup, operand, model, depth))
            case Call() | Combined() as inner:
                parts.append(_condition(inner, model, depth + 1))
            case _:
                raise Unsaid
    for name, argument in value.keywords.items():
        if name == "_connector":
            sign = f" {text_of(argument.value) or ''} "
        elif name == "_negated":
            negated = argument.value == Known(True)
        else:
            parts.append(_lookup(name, argument.value, model, depth))
    if not parts or sign not in (" AND ", " OR "):
        raise Unsaid
    whole = sign.join(parts) if len(parts) == 1 else f"({sign.join(parts)})"
    return f"NOT {_bracketed(whole)}" if negated else whole


def _bracketed(text: str) -> str:
    return text if text.startswith("(") and text.endswith(")") else f"({text})"


def _lookup(written: str, operand: Value, model: Model, depth: int) -> str:
    name, *rest = written.split("__")
    kind = rest[0] if rest else "exact"
    if len(rest) > 1 or (name != "pk" and name not in model.fields):
        raise Unsaid
    column, known = quoted(model.column(name)), model.fields.get(name)
    if kind in _COMPARED:
        if operand == Known(None) and kind == "exact":
            return f"{column} IS NULL"
        if isinstance(operand, Known) and isinstance(operand.value, bool) and kind == "exact":
            return column if operand.value else f"NOT {column}"
        return f"{column} {_COMPARED[kind]} {_operand(operand, model, depth, known)}"
    match kind, operand:
        case "isnull", Known(bool() as holds):
            return f"{column} IS NULL" if holds else f"{column} IS NOT NULL"
        case "in", Several(items) if items:
            values = ", ".join(_operand(one, model, depth, known) for one in items)
            return f"{column} IN ({values})"
        case "range", Several((first, last)):
            least, most = (_operand(one, model, depth, known) for one in (first, last))
            return f"{column} BETWEEN {least} AND {most}"
        case _, Known(str() as text) if kind in _LIKE and not set(text) & set("%_\\'"):
            return f"{column}::text {_LIKE[kind].format(text)}"
    raise Unsaid


def _operand(value: Value, model: Model, depth: int, known: Field | None) -> str:
    match value:
        case Known(bool() | int() | float() | str()):
            if isinstance(value.value, str) or known is None or known.kind not in _TEXTS:
                return sent_by(value)
            return sent_by(Known(str(value.value)))
    return _expression(value, model, depth)


_TEXTS = frozenset({"CharField", "TextField", "SlugField", "EmailField", "URLField"})


def _expression(value: Value | None, model: Model, depth: int) -> str:
    if depth > _DEEPEST:
        raise Unsaid
    match value:
        case Known(str() as text):
            return _reference(text, model)
        case Call() as call:
            return _call(call, model, depth)
    raise Unsaid


def _reference(written: str, model: Model) -> str:
    name = written.removeprefix("-")
    if name != "pk" and name not in model.fields:
        raise Unsaid
    return quoted(model.column(name)) + (" DESC" if name != written else "")


def _call(call: Call, model: Model, depth: int) -> str:
    name, given = own_name(call), [one.value for one in call.arguments]
    if name == "F" and given and (text := text_of(given[0])):
        return _reference(text, model)
    if name == "Value" and given and (sent := sent_by(given[0])) != COMPUTED:
        return sent
    if name in _ALWAYS and not given:
        return _ALWAYS[name]
    if name in FUNCTIONS and given:
        parts = (_expression(one, model, depth + 1) for one in given)
        return FUNCTIONS[name].format(", ".join(parts))
    if name in ("OrderBy", "OpClass") and given:
        return _ordered(name, call, _expression(given[0], model, depth + 1))
    match call.function:
        case Attribute(of, ("desc" | "asc") as way):
            inner = _expression(of, model, depth + 1)
            return f"{inner} {way.upper()}"
    raise Unsaid


def _ordered(name: str, call: Call, inner: str) -> str:
    if name == "OpClass":
        operators = text_of(call.bound("expression", "name").get("name", call.arguments[0]).value)
        return f"({inner}) {operators}" if operators else inner
    down = call.keywords.get("descending")
    return f"{inner} DESC" if down and down.value == Known(True) else f"{inner} ASC"


def in_index(text: str) -> str:
    """An expression as an index takes it: whatever is no column and no function in brackets."""
    simple = text.startswith(('"', "${"))
    return text if simple or text.startswith("(") else f"({text})"

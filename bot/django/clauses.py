"""The constraints and indexes that a model names, as SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.django.decided import deferred, operator
from bot.django.expressions import condition, expression, in_index
from bot.django.fields import Field
from bot.django.names import quoted
from bot.django.state import Model
from bot.python.values import Call, Known, Several, Value, text_of, texts_of

DEFERRED = " DEFERRABLE INITIALLY DEFERRED"
_METHODS = {
    "Index": "",
    "BloomIndex": "bloom",
    "BrinIndex": "brin",
    "BTreeIndex": "btree",
    "GinIndex": "gin",
    "GistIndex": "gist",
    "HashIndex": "hash",
    "SpGistIndex": "spgist",
}
_PARAMETERS = (
    "length",
    "autosummarize",
    "pages_per_range",
    "fillfactor",
    "deduplicate_items",
    "fastupdate",
    "gin_pending_list_limit",
    "buffering",
)


def constraint_sql(model: Model, call: Call) -> str:
    """ALTER TABLE … ADD CONSTRAINT, or CREATE UNIQUE INDEX where Django makes one."""
    kind, table, name = _kind(call), quoted(model.table), quoted(name_of(call))
    add = f"ALTER TABLE {table} ADD CONSTRAINT {name}"
    match kind:
        case "CheckConstraint":
            given = call.keywords.get("condition") or call.keywords.get("check")
            return f"{add} CHECK ({condition(given.value if given else None, model)})"
        case "UniqueConstraint":
            return _unique_constraint(model, call, add)
        case "ExclusionConstraint":
            return f"{add} {_exclusion(model, call)}"
    return ""


def _unique_constraint(model: Model, call: Call, add: str) -> str:
    table, name = quoted(model.table), quoted(name_of(call))
    include, where = _include(model, call), _where(model, call)
    operators = texts_of(_option(call, "opclasses")) or ()
    nulls = {False: " NULLS NOT DISTINCT", True: " NULLS DISTINCT"}.get(
        _known(call, "nulls_distinct"),
        "",  # type: ignore[call-overload]
    )
    columns = _columns(model, call, operators)
    if include or where or operators or call.arguments:
        return f"CREATE UNIQUE INDEX {name} ON {table} ({columns}){include}{nulls}{where}"
    return f"{add} UNIQUE{nulls} ({columns}){_deferrable(call)}"


def index_sql(model: Model, call: Call, *, concurrently: bool = False) -> str:
    """CREATE INDEX as an Index asks for it, "" for one that nobody knows."""
    method = _METHODS.get(_kind(call))
    if method is None:
        return ""
    name, table = quoted(name_of(call)), quoted(model.table)
    columns = _columns(model, call, texts_of(_option(call, "opclasses")) or ())
    names = texts_of(_option(call, "fields")) or ()
    only = model.fields.get(names[0].removeprefix("-")) if len(names) == 1 else None
    space = text_of(_option(call, "db_tablespace"))
    with_ = f" WITH ({', '.join(several)})" if (several := _parameters(call)) else ""
    extra = within(model.tablespace(only) if space is None else space)
    word = " CONCURRENTLY" if concurrently else ""
    using = f" USING {method}" if method else ""
    return (
        f"CREATE INDEX{word} {name} ON {table}{using} ({columns}){_include(model, call)}"
        f"{with_}{extra}{_where(model, call)}"
    )


def _kind(call: Call) -> str:
    """The name of a class of Django's, "" for another."""
    return call.path.rpartition(".")[2] if call.path.startswith("django.") else ""


def generated(one: Field, model: Model) -> str:
    stored = "STORED" if one.says("db_persist") else "VIRTUAL"
    return f"GENERATED ALWAYS AS ({expression(one.option('expression'), model)}) {stored}"


def named(model: Model, option: str) -> tuple[Call, ...]:
    """The indexes or the constraints of a model."""
    ending = "Constraint" if option == "constraints" else "Index"
    return tuple(one for one in model.named.values() if one.path.endswith(ending))


def name_of(call: Call) -> str:
    found = call.keywords.get("name")
    return (text_of(found.value) if found else None) or "${name}"


def _option(call: Call, name: str) -> Value | None:
    found = call.keywords.get(name)
    return found.value if found else None


def _known(call: Call, name: str) -> object:
    found = _option(call, name)
    return found.value if isinstance(found, Known) else None


def within(tablespace: str) -> str:
    return f" TABLESPACE {quoted(tablespace)}" if tablespace else ""


def listed(columns: Iterable[str]) -> str:
    return ", ".join(map(quoted, columns))


def _columns(model: Model, call: Call, operators: Sequence[str]) -> str:
    """What is indexed: fields, or expressions."""
    if call.arguments:
        return ", ".join(in_index(expression(one.value, model)) for one in call.arguments)
    parts = list[str]()
    for place, name in enumerate(texts_of(_option(call, "fields")) or ("${fields}",)):
        known = name.startswith("${")
        column = name if known else quoted(model.column(name.removeprefix("-")))
        words = [column, operators[place] if place < len(operators) else ""]
        words.append("DESC" if name.startswith("-") else "")
        parts.append(" ".join(word for word in words if word))
    return ", ".join(parts)


def _include(model: Model, call: Call) -> str:
    names = texts_of(_option(call, "include"))
    return f" INCLUDE ({listed(model.column(name) for name in names)})" if names else ""


def _where(model: Model, call: Call) -> str:
    given = _option(call, "condition")
    return f" WHERE {condition(given, model)}" if given not in (None, Known(None)) else ""


def _deferrable(call: Call) -> str:
    member = deferred(_option(call, "deferrable"))
    return f" DEFERRABLE INITIALLY {member}" if member else ""


def _exclusion(model: Model, call: Call) -> str:
    pairs = _option(call, "expressions")
    parts = list[str]()
    for pair in pairs.items if isinstance(pairs, Several) else ():
        match pair:
            case Several((first, second)):
                with_ = operator(second) or "&&"
                parts.append(f"{in_index(expression(first, model))} WITH {with_}")
    where = _where(model, call)
    bracketed = f" WHERE ({where.removeprefix(' WHERE ')})" if where else ""
    method = text_of(_option(call, "index_type")) or "GIST"
    several = ", ".join(parts) or "${expressions} WITH &&"
    return (
        f"EXCLUDE USING {method} ({several}){_include(model, call)}{bracketed}{_deferrable(call)}"
    )


def _parameters(call: Call) -> list[str]:
    found = list[str]()
    for name in _PARAMETERS:
        value = _known(call, name)
        if value is not None:
            shown = {True: "on", False: "off"}[value] if isinstance(value, bool) else value
            found.append(f"{name} = {shown}")
    columns = _option(call, "columns")  # of a BloomIndex
    for place, one in enumerate(columns.items if isinstance(columns, Several) else (), 1):
        found += [f"col{place} = {one.value}"] if isinstance(one, Known) else []
    return found

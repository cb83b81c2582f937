"""What an operation is told decides what it sends, so all of it has to be known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bot.django.differences import shape
from bot.django.state import Model, options_of
from bot.python.values import (
    NOTHING,
    Argument,
    Attribute,
    Call,
    Known,
    Name,
    Pairs,
    Several,
    Text,
    Unknown,
    Value,
    path,
    text_of,
    texts_of,
)

Given = Mapping[str, Argument]
Tells = Callable[[Value], bool]


def deferred(value: Value | None) -> str | None:
    """The member of Deferrable that it is, "" for none; None where nobody can tell."""
    match value:
        case None | Known(None):
            return ""
        case Call(arguments=(one,)) as call if _is_django(call.path, "Deferrable"):
            return {"deferred": "DEFERRED", "immediate": "IMMEDIATE"}.get(text_of(one.value) or "")
        case Attribute() | Name():
            of, _, member = path(value).rpartition(".")
            return member if _is_django(of, "Deferrable") and member in _MEMBERS else None
    return None


def operator(value: Value | None) -> str | None:
    """The operator of an exclusion constraint, as text or of RangeOperators."""
    of, _, member = path(value or NOTHING).rpartition(".")
    known = _OPERATORS.get(member) if _is_django(of, "RangeOperators") else None
    return known or text_of(value)


def _is_django(named: str, name: str) -> bool:
    return named.startswith("django.") and named.endswith(f".{name}")


_MEMBERS = ("DEFERRED", "IMMEDIATE")
_OPERATORS = {
    "EQUAL": "=",
    "NOT_EQUAL": "<>",
    "CONTAINS": "@>",
    "CONTAINED_BY": "<@",
    "OVERLAPS": "&&",
    "FULLY_LT": "<<",
    "FULLY_GT": ">>",
    "NOT_LT": "&>",
    "NOT_GT": "&<",
    "ADJACENT_TO": "-|-",
}


def _is_plain(value: Value) -> bool:
    return isinstance(value, Known)


def _are_plain(value: Value) -> bool:
    return value == NOTHING or (isinstance(value, Several) and all(map(_is_plain, value.items)))


def _is_text(value: Value) -> bool:
    return value == NOTHING or text_of(value) is not None


def _are_texts(value: Value) -> bool:
    return value == NOTHING or texts_of(value) is not None


def _is_together(value: Value) -> bool:
    several = value.items if isinstance(value, Several) else ()
    return value == NOTHING or (
        isinstance(value, Several) and (_are_texts(value) or all(map(_are_texts, several)))
    )


def _are_operators(value: Value) -> bool:
    return isinstance(value, Several) and all(
        isinstance(one, Several) and len(one.items) == 2 and operator(one.items[1]) is not None
        for one in value.items
    )


def _are_calls(value: Value) -> bool:
    return isinstance(value, Several) and all(isinstance(one, Call) for one in value.items)


def _is_member(value: Value) -> bool:
    return deferred(value) is not None


_FLAGS = ("null", "unique", "primary_key", "db_index", "db_constraint", "blank", "db_persist")
_OF_FIELD: Mapping[str, Tells] = {
    **dict.fromkeys((*_FLAGS, "auto_now", "auto_now_add"), _is_plain),
    **dict.fromkeys(("db_column", "db_collation", "db_comment", "db_table", "to_field"), _is_text),
    "db_tablespace": _is_text,
}
_OF_TYPE: Mapping[str, Tells] = dict.fromkeys(
    ("max_length", "max_digits", "decimal_places", "size"), _is_plain
)
_OF_DROPPED = {name: _OF_FIELD[name] for name in ("db_column", "db_constraint", "db_table")}
_OF_CONSTRAINT: Mapping[str, Tells] = {
    **dict.fromkeys(("include", "opclasses"), _are_texts),
    "nulls_distinct": _is_plain,
    "deferrable": _is_member,
    "expressions": _are_operators,
    "index_type": _is_text,
}
_OF_INDEX: Mapping[str, Tells] = {
    **dict.fromkeys(("include", "opclasses"), _are_texts),
    "columns": _are_plain,
    "db_tablespace": _is_text,
    **dict.fromkeys(("autosummarize", "pages_per_range", "fillfactor", "length"), _is_plain),
    **dict.fromkeys(("deduplicate_items", "fastupdate", "gin_pending_list_limit"), _is_plain),
    "buffering": _is_plain,
}
_OF_OPTIONS: Mapping[str, Tells] = {
    **dict.fromkeys(("managed", "proxy"), _is_plain),
    **dict.fromkeys(("db_tablespace", "db_table_comment", "order_with_respect_to"), _is_text),
    **dict.fromkeys(("unique_together", "index_together"), _is_together),
    **dict.fromkeys(("indexes", "constraints"), _are_calls),
}
_OF_OPERATION: Mapping[str, Tells] = {
    "preserve_default": _is_plain,
    "table_comment": _is_text,
    "order_with_respect_to": _is_text,
    "unique_together": _is_together,
    "index_together": _is_together,
    "old_fields": _are_texts,
    "provider": _is_text,
    "deterministic": _is_plain,
}
_BY_PLACE = {"ForeignKey": 2, "OneToOneField": 2, "ArrayField": 2}
"""As many arguments of a field as are read by their place; of all others it is one."""


def undecided(kind: str, given: Given, model: Model | None) -> str | None:
    """Why nobody can tell what an operation sends; `model` is the one it is about, if known."""
    several = [*_unknown(given, _OF_OPERATION)]
    match kind:
        case "CreateModel":
            several += _of_model(given)
        case "AddField":
            several += _of_field(given["field"].value if "field" in given else None)
        case "AlterField":
            several += _of_alteration(given, model)
        case "RemoveField" | "RenameField":
            several += _of_dropped(given, model)
        case "AlterModelOptions":
            several += _of_options(given.get("options"))
        case "AddIndex" | "AddIndexConcurrently" if "index" in given:
            several += _of_call(given["index"].value, _OF_INDEX)
        case "AddConstraint" | "AddConstraintNotValid" if "constraint" in given:
            several += _of_call(given["constraint"].value, _OF_CONSTRAINT)
        case "RemoveConstraint" if model and "name" in given:
            known = model.named.get(text_of(given["name"].value) or "")
            several += _of_call(known, _OF_CONSTRAINT) if known else ()
        case "RenameIndex" if text_of(_value(given, "old_name")) is None:
            several += () if "old_fields" in given else ("old_name",)
    return f"its {several[0]} {_verb(several[0])} not written out" if several else None


def _verb(name: str) -> str:
    return "are" if name.endswith("s") else "is"


def _value(given: Given, name: str) -> Value | None:
    found = given.get(name)
    return found.value if found else None


def _unknown(given: Given, expected: Mapping[str, Tells]) -> Iterator[str]:
    for name, tells in expected.items():
        if name in given and not tells(given[name].value):
            yield name


def _of_call(value: Value | None, expected: Mapping[str, Tells]) -> Iterator[str]:
    if isinstance(value, Call):
        yield from ["arguments"] * value.partial
        yield from _unknown(value.keywords, expected)


def _of_field(value: Value | None) -> Iterator[str]:
    if not isinstance(value, Call):
        return
    yield from _of_call(value, _OF_FIELD)
    kind = value.path.rpartition(".")[2]
    most = _BY_PLACE.get(kind, 1)
    own = value.path.startswith("django.") and kind != "CompositePrimaryKey"
    yield from ["arguments"] * (own and len(value.arguments) > most)


def _of_alteration(given: Given, model: Model | None) -> Iterator[str]:
    """What is unknown of a field, and of what it was; a type that stays the same may be."""
    new, name = _value(given, "field"), text_of(_value(given, "name"))
    yield from _of_field(new)
    old = model.fields.get(name) if model and name else None
    if old is None or not isinstance(new, Call):
        return
    yield from (f"{one} before it" for one in _of_field(old.call))
    before = old.call.keywords
    for one, tells in _OF_TYPE.items():
        told = [known[one].value for known in (before, new.keywords) if one in known]
        same = len(told) == 2 and shape(told[0]) == shape(told[1])
        if not (same and isinstance(told[0], Name | Attribute)) and not all(map(tells, told)):
            yield one


def _of_dropped(given: Given, model: Model | None) -> Iterator[str]:
    name = text_of(_value(given, "name") or _value(given, "old_name"))
    old = model.fields.get(name) if model and name else None
    if old is not None:
        yield from _unknown(old.call.keywords, _OF_DROPPED)


def _of_model(given: Given) -> Iterator[str]:
    fields = _value(given, "fields")
    for one in fields.items if isinstance(fields, Several) else ():
        match one:
            case Several((Known(str()) | Text() | Unknown(), Call() as call)):
                yield from _of_field(call)
            case _:
                yield "fields"
    yield from _of_options(given.get("options"))


def _of_options(given: Argument | None) -> Iterator[str]:
    if given is None:
        return
    if not isinstance(given.value, Pairs):
        yield "options"
        return
    options = options_of(given.value)
    yield from (
        name for name, tells in _OF_OPTIONS.items() if name in options and not tells(options[name])
    )
    for name, expected in (("indexes", _OF_INDEX), ("constraints", _OF_CONSTRAINT)):
        several = options.get(name)
        for one in several.items if isinstance(several, Several) else ():
            yield from _of_call(one, expected)

"""Whether two fields ask for another column."""

from __future__ import annotations

from bot.django.fields import Field
from bot.django.state import State
from bot.python.values import Call, Combined, Pairs, Several, Value

_NOT_IN_DATABASE = frozenset(
    {"blank", "choices", "default", "editable", "error_messages", "help_text", "limit_choices_to"}
    | {"on_delete", "related_name", "related_query_name", "validators", "verbose_name"}
    | {"db_column", "auto_now", "auto_now_add", "upload_to", "storage"}
)
"""What a field may say anew without any column being asked for it (Field.non_db_attrs)."""


def differs(state: State, old: Field, new: Field) -> bool:
    """_field_should_be_altered()"""
    if old.column != new.column:
        return True
    same_table = old.relation == new.relation == "one" and (
        state.target(old).table == state.target(new).table
    )
    ignored = _NOT_IN_DATABASE | ({"to"} if same_table else set())
    return old.path != new.path or _said(old, ignored) != _said(new, ignored)


_FLAGS = frozenset({"null", "unique", "db_index", "primary_key", "max_length"})


def differ_in_words(old: Field, new: Field) -> bool:
    """Whether two fields ask for another column, as far as they say."""
    names = old.column != new.column or old.path != new.path
    return names or _said(old, _NOT_IN_DATABASE) != _said(new, _NOT_IN_DATABASE)


def _said(one: Field, ignored: frozenset[str] | set[str]) -> dict[str, object]:
    """What a field says of its column, whether it says so or leaves it at what is usual."""
    found: dict[str, object] = {
        name: shape(argument.value)
        for name, argument in one.call.keywords.items()
        if name not in ignored and name not in _FLAGS
    }
    if "to" not in ignored and one.relation:
        found["to"] = one.target
    flags = (one.null, one.unique, one.db_index, one.primary_key)
    return {**found, "flags": flags, "type": one.db_type if not one.relation else None}


def shape(value: Value, depth: int = 0) -> object:
    """What can be compared of a value, which nobody runs."""
    if depth > 30:
        return "…"
    match value:
        case Call() as call:
            return (
                call.path,
                tuple(shape(one.value, depth + 1) for one in call.arguments),
                tuple(
                    sorted(
                        (key, str(shape(one.value, depth + 1)))
                        for key, one in call.keywords.items()
                    )
                ),
            )
        case Several(items):
            return tuple(shape(one, depth + 1) for one in items)
        case Combined(sign, operands):
            return (sign, *(shape(one, depth + 1) for one in operands))
        case Pairs(pairs):
            return tuple((shape(key, depth + 1), shape(one, depth + 1)) for key, one in pairs)
    return value


def shape_of(one: Field, option: str) -> object:
    """What can be compared of an option, None where it is not there."""
    value = one.option(option)
    return shape(value) if value is not None else None

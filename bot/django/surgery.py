"""What is put off is cut out of an operation, so that Django does the rest of it as before."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.django.differences import differ_in_words
from bot.django.editor import Asked
from bot.django.fields import Field
from bot.django.state import Together, together_of
from bot.django.texts import prefix
from bot.model.finding import Rewrite
from bot.model.moment import Moment
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    Check,
    CreateIndex,
    ForeignKey,
    Key,
    Operation,
    SetNotNull,
)
from bot.python.copies import Changed, Copier
from bot.python.layout import Layout
from bot.python.values import Argument, Known, Name

Own = Sequence[tuple[Moment, Rewrite]]

_UNSIGNED = {
    "PositiveBigIntegerField": "BigIntegerField",
    "PositiveIntegerField": "IntegerField",
    "PositiveSmallIntegerField": "SmallIntegerField",
}


def part_of(operation: Operation, inline: int | None) -> str:
    """What of a field an operation is for."""
    match operation:
        case AddColumn(constraints=several) if inline is not None:
            one: object = several[inline]
        case AddConstraint(constraint=constraint):
            one = constraint
        case _:
            one = operation
    match one:
        case Key():
            return "unique"
        case ForeignKey():
            return "key"
        case Check():
            return "check"
        case CreateIndex(name=name):
            return "like" if (name or "").endswith("_like") else "index"
        case SetNotNull():
            return "null"
    return ""


def is_possible(asked: Asked, moment: Moment, rewrite: Rewrite) -> bool:
    """Whether what the rewrite puts off can be cut out of the operation."""
    if asked.layout is None or prefix(asked.layout) is None:
        return False
    part = part_of(moment.command.operation, rewrite.inline)
    if asked.kind in ("AddField", "AlterField"):
        if _is_of_another(moment.command.operation, asked.field):
            return False
        return bool(part) and asked.field is not None and _can_lose(asked, asked.field, part)
    if asked.kind in ("AlterUniqueTogether", "AlterIndexTogether"):
        return asked.model is not None
    return asked.kind == "AddConstraint" and part in ("unique", "index")


def _is_of_another(operation: Operation, field: Field | None) -> bool:
    """Whether it is the key of a field that references the one which is altered."""
    match operation:
        case AddConstraint(constraint=ForeignKey(columns=columns)) if field:
            return field.relation != "one" or columns != (field.column,)
    return False


def _can_lose(asked: Asked, field: Field, part: str) -> bool:
    written = any(node is field.call.node for node in ast.walk(asked.call.node))
    if not written or field.call.partial or field.relation == "many":
        return False
    if part in ("index", "like") and asked.before and asked.before.unique:
        return False  # its index for LIKE stays where it is, as long as Django sees another one
    if part == "check":
        return field.own and field.kind in _UNSIGNED
    return part != "unique" or not (field.primary_key or _has_its_place(asked, field))


def _has_its_place(asked: Asked, field: Field) -> bool:
    """Whether its column says where the index of its constraint is."""
    placed = asked.model is not None and asked.model.tablespace(field)
    return bool(placed) and asked.kind == "AddField"


def database_operations(asked: Asked, layout: Layout, own: Own, outer: str) -> Iterator[str]:
    """What is left for the database of an operation, as Django does it."""
    parts = {part_of(moment.command.operation, rewrite.inline) for moment, rewrite in own}
    if asked.field and asked.kind in ("AddField", "AlterField"):
        changed, without = _without(asked.field, parts)
        if asked.kind == "AddField" or _changes_still(asked, without):
            node = asked.field.call.node
            yield Copier(layout, {id(node): changed}).copy(asked.call.node, outer)
    elif asked.kind in ("AlterUniqueTogether", "AlterIndexTogether"):
        yield from _fewer(asked, layout, outer)


def _changes_still(asked: Asked, field: Field) -> bool:
    return asked.before is None or differ_in_words(asked.before, field)


def _without(field: Field, parts: set[str]) -> tuple[Changed, Field]:
    """How the field is written without some of its parts, and what it then is."""
    options, gone = dict[str, str](), set[str]()
    function = None
    if parts & {"unique", "like"} and field.unique:
        gone.add("unique")
        if field.kind.endswith("OneToOneField"):
            function = "OneToOneField", "ForeignKey"
    loses = bool(parts & {"unique", "like"})  # which alone would have another index instead
    if "index" in parts or (loses and (field.db_index or not field.unique)):
        if field.relation == "one" or field.kind == "SlugField":
            options["db_index"] = "False"
        else:
            gone.add("db_index")
    if "key" in parts:
        options["db_constraint"] = "False"
    if "null" in parts:
        options["null"] = "True"
    if "check" in parts:
        function = field.kind, _UNSIGNED[field.kind]
    return _change(field, options, gone, function)


def _change(
    field: Field, options: dict[str, str], gone: set[str], function: tuple[str, str] | None
) -> tuple[Changed, Field]:
    node, call = field.call.node, field.call
    name = ast.unparse(node.func)
    module, _, kind = call.path.rpartition(".")
    if function:
        name = name.removesuffix(function[0]) + function[1]
        kind = function[1]
    values = {key: Argument(Known(text == "True"), node) for key, text in options.items()}
    kept = {key: one for key, one in call.keywords.items() if key not in gone}
    left = replace(call, function=Name(f"{module}.{kind}"), keywords={**kept, **values})
    more = tuple(f"{key}={text}" for key, text in options.items())
    written = Changed(name if function else None, frozenset({*gone, *options}), more)
    return written, Field(field.name, left, field.app, field.model, field.default, field.made)


def _fewer(asked: Asked, layout: Layout, outer: str) -> Iterator[str]:
    """The same operation without what is new, where it takes something away besides."""
    option = "unique_together" if asked.kind == "AlterUniqueTogether" else "index_together"
    given = asked.call.bound("name", option)
    if asked.model is None or option not in given:
        return
    if option == "unique_together":
        before: set[tuple[str, ...]] = {one for several in asked.model.together for one in several}
    else:
        before = set(together_of(asked.model.options.get(option)))
    after = set(together_of(given[option].value))
    if not before - after:
        return
    kept = _listed(layout, tuple(sorted(before & after)))
    name = prefix(layout) or "migrations."
    arguments = [f"name={layout.text(given['name'].node)}", f"{option}={kept}"]
    yield layout.call(f"{name}{asked.kind}", arguments, outer, ",")


def _listed(layout: Layout, several: Together) -> str:
    found = (f"({', '.join(map(layout.string, one))}{',' * (len(one) == 1)})" for one in several)
    return f"{{{', '.join(found)}}}" if several else "set()"

"""New statements, and the smallest edits that make an old one ask for something else."""

from __future__ import annotations

import re
from collections.abc import Collection

from pglast import keywords

from bot.model.migration import Command, Statement
from bot.model.source import Edit, Source, Span
from bot.postgres.names import QualifiedName
from bot.postgres.operations import AddConstraint, Operation, ValidateConstraint
from bot.sql.tokens import significant

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")
_KEYWORDS = (
    keywords.RESERVED_KEYWORDS | keywords.TYPE_FUNC_NAME_KEYWORDS | keywords.COL_NAME_KEYWORDS
)


def quoted(identifier: str) -> str:
    """`identifier` as quote_ident() writes it."""
    if _PLAIN.fullmatch(identifier) and identifier not in _KEYWORDS:
        return identifier
    return '"' + identifier.replace('"', '""') + '"'


def qualified(name: QualifiedName) -> str:
    return ".".join(quoted(part) for part in (name.schema, name.name) if part)


def written(operation: Operation, *, lower_case: bool = False) -> str:
    """`operation` as a statement without its semicolon."""
    match operation:
        case ValidateConstraint(table, name, if_exists=if_exists):
            words = "ALTER TABLE IF EXISTS" if if_exists else "ALTER TABLE"
            middle = "VALIDATE CONSTRAINT"
            return (
                f"{_cased(words, lower_case)} {qualified(table)}"
                f" {_cased(middle, lower_case)} {quoted(name)}"
            )
    raise ValueError(f"no SQL is known for {operation}")


def in_lower_case(statement: Statement) -> bool:
    """Whether the author writes keywords in lower case."""
    return statement.text[:5].islower()


def amended(
    statement: Statement, command: Command, wanted: Operation, *, repeatable: bool = False
) -> tuple[Edit, ...]:
    """The edits that make `command` ask for `wanted` instead.

    With `repeatable`, what it adds replaces what an earlier try left behind.
    """
    lower_case = in_lower_case(statement)
    match command.operation, wanted:
        case AddConstraint(constraint=old), AddConstraint(constraint=new):
            edits = list[Edit]()
            if repeatable and new.name is not None:
                place = command.span.start
                drop = f"{_cased('DROP CONSTRAINT IF EXISTS', lower_case)} {quoted(new.name)}, "
                edits.append(Edit(Span(place, place), drop))
            if old.name is None and new.name is not None:
                behind_add = significant(statement.source[command.span], command.span.start)[0]
                place = behind_add.span.end
                name = f" {_cased('CONSTRAINT', lower_case)} {quoted(new.name)}"
                edits.append(Edit(Span(place, place), name))
            if new.not_valid and not old.not_valid:
                place = command.span.end
                edits.append(Edit(Span(place, place), f" {_cased('NOT VALID', lower_case)}"))
            return tuple(edits)
    raise ValueError(f"no edit is known from {command.operation} to {wanted}")


def _cased(words: str, lower_case: bool) -> str:
    return words.lower() if lower_case else words


def removed(statement: Statement, commands: Collection[Command]) -> tuple[Edit, ...]:
    """Without these commands and as many commas; without the statement if none is left."""
    gone = {id(command) for command in commands}
    if all(id(command) in gone for command in statement.commands):
        return (
            Edit(_whole_lines(statement.source, Span(statement.span.start, statement.end)), ""),
        )
    edits: list[Edit] = []
    kept_before = False
    for index, command in enumerate(statement.commands):
        if id(command) not in gone:
            kept_before = True
            continue
        # The comma before it goes too, or, where nothing is kept before it, the one behind it.
        neighbour = statement.commands[index - 1 if kept_before else index + 1]
        edits += _removed_with_comma(statement.source, command.span, neighbour.span)
    return tuple(sorted(edits))


def _removed_with_comma(source: Source, command: Span, neighbour: Span) -> tuple[Edit, ...]:
    first, second = sorted((command, neighbour))
    between = Span(first.end, second.start)
    if source[between].strip() == ",":
        start, end = (first.end, second.end) if command == second else (first.start, second.start)
        return (Edit(Span(start, end), ""),)
    (comma,) = significant(source[between], between.start)  # comments stay
    return Edit(comma.span, ""), Edit(command, "")


def _whole_lines(source: Source, span: Span) -> Span:
    """`span`, and the rest of its lines where nothing else stands on them."""
    whole = source.span_of(source.lines(span))
    outside = source[Span(whole.start, span.start)] + source[Span(span.end, whole.end)]
    return span if outside.strip() else whole

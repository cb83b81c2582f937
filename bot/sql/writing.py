"""New statements, and the smallest edits that make an old one ask for something else."""

from __future__ import annotations

import re
from collections.abc import Collection

from pglast import keywords

from bot.model.migration import Command, Statement
from bot.model.source import Edit, Source, Span
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    DropConstraint,
    ForeignKey,
    NotNull,
    NotNullCheck,
    OnTable,
    Operation,
    SetNotNull,
    ValidateConstraint,
)
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


def written(operation: OnTable, *, lower_case: bool = False) -> str:
    """`operation` as a statement without its semicolon."""
    words = "ALTER TABLE IF EXISTS" if operation.if_exists else "ALTER TABLE"
    return (
        f"{_cased(words, lower_case)} {qualified(operation.table)} {_clause(operation, lower_case)}"
    )


def _clause(operation: Operation, lower_case: bool) -> str:
    """`operation` as one command of an ALTER TABLE."""

    def cased(words: str) -> str:
        return _cased(words, lower_case)

    match operation:
        case ValidateConstraint(_, name):
            return f"{cased('VALIDATE CONSTRAINT')} {quoted(name)}"
        case DropConstraint(_, name):
            return f"{cased('DROP CONSTRAINT')} {quoted(name)}"
        case SetNotNull(_, column):
            return f"{cased('ALTER COLUMN')} {quoted(column)} {cased('SET NOT NULL')}"
        case AddConstraint(_, NotNull(name=str(name), column=column)):
            what = f"{cased('NOT NULL')} {quoted(column)}"
        case AddConstraint(_, NotNullCheck(name=str(name), column=column)):
            what = f"{cased('CHECK')} ({quoted(column)} {cased('IS NOT NULL')})"
        case _:
            raise ValueError(f"no SQL is known for {operation}")
    end = f" {cased('NOT VALID')}" if operation.constraint.not_valid else ""
    return f"{cased('ADD CONSTRAINT')} {quoted(name)} {what}{end}"


def in_lower_case(statement: Statement) -> bool:
    """Whether the author writes keywords in lower case."""
    return statement.text[:5].islower()


def amended(statement: Statement, command: Command, wanted: Operation) -> tuple[Edit, ...]:
    """The edits that make `command` ask for `wanted` instead."""
    lower_case = in_lower_case(statement)
    match command.operation, wanted:
        case AddConstraint(constraint=old), AddConstraint(constraint=new):
            edits = list[Edit]()
            if old.name is None and new.name is not None:
                behind_add = significant(statement.source[command.span], command.span.start)[0]
                place = behind_add.span.end
                name = f" {_cased('CONSTRAINT', lower_case)} {quoted(new.name)}"
                edits.append(Edit(Span(place, place), name))
            if new.not_valid and not old.not_valid:
                place = command.span.end
                edits.append(Edit(Span(place, place), f" {_cased('NOT VALID', lower_case)}"))
            return tuple(edits)
        case AddColumn(), AddConstraint(inline=int(index)):
            return _taken_out(statement.source, command, command.parts[index], wanted, lower_case)
        case _, AddConstraint():
            return (Edit(command.span, _clause(wanted, lower_case)),)
    raise ValueError(f"no edit is known from {command.operation} to {wanted}")


def _taken_out(
    source: Source, command: Command, part: Span, wanted: AddConstraint, lower_case: bool
) -> tuple[Edit, ...]:
    """A constraint written on a new column becomes one of the table, behind the column."""
    run = significant(source[command.span], command.span.start)
    before = max(token.span.end for token in run if token.span.end <= part.start)
    blank = not source[Span(before, part.start)].strip()
    inside = [token for token in run if part.start <= token.span.start < part.end]
    named = inside[0].name == "CONSTRAINT"
    what = source[Span(inside[2].span.start if named else part.start, part.end)]
    match wanted.constraint:
        case ForeignKey(columns=(column,)):
            what = f"{_cased('FOREIGN KEY', lower_case)} ({quoted(column)}) {what}"
    add = _cased("ADD CONSTRAINT", lower_case)
    name, end = quoted(wanted.constraint.name or ""), _cased("NOT VALID", lower_case)
    return (
        Edit(Span(before if blank else part.start, part.end), ""),
        Edit(Span(command.span.end, command.span.end), f", {add} {name} {what} {end}"),
    )


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

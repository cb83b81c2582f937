"""The smallest edits that make an old statement ask for something else."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from bot.model.migration import Command, Statement
from bot.model.source import Edit, Source, Span
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    CreateIndex,
    ForeignKey,
    OnTable,
    Operation,
    RefreshMaterializedView,
    ReindexIndex,
    ReindexTable,
)
from bot.sql.masking import legible
from bot.sql.tokens import Token, significant
from bot.sql.writing import altering, cased, clause, in_lower_case, quoted, remains, written

_BUILDS = (CreateIndex, ReindexIndex, ReindexTable)


def amended(
    statement: Statement, command: Command, wanted: Sequence[OnTable], inline: int | None = None
) -> tuple[Edit, ...]:
    """The edits that make `command` ask for `wanted` instead.

    With `inline` that constraint leaves the new column, and `wanted` stands behind it.
    """
    lower_case = in_lower_case(statement)
    operation = command.operation
    if isinstance(operation, OnTable) and any(one.table != operation.table for one in wanted):
        between = f";{statement.source.newline}{statement.indent}"
        return (Edit(statement.span, between.join(_elsewhere(statement, wanted))),)
    match command.operation, *wanted:
        case AddColumn(), *_ if inline is not None:
            return _taken_out(statement.source, command, command.parts[inline], wanted, lower_case)
        case AddConstraint() as old, AddConstraint() as new if type(old.constraint) is type(
            new.constraint
        ):
            return _changed(statement, command, old, new)
        case RefreshMaterializedView(), RefreshMaterializedView(concurrently=True):
            return _concurrently(statement)
        case [_, *others] if others:
            text = ", ".join(clause(other, lower_case) for other in wanted)
            return (Edit(command.span, text),)
    raise ValueError(f"no edit is known from {command.operation} to {wanted}")


def _elsewhere(statement: Statement, wanted: Sequence[OnTable]) -> Iterator[str]:
    """Statements on other tables, which take the place of the whole one."""
    for one in wanted:
        if restates(statement, one):
            yield from restated(statement, one)
        else:
            yield from written(one, lower_case=in_lower_case(statement))


def _changed(
    statement: Statement, command: Command, old: AddConstraint, new: AddConstraint
) -> tuple[Edit, ...]:
    """The same constraint with a name, and not valid."""
    lower_case = in_lower_case(statement)
    edits = list[Edit]()
    if old.constraint.name is None and new.constraint.name is not None:
        behind_add = _tokens(statement.source, command.span)[0]
        place = behind_add.span.end
        name = f" {cased('CONSTRAINT', lower_case)} {quoted(new.constraint.name)}"
        edits.append(Edit(Span(place, place), name))
    if new.constraint.not_valid and not old.constraint.not_valid:
        place = command.span.end
        edits.append(Edit(Span(place, place), f" {cased('NOT VALID', lower_case)}"))
    return tuple(edits)


def restates(statement: Statement, operation: Operation) -> bool:
    """Whether `operation` is what the statement asks for, perhaps concurrently, or its foreign key,
    on this table or another.
    """
    if builds(statement, operation):
        return True
    match _only(statement), operation:
        case AddConstraint(), AddConstraint(constraint=ForeignKey()):
            return True
        case only, _:
            return operation is only


def builds(statement: Statement, operation: Operation) -> bool:
    """Whether `operation` is what the statement asks for, done concurrently."""
    return isinstance(operation, _BUILDS) and type(operation) is type(_only(statement))


def _only(statement: Statement) -> Operation | None:
    """What the statement asks for, None where that is more than one thing."""
    commands = statement.commands
    return commands[0].operation if len(commands) == 1 else None


def concurrently(statement: Statement, operation: Operation) -> tuple[Edit, ...]:
    """The author's own CREATE INDEX or REINDEX but for one word, and what clears the way for it."""
    start = statement.span.start
    cleared = "".join(
        f"{text};{statement.source.newline}{statement.indent}"
        for text in _clearing(statement, operation)
    )
    way = (Edit(Span(start, start), cleared),) if cleared else ()
    return (*way, *_concurrently(statement))


def _clearing(statement: Statement, operation: Operation) -> list[str]:
    if not isinstance(operation, CreateIndex):
        return []
    return remains(operation, in_lower_case(statement))


def _concurrently(statement: Statement) -> tuple[Edit, ...]:
    run = _tokens(statement.source, statement.span)
    kind = next(token for token in run if token.name in ("INDEX", "TABLE", "VIEW"))
    place = kind.span.end
    word = cased("CONCURRENTLY", in_lower_case(statement))
    return (Edit(Span(place, place), f" {word}"),)


def restated(statement: Statement, operation: Operation) -> list[str]:
    """The author's own statement, for `operation`, as statements without their semicolons."""
    (command,) = statement.commands
    if operation is command.operation:
        return [statement.text]
    if isinstance(operation, AddConstraint):
        return [_on_its_table(statement, command, operation)]
    offset = statement.span.start
    text = statement.text
    for edit in _concurrently(statement):
        place = edit.span.start - offset
        text = f"{text[:place]}{edit.text}{text[place:]}"
    return [*_clearing(statement, operation), text]


def _on_its_table(statement: Statement, command: Command, wanted: AddConstraint) -> str:
    """The author's clause as one of an ALTER TABLE of the table that `wanted` is for."""
    text, offset = statement.source[command.span], command.span.start
    if isinstance(command.operation, AddConstraint):
        for edit in reversed(_changed(statement, command, command.operation, wanted)):
            place = edit.span.start - offset
            text = f"{text[:place]}{edit.text}{text[place:]}"
    return f"{altering(wanted, in_lower_case(statement))} {text}"


def _taken_out(
    source: Source, command: Command, part: Span, wanted: Sequence[OnTable], lower_case: bool
) -> tuple[Edit, ...]:
    """A constraint leaves a new column, and becomes one of the table behind it where wanted."""
    run = _tokens(source, command.span)
    before = run[bisect_right(run, part.start, key=lambda token: token.span.end) - 1].span.end
    blank = not source[Span(before, part.start)].strip()
    gone = Edit(Span(before if blank else part.start, part.end), "")
    behind = Span(command.span.end, command.span.end)
    clauses = (_of_the_table(source, part, one, lower_case) for one in wanted)
    return gone, *(Edit(behind, f", {text}") for text in clauses)


def _of_the_table(source: Source, part: Span, wanted: OnTable, lower_case: bool) -> str:
    """The constraint that stands at `part` of a column, in its own words, as one of the table."""
    if not isinstance(wanted, AddConstraint):
        return clause(wanted, lower_case)
    inside = _tokens(source, part)
    named = inside[0].name == "CONSTRAINT"
    what = source[Span(inside[2].span.start if named else part.start, part.end)]
    match wanted.constraint:
        case ForeignKey(columns=(column,)):
            what = f"{cased('FOREIGN KEY', lower_case)} ({quoted(column)}) {what}"
    add = cased("ADD CONSTRAINT", lower_case)
    name, end = quoted(wanted.constraint.name or ""), cased("NOT VALID", lower_case)
    return f"{add} {name} {what} {end}"


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
    (comma,) = _tokens(source, between)  # comments stay
    return Edit(comma.span, ""), Edit(command, "")


@lru_cache(maxsize=8)
def _tokens(source: Source, span: Span) -> tuple[Token, ...]:
    return significant(legible(source[span]), span.start)


def _whole_lines(source: Source, span: Span) -> Span:
    """`span`, and the rest of its lines where nothing else stands on them."""
    whole = source.span_of(source.lines(span))
    outside = source[Span(whole.start, span.start)] + source[Span(span.end, whole.end)]
    return span if outside.strip() else whole

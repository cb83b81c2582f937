"""SQL in a Python string is read like any other, and edited where it stands."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.model.migration import Command, Sent, Statement, Unreadable
from bot.model.source import Edit, Source, Span
from bot.python.parsing import Module
from bot.python.values import Value, written
from bot.sql.statements import statements

_STRING = re.compile(
    r"(?P<prefix>[A-Za-z]*)(?P<quote>\"\"\"|'''|\"|')(?P<inside>.*)(?P=quote)", re.DOTALL
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_HOLE = re.compile(r"[^{}'\"\s;]+")


def hole(named: str) -> str:
    """What stands in SQL for a part that nobody knows; a name that is filled in later."""
    said = "".join(_HOLE.findall(named)) or "value"
    return f"${{{said}}}"


def sql_of(value: Value) -> str | None:
    """The text of a string, with placeholders for what is not known of it."""
    return written(value, hole)


def places(module: Module, node: ast.expr, text: str) -> tuple[int, ...] | None:
    """Where in the module each character of `text` stands, and where it ends.

    None where `node` is not that string, written without escapes, maybe in several pieces.
    """
    span = module.span(node)
    if not (isinstance(node, ast.Constant) and node.value == text):
        return None
    found, end = list[int](), span.end
    for start, inside in _pieces(module.source[span]):
        found += range(span.start + start, span.start + start + len(inside))
        end = span.start + start + len(inside)
    return (*found, end) if len(found) == len(text) else None


def _pieces(literal: str) -> Iterator[tuple[int, str]]:
    """The insides of the strings that stand next to each other; nothing where one has escapes."""
    starts = [0, *(end.end() for end in _LINE_END.finditer(literal))]
    found = list[tuple[int, str]]()
    try:
        for token in tokenize.generate_tokens(io.StringIO(f"({literal})", newline="").readline):
            if token.type == tokenize.STRING:
                match = _STRING.fullmatch(token.string)
                raw = match and "r" in match["prefix"].lower()
                if not match or ("\\" in match["inside"] and not raw) or "\r" in match["inside"]:
                    return
                row, column = token.start
                first = starts[row - 1] + column - (row == 1)  # for the parenthesis
                found.append((first + match.start("inside"), match["inside"]))
    except (tokenize.TokenError, IndentationError):
        return
    yield from found


def embedded(
    module: Module, node: ast.expr, value: Value, by: object, together: str | None = None
) -> Iterator[Statement | Unreadable]:
    """The statements that a string of SQL has, each at its place in the module.

    `by` is what sends it; `together` is the doubt about what is put together from parts. Nothing
    for what is no string.
    """
    text = sql_of(value)
    if text is None:
        return
    where = places(module, node, text)
    source, span = Source(module.source.path, text), module.span(node)
    for one in statements(source):
        if isinstance(one, Unreadable):
            yield Unreadable(_placed(one.span, where) or span, one.reason)
        else:
            yield sent(one, Said(module.source, span, by, where, None if where else together))


@dataclass(frozen=True, slots=True)
class Said:
    """A place of a program that sends SQL, `by` what it says there.

    `where` are the places of the SQL's characters, None where they do not stand there; `doubt` is
    why nobody can edit it, as a sentence. `parts` are the places of a new column's
    constraints, and `within` is the place of all that is sent together.
    """

    source: Source
    span: Span
    by: object
    where: tuple[int, ...] | None = None
    doubt: str | None = None
    parts: tuple[Span, ...] = ()
    within: Span | None = None

    def of(self, span: Span) -> Span:
        """The place of a part of the SQL."""
        return _placed(span, self.where) or self.span


def sent(statement: Statement, said: Said) -> Statement:
    """A statement of SQL as one of the program that sends it."""
    commands = tuple(
        Command(one.operation, said.of(one.span), _parts(one, said)) for one in statement.commands
    )
    return Statement(
        source=said.source,
        span=said.of(statement.span),
        end=said.where[statement.end] if said.where else said.span.end,
        commands=commands,
        body=tuple(sent(one, said) for one in statement.body),
        doubt=statement.doubt or said.doubt,
        sent=Sent(statement, said.where, said.by, said.within),
    )


def _parts(command: Command, said: Said) -> tuple[Span, ...]:
    if len(said.parts) == len(command.parts):
        return said.parts
    return tuple(map(said.of, command.parts))


def _placed(span: Span, where: tuple[int, ...] | None) -> Span | None:
    if where is None:
        return None
    end = where[span.end - 1] + 1 if span.end > span.start else where[span.start]
    return Span(where[span.start], end)


def moved(edits: Iterable[Edit], where: tuple[int, ...]) -> tuple[Edit, ...]:
    """Edits of the SQL as edits of the module in which it stands."""
    return tuple(Edit(_placed(one.span, where) or Span(0, 0), one.text) for one in edits)

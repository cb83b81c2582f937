"""The SQL that a migration writes itself: in RunSQL, or in the function of RunPython."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from bot.django.editor import Asked
from bot.django.queries import loop, query
from bot.django.state import State
from bot.django.written import Read, can_change
from bot.model.migration import Statement, Unreadable
from bot.model.source import Source, Span
from bot.python.embedded import Said, places, sent, sql_of
from bot.python.events import Made, Undecided
from bot.python.unknown import STANDARD, Judge, short
from bot.python.values import (
    NOTHING,
    Argument,
    Call,
    Local,
    Name,
    Several,
    Value,
    text_of,
)
from bot.sql.statements import statements

_PARAMETER = re.compile(r"%(?:\(\w+\))?[sbt]|%%")
_EXECUTES = re.compile(
    r"(?:.*\.)?(?:\w*cursor\(\)|schema_editor(?:\(\))?|connection\.connection)\.execute(?:many)?"
)
_CURSOR = re.compile(r"(?:.*\.)?cursor\(\)(?:\..*)?")
_EDITOR = re.compile(r"(?:.*\.)?schema_editor(?:\(\))?\.(?P<name>\w+)")
_SENDS = re.compile(
    r"(?:.*\.)?(?:\w*cursor\(\)|connection\.connection)\.\w+"
    r"|(?:schema_editor|django\.db)\b.*\.(?:exec(?:ute)?(?:_\w*|many)?|callproc|deferred_sql\.\w+)"
)
"""What sends SQL in a way that is not followed."""
_HARMLESS = re.compile(
    r"(?:.*\.)?schema_editor(?:\(\))?\.quote_\w+|(?:.*\.)?\w*cursor(?:\(\))?"
    r"|(?:.*\.)?introspection\.\w+"
    r"|(?:.*\.)?\w*cursor\(\)\.(?:fetch\w+|close|mogrify|nextset|scroll|__\w+__)"
)
_RUNS = re.compile(r"django\.core\.management\.(?:base\.)?call_command|os\.system|subprocess\..*")
_JUDGE = Judge(
    re.compile(
        rf"apps\b|django\b|schema_editor\.(?:connection|quote_)|(?:.*\.)?cursor\(\)|{STANDARD}"
    ),
    re.compile(r"apps\b|django\.db\.transaction\b"),
    can_change,
)
_DYNAMIC = "the SQL is put together where nobody can tell what it is"


class Messages:
    """Reads the SQL of one migration; what cannot be read is told."""

    def __init__(
        self, migration: Read, state: State, tell: Callable[[ast.AST | Span, str], None]
    ) -> None:
        self.migration, self.module, self.tell = migration, migration.module, tell
        self.state = state

    def sql(self, call: Call, asked: Asked) -> Iterator[tuple[Statement, ...]]:
        """The messages of RunSQL: the whole of a string, each item of a list."""
        given = call.bound("sql", "reverse_sql", "state_operations", "hints", "elidable").get("sql")
        if given is None:
            self.tell(call.node, "its SQL is not written out")
            return
        for argument, has_parameters in self._items(given):
            if _is_noop(argument.value):
                continue
            yield tuple(self.message(argument, has_parameters, asked))

    def _items(self, given: Argument) -> Iterator[tuple[Argument, bool]]:
        if not isinstance(given.value, Several):
            yield given, False
            return
        for value, node in zip(given.value.items, _nodes(given), strict=True):
            match value:
                case Several((sql, parameters)):
                    inner = node.elts[0] if isinstance(node, ast.Tuple | ast.List) else node
                    yield Argument(sql, inner), parameters != NOTHING
                case Several((sql,)):
                    inner = node.elts[0] if isinstance(node, ast.Tuple | ast.List) else node
                    yield Argument(sql, inner), False
                case _:
                    yield Argument(value, node), False

    def message(
        self, argument: Argument, has_parameters: bool, asked: Asked
    ) -> Iterator[Statement]:
        text = sql_of(argument.value)
        if text is None:
            self.tell(argument.node, _DYNAMIC)
            return
        where = places(self.module, argument.node, text)
        span = self.module.span(argument.node)
        if span.start == span.end:
            span = self.module.span(asked.call.node)
        if has_parameters:
            text = _PARAMETER.sub(_filled, text)
        said = Said(self.migration.source, span, asked, where)
        for one in statements(Source(self.migration.source.path, text)):
            if isinstance(one, Unreadable):
                self.tell_at(said, one)
            else:
                yield sent(one, said)

    def tell_at(self, said: Said, gap: Unreadable) -> None:
        place = said.of(gap.span)
        self.tell(place, gap.reason)

    def python(self, call: Call, asked: Asked) -> Iterator[tuple[Statement, ...]]:
        """The messages of a function that is given the models and the schema editor."""
        given = call.bound("code", "reverse_code", "atomic", "hints", "elidable").get("code")
        value = given.value if given else None
        if isinstance(value, Name) and value.path.endswith("RunPython.noop"):
            return
        if not isinstance(value, Local):
            self.tell(call.node, "what its function does is not written in the migration")
            return
        execution = self.migration.execution
        execution.events.clear()
        execution.run(value, [Name("apps"), Name("schema_editor")])
        last: Call | None = None
        for event in tuple(execution.events):
            if read := loop(event, last, self.state):
                yield self.through_models(read, last or call, asked)
            match event:
                case Made(made, alone):
                    last = made
                    yield from self.made(made, asked, alone=alone)
                case Undecided(span, reason):
                    self.tell(span, reason)

    def through_models(self, sql: str, call: Call, asked: Asked) -> tuple[Statement, ...]:
        """What a query through the models sends, for the call that makes it."""
        source = self.migration.source
        said = Said(source, self.module.span(call.node), asked)
        several = statements(Source(source.path, sql))
        return tuple(sent(one, said) for one in several if not isinstance(one, Unreadable))

    def made(self, call: Call, asked: Asked, *, alone: bool) -> Iterator[tuple[Statement, ...]]:
        known = call.path
        if _EXECUTES.fullmatch(known):
            first = call.arguments[0] if call.arguments else call.keywords.get("sql")
            if first is None:
                self.tell(call.node, _DYNAMIC)
                return
            parameters = len(call.arguments) > 1 or "params" in call.keywords
            schema = known.rpartition(".")[0].endswith(("schema_editor", "schema_editor()"))
            yield tuple(self.message(first, parameters or schema, asked))
        elif _HARMLESS.fullmatch(known):
            return
        elif editor := _EDITOR.fullmatch(known):
            self.tell(call.node, f"what schema_editor.{editor['name']}() sends is not followed")
        elif _SENDS.fullmatch(known):
            self.tell(call.node, f"what `{short(known)}` sends is not followed")
        elif _RUNS.fullmatch(known):
            self.tell(call.node, "what the command does is not known")
        elif read := query(call, self.state):
            yield self.through_models(read, call, asked)
        elif reason := _JUDGE.why_unknown(call, alone=alone):
            self.tell(call.node, reason)


def _is_noop(value: Value) -> bool:
    return text_of(value) == "" or (isinstance(value, Name) and value.path.endswith("RunSQL.noop"))


def _nodes(given: Argument) -> list[ast.expr]:
    """The expressions of a list's items, or of all of it where they stand elsewhere."""
    count = len(given.value.items) if isinstance(given.value, Several) else 0
    if isinstance(given.node, ast.List | ast.Tuple) and len(given.node.elts) == count:
        return list(given.node.elts)
    return [given.node] * count


def _filled(match: re.Match[str]) -> str:
    """A string as long, in the place of a parameter."""
    if match[0] == "%%":
        return "% "
    return f"'{'…' * (len(match[0]) - 2)}'"

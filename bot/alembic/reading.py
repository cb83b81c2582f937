"""What a revision's upgrade sends, in the order and the transactions in which Alembic does it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.alembic.naming import POSTGRESQL, Naming
from bot.alembic.queries import of_all_rows
from bot.alembic.request import Request
from bot.alembic.sender import Asked, Sender
from bot.alembic.sending import asked as asked_by
from bot.alembic.tables import enum
from bot.alembic.types import is_own
from bot.alembic.unknown import CONNECTION, can_change, is_harmless, why_unknown
from bot.model.migration import (
    Batch,
    Command,
    Misreading,
    Statement,
    Unreadable,
    Wrapping,
)
from bot.model.source import Source, Span
from bot.postgres.operations import Commit, Fork, Join, Operation, Otherwise
from bot.python import events
from bot.python.embedded import Said, embedded, sent
from bot.python.execution import Execution
from bot.python.layout import WIDTH
from bot.python.parsing import Module, Unparsable, module
from bot.python.unknown import EXECUTES
from bot.python.values import Attribute, Call, Known, Local, Name, Value, path, text_of
from bot.sql.statements import statements

Found = Batch | Misreading | Unreadable

_UPGRADES = re.compile(r"upgrade_\w+")
_DIALECT = re.compile(r"alembic\.op\..*(?:dialect\.name|engine\.name)")
_OF_ROWS = re.compile(
    r"(?:(?:sqlalchemy|sqlmodel)\b|.*\.__table__\.).*"
    r"(?<![\w])(?:select|insert|update|delete|values|merge)(?:\(\)|$)"
)
_BLOCK = re.compile(r"alembic\.(?:op|context)\.get_context\(\)\.autocommit_block\(\)")
_PUT_TOGETHER = (
    "The statement is put together from parts in the program, so a person has to change it."
)
_AGAIN = "What stands here runs several times, so a person has to change it."


def read(source: Source, naming: Naming = POSTGRESQL, width: int = WIDTH) -> Iterator[Found]:
    """The batches of a revision, and what nobody can tell of it; `width` is its longest line."""
    try:
        parsed = module(source)
    except Unparsable as error:
        end = source.text.find("\n", error.offset)
        yield Unreadable(Span(error.offset, end if end >= 0 else len(source.text)), error.reason)
        return
    execution = Execution(parsed, settled, can_change)
    functions = list(_upgrades(execution))
    if not functions:
        yield Unreadable(Span(0, 0), "it has no function `upgrade` that can be followed")
        return
    yield from _on_import(parsed, execution)
    for function in functions:
        execution.run(function)
    yield from _Reading(parsed, execution, naming, width).found()


def _on_import(parsed: Module, execution: Execution) -> Iterator[Unreadable]:
    """What nobody can tell of the module's own code, which has no connection of Alembic's yet."""
    for event in execution.imported:
        match event:
            case events.Undecided(span, reason):
                yield Unreadable(span, reason)
            case events.Made(call, alone):
                acts = call.path.startswith("alembic.op.") and not is_harmless(call.path)
                told = why_unknown(call, alone=alone) if alone else None
                if acts or _executes(call.path):
                    told = "this runs when the revision is loaded, not when it is its turn"
                if told:
                    yield Unreadable(parsed.span(call.node), told)


def settled(named: str) -> Value | None:
    """What is known of Alembic's own values."""
    return Known("postgresql") if _DIALECT.fullmatch(named) else None


def _upgrades(execution: Execution) -> Iterator[Local]:
    """`upgrade`, or for several databases `upgrade_<name>`, which it calls by their names."""
    own = execution.globals.own
    upgrade = own.get("upgrade")
    several = [one for name, one in own.items() if _UPGRADES.fullmatch(name)]
    hands_on = "globals()" in ast.unparse(upgrade.node) if isinstance(upgrade, Local) else True
    if isinstance(upgrade, Local) and not (hands_on and upgrade.node.args.args and several):
        yield upgrade
    if isinstance(upgrade, Local) and not upgrade.node.args.args:
        return
    yield from (one for one in several if isinstance(one, Local))


@dataclass(slots=True)
class _Reading:
    """Gathers batches; `waiting` is what a `batch_alter_table` sends when its block ends."""

    module: Module
    execution: Execution
    naming: Naming
    width: int
    done: list[Found] = field(default_factory=list)
    current: list[Statement] = field(default_factory=list)
    waiting: dict[int, list[Statement | Unreadable]] = field(default_factory=dict)
    blocks: list[ast.With | ast.AsyncWith] = field(default_factory=list)
    alone: int = 0
    forks: int = 0
    loose: bool = False
    types: set[str] = field(default_factory=set)

    def found(self) -> Iterator[Found]:
        for event in self.execution.events:
            self._event(event)
        self._end(self._usual)
        yield from self.done

    @property
    def _usual(self) -> Wrapping:
        """After COMMIT in SQL each statement is its own, for all drivers but psycopg 3."""
        return Wrapping.STATEMENT if self.loose else Wrapping.FILE

    def _event(self, event: events.Event) -> None:
        match event:
            case events.Undecided(span, reason):
                self.done.append(Unreadable(span, reason))
            case events.Forked(node):
                self.forks += 1
                self._control(Fork(), node)
            case events.Otherwise(node):
                self._control(Otherwise(), node)
            case events.Joined(node):
                self.forks -= 1
                self._control(Join(), node)
            case events.Entered(value, node):
                self._entered(value, node)
            case events.Left(value, node):
                self._left(value, node)
            case events.Made(call, alone):
                self._made(call, alone=alone)

    def _control(self, operation: Operation, node: ast.AST, at: int | None = None) -> None:
        whole = self.module.span(node)
        start = whole.start if at is None else at
        first = Span(start, start)
        self._add(Statement(self.module.source, first, start, (Command(operation, first),)))

    def _stays(self, node: ast.AST) -> None:
        """Something that is no statement, but inside of which no transaction can be ended."""
        self._control(Operation(), node)

    def _add(self, one: Statement | Unreadable) -> None:
        if self.blocks:
            self.waiting[id(self.blocks[-1])].append(one)
        elif isinstance(one, Unreadable):
            self.done.append(one)
        else:
            self.current.append(one)

    def _end(self, wrapping: Wrapping) -> None:
        """What has been gathered is one batch."""
        if self.current:
            start = self.current[0].span.start
            end = max(start, *(one.end for one in self.current))
            self.done.append(Batch(tuple(self.current), wrapping, Span(start, end)))
        self.current = []

    def _entered(self, value: Value, node: ast.With | ast.AsyncWith) -> None:
        named = path(value)
        if _BLOCK.fullmatch(named):
            if self.forks:
                reason = "whether the transaction is committed here cannot be told"
                self.done.append(Unreadable(self.module.span(node), reason))
            if not self.alone:
                self._control(Commit(), node)
                self._end(self._usual)
            self.alone += 1
        elif named == "alembic.op.batch_alter_table()":
            self.blocks.append(node)
            self.waiting[id(node)] = []
        elif CONNECTION.fullmatch(named):
            self._stays(node)

    def _left(self, value: Value, node: ast.With | ast.AsyncWith) -> None:
        named = path(value)
        if _BLOCK.fullmatch(named):
            self._end(Wrapping.STATEMENT)
            self.alone -= 1
        elif named == "alembic.op.batch_alter_table()" and node in self.blocks:
            self.blocks.remove(node)
            for one in self.waiting.pop(id(node)):
                self._add(one)

    def _made(self, call: Call, *, alone: bool) -> None:
        named = call.path
        if named.startswith("alembic.op.batch_alter_table()."):
            self._operation(named.rpartition(".")[2], call, batch=True)
        elif named.startswith("alembic.op.") and "()" not in named:
            self._operation(named.removeprefix("alembic.op."), call, batch=False)
        elif _executes(named):
            self._execute(call)
        elif _commits_itself(named):
            self._control(Commit(), call.node)
        elif _begins(named):
            self._stays(call.node)
        elif is_own(call.function, "create", "drop") and _is_enum(call):
            owner = call.function.of if isinstance(call.function, Attribute) else None
            if isinstance(owner, Call):
                self._send(enum(owner, create=named.endswith(".create")), call, named)
        elif reason := why_unknown(call, alone=alone):
            self.done.append(Unreadable(self.module.span(call.node), reason))

    def _operation(self, name: str, call: Call, *, batch: bool) -> None:
        if name == "execute":
            self._execute(call)
            return
        owner = call.function.of if isinstance(call.function, Attribute) else None
        around = owner if batch and isinstance(owner, Call) else None
        sender = Sender(self.naming)
        if around:
            bound = around.bound("table_name", "schema")
            table, schema = bound.get("table_name"), bound.get("schema")
            sender = Sender(
                self.naming, table.value if table else Known(""), schema.value if schema else None
            )
        asked = asked_by(sender, name, call)
        if asked is None:
            if not is_harmless(f"alembic.op.{name}"):
                reason = f"what `op.{name}` does is not known"
                self.done.append(Unreadable(self.module.span(call.node), reason))
            return
        if call.partial:
            reason = f"what `op.{name}` is given here cannot be told from the text"
            self.done.append(Unreadable(self.module.span(call.node), reason))
            return
        for one in asked:
            self._send(one, call, name)

    def _request(self, call: Call, name: str) -> Request:
        return Request(
            self.module,
            call,
            name,
            width=self.width,
            named=bool(self.naming.forms) or not self.naming.known,
            ready=self.execution.globals.own.get("op") == Name("alembic.op"),
        )

    def _send(self, asked: Asked, call: Call, name: str) -> None:
        source = self.module.source
        block = self.blocks[-1] if self.blocks else None
        request = replace(self._request(call, name), asked=asked, batch=block)
        again = _AGAIN if self.execution.repeated(call) else None
        said = Said(
            source,
            self.module.span(asked.clause),
            request,
            doubt=again,
            parts=tuple(self.module.span(part) for part in asked.parts),
            within=self.module.span(call.node),
        )
        if asked.sql.startswith("CREATE TYPE"):
            if asked.sql in self.types:
                return  # SQLAlchemy looks first whether the type is there
            self.types.add(asked.sql)
        for one in statements(Source(source.path, asked.sql)):
            if isinstance(one, Unreadable):
                self._add(Unreadable(said.span, one.reason))
            else:
                self._add(sent(one, said))

    def _execute(self, call: Call) -> None:
        """SQL in a string, or what SQLAlchemy makes of its own statements."""
        first = next(iter(call.arguments), None) or call.keywords.get("sqltext")
        if first is None:
            return
        value, node = first.value, first.node
        while isinstance(value, Call) and _of_text(value):
            inner = _text_argument(value)
            if inner is None:
                break
            value, node = inner
        if isinstance(value, Call):
            self._built(value, call)
            return
        request = replace(self._request(call, "execute"), node=node)
        again = _AGAIN if self.execution.repeated(call) else None
        found = list(embedded(self.module, node, value, request, again or _PUT_TOGETHER))
        if again:
            found = [_doubted(one, again) for one in found]
        if not found and text_of(value) is None:
            reason = "what is executed here cannot be told from the text"
            self.done.append(Unreadable(self.module.span(call.node), reason))
        together = self.alone and len(found) > 1
        if together:
            self._end(Wrapping.STATEMENT)
        # A batch's own statements are sent when it ends; what it executes, at once.
        blocks, self.blocks = self.blocks, []
        for one in found:
            self._add(one)
        self.blocks = blocks
        if together:
            self._end(Wrapping.FILE)
        if not self.alone and any(map(_commits, found)):
            self._end(self._usual)
            self.loose = True

    def _built(self, value: Call, call: Call) -> None:
        """A statement that SQLAlchemy puts together."""
        named = value.path
        if is_own(value, "CreateSequence", "CreateSchema", "DropSequence", "DropSchema"):
            return  # nobody waits for it
        if _OF_ROWS.match(named):
            if sql := of_all_rows(value):
                self._on_all_rows(sql, call)
            return
        reason = "what is executed here cannot be told from the text"
        self.done.append(Unreadable(self.module.span(call.node), reason))

    def _on_all_rows(self, sql: str, call: Call) -> None:
        source = self.module.source
        said = Said(source, self.module.span(call.node), self._request(call, "execute"))
        blocks, self.blocks = self.blocks, []
        for one in statements(Source(source.path, sql)):
            if not isinstance(one, Unreadable):
                self._add(sent(one, said))
        self.blocks = blocks


def _begins(named: str) -> bool:
    """Whether it begins a transaction of a connection's, or a savepoint in it."""
    connection, _, name = named.rpartition(".")
    return name in ("begin", "begin_nested") and CONNECTION.fullmatch(connection) is not None


def _commits_itself(named: str) -> bool:
    """Whether it commits Alembic's transaction: a session does not, which has none of its own."""
    connection = named.removesuffix(".commit")
    bound = connection != named and "Session" not in named and "sessionmaker" not in named
    return bound and CONNECTION.fullmatch(connection) is not None


def _commits(one: Statement | Unreadable) -> bool:
    return isinstance(one, Statement) and any(
        isinstance(command.operation, Commit) for command in one.commands
    )


def _doubted(one: Statement | Unreadable, doubt: str) -> Statement | Unreadable:
    return one if isinstance(one, Unreadable) else replace(one, doubt=doubt)


def _executes(named: str) -> bool:
    before, _, name = named.rpartition(".")
    return name in EXECUTES and CONNECTION.fullmatch(before) is not None


def _is_enum(call: Call) -> bool:
    owner = call.function.of if isinstance(call.function, Attribute) else None
    return isinstance(owner, Call) and is_own(owner, "Enum", "ENUM")


def _of_text(value: Call) -> bool:
    return is_own(value, "text", "DDL") or "sqlalchemy.text()." in value.path


def _text_argument(value: Call) -> tuple[Value, ast.expr] | None:
    """The string in `text(...)`, also below `.bindparams(...)` and the like."""
    while isinstance(value.function, Attribute) and isinstance(value.function.of, Call):
        value = value.function.of
    first = next(iter(value.arguments), None) or value.keywords.get("text")
    return (first.value, first.node) if first else None

"""A module that holds a migration, and what it says of itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.django.declared import Why, classes, declared_otherwise, why_unfollowed
from bot.model.migration import Unreadable
from bot.model.source import Source
from bot.python.events import Forked, Joined, Made
from bot.python.execution import Execution
from bot.python.parsing import Module, Unparsable, module
from bot.python.unknown import short
from bot.python.values import Known, LocalClass, Several, Value, truth


@dataclass(frozen=True, eq=False)
class Read:
    """A module that holds a migration, and what it says."""

    module: Module
    execution: Execution
    names: LocalClass

    @property
    def source(self) -> Source:
        return self.module.source

    def value(self, name: str) -> Value | None:
        """What a name of the class is worth, or of a class in the module that it is made of."""
        found = (one.names.own[name] for one in classes(self.names) if name in one.names.own)
        return next(found, None)

    @property
    def operations(self) -> ast.AST:
        """Where they are written."""
        return self.place("operations")

    def place(self, name: str) -> ast.AST:
        """Where a name of the class gets its value."""
        for node in (inner for one in classes(self.names) for inner in one.node.body):
            match node:
                case ast.Assign([ast.Name(known)], value) if known == name:
                    return value
                case ast.AnnAssign(ast.Name(known), _, ast.expr() as value) if known == name:
                    return value
        return self.names.node

    def unread(self, name: str, reason: str) -> Unreadable:
        return Unreadable(self.module.span(self.place(name)), reason)

    @cached_property
    def unfollowed(self) -> Unreadable | None:
        """Why the class may do something else than what it says."""
        why = why_unfollowed(self.module.tree, self.names) or next(self._at_once(), None)
        return Unreadable(self.module.span(why[0]), why[1]) if why else None

    def _at_once(self) -> Iterator[Why]:
        """What changes names or sends SQL as soon as the module is imported."""
        given_away = 0
        for event in self.execution.imported:
            match event:
                case Forked(ast.Call()):  # a function that is given to RunPython or the like
                    given_away += 1
                case Joined(ast.Call()):
                    given_away -= 1
                case Made(call) if not given_away and _AT_ONCE.fullmatch(call.path):
                    what = f"`{short(call.path)}`"
                    yield call.node, f"what {what} does outside of functions is not followed"

    @cached_property
    def dependencies(self) -> tuple[tuple[str, str], ...]:
        """The migrations that run before it, as far as is known."""
        return tuple(_pairs(self.value("dependencies")))

    @cached_property
    def replaces(self) -> tuple[tuple[str, str], ...]:
        return tuple(_pairs(self.value("replaces")))

    @property
    def atomic(self) -> bool:
        value = self.value("atomic")
        return value is None or truth(value) is not False


def _pairs(value: Value | None) -> Iterator[tuple[str, str]]:
    for one in value.items if isinstance(value, Several) else ():
        match one:
            case Several((Known(str() as app), Known(str() as name))):
                yield app, name


def read(source: Source) -> Read | None:
    """The migration that a module holds, None where it holds none; raises Unparsable."""
    parsed = module(source)
    if not any(_is_migration(one) for one in parsed.tree.body):
        _judge(parsed)
        return None
    execution = Execution(parsed, _settled, can_change)
    found = execution.globals.get("Migration")
    if isinstance(found, LocalClass):
        return Read(parsed, execution, found)
    if found is None:
        raise Unparsable("there is too much in the module to follow")
    _judge(parsed)
    return None


def _judge(parsed: Module) -> None:
    """Raises Unparsable where a module has a migration that is no class of its own."""
    why = declared_otherwise(parsed.tree)
    if why is not None:
        raise Unparsable(why[1], parsed.span(why[0]).start)


_AT_ONCE = re.compile(
    r"exec|eval|setattr|vars|locals|globals|(?:.*\.)?(?:\w*cursor\(\)|connection\.connection)\.\w+"
    r"|django\.core\.management\.(?:base\.)?call_command"
)
_CHANGES = re.compile(
    r"(?:schema_editor(?:\.connection)?|django\.db\.(?:connections?|transaction\.get_connection\(\))"
    r"|(?:.*\.)?cursor\(\))(?:\.(?:cursor|execute|executemany)(?:\(\))?)?"
)


def can_change(named: str) -> bool:
    """Whether a value of this full name is a connection, a cursor or the schema editor."""
    return _CHANGES.fullmatch(named) is not None


def _settled(path: str) -> Value | None:
    """What is known of the connection: its server is PostgreSQL."""
    return Known("postgresql") if path.endswith("connection.vendor") else None


def _is_migration(node: ast.stmt) -> bool:
    return isinstance(node, ast.ClassDef) and node.name == "Migration"

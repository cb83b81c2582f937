"""The calls that a function makes, in their order, without running it.

What is written out is followed: names, loops over lists, functions of the module itself. Where the
text does not tell which way it goes, both ways are followed, one as the other's alternative.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence

from bot.python.calling import Calls, Return
from bot.python.events import (
    Entered,
    Forked,
    Joined,
    Left,
    Otherwise,
    Undecided,
)
from bot.python.expressions import TURNS, Stop, nothing_changes, nothing_settled
from bot.python.parsing import Module
from bot.python.pure import combined, items_of
from bot.python.survey import captured, discarded, shifting, stored
from bot.python.values import (
    NOTHING,
    Argument,
    Call,
    Local,
    LocalClass,
    Name,
    Scope,
    Unknown,
    Value,
    path,
    truth,
)

_PLAIN = re.compile(
    r"(?:contextlib\.(?:async)?contextmanager|functools\.(?:wraps|cache|lru_cache)(?:\(\))?"
    r"|staticmethod|classmethod|property|typing\.\w+|dataclasses\.dataclass(?:\(\))?)"
)
"""Decorators that leave a function what it is."""


class Execution(Calls):
    """Follows the code of one module; `events` is what it met.

    `settled` tells what a path such as "alembic.op.get_bind().dialect.name" is worth.
    """

    def __init__(
        self,
        module: Module,
        settled: Callable[[str], Value | None] = nothing_settled,
        can_change: Callable[[str], bool] = nothing_changes,
    ) -> None:
        super().__init__(module, settled, can_change)
        self._alone |= discarded(module.tree)
        self._stored, self._shifting = stored(module.tree), shifting(module.tree)
        self._follow(lambda: self._block(module.tree.body, self.globals), module.tree.body)
        self.imported = tuple(self.events)
        """What is met where the module is imported, before any function is run."""
        self.events.clear()
        self.times.clear()

    def run(self, function: Local, arguments: Sequence[Value] = ()) -> None:
        """Follow `function` as called with these arguments, the rest unknown."""
        given = [Argument(value, ast.Constant(None)) for value in arguments]
        body = function.node.body
        self._follow(
            lambda: self._inlined(function, given, {}), body if isinstance(body, list) else [body]
        )

    def _follow(self, go: Callable[[], object], where: Sequence[ast.AST]) -> None:
        try:
            go()
        except Return:
            pass
        except (Stop, RecursionError):
            self._undecided(where[0], "there is too much to follow from here on")

    def _untold(self, node: ast.AST, reason: str) -> None:
        self._undecided(node, reason)

    def _undecided(self, node: ast.AST, reason: str) -> None:
        self.events.append(Undecided(self.module.span(node), reason))

    def _block(self, statements: Iterable[ast.stmt], scope: Scope) -> None:
        self._deeper()
        for statement in statements:
            self._statement(statement, scope)
        self._depth -= 1

    def _statement(self, node: ast.stmt, scope: Scope) -> None:
        match node:
            case ast.Expr(value):
                self._value(value, scope)
            case ast.Assign(targets, value):
                found = self._value(value, scope)
                for target in targets:
                    self._assign(target, found, scope)
            case ast.AnnAssign(target, _, ast.expr() as value):
                self._assign(target, self._value(value, scope), scope)
            case ast.AugAssign(ast.Name(name) as target, sign, value):
                right = self._value(value, scope)
                sum_ = (
                    None
                    if name in self._shifting
                    else combined(type(sign).__name__, scope.get(name) or Unknown(name), right)
                )
                self._assign(target, sum_ or Unknown(name), scope)
            case ast.AugAssign(target, _, value):
                self._assign(target, self._value(value, scope), scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                scope.own[node.name] = self._decorated(node, scope)
            case ast.ClassDef():
                scope.own[node.name] = self._class(node, scope)
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
            case ast.If():
                self._if(node, scope)
            case ast.For() | ast.AsyncFor():
                self._for(node, scope)
            case ast.While():
                self._value(node.test, scope)
                self._unsurely(node, node.body, scope)
                self._unsurely(node, node.orelse, scope)
            case ast.With() | ast.AsyncWith():
                self._with(node, scope)
            case ast.Try() | ast.TryStar():
                self._try(node, scope)
            case ast.Return(value):
                self._return(self._value(value, scope) if value else NOTHING)
            case ast.Raise(error):
                if error is not None:
                    self._value(error, scope)
                if not self._unsure and not self._within:
                    raise Return(NOTHING)
            case _:
                self._rarely(node, scope)

    def _rarely(self, node: ast.stmt, scope: Scope) -> None:
        """What migrations hardly ever say."""
        match node:
            case ast.Assert(test, words):
                self._value(test, scope)
                if words is not None:
                    self._value(words, scope)
            case ast.Global(names) | ast.Nonlocal(names):
                for name in names:
                    scope.own[name] = Unknown(name)
            case ast.Match(subject, cases):
                self._value(subject, scope)
                for one in cases:
                    for name in captured(one.pattern):
                        scope.own[name] = Unknown(name)
                    if one.guard is not None:
                        self._value(one.guard, scope)
                    self._unsurely(node, one.body, scope)
            case ast.Delete(targets):
                for target in targets:
                    self._assign(target, Unknown(), scope)

    def _decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Value:
        """A function, or what the decorators make of it that are no plain ones."""
        value: Value = self._local(node, scope)
        for one in reversed(node.decorator_list):
            decorator = self._value(one, scope)
            call = ast.copy_location(ast.Call(one, [], []), one)
            if isinstance(decorator, Local):
                value = self._inlined(decorator, [Argument(value, one)], {})
            elif not _PLAIN.fullmatch(path(decorator)):
                value = Call(decorator, (Argument(value, one),), {}, call)
        return value

    def _perhaps(self, function: Local, node: ast.Call) -> None:
        """A function that is given to another one, which may call it, and several times."""
        body = function.node.body
        if function.node in self._running:
            return
        statements = body if isinstance(body, list) else [ast.Expr(body)]
        start = len(self.events)
        self._looping += 1
        self.events.append(Forked(node))
        self._inlined(Local(function.node, function.names, function.defaults), [], {})
        self.events += [Otherwise(node), Joined(node)]
        self._looping -= 1
        if len(self.events) == start + 3 and statements:
            del self.events[start:]

    def _return(self, value: Value) -> None:
        if not self._unsure:
            raise Return(value)
        self._returned.append(value)

    def _class(self, node: ast.ClassDef, scope: Scope) -> Value:
        inside = Scope(scope)
        for one in (*node.decorator_list, *(keyword.value for keyword in node.keywords)):
            self._value(one, scope)
        bases = tuple(self._value(base, scope) for base in node.bases)
        self._block(node.body, inside)
        return LocalClass(node, bases, inside)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for one in node.names:
            if one.name == "*":
                self._undecided(node, "what `import *` brings stands in a module that is not read")
            elif isinstance(node, ast.Import):
                first = one.name.partition(".")[0]
                scope.own[one.asname or first] = Name(one.name if one.asname else first)
            else:
                above = f"{'.' * node.level}{node.module or ''}"
                scope.own[one.asname or one.name] = Name(f"{above}.{one.name}")

    def _if(self, node: ast.If, scope: Scope) -> None:
        known = truth(self._value(node.test, scope))
        if known is not None:
            self._block(node.body if known else node.orelse, scope)
            return
        self._forked(node, node.body, node.orelse, scope)

    def _unsurely(self, node: ast.stmt, body: Sequence[ast.stmt], scope: Scope) -> None:
        """A block that runs perhaps, and perhaps several times."""
        self._forget(body, scope)
        self._looping += 1
        self._forked(node, body, (), scope)
        self._looping -= 1
        self._forget(body, scope)

    def _forked(
        self,
        node: ast.stmt,
        body: Sequence[ast.stmt],
        otherwise: Sequence[ast.stmt],
        scope: Scope,
    ) -> None:
        """One of two blocks; what they leave differently in a name is unknown afterwards."""
        before, start = dict(scope.own), len(self.events)
        self._unsure += 1
        self.events.append(Forked(node))
        self._block(body, scope)
        first, scope.own = scope.own, dict(before)
        self.events.append(Otherwise(node))
        self._block(otherwise, scope)
        self.events.append(Joined(node))
        self._unsure -= 1
        for name in {*first, *scope.own}:
            one, other = first.get(name), scope.own.get(name)
            if one != other:
                mighty = any(self._mighty(value) for value in (one, other) if value)
                scope.own[name] = Unknown(name, mighty=mighty)
        if len(self.events) == start + 3:
            del self.events[start:]

    def _forget(self, body: Iterable[ast.stmt], scope: Scope) -> None:
        """Whatever a block that runs several times gives a value has an unknown one."""
        for statement in body:
            for inner in ast.walk(statement):
                if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                    scope.own[inner.id] = Unknown(inner.id)

    def _for(self, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
        items = items_of(self._value(node.iter, scope))
        if items is None or len(items) > TURNS:
            self._forget([node], scope)
            self._unsurely(node, node.body, scope)
            return
        leaves = any(isinstance(one, ast.Break | ast.Continue) for one in ast.walk(node))
        for one in items:
            self._assign(node.target, one, scope)
            if leaves:
                self._unsurely(node, node.body, scope)
            else:
                self._block(node.body, scope)
        self._block(node.orelse, scope)

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
        entered = list[Value]()
        for one in node.items:
            value = self._value(one.context_expr, scope)
            entered.append(value)
            self.events.append(Entered(value, node))
            if one.optional_vars:
                self._assign(one.optional_vars, value, scope)
        self._within += 1
        self._block(node.body, scope)
        self._within -= 1
        self.events += [Left(value, node) for value in reversed(entered)]

    def _try(self, node: ast.Try | ast.TryStar, scope: Scope) -> None:
        if node.handlers:
            self._forked(node, node.body, (), scope)  # it may not come to its end
        else:
            self._block(node.body, scope)
        for handler in node.handlers:
            self._unsurely(node, handler.body, scope)
        self._block(node.orelse, scope)
        self._block(node.finalbody, scope)


def _sign(node: ast.operator) -> str:
    return type(node).__name__

"""The calls that a function makes, in their order, without running it.

What is written out is followed: names, loops over lists, functions of the module itself. Where the
text does not tell which way it goes, both ways are followed, one as the other's alternative.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.python.events import (
    Entered,
    Event,
    Forked,
    Joined,
    Left,
    Made,
    Otherwise,
    Undecided,
)
from bot.python.expressions import TURNS, Expressions, Stop, nothing_settled
from bot.python.parsing import Module
from bot.python.pure import called, combined, items_of, method
from bot.python.values import (
    NOTHING,
    Argument,
    Attribute,
    Call,
    Known,
    Local,
    LocalClass,
    Name,
    Pairs,
    Scope,
    Several,
    Unknown,
    Value,
    text_of,
    truth,
)


@dataclass(slots=True)
class _Return(Exception):
    """A function ends for sure."""

    value: Value


class Execution(Expressions):
    """Follows the code of one module; `events` is what it met.

    `settled` tells what a path such as "alembic.op.get_bind().dialect.name" is worth.
    """

    def __init__(
        self, module: Module, settled: Callable[[str], Value | None] = nothing_settled
    ) -> None:
        self.module = module
        self.events: list[Event] = []
        self.globals = Scope()
        self.times: Counter[int] = Counter()
        """How often each call of the text was made, by the id of its node."""
        super().__init__(settled)
        self._unsure = self._looping = 0
        self._running: list[ast.AST] = []
        self._follow(lambda: self._block(module.tree.body, self.globals), module.tree.body)
        self.events.clear()
        self.times.clear()

    def run(self, function: Local, arguments: Sequence[Value] = ()) -> None:
        """Follow `function` as called with these arguments, the rest unknown."""
        given = [Argument(value, ast.Constant(None)) for value in arguments]
        body = function.node.body
        self._follow(
            lambda: self._inlined(function, given, {}), body if isinstance(body, list) else [body]
        )

    def repeated(self, call: Call) -> bool:
        """Whether its text is run several times, or nobody can tell how often."""
        return self.times[id(call.node)] != 1

    def _follow(self, go: Callable[[], object], where: Sequence[ast.AST]) -> None:
        try:
            go()
        except _Return:
            pass
        except (Stop, RecursionError):
            self._undecided(where[0], "there is too much to follow from here on")

    def _undecided(self, node: ast.AST, reason: str) -> None:
        self.events.append(Undecided(self.module.span(node), reason))

    def _block(self, statements: Iterable[ast.stmt], scope: Scope) -> None:
        self._deeper()
        for statement in statements:
            self._statement(statement, scope)
        self._depth -= 1

    def _statement(self, node: ast.stmt, scope: Scope) -> None:
        match node:
            case ast.Expr(ast.Call() as call):
                self._call(call, scope, alone=True)
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
                sum_ = combined(type(sign).__name__, scope.get(name) or Unknown(name), right)
                self._assign(target, sum_ or Unknown(name), scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                scope.own[node.name] = Local(node, scope)
            case ast.ClassDef():
                scope.own[node.name] = self._class(node, scope)
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
            case ast.If():
                self._if(node, scope)
            case ast.For() | ast.AsyncFor():
                self._for(node, scope)
            case ast.While():
                self._unsurely(node, node.body, scope)
            case ast.With() | ast.AsyncWith():
                self._with(node, scope)
            case ast.Try() | ast.TryStar():
                self._try(node, scope)
            case ast.Match(subject, cases):
                self._value(subject, scope)
                for one in cases:
                    self._unsurely(node, one.body, scope)
            case ast.Return(value):
                self._return(self._value(value, scope) if value else NOTHING)
            case ast.Raise() if not self._unsure:
                raise _Return(NOTHING)
            case ast.Delete(targets):
                for target in targets:
                    self._assign(target, Unknown(), scope)

    def _return(self, value: Value) -> None:
        if not self._unsure:
            raise _Return(value)

    def _class(self, node: ast.ClassDef, scope: Scope) -> Value:
        inside = Scope(scope)
        bases = tuple(self._value(base, scope) for base in node.bases)
        self._block(node.body, inside)
        return LocalClass(node, bases, inside)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for one in node.names:
            if isinstance(node, ast.Import):
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
            if first.get(name) != scope.own.get(name):
                scope.own[name] = Unknown(name)
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
        self._block(node.body, scope)
        self.events += [Left(value, node) for value in reversed(entered)]

    def _try(self, node: ast.Try | ast.TryStar, scope: Scope) -> None:
        self._unsure += 1
        self._block(node.body, scope)
        self._unsure -= 1
        for handler in node.handlers:
            self._unsurely(node, handler.body, scope)
        self._block(node.orelse, scope)
        self._block(node.finalbody, scope)

    def _call(self, node: ast.Call, scope: Scope, *, alone: bool = False) -> Value:
        self._deeper()
        function = self._value(node.func, scope)
        arguments, keywords, partial = self._arguments(node, scope)
        call = Call(function, tuple(arguments), keywords, node, partial)
        found = self._outcome(call, scope, alone=alone)
        self._depth -= 1
        return self._settle(found)

    def _arguments(
        self, node: ast.Call, scope: Scope
    ) -> tuple[list[Argument], dict[str, Argument], bool]:
        arguments, keywords, partial = list[Argument](), dict[str, Argument](), False
        for one in node.args:
            value = self._value(one, scope)
            items = items_of(value) if isinstance(one, ast.Starred) else (value,)
            partial |= items is None
            arguments += [Argument(inner, one) for inner in items or ()]
        for keyword in node.keywords:
            value = self._value(keyword.value, scope)
            if keyword.arg is not None:
                keywords[keyword.arg] = Argument(value, keyword.value)
            elif isinstance(value, Pairs) and all(isinstance(key, Known) for key, _ in value.items):
                keywords |= {
                    str(key.value): Argument(inner, keyword.value)
                    for key, inner in value.items
                    if isinstance(key, Known)
                }
            else:
                partial = True
        return arguments, keywords, partial

    def _outcome(self, call: Call, scope: Scope, *, alone: bool) -> Value:
        function, node, partial = call.function, call.node, call.partial
        keywords = dict(call.keywords)
        values = [one.value for one in call.arguments]
        match function:
            case Local():
                return self._inlined(function, call.arguments, keywords)
            case Attribute(of, name) if not isinstance(of, Name | Call | Attribute):
                named = {key: one.value for key, one in keywords.items()}
                found = None if partial else method(of, name, values, named)
                if found is None:
                    self._changed_in_place(node.func, name, values, scope)
                return found or Unknown()
            case Name("getattr") if len(values) == 2 and (asked := text_of(values[1])):
                return self._attribute(values[0], asked)
            case Name(known) if not partial and not keywords:
                found = called(known, values)
                if found is not None:
                    return found
        self.times[id(node)] += 1 + bool(self._looping)
        self.events.append(Made(call, alone))
        return call

    def _changed_in_place(
        self, function: ast.expr, name: str, values: list[Value], scope: Scope
    ) -> None:
        """A method of a list or dictionary, which is another one afterwards."""
        match function:
            case ast.Attribute(ast.Name(variable)):
                match scope.get(variable), name, values:
                    case Several(items), "append", [one] if not self._unsure:
                        scope.own[variable] = Several((*items, one))
                    case Several(items), "extend", [Several(more)] if not self._unsure:
                        scope.own[variable] = Several((*items, *more))
                    case ((Several() | Pairs()), _, _):
                        scope.own[variable] = Unknown(variable)

    def _inlined(
        self, function: Local, arguments: Sequence[Argument], keywords: dict[str, Argument]
    ) -> Value:
        node = function.node
        if node in self._running:
            return Unknown()  # what it does the second time it does the first time too
        inside = Scope(function.names)
        self._bind(node.args, arguments, keywords, inside)
        if isinstance(node, ast.Lambda):
            return self._value(node.body, inside)
        self._running.append(node)
        depth, unsure, looping = self._depth, self._unsure, self._looping
        self._unsure = 0  # whether it is called or not, within it a return is one
        try:
            self._block(node.body, inside)
        except _Return as end:
            return end.value
        finally:
            self._running.pop()
            self._depth, self._unsure, self._looping = depth, unsure, looping
        returns = any(isinstance(one, ast.Return) and one.value for one in ast.walk(node))
        return Unknown() if returns else NOTHING

    def _bind(
        self,
        parameters: ast.arguments,
        arguments: Sequence[Argument],
        keywords: dict[str, Argument],
        inside: Scope,
    ) -> None:
        by_place = [*parameters.posonlyargs, *parameters.args]
        named = [*by_place, *parameters.kwonlyargs]
        inside.own |= {one.arg: Unknown(one.arg) for one in named}
        defaults = by_place[len(by_place) - len(parameters.defaults) :]
        pairs = [
            *zip(defaults, parameters.defaults, strict=True),
            *zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True),
        ]
        for one, default in pairs:
            if default is not None:
                inside.own[one.arg] = self._value(default, inside)
        given = zip(by_place, arguments, strict=False)
        inside.own |= {one.arg: argument.value for one, argument in given}
        known = {one.arg for one in named}
        inside.own |= {name: one.value for name, one in keywords.items() if name in known}
        if parameters.vararg:
            rest = tuple(one.value for one in arguments[len(by_place) :])
            inside.own[parameters.vararg.arg] = Several(rest)
        if parameters.kwarg:
            more = ((Known(key), one.value) for key, one in keywords.items() if key not in known)
            inside.own[parameters.kwarg.arg] = Pairs(tuple(more))

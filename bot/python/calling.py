"""What calls come to: functions of the module are followed, all others stand for themselves."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.python.events import (
    Event,
    Made,
)
from bot.python.expressions import Expressions
from bot.python.parsing import Module
from bot.python.pure import called, items_of, method
from bot.python.values import (
    NOTHING,
    Argument,
    Attribute,
    Call,
    Known,
    Local,
    Name,
    Pairs,
    Scope,
    Several,
    Text,
    Unknown,
    Value,
    text_of,
)


@dataclass(slots=True)
class Return(Exception):
    """A function ends for sure."""

    value: Value


class Calls(Expressions):
    """Follows calls; `events` is what was met, and `times` how often each call was made."""

    def __init__(
        self,
        module: Module,
        settled: Callable[[str], Value | None],
        can_change: Callable[[str], bool],
    ) -> None:
        super().__init__(settled, can_change)
        self.module = module
        self.events: list[Event] = []
        self.globals = Scope()
        self.times: Counter[int] = Counter()
        """How often each call of the text was made, by the id of its node."""
        self._unsure = self._looping = self._within = 0
        self._running: list[ast.AST] = []
        self._returned: list[Value] = []
        """What the function that is followed perhaps returns."""
        self._alone: set[int] = set()
        """The calls with whose values nothing is done, by the ids of their nodes."""

    @abstractmethod
    def _block(self, statements: Iterable[ast.stmt], scope: Scope) -> None: ...

    @abstractmethod
    def _perhaps(self, function: Local, node: ast.Call) -> None: ...

    def repeated(self, call: Call) -> bool:
        """Whether its text is run several times, or nobody can tell how often."""
        return self.times[id(call.node)] != 1

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        self._deeper()
        function = self._value(node.func, scope)
        arguments, keywords, partial = self._arguments(node, scope)
        call = Call(function, tuple(arguments), keywords, node, partial)
        found = self._outcome(call, scope, alone=id(node) in self._alone)
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
            case Attribute(of, name) if isinstance(of, Known | Text | Several | Pairs):
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
        for one in (*call.arguments, *keywords.values()):
            if isinstance(one.value, Local):
                self._perhaps(one.value, node)
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
            if self._is_mighty_inside(node, function.names):
                self._untold(node, "a function that calls itself is followed just once")
            return Unknown()
        inside = Scope(function.names)
        self._bind(function, arguments, keywords, inside)
        if isinstance(node, ast.Lambda):
            return self._value(node.body, inside)
        self._running.append(node)
        depth, unsure, looping = self._depth, self._unsure, self._looping
        outer, self._returned = self._returned, []
        self._unsure = 0  # whether it is called or not, within it a return is one
        try:
            self._block(node.body, inside)
        except Return as end:
            same = all(one == end.value for one in self._returned)
            return end.value if same and not _is_lazy(node) else Unknown()
        finally:
            self._running.pop()
            self._depth, self._unsure, self._looping = depth, unsure, looping
            self._returned = outer
        returns = any(isinstance(one, ast.Return) and one.value for one in ast.walk(node))
        return Unknown() if returns or _is_lazy(node) else NOTHING

    def _is_mighty_inside(self, node: ast.AST, scope: Scope) -> bool:
        names = (one.id for one in ast.walk(node) if isinstance(one, ast.Name))
        values = (scope.get(name) for name in names)
        return any(
            self._mighty(value) for value in values if value and not isinstance(value, Local)
        )

    def _bind(
        self,
        function: Local,
        arguments: Sequence[Argument],
        keywords: dict[str, Argument],
        inside: Scope,
    ) -> None:
        parameters, defaults = function.node.args, function.defaults
        by_place = [*parameters.posonlyargs, *parameters.args]
        named = [*by_place, *parameters.kwonlyargs]
        inside.own |= {one.arg: defaults.get(one.arg, Unknown(one.arg)) for one in named}
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


def _is_lazy(node: ast.AST) -> bool:
    """Whether a call of the function gives something that has yet to be run."""
    return isinstance(node, ast.AsyncFunctionDef) or any(
        isinstance(one, ast.Yield | ast.YieldFrom) for one in ast.walk(node)
    )

"""What an expression of a module is worth, and the calls that it makes."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.python.pure import combined, is_class, item, items_of
from bot.python.texts import pieces_of, short, shown
from bot.python.values import (
    NOTHING,
    Attribute,
    Call,
    Combined,
    Known,
    Local,
    LocalClass,
    Name,
    Pairs,
    Scope,
    Several,
    Unknown,
    Value,
    joined,
    path,
    truth,
)

_STEPS = 300_000
"""As many expressions and statements as are looked at, loops and calls counted each time."""
_DEEPEST = 150
"""As many levels as expressions, blocks and calls may be inside of each other."""
_STAND = Call | Combined
"""What stands for itself, and so does what an operator makes of it."""
_SIGNS: dict[type[ast.operator], str] = {ast.BitAnd: "&", ast.BitOr: "|"}
_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}
_MOST = 100_000
"""As many parts as a list may have, those of its parts included."""
_EVERYTHING = frozenset({"globals()", "locals()", "vars()", "sys.modules"})
"""Where whatever there is can be had by its name."""
TURNS = 500
"""As many turns as one loop may take."""


class Stop(Exception):
    """Nothing more is looked at."""


def _size(value: Value) -> int:
    """Of how many parts it is made, each counted as often as it is in it, up to more than _MOST."""
    left, seen = [value], 0
    while left and seen <= _MOST:
        one = left.pop()
        seen += 1
        if isinstance(one, Several):
            left += one.items
        elif isinstance(one, Pairs):
            left += (part for pair in one.items for part in pair)
    return seen


def _reckons(first: Value, second: Value) -> bool:
    """Whether objects of classes are reckoned with, and nothing but numbers and calls besides."""
    both = (first, second)
    objects = [one for one in both if isinstance(one, Call) and is_class(one.function)]
    return bool(objects or any(isinstance(one, Combined) for one in both)) and all(
        isinstance(one, _STAND) or (isinstance(one, Known) and isinstance(one.value, int | float))
        for one in both
    )


def nothing_changes(value: str) -> bool:
    """Nothing that other modules bring can change a database."""
    return False


def nothing_settled(value: str) -> Value | None:
    """Nothing is known of what other modules bring."""
    return None


class Expressions(ABC):
    """Tells what expressions are worth; what calls come to is told elsewhere."""

    def __init__(
        self, settled: Callable[[str], Value | None], can_change: Callable[[str], bool]
    ) -> None:
        self._settled, self._can_change = settled, can_change
        self._stored: frozenset[str] = frozenset()
        """The names of attributes that the module sets somewhere."""
        self._shifting: frozenset[str] = frozenset()
        """The names of lists and dictionaries that may change where nobody sees it."""
        self._steps = self._depth = 0

    def _local(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope
    ) -> Local:
        """A function, whose defaults are told where it is defined."""
        several = node.args
        by_place = [*several.posonlyargs, *several.args]
        last = by_place[len(by_place) - len(several.defaults) :]
        pairs = [
            *zip(last, several.defaults, strict=True),
            *zip(several.kwonlyargs, several.kw_defaults, strict=True),
        ]
        defaults = {one.arg: self._value(two, scope) for one, two in pairs if two is not None}
        return Local(node, scope, defaults)

    @abstractmethod
    def _untold(self, node: ast.AST, reason: str) -> None: ...

    @abstractmethod
    def _call(self, node: ast.Call, scope: Scope) -> Value: ...

    def _deeper(self) -> None:
        self._depth += 1
        self._steps += 1
        if self._depth > _DEEPEST or self._steps > _STEPS:
            raise Stop

    def _assign(self, target: ast.expr, value: Value, scope: Scope) -> None:
        match target:
            case ast.Name(name):
                if isinstance(value, Several | Pairs) and name in self._shifting:
                    value = Unknown(mighty=self._mighty(value))
                if isinstance(value, Unknown) and not value.named:
                    value = replace(value, named=name)
                scope.own[name] = value
            case ast.Tuple(elements) | ast.List(elements):
                items = items_of(value)
                fits = items is not None and len(items) == len(elements)
                for index, element in enumerate(elements):
                    self._assign(element, items[index] if items and fits else Unknown(), scope)
            case ast.Starred(inner):
                self._assign(inner, Unknown(), scope)
            case ast.Subscript(ast.Name(name), key) if isinstance(scope.get(name), Several | Pairs):
                self._set_item(name, self._value(key, scope), value, scope)
            case ast.Attribute(of) | ast.Subscript(of):
                self._value(of, scope)
                if self._mighty(value):
                    self._untold(target, "what is kept here under another name is not followed")

    def _set_item(self, name: str, key: Value, value: Value, scope: Scope) -> None:
        match scope.get(name):
            case Pairs(items) if isinstance(key, Known):
                others = tuple(pair for pair in items if pair[0] != key)
                scope.own[name] = Pairs((*others, (key, value)))
            case Several() | Pairs():
                scope.own[name] = Unknown(name)

    def _value(self, node: ast.expr, scope: Scope) -> Value:
        self._deeper()
        found = self._settle(self._expression(node, scope))
        self._depth -= 1
        if isinstance(found, Several | Pairs):
            size = _size(found)
            self._steps += size // 1_000
            found = found if size <= _MOST else Unknown()
        if isinstance(found, Unknown) and not found.mighty and self._is_made_of_might(node, scope):
            return Unknown(found.named, mighty=True)
        return found

    def _is_made_of_might(self, node: ast.expr, scope: Scope) -> bool:
        """Whether it names what can change a database, other than to call it."""
        left: list[ast.AST] = [node]
        while left:
            one = left.pop()
            if isinstance(one, ast.Name) and self._mighty(scope.get(one.id) or NOTHING):
                return True
            if not isinstance(one, ast.Call | ast.Lambda):
                left += ast.iter_child_nodes(one)
        return False

    def _mighty(self, value: Value) -> bool:
        match value:
            case Unknown(mighty=mighty):
                return mighty
            case Several(items):
                return any(map(self._mighty, items))
            case Pairs(items):
                return any(self._mighty(one) for _, one in items)
            case Local():
                return True
        return self._can_change(path(value))

    def _settle(self, value: Value) -> Value:
        if isinstance(value, Name | Attribute | Call):
            return self._settled(path(value)) or value
        return value

    def _expression(self, node: ast.expr, scope: Scope) -> Value:
        match node:
            case ast.Constant(value):
                return Known(value)
            case ast.Name(name):
                return scope.get(name) or Name(name)
            case ast.Attribute(of, name):
                return self._attribute(self._value(of, scope), name)
            case ast.Call():
                return self._call(node, scope)
            case ast.JoinedStr(values):
                return self._f_string(values, scope)
            case ast.List(elements) | ast.Tuple(elements):
                return self._several(elements, scope)
            case ast.Set(elements):
                found = self._several(elements, scope)
                items = items_of(found)
                return Several(tuple(dict.fromkeys(items))) if items else found
            case ast.Dict(keys, values):
                return self._pairs(keys, values, scope)
            case ast.BinOp(left, sign, right):
                first, second = self._value(left, scope), self._value(right, scope)
                mark = _SIGNS.get(type(sign))
                if mark and isinstance(first, _STAND) and isinstance(second, _STAND):
                    return Combined(mark, (first, second))
                mark = _ARITHMETIC.get(type(sign))
                if mark and _reckons(first, second):
                    return Combined(mark, (first, second))
                return combined(type(sign).__name__, first, second) or Unknown()
            case ast.Compare(left, [sign], [right]):
                first, second = self._value(left, scope), self._value(right, scope)
                return combined(type(sign).__name__, first, second) or Unknown()
            case ast.BoolOp(sign, values):
                return self._either(isinstance(sign, ast.Or), values, scope)
            case ast.UnaryOp(ast.Invert(), operand):
                inner = self._value(operand, scope)
                return Combined("~", (inner,)) if isinstance(inner, _STAND) else Unknown()
            case ast.UnaryOp(sign, operand):
                return self._unary(sign, self._value(operand, scope))
            case ast.IfExp(test, body, otherwise):
                return self._choice(test, body, otherwise, scope)
            case ast.Subscript(of, key):
                owner, wanted = self._value(of, scope), self._value(key, scope)
                everything = path(owner) in _EVERYTHING
                return item(owner, wanted) or Unknown(mighty=everything)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return self._comprehension(node, scope)
            case ast.DictComp():
                self._value(node.generators[0].iter, scope)
                return self._whatever_of(node, Scope(scope))
            case ast.Lambda():
                return self._local(node, scope)
            case ast.NamedExpr(target, value):
                found = self._value(value, scope)
                self._assign(target, found, scope)
                return found
            case ast.Await(value) | ast.Starred(value):
                return self._value(value, scope)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self._value(child, scope)
        return Unknown()

    def _attribute(self, of: Value, name: str) -> Value:
        match of:
            case Name(path=known):
                return Name(f"{known}.{name}")
            case LocalClass(names=names) if name in names.own and name not in self._stored:
                return names.own[name]
            case Unknown(named):
                return replace(of, named=f"{named}.{name}")
        return Attribute(of, name)

    def _f_string(self, values: Sequence[ast.expr], scope: Scope) -> Value:
        pieces = list[str | Unknown]()
        for one in values:
            match one:
                case ast.FormattedValue(inner, conversion, rule):
                    plain = conversion in (-1, ord("s")) and rule is None
                    value = self._value(inner, scope)
                    if rule is not None:
                        self._value(rule, scope)
                    name = ast.unparse(inner)[:60]
                    exact = pieces_of(value) if plain else None
                    if exact and not isinstance(value, Unknown):
                        pieces += exact
                    else:
                        pieces.append(shown(value, "" if plain else "?" * 9, name))
                case _:
                    pieces.append(str(one.value) if isinstance(one, ast.Constant) else Unknown())
        return short(joined(pieces)) or Unknown()

    def _several(self, elements: Sequence[ast.expr], scope: Scope) -> Value:
        items = list[Value]()
        for element in elements:
            value = self._value(element, scope)
            if not isinstance(element, ast.Starred):
                items.append(value)
                continue
            inner = items_of(value)
            if inner is None:
                return Unknown()
            items += inner
        return Several(tuple(items))

    def _pairs(
        self, keys: Sequence[ast.expr | None], values: Sequence[ast.expr], scope: Scope
    ) -> Value:
        items = list[tuple[Value, Value]]()
        for key, value in zip(keys, values, strict=True):
            found = self._value(value, scope)
            if key is not None:
                items.append((self._value(key, scope), found))
            elif isinstance(found, Pairs):
                items += found.items
            else:
                return Unknown()
        return Pairs(tuple(dict(items).items()))

    def _either(self, is_or: bool, values: Sequence[ast.expr], scope: Scope) -> Value:
        unsure, found = False, list[Value]()
        for one in values:
            found.append(self._value(one, scope))
            holds = truth(found[-1])
            if holds is is_or:
                return found[-1] if not unsure else Known(is_or)
            unsure |= holds is None
        return Unknown(mighty=any(map(self._mighty, found))) if unsure else found[-1]

    def _unary(self, sign: ast.unaryop, value: Value) -> Value:
        match sign, value:
            case ast.Not(), _:
                known = truth(value)
                return Unknown() if known is None else Known(not known)
            case ast.USub(), Known(int() | float() as number):
                return Known(-number)
        return Unknown()

    def _choice(self, test: ast.expr, body: ast.expr, otherwise: ast.expr, scope: Scope) -> Value:
        known = truth(self._value(test, scope))
        if known is not None:
            return self._value(body if known else otherwise, scope)
        first, second = self._value(body, scope), self._value(otherwise, scope)
        mighty = self._mighty(first) or self._mighty(second)
        return first if first == second else Unknown(mighty=mighty)

    def _whatever_of(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, inside: Scope
    ) -> Value:
        """A comprehension of which nobody can tell how often it turns: each part is looked at."""
        for index, one in enumerate(node.generators):
            if index:
                self._value(one.iter, inside)
            self._assign(one.target, Unknown(), inside)
            for test in one.ifs:
                self._value(test, inside)
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        for part in parts:
            self._value(part, inside)
        return Unknown()

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, scope: Scope
    ) -> Value:
        inside = Scope(scope)
        items = items_of(self._value(node.generators[0].iter, scope))
        tests = node.generators[0].ifs
        known = items is not None and len(node.generators) == 1 and len(items) <= TURNS
        if not known or not items:
            return self._whatever_of(node, inside) if items != () else Several(())
        found = list[Value]()
        for one in items:
            self._assign(node.generators[0].target, one, inside)
            holds = [truth(self._value(test, inside)) for test in tests]
            if None in holds:
                return self._whatever_of(node, inside)
            if all(holds):
                found.append(self._value(node.elt, inside))
        return Several(tuple(found))

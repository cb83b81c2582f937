"""What all of a module tells of its names, wherever it is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

_CHANGING = frozenset(
    {"append", "extend", "insert", "pop", "remove", "clear", "update", "setdefault", "add"}
    | {"discard", "reverse", "sort", "popitem"}
)


def stored(tree: ast.Module) -> frozenset[str]:
    """The names of attributes that are set somewhere, of whatever they are."""
    return frozenset(
        one.attr
        for one in ast.walk(tree)
        if isinstance(one, ast.Attribute) and not isinstance(one.ctx, ast.Load)
    )


def shifting(tree: ast.Module) -> frozenset[str]:
    """The names of what is changed in place and has another name too, or is changed elsewhere."""
    found = _Names()
    for home, node in _with_homes(tree):
        match node:
            case ast.Call(ast.Attribute(ast.Name(name), method)) if method in _CHANGING:
                found.change(name, home)
            case ast.Call(ast.Attribute(ast.Subscript(ast.Name(name)), method)) if (
                method in _CHANGING
            ):
                found.deeply.add(name)
            case ast.AugAssign(ast.Name(name)) | ast.Subscript(
                ast.Name(name), ctx=ast.Store() | ast.Del()
            ):
                found.change(name, home)
            case ast.Assign(targets, value):
                several = (*targets, value)
                found.share([one.id for one in several if isinstance(one, ast.Name)], home)
        match node:
            case ast.Call(args=arguments, keywords=keywords):
                given = (*arguments, *(one.value for one in keywords))
                found.given |= {one.id for one in given if isinstance(one, ast.Name)}
    return found.shifting()


class _Names:
    """What is told of the names of lists and dictionaries."""

    def __init__(self) -> None:
        self.changed: set[str] = set()
        self.deeply: set[str] = set()
        self.given: set[str] = set()
        self._homes: dict[str, set[int]] = {}
        self._same: dict[str, set[str]] = {}

    def change(self, name: str, home: int) -> None:
        self.changed.add(name)
        self._homes.setdefault(name, set()).add(home)

    def share(self, names: Sequence[str], home: int) -> None:
        """They are all called so from here on."""
        together = set(names).union(*(self._same.get(name, ()) for name in names))
        for name in together:
            self._same[name] = together
        for name in names:
            self._homes.setdefault(name, set()).add(home)

    def shifting(self) -> frozenset[str]:
        several = {name for name in self.changed if self._is_elsewhere(name)}
        groups = (self._same.get(name, {name}) for name in several | self.deeply)
        return frozenset().union(*groups)

    def _is_elsewhere(self, name: str) -> bool:
        aliased = len(self._same.get(name, ())) > 1
        return aliased or name in self.given or len(self._homes.get(name, ())) > 1


def _with_homes(tree: ast.Module) -> Iterator[tuple[int, ast.AST]]:
    """Every node, and of which function it is a part."""
    left: list[tuple[int, ast.AST]] = [(0, tree)]
    while left:
        home, node = left.pop()
        yield home, node
        functions = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
        inside = id(node) if isinstance(node, functions) else home
        left += ((inside, child) for child in ast.iter_child_nodes(node))


def captured(pattern: ast.pattern) -> set[str]:
    """The names that a pattern of `match` gives values."""
    found = set[str]()
    for one in ast.walk(pattern):
        match one:
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.add(name)
            case ast.MatchMapping(rest=str(name)):
                found.add(name)
    return found


def discarded(tree: ast.Module) -> set[int]:
    """The calls with whose values nothing is done, by the ids of their nodes."""
    nodes = list(ast.walk(tree))
    loaded = {
        one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
    }
    found = set[int]()
    for one in nodes:
        match one:
            case ast.Expr(value) | ast.Return(ast.expr() as value):
                found |= _outermost(value)
            case ast.With(items) | ast.AsyncWith(items):
                found |= {number for item in items for number in _outermost(item.context_expr)}
            case ast.Assign(targets, value) if all(
                isinstance(target, ast.Name) and target.id not in loaded for target in targets
            ):
                found |= _outermost(value)
    return found


def _outermost(node: ast.expr) -> set[int]:
    """The calls in an expression that are not inside of another one."""
    found = set[int]()
    left: list[ast.AST] = [node]
    while left:
        one = left.pop()
        if isinstance(one, ast.Call):
            found.add(id(one))
        elif not isinstance(one, ast.Lambda):
            left += ast.iter_child_nodes(one)
    return found

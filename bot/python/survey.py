"""What all of a module tells of its names, wherever it is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

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
    changed, shared, homes = set[str](), set[str](), dict[str, set[int]]()
    for home, node in _with_homes(tree):
        match node:
            case ast.Call(
                ast.Attribute(ast.Name(name) | ast.Subscript(ast.Name(name)), method)
            ) if method in _CHANGING:
                changed.add(name)
                homes.setdefault(name, set()).add(home)
            case ast.AugAssign(ast.Name(name)) | ast.Subscript(
                ast.Name(name), ctx=ast.Store() | ast.Del()
            ):
                changed.add(name)
                homes.setdefault(name, set()).add(home)
            case ast.Assign(targets, value):
                names = [one.id for one in targets if isinstance(one, ast.Name)]
                shared |= set(names) if len(names) > 1 else set()
                shared |= {value.id, *names} if isinstance(value, ast.Name) else set()
                for name in names:
                    homes.setdefault(name, set()).add(home)
            case ast.Call(args=arguments, keywords=keywords):
                several = (*arguments, *(one.value for one in keywords))
                shared |= {one.id for one in several if isinstance(one, ast.Name)}
    return frozenset(name for name in changed if name in shared or len(homes.get(name, ())) > 1)


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

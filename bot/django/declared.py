"""A migration is a class of Django's that stands in its module, or nobody can tell what it does."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.python.values import LocalClass, Name, Value, path

_DJANGO = frozenset({"django.db.migrations.Migration", "django.db.migrations.migration.Migration"})
_METHODS = (
    *("apply", "unapply", "mutate_state", "__init__", "__new__", "__getattr__"),
    *("__getattribute__", "__eq__", "__hash__", "__init_subclass__"),
)
"""What Django calls to run a migration, or to make one."""
_TOLD = frozenset({"operations", "dependencies", "replaces", "run_before", "atomic", "initial"})
_WRITES = frozenset({"globals", "locals", "vars", "setattr", "exec", "eval", "modules"})
_ELSEWHERE = "its Migration stands in a module that is not read"
_NO_CLASS = "its Migration is not a class of the module itself"
_STAR = "what `import *` brings stands in a module that is not read"

Why = tuple[ast.AST, str]
"""Where it is said, and why nobody can tell what it does."""


def classes(known: LocalClass) -> Iterator[LocalClass]:
    """A class and those of its module that it is made of, in the order in which names are found."""
    yield known
    for base in known.bases:
        if isinstance(base, LocalClass):
            yield from classes(base)


def is_django(value: Value | None) -> bool:
    """Whether it is the class from which Django's migrations are made."""
    return isinstance(value, Name) and value.path in _DJANGO


def why_unfollowed(tree: ast.Module, known: LocalClass) -> Why | None:
    """Why a class may do something else than what its list of operations says."""
    several = tuple(classes(known))
    bases = [base for one in several for base in one.bases]
    for one in several:
        if one.node.keywords or one.node.decorator_list:
            return one.node, f"what makes its class {one.node.name} another one is not followed"
    foreign = [one for one in bases if not (isinstance(one, LocalClass) or is_django(one))]
    if foreign:
        what = f"`{name}`" if (name := path(foreign[0])) else "a class"
        return known.node, f"it is made of {what}, which is not Django's own Migration"
    if not any(map(is_django, bases)):
        return known.node, "its class is not made of Django's own Migration"
    return _own_method(several) or _changed(tree, several)


def _own_method(several: tuple[LocalClass, ...]) -> Why | None:
    for one in several:
        for name in _METHODS:
            if name in one.names.own:
                nodes = (node for node in one.node.body if getattr(node, "name", "") == name)
                return next(nodes, one.node), f"what its own {name}() does is not followed"
    return None


def _changed(tree: ast.Module, several: tuple[LocalClass, ...]) -> Why | None:
    """Where the class is changed once it is there, or given away."""
    names, harmless = {one.node.name for one in several}, set[int]()
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(bases=bases):
                harmless.update(map(id, bases))
            case ast.Attribute(of, name, ast.Load()) if name not in _TOLD and name[:2] != "__":
                harmless.add(id(of))
            case ast.ImportFrom(names=[ast.alias("*")]) if _is_behind(node, several[0].node):
                return node, _STAR
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names and id(node) not in harmless:
            return node, f"what becomes of {node.id} outside of its class is not followed"
    return None


def _is_behind(node: ast.stmt, other: ast.stmt) -> bool:
    return node.lineno > other.lineno


def declared_otherwise(tree: ast.Module) -> Why | None:
    """Where a module may have a migration that is no class of its own."""
    found = [why for node in _of_module(tree) if (why := _bound(node))]
    return found[-1] if found else _by_name(tree)


def _bound(node: ast.AST) -> Why | None:
    """Why what the name Migration is worth cannot be told, where it gets its value there."""
    match node:
        case ast.ImportFrom(module=str() as module, level=0) if f"{module}.Migration" in _DJANGO:
            return None  # which is an empty migration
        case ast.Import(names) | ast.ImportFrom(names=names):
            bound = {one.asname or one.name for one in names}
            reason = _ELSEWHERE if "Migration" in bound else _STAR
            return (node, reason) if bound & {"Migration", "*"} else None
        case (
            ast.Name("Migration", ast.Store())
            | ast.ClassDef("Migration")
            | ast.FunctionDef("Migration" | "__getattr__")
            | ast.AsyncFunctionDef("Migration")
            | ast.ExceptHandler(name="Migration")
        ):
            return node, _NO_CLASS
    return None


def _by_name(tree: ast.Module) -> Why | None:
    """Where the name gets its value in a roundabout way."""
    several = list(ast.walk(tree))
    words = {getattr(one, "id", getattr(one, "attr", "")) for one in several}
    for node in several:
        match node:
            case ast.Global(names) if "Migration" in names:
                return node, _NO_CLASS
            case ast.Constant(str() as text) if "Migration" in text.split() and words & _WRITES:
                return node, _NO_CLASS
    return None


def _of_module(tree: ast.Module) -> Iterator[ast.AST]:
    """What is run with the module itself, not within its functions and classes."""
    left: list[ast.AST] = [*reversed(tree.body)]
    while left:
        node = left.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            left += reversed(list(ast.iter_child_nodes(node)))

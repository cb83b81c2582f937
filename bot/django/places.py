"""Where a migration is changed: in its list of operations, its imports and its class."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from bot.model.source import Edit, Span
from bot.python.layout import Layout
from bot.python.parsing import Module

OPERATIONS = "django.contrib.postgres.operations"


@lru_cache(maxsize=8)
def _lists(module: Module) -> dict[int, tuple[ast.List, int]]:
    """The list in which each call stands, and which of its items it is, by its id."""
    return {
        id(one): (node, index)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.List)
        for index, one in enumerate(node.elts)
        if isinstance(one, ast.Call)
    }


def stands_in_a_list(layout: Layout, node: ast.AST) -> bool:
    return id(node) in _lists(layout.module)


def instead(layout: Layout, node: ast.expr, several: Sequence[str]) -> Edit:
    """Other operations in the place of one; without any, its lines go too."""
    if several:
        between = f",{layout.source.newline}{layout.indent(node)}"
        return Edit(layout.module.span(node), between.join(several))
    return _without(layout, node)


def _without(layout: Layout, node: ast.expr) -> Edit:
    inside, index = _lists(layout.module)[id(node)]
    span, text = layout.module.span(node), layout.source.text
    end = span.end
    rest = text[end : layout.module.span(inside).end]
    if rest.lstrip().startswith(","):
        end += rest.index(",") + 1
    lines = layout.source.span_of(layout.source.lines(Span(span.start, end)))
    before, after = text[lines.start : span.start], text[end : lines.end]
    if not before.strip() and not after.strip():
        return Edit(lines, "")
    if index and not text[span.end : end].strip():
        return Edit(Span(layout.module.span(inside.elts[index - 1]).end, end), "")
    return Edit(Span(span.start, end + len(after) - len(after.lstrip(" "))), "")


def importing(layout: Layout, name: str) -> tuple[Edit, ...]:
    """The import of an operation of django.contrib.postgres, where isort puts it."""
    several = [one for one in layout.module.tree.body if isinstance(one, ast.ImportFrom)]
    for one in several:
        if one.module == OPERATIONS and not one.level:
            return tuple(_more(layout, one, name))
    line = f"from {OPERATIONS} import {name}{layout.source.newline}"
    place = _place(layout, [one for one in several if not one.level])
    return (Edit(Span(place, place), line),)


def _place(layout: Layout, several: Sequence[ast.ImportFrom]) -> int:
    """Before the first import from a module that comes later, among those from Django."""
    django = [one for one in several if (one.module or "").split(".")[0] == "django"]
    later = [one for one in django if (one.module or "") > OPERATIONS]
    if later:
        return layout.source.span_of(layout.source.lines(layout.module.span(later[0]))).start
    plain = [one for one in layout.module.tree.body if _imports_django(one)]
    found: list[ast.stmt] = [*django] or plain
    if found:
        return layout.source.span_of(layout.source.lines(layout.module.span(found[-1]))).end
    first = layout.module.tree.body[0]
    return layout.source.span_of(layout.source.lines(layout.module.span(first))).start


def _imports_django(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import) and node.names[0].name.split(".")[0] == "django"


def _more(layout: Layout, node: ast.ImportFrom, name: str) -> Iterator[Edit]:
    """One more name of an import, in its order, besides which others may get in as well."""
    if any(name in (one.name, one.asname) for one in node.names):
        return
    later = [one for one in node.names if _as_isort_does(one.name) > _as_isort_does(name)]
    spans = [_span(layout, one) for one in node.names]
    place = _span(layout, later[0]).start if later else spans[-1].end
    spread = layout.source.line(spans[0].start) != layout.source.line(
        layout.module.span(node).start
    )
    between = f",{layout.source.newline}{layout.indent_at(place)}" if spread else ", "
    yield Edit(Span(place, place), f"{name}{between}" if later else f"{between}{name}")


def _span(layout: Layout, name: ast.alias) -> Span:
    start = layout.module.offset(name.lineno, name.col_offset)
    return Span(start, layout.module.offset(name.end_lineno or 1, name.end_col_offset or 0))


def _alias(one: ast.alias) -> str:
    return f"{one.name} as {one.asname}" if one.asname else one.name


def _as_isort_does(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


def unwrapping(layout: Layout, migration: ast.ClassDef) -> Edit:
    """`atomic = False`, by which a migration runs in no transaction."""
    body = migration.body
    for one in body:
        match one:
            case ast.Assign([ast.Name("atomic")], value):
                return Edit(layout.module.span(value), "False")
            case ast.AnnAssign(ast.Name("atomic"), _, ast.expr() as value):
                return Edit(layout.module.span(value), "False")
    first = body[0]
    docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    if docstring and len(body) > 1:
        first = body[1]
    span = layout.module.span(first)
    start = layout.source.span_of(layout.source.lines(span)).start
    end = layout.source.newline
    return Edit(Span(start, start), f"{layout.indent(first)}atomic = False{end}{end}")


def imports_for(layout: Layout, texts: Sequence[str], known: Sequence[str]) -> list[str]:
    """The imports that `texts` need besides those `known`, all of them in isort's order."""
    names = {name for text in texts for name in re.findall(r"[A-Za-z_]\w*", text)}
    plain, of = list[str](), [*known]
    for one in layout.module.tree.body:
        match one:
            case ast.Import() if any(_bound(name) in names for name in one.names):
                dotted = [name for name in one.names if _is_used(name, texts)]
                plain += (f"import {_alias(name)}" for name in dotted)
            case ast.ImportFrom(module="django.db") | ast.ImportFrom(module="__future__"):
                pass
            case ast.ImportFrom():
                used = [name for name in one.names if _bound(name) in names]
                module = f"{'.' * one.level}{one.module or ''}"
                if used and module != OPERATIONS:
                    of.append(f"from {module} import {', '.join(map(_alias, used))}")
    return [*sorted(plain), *sorted(of, key=lambda line: line.split()[1])]


def _bound(name: ast.alias) -> str:
    return name.asname or name.name.split(".")[0]


def _is_used(name: ast.alias, texts: Sequence[str]) -> bool:
    written = name.asname or name.name
    return any(f"{written}." in text for text in texts)

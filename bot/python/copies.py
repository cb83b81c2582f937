"""A copy of an expression at another place, with parts of it changed, laid out as Ruff does."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.model.source import Span
from bot.python.layout import STEP, Layout, comments


@dataclass(frozen=True, slots=True)
class Changed:
    """A call of another `function`, without some of its arguments by name, and with `more`.

    `second` comes behind its first argument.
    """

    function: str | None = None
    without: frozenset[str] = frozenset()
    more: tuple[str, ...] = ()
    second: str | None = None


_Part = tuple[str, ast.expr | str]
"""What an item of a bracket begins with, and the rest of it."""

_DEEPEST = 100


@dataclass(frozen=True)
class Copier:
    """Copies expressions of one module; `changes` are for calls, by their ids."""

    layout: Layout
    changes: Mapping[int, Changed] = field(default_factory=dict)

    def copy(self, node: ast.expr, indent: str, before: int = 0, behind: int = 1) -> str:
        """`node` on a line of that indent, on which `before` and `behind` characters are taken."""
        if self._has_comments(node) and not self.changes:
            return self._moved(node, indent)
        return self._laid_out(node, indent, before, behind, 0)

    def _has_comments(self, node: ast.expr) -> bool:
        span = self.layout.module.span(node)
        return any(one in span for one in comments(self.layout.module))

    def _moved(self, node: ast.expr, indent: str) -> str:
        """The text as it is, further in or out."""
        text, old = self.layout.text(node), self.layout.indent(node)
        first, *rest = text.split("\n")
        lines = [f"{indent}{line.removeprefix(old)}" if line.strip() else line for line in rest]
        return "\n".join((first, *lines))

    def _laid_out(
        self, node: ast.expr | str, indent: str, before: int, behind: int, depth: int
    ) -> str:
        flat = self._flat(node, depth)
        if isinstance(node, str):
            return node
        if flat is not None and len(indent) + before + len(flat) + behind <= self.layout.width:
            return flat
        brackets = self._brackets(node)
        parts = self._parts(node)
        if brackets is None or not parts or depth > _DEEPEST:
            return self._leaf(node, indent)
        return self._broken(node, brackets, parts, indent, depth)

    def _broken(
        self,
        node: ast.expr,
        brackets: tuple[str, str],
        parts: Sequence[_Part],
        indent: str,
        depth: int,
    ) -> str:
        opening, closing = brackets
        end, inner = self.layout.source.newline, f"{indent}{STEP}"
        magic = self._magic(node)
        together = self._together(parts, depth)
        hugs = isinstance(node, ast.Call) or len(parts) == 1
        fits = together is not None and len(inner) + len(together) <= self.layout.width
        if hugs and fits and not magic:
            return f"{opening}{end}{inner}{together}{end}{indent}{closing}"
        comma = "," if magic or len(parts) > 1 else ""
        taken, below = len(comma), depth + 1
        lines = (
            f"{inner}{head}{self._laid_out(rest, inner, len(head), taken, below)}{comma}{end}"
            for head, rest in parts
        )
        return f"{opening}{end}{''.join(lines)}{indent}{closing}"

    def _leaf(self, node: ast.expr, indent: str) -> str:
        text = self.layout.text(node)
        quoted = isinstance(node, ast.Constant | ast.JoinedStr) and text[-3:] in ('"""', "'''")
        return text if "\n" not in text or quoted else self._moved(node, indent)

    def _flat(self, node: ast.expr | str, depth: int) -> str | None:
        """On one line; None where its author wants it on several, or it cannot be."""
        if isinstance(node, str):
            return node
        brackets = self._brackets(node)
        if brackets is None or depth > _DEEPEST:
            text = self.layout.text(node)
            return None if "\n" in text else text
        parts = self._parts(node)
        together = None if self._magic(node) else self._together(parts, depth)
        single = isinstance(node, ast.Tuple) and len(parts) == 1
        if together is None:
            return None
        return f"{brackets[0]}{together}{',' if single else ''}{brackets[1]}"

    def _together(self, parts: Sequence[_Part], depth: int) -> str | None:
        found = [(head, self._flat(rest, depth + 1)) for head, rest in parts]
        if any(text is None for _, text in found):
            return None
        return ", ".join(f"{head}{text}" for head, text in found)

    def _brackets(self, node: ast.expr) -> tuple[str, str] | None:
        match node:
            case ast.Call(func):
                change = self.changes.get(id(node))
                name = (change.function if change else None) or self.layout.text(func)
                return None if "\n" in name else (f"{name}(", ")")
            case ast.List():
                return "[", "]"
            case ast.Tuple():
                return ("(", ")") if self.layout.text(node).startswith("(") else None
            case ast.Dict() | ast.Set():
                return "{", "}"
        return None

    def _parts(self, node: ast.expr) -> list[_Part]:
        match node:
            case ast.Call():
                return list(self._arguments(node))
            case ast.List(elements) | ast.Tuple(elements) | ast.Set(elements):
                return [("", one) for one in elements]
            case ast.Dict(keys, values):
                pairs = zip(keys, values, strict=True)
                return [(f"{self.layout.text(key)}: " if key else "**", one) for key, one in pairs]
        return []

    def _arguments(self, node: ast.Call) -> Iterator[_Part]:
        change = self.changes.get(id(node), Changed())
        yield from (("", one) for one in node.args[:1])
        if change.second is not None:
            yield ("", change.second)
        yield from (("", one) for one in node.args[1:])
        for one in node.keywords:
            if one.arg not in change.without:
                yield (f"{one.arg}=" if one.arg else "**", one.value)
        yield from (("", text) for text in change.more)

    def _magic(self, node: ast.expr) -> bool:
        """Whether a comma behind the last item keeps each on a line of its own."""
        inside: list[ast.AST] = []
        match node:
            case ast.Call(_, positional, keywords):
                inside = [*positional, *keywords]
            case ast.List(elements) | ast.Tuple(elements) | ast.Set(elements):
                inside = [*elements]
            case ast.Dict(_, values):
                inside = [*values]
        if not inside or (isinstance(node, ast.Tuple) and len(inside) == 1):
            return False
        end = max(self.layout.module.span(one).end for one in inside)
        rest = self.layout.source[Span(end, self.layout.module.span(node).end)]
        return rest.lstrip().startswith(",")

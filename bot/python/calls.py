"""A call with other arguments, laid out as Black and Ruff lay out calls."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from operator import eq

from bot.model.source import Edit, Span
from bot.python.layout import STEP, Layout


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A call gets `more` arguments, loses those of `without`, or has others `instead`."""

    call: ast.Call
    more: tuple[str, ...] = ()
    without: tuple[ast.AST, ...] = ()
    instead: tuple[tuple[ast.AST, str], ...] = ()


def changed(layout: Layout, root: ast.Call, changes: Sequence[Change]) -> list[tuple[Edit, ...]]:
    """The edits of each change in `root`, a call or one inside of it.

    Where the calls have to be laid out anew, that is one edit, the same for all of them.
    """
    small = [_smallest(layout, change) for change in changes]
    span = layout.module.span(root)
    formatter = _Formatter(layout, {})
    written = layout.source[span]
    if formatter.call(root, layout.indent(root), layout.behind(root)) != written:
        return small
    new = _Formatter(layout, _by_call(changes))
    wanted = new.call(root, layout.indent(root), layout.behind(root))
    separate = _applied(layout, span, small)
    if wanted is None or wanted == separate:
        return small
    return [(_trimmed(span, written, wanted),)] * len(changes)


def _by_call(changes: Sequence[Change]) -> dict[int, Change]:
    found = dict[int, Change]()
    for one in changes:
        known = found.get(id(one.call), Change(one.call))
        found[id(one.call)] = Change(
            one.call,
            (*known.more, *one.more),
            (*known.without, *one.without),
            (*known.instead, *one.instead),
        )
    return found


def _applied(layout: Layout, span: Span, edits: Sequence[tuple[Edit, ...]]) -> str:
    text, end = list[str](), span.start
    for edit in sorted((one for several in edits for one in several), key=lambda one: one.span):
        text += layout.source[Span(end, max(end, edit.span.start))], edit.text
        end = max(end, edit.span.end)
    return "".join((*text, layout.source[Span(end, span.end)]))


def _trimmed(span: Span, old: str, new: str) -> Edit:
    """The edit from `old`, which stands at `span`, to `new`, without what is the same."""
    start = _common(old, new)
    rest, other = old[start:], new[start:]
    end = _common(rest[::-1], other[::-1])
    place = Span(span.start + start, span.end - end)
    return Edit(place, other[: len(other) - end])


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    return sum(takewhile(bool, map(eq, one, other)))


def _smallest(layout: Layout, change: Change) -> tuple[Edit, ...]:
    """Edits of the arguments that change, and of no other."""
    module, call = layout.module, change.call
    edits = [Edit(module.span(node), text) for node, text in change.instead]
    several = sorted((*call.args, *call.keywords), key=module.span)
    edits += (_without(layout, several, one, change.without) for one in change.without)
    if change.more:
        edits.append(_more(layout, call, several, change.more))
    return tuple(edits)


def _without(
    layout: Layout, several: Sequence[ast.AST], gone: ast.AST, others: Sequence[ast.AST]
) -> Edit:
    """Without one argument and its comma; all `others` go as well."""
    place = next(index for index, one in enumerate(several) if one is gone)
    span = layout.module.span(gone)
    if any(one not in others for one in several[:place]):
        return Edit(Span(layout.module.span(several[place - 1]).end, span.end), "")
    if place + 1 < len(several):
        return Edit(Span(span.start, layout.module.span(several[place + 1]).start), "")
    return Edit(span, "")


def _more(layout: Layout, call: ast.Call, several: Sequence[ast.AST], more: Sequence[str]) -> Edit:
    span = layout.module.span(call)
    end = layout.module.span(several[-1]).end if several else span.end - 1
    rest = layout.source[Span(end, span.end - 1)]
    if rest.lstrip().startswith(",") and "\n" in rest:
        place = end + rest.index(",") + 1
        inner = layout.indent_at(end)
        lines = "".join(f"{layout.source.newline}{inner}{one}," for one in more)
        return Edit(Span(place, place), lines)
    before = ", " if several else ""
    return Edit(Span(end, end), before + ", ".join(more))


@dataclass(frozen=True, slots=True)
class _Formatter:
    layout: Layout
    changes: Mapping[int, Change]

    def call(self, node: ast.Call, indent: str, behind: str = "") -> str | None:
        """None where something in it cannot be laid out here: comments, long lists and strings."""
        short = self._short(node)
        if short is not None and len(indent) + len(short) + len(behind) <= self.layout.width:
            return short
        return self._long(node, indent)

    def _function(self, node: ast.Call) -> str:
        return self.layout.text(node.func)

    def _arguments(self, node: ast.Call) -> list[ast.AST | str]:
        """What is left of them, and what comes new."""
        change = self.changes.get(id(node))
        own = sorted((*node.args, *node.keywords), key=self.layout.module.span)
        if change is None:
            return list(own)
        instead = {id(one): text for one, text in change.instead}
        kept = (one for one in own if one not in change.without)
        return [*(instead.get(id(one), one) for one in kept), *change.more]

    def _short(self, node: ast.Call) -> str | None:
        """On one line; None where its author wants it on several."""
        if self._is_spread(node):
            return None
        parts = [self._short_argument(one) for one in self._arguments(node)]
        known = [one for one in parts if one is not None]
        return f"{self._function(node)}({', '.join(known)})" if len(known) == len(parts) else None

    def _short_argument(self, one: ast.AST | str) -> str | None:
        if isinstance(one, str):
            return one
        value = one.value if isinstance(one, ast.keyword) else one
        if isinstance(value, ast.Call):
            inside = self._short(value)
            return None if inside is None else f"{self._name(one)}{inside}"
        text = self.layout.text(one)
        return None if "\n" in text else text

    def _name(self, one: ast.AST) -> str:
        if isinstance(one, ast.keyword):
            return f"{one.arg}=" if one.arg else "**"
        return ""

    def _is_spread(self, node: ast.Call) -> bool:
        """Whether a comma behind the last argument keeps each on a line of its own."""
        several = [*node.args, *node.keywords]
        if not several:
            return False
        end = max(self.layout.module.span(one).end for one in several)
        rest = self.layout.source[Span(end, self.layout.module.span(node).end)]
        return rest.lstrip().startswith(",")

    def _long(self, node: ast.Call, indent: str) -> str | None:
        several, inner = self._arguments(node), f"{indent}{STEP}"
        end = self.layout.source.newline
        if "#" in self.layout.text(node) or not several:
            return None
        if not self._is_spread(node):
            parts = [self._short_argument(one) for one in several]
            together = ", ".join(one for one in parts if one is not None)
            if None not in parts and len(inner) + len(together) <= self.layout.width:
                return f"{self._function(node)}({end}{inner}{together}{end}{indent})"
        comma = "," if len(several) > 1 or self._is_spread(node) else ""
        lines = [self._line(one, inner, comma) for one in several]
        if any(line is None for line in lines):
            return None
        whole = "".join(f"{inner}{line}{comma}{end}" for line in lines)
        return f"{self._function(node)}({end}{whole}{indent})"

    def _line(self, one: ast.AST | str, indent: str, comma: str) -> str | None:
        if isinstance(one, str):
            return one
        value = one.value if isinstance(one, ast.keyword) else one
        if isinstance(value, ast.Call):
            inside = self.call(value, indent, comma)
            return None if inside is None else f"{self._name(one)}{inside}"
        text = self.layout.text(one)
        fits = "\n" not in text and len(indent) + len(text) + len(comma) <= self.layout.width
        return text if fits or (isinstance(value, ast.Constant) and "\n" not in text) else None

"""Edits of a program in its author's layout: as Black and Ruff lay out calls, with their quotes."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from bot.model.source import Edit, Source, Span
from bot.python.parsing import Module

WIDTH = 88
"""As many characters as Black and Ruff put on a line, where nothing else is configured."""
STEP = "    "
_WIDTH = re.compile(r"^line[-_]length\s*=\s*(?P<width>\d{2,3})\s*(?:#.*)?$", re.MULTILINE)


def configured_width(*texts: str | None) -> int:
    """The line length that the first of some configuration files tells."""
    for text in texts:
        found = _WIDTH.search(text or "")
        if found:
            return int(found["width"])
    return WIDTH


@dataclass(frozen=True, slots=True)
class Layout:
    """How one module is written; `width` is the longest line."""

    module: Module
    width: int = WIDTH

    @property
    def source(self) -> Source:
        return self.module.source

    @property
    def quote(self) -> str:
        """The quotes of most of its strings."""
        text = self.source.text
        return "'" if text.count("'") > 2 * text.count('"') else '"'

    def string(self, text: str) -> str:
        """`text` as a string on one line."""
        quote = self.quote
        other = "'" if quote == '"' else '"'
        if quote in text and other not in text:
            quote = other
        inside = text.replace("\\", "\\\\").replace(quote, f"\\{quote}").replace("\n", "\\n")
        return f"{quote}{inside}{quote}"

    def text(self, node: ast.AST) -> str:
        return self.source[self.module.span(node)]

    def indent(self, node: ast.AST) -> str:
        """The blanks before the line on which a statement begins."""
        place = self.module.span(node).start
        line = self.source.span_of(self.source.lines(Span(place, place)))
        found = re.match(r"[ \t]*", self.source[line])
        return found[0] if found else ""

    def call(self, function: str, arguments: Sequence[str], indent: str, behind: str = "") -> str:
        """A call as one line, as one with its arguments on a line of their own, or one on each."""
        whole = f"{function}({', '.join(arguments)})"
        fits = "\n" not in whole and len(indent) + len(whole) + len(behind) <= self.width
        if fits or not arguments:
            return whole
        end, inner = self.source.newline, f"{indent}{STEP}"
        together = f"{inner}{', '.join(arguments)}"
        if "\n" not in together and len(together) <= self.width:
            return f"{function}({end}{together}{end}{indent})"
        comma = "" if len(arguments) == 1 else ","
        lines = "".join(f"{inner}{argument}{comma}{end}" for argument in arguments)
        return f"{function}({end}{lines}{indent})"

    def remark(self, text: str, indent: str) -> list[str]:
        """A comment, on as many lines as it needs."""
        return [f"# {line}" for line in wrap(text, max(self.width - len(indent) - 2, 40))]

    def regiven(
        self,
        node: ast.Call,
        more: Sequence[str],
        without: Sequence[ast.AST] = (),
        instead: Mapping[ast.AST, str] | None = None,
    ) -> Edit:
        """The call with arguments more, without some, and with others `instead`."""
        new = instead or {}
        span = self.module.span(node)
        inside = self._inside(node)
        kept = [one for one in (*node.args, *node.keywords) if one not in without]
        ordered = sorted(kept, key=self.module.span)
        several = [*(new.get(one) or self.text(one) for one in ordered), *more]
        written, indent = self.source[span], self._indent_at(span.start)
        before, behind = self._around(span)
        if "\n" not in written:
            short = f"{self.source[Span(span.start, inside.start)]}{', '.join(several)})"
            if len(before) + len(short) + len(behind) <= self.width or "\n" in before:
                return Edit(Span(inside.start, span.end), short[inside.start - span.start :])
            function = self.source[Span(span.start, inside.start - 1)]
            return Edit(span, self.call(function, several, indent, behind))
        return self._among_lines(node, inside, several, () if new or without else more)

    def _among_lines(
        self, node: ast.Call, inside: Span, several: list[str], more: Sequence[str]
    ) -> Edit:
        """One more on lines as the others have them."""
        text, end = self.source[inside], self.source.newline
        lines = text.splitlines(keepends=True)
        listed = text.lstrip(" \t")[:1] in ("\n", "\r")
        indent = self._indent_at(self.module.span(node).start)
        inner = re.match(r"[ \t]*", lines[1])[0] if listed and len(lines) > 1 else f"{indent}{STEP}"  # type: ignore[index]
        if not listed:  # the last argument goes on, as a call in a call does
            joined = ", ".join(several)
            return Edit(inside, joined)
        comma = text.rstrip().endswith(",")
        together = f"{inner}{', '.join(several)}"
        if not comma and not any("\n" in one for one in several) and len(together) <= self.width:
            return Edit(inside, f"{end}{together}{end}{indent}")
        if comma and more and not self._has_comments(inside):
            place = inside.start + len(text.rstrip())
            added = "".join(f"{end}{inner}{one}," for one in more)
            return Edit(Span(place, place), added)
        every = "".join(f"{inner}{one},{end}" for one in several)
        return Edit(inside, f"{end}{every}{indent}")

    def _has_comments(self, inside: Span) -> bool:
        last = self.source[inside].rstrip().rpartition("\n")[2]
        return "#" in last

    def _inside(self, node: ast.Call) -> Span:
        """Between the parentheses of a call."""
        span, behind = self.module.span(node), self.module.span(node.func).end
        start = self.source.text.index("(", behind) + 1
        return Span(start, span.end - 1)

    def _indent_at(self, place: int) -> str:
        line = self.source.span_of(self.source.lines(Span(place, place)))
        found = re.match(r"[ \t]*", self.source[line])
        return found[0] if found else ""

    def _around(self, span: Span) -> tuple[str, str]:
        """What stands on the lines of `span` before it and behind it."""
        line = self.source.span_of(self.source.lines(span))
        before = self.source[Span(line.start, span.start)]
        return before, self.source[Span(span.end, line.end)].rstrip("\r\n")

    # Statements

    def below(self, node: ast.stmt, lines: Sequence[str]) -> Edit:
        """Lines below a statement, as far in as it is."""
        place = self._end_of_line(self.module.span(node).end)
        indent, end = self.indent(node), self.source.newline
        text = "".join(f"{end}{indent}{line}" if line else end for line in lines)
        return Edit(Span(place, place), text)

    def _end_of_line(self, place: int) -> int:
        """The end of the line, where nothing but a comment follows."""
        found = re.compile(r"[ \t]*(?:#[^\r\n]*)?").match(self.source.text, place)
        return found.end() if found else place

    def without(self, node: ast.stmt, *, empty: bool) -> Edit:
        """Without a statement, and its lines where it has those for itself."""
        span = self.module.span(node)
        if empty:
            return Edit(span, "pass")
        whole = self.source.span_of(self.source.lines(span))
        outside = (
            self.source[Span(whole.start, span.start)] + self.source[Span(span.end, whole.end)]
        )
        return Edit(span, "pass") if outside.strip() else Edit(whole, "")


def comments(module: Module) -> tuple[Span, ...]:
    """Where the comments of a module stand."""
    found = list[Span]()
    source = module.source
    starts = [0, *(end.end() for end in re.finditer(r"\r\n|\r|\n", source.text))]
    mark = 1 if source.text.startswith("\ufeff") else 0
    try:
        reader = io.StringIO(source.text[mark:], newline="").readline
        for token in tokenize.generate_tokens(reader):
            if token.type == tokenize.COMMENT:
                line, column = token.start
                start = starts[line - 1] + column + (mark if line == 1 else 0)
                found.append(Span(start, start + len(token.string)))
    except (tokenize.TokenError, IndentationError):
        return tuple(found)
    return tuple(found)

"""Edits of a program in its author's layout: as Black and Ruff lay out calls, with their quotes."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
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
        text = self.source.text.replace('"""', "").replace("'''", "")
        return "'" if text.count("'") > text.count('"') else '"'

    def string(self, text: str) -> str:
        """`text` as a string on one line."""
        if not text.isprintable():
            return repr(text)
        quote = self.quote
        other = "'" if quote == '"' else '"'
        if text.count(quote) > text.count(other):
            quote = other  # whatever needs fewer escapes
        inside = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
        return f"{quote}{inside}{quote}"

    def text(self, node: ast.AST) -> str:
        return self.source[self.module.span(node)]

    def indent(self, node: ast.AST) -> str:
        """The blanks before the line on which a statement or an expression begins."""
        return self.indent_at(self.module.span(node).start)

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

    def indent_at(self, place: int) -> str:
        """The blanks before the line of a place."""
        line = self.source.span_of(self.source.lines(Span(place, place)))
        found = re.match(r"[ \t]*", self.source[line])
        return found[0] if found else ""

    def around(self, node: ast.AST) -> tuple[str, str]:
        """What stands on the lines of a statement before it and behind it."""
        return self._around(self.module.span(node))

    def behind(self, node: ast.AST) -> str:
        """What stands behind an expression on its last line."""
        return self._around(self.module.span(node))[1]

    def _around(self, span: Span) -> tuple[str, str]:
        """What stands on the lines of `span` before it and behind it."""
        line = self.source.span_of(self.source.lines(span))
        before = self.source[Span(line.start, span.start)]
        return before, self.source[Span(span.end, line.end)].rstrip("\r\n")

    # Statements

    def below(self, node: ast.stmt, lines: Sequence[str]) -> Edit:
        """Lines below a statement, as far in as it is."""
        span, text = self.module.span(node), self.source.text
        indent, end = self.indent(node), self.source.newline
        whole = self.source.span_of(self.source.lines(span))
        written = [f"{indent}{line}" if line else "" for line in lines]
        if text[whole.start : whole.end].endswith("\n"):
            return Edit(Span(whole.end, whole.end), "".join(f"{line}{end}" for line in written))
        return Edit(Span(whole.end, whole.end), "".join(f"{end}{line}" for line in written))

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


@lru_cache(maxsize=8)
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

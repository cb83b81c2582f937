"""A Python module's text becomes a tree whose nodes have exact places in it."""

from __future__ import annotations

import ast
import re
import warnings
from functools import cached_property, lru_cache

from bot.model.source import BYTE_ORDER_MARK, Source, Span

_LINE_END = re.compile(r"\r\n|\r|\n")  # as the tokenizer's translate_newlines() takes them
_CODING = re.compile(
    r"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))?[ \t\f]*#[^\r\n]*?coding[:=][ \t]*(?P<name>[-\w.]+)"
)
"""In the first or the second line (PEP 263)."""
_LONGEST = 2_000_000
"""As many characters as a module may have; a parse tree takes some hundred bytes for each."""


class Unparsable(Exception):
    """What is wrong with a module, and the character where it is."""

    def __init__(self, reason: str, offset: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.offset = reason, offset


class Module:
    """A parsed module; raises Unparsable."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._mark = len(BYTE_ORDER_MARK) if source.text.startswith(BYTE_ORDER_MARK) else 0
        self.tree = self._parsed(source.text[self._mark :])

    def _parsed(self, text: str) -> ast.Module:
        coding = _CODING.match(text)
        if coding and coding["name"].lower().replace("_", "-") not in ("utf-8", "utf8", "ascii"):
            raise Unparsable(f"the module is in another encoding than UTF-8: {coding['name']}")
        if len(text) > _LONGEST:
            raise Unparsable(f"the module is longer than {_LONGEST:,} characters")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(text)
        except SyntaxError as error:
            place = self.offset(error.lineno or 1, 0)
            raise Unparsable(f"this is no Python that can be read: {error.msg}", place) from None
        except (ValueError, RecursionError, MemoryError) as error:
            kind = "a NUL character" if isinstance(error, ValueError) else "too deep a nesting"
            raise Unparsable(f"the module has {kind}") from None

    @cached_property
    def _starts(self) -> list[int]:
        text = self.source.text
        return [self._mark, *(end.end() for end in _LINE_END.finditer(text, self._mark))]

    def offset(self, line: int, column: int) -> int:
        """The character at a line, from 1, and a column in bytes of UTF-8, from 0."""
        starts, text = self._starts, self.source.text
        start = starts[min(line, len(starts)) - 1]
        if column == 0 or text[start : start + column].isascii():
            return min(start + column, len(text))
        end = starts[line] if line < len(starts) else len(text)
        return start + len(text[start:end].encode("utf-8", "surrogatepass")[:column].decode())

    def span(self, node: ast.AST) -> Span:
        """Where an expression or statement stands."""
        if not isinstance(node, ast.expr | ast.stmt | ast.keyword | ast.arg):
            return Span(0, 0)
        end = self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return Span(self.offset(node.lineno, node.col_offset), end)


@lru_cache(maxsize=8)
def module(source: Source) -> Module:
    """`source` parsed, once for all who ask; raises Unparsable."""
    return Module(source)

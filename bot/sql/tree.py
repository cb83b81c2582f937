"""The fence around pglast's trees: it types every attribute as optional, we know which are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pglast import ast as _ast
from pglast import enums
from pglast.parser import ParseError, parse_sql

__all__ = ["ParseError", "Tree", "ast", "enums", "parsed"]

ast: Any = _ast
Tree = Any
"""A node of `ast`."""


def parsed(text: str) -> Sequence[Tree]:
    """The raw statements of `text`. Raises ParseError."""
    return parse_sql(text)

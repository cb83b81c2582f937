"""Where calls stand among the statements of a module."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import lru_cache

from bot.python.parsing import Module


@dataclass(frozen=True, slots=True)
class Bodies:
    """The statement that each call is, and the block in which that stands, by the call's id."""

    statements: dict[int, tuple[ast.Expr, list[ast.stmt]]] = field(default_factory=dict)

    def of(self, call: ast.Call) -> ast.Expr | None:
        """The statement that is nothing but this call."""
        found = self.statements.get(id(call))
        return found[0] if found else None

    def beside(self, call: ast.Call) -> list[ast.stmt]:
        """The statements of its block, itself among them."""
        found = self.statements.get(id(call))
        return found[1] if found else []


@lru_cache(maxsize=8)
def bodies(module: Module) -> Bodies:
    """The calls of `module` that are statements."""
    found = Bodies()
    for node in ast.walk(module.tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            for one in block if isinstance(block, list) else ():
                if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call):
                    found.statements[id(one.value)] = (one, block)  # type: ignore[assignment]
    return found

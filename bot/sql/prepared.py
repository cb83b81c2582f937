"""EXECUTE runs what PREPARE has put down before, in the same session."""

from __future__ import annotations

from bot.sql.tree import Tree, ast, enums

UNKNOWN = "what EXECUTE runs here is prepared elsewhere, and cannot be read"


class Prepared:
    """The prepared statements of one file; transactions do not take them back."""

    def __init__(self) -> None:
        self._queries: dict[str, Tree] = {}

    def run(self, node: Tree) -> Tree | None:
        """What a statement comes to, with EXECUTE as what it runs; None where nobody can tell."""
        match node:
            case ast.PrepareStmt(name=name, query=query):
                self._queries[name] = query
            case ast.DeallocateStmt(name=name):
                self._forget(name)
            case ast.DiscardStmt(target=enums.DiscardMode.DISCARD_ALL):
                self._forget(None)
            case ast.ExecuteStmt(name=name):
                return self._queries.get(name)
            case ast.ExplainStmt(query=ast.ExecuteStmt(name=name), options=options):
                query = self._queries.get(name)
                return ast.ExplainStmt(query=query, options=options) if query else None
            case ast.CreateTableAsStmt(query=ast.ExecuteStmt(name=name), into=into):
                query = self._queries.get(name)
                return _filled_by(query, node, into) if query else None
        return node

    def _forget(self, name: str | None) -> None:
        """DEALLOCATE ALL names none."""
        if name is None:
            self._queries.clear()
        else:
            self._queries.pop(name, None)


def _filled_by(query: Tree, node: Tree, into: Tree) -> Tree:
    return ast.CreateTableAsStmt(
        query=query, into=into, objtype=node.objtype, if_not_exists=node.if_not_exists
    )

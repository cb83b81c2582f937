"""Whether a body is PL/pgSQL says libpg_query's parser, which tells no places."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pglast.parser import ParseError, parse_plpgsql_json

from bot.sql.blocks.pieces import Kind, Piece

_MOST = 20_000
"""More pieces than these are not counted: libpg_query looks up each variable among all others."""
_NOT_IMPLEMENTED = ("Not implemented", "pseudo-type", "does not exist")
"""What libpg_query's parser says of types that it cannot look up."""
_NAMES = {
    Kind.SQL: (
        "PLpgSQL_stmt_execsql",
        "PLpgSQL_stmt_call",
        "PLpgSQL_stmt_fors",
    ),
    Kind.PERFORM: ("PLpgSQL_stmt_perform",),
    Kind.EXECUTE: ("PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors"),
    Kind.COMMIT: ("PLpgSQL_stmt_commit",),
    Kind.ROLLBACK: ("PLpgSQL_stmt_rollback",),
}


def complaint(text: str, found: Sequence[Piece]) -> str | None:
    """What is wrong with `text`, or that it has other statements than those `found`."""
    if len(found) > _MOST:
        return None
    longest = max((len(run) for run in re.findall("q+", text)), default=0)
    tag = f"${'q' * (longest + 1)}$"
    try:
        parsed = json.loads(parse_plpgsql_json(f"DO {tag}{text}{tag}"))
    except ParseError as error:
        reason = str(error.args[0])
        return None if any(words in reason for words in _NOT_IMPLEMENTED) else reason
    counted = Counter(_statements(parsed))
    seen = Counter(piece.kind for piece in found)
    alike = all(
        seen[kind] == sum(map(counted.__getitem__, names)) for kind, names in _NAMES.items()
    )
    return None if alike else "the statements of the block cannot be told apart"


def _statements(tree: object) -> Iterator[str]:
    left = [tree]
    while left:
        match left.pop():
            case dict() as node:
                yield from node
                left += node.values()
            case list() as several:
                left += several

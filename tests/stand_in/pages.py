"""A connection answers a page at a time, and refuses what GitHub refuses of one."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from graphql import GraphQLError

Json = dict[str, Any]
Item = TypeVar("Item")


def failed(kind: str, message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"type": kind})


def connection(
    name: str, items: Sequence[Item], told: Callable[[Item], Json]
) -> Callable[..., Json]:
    """A page of at most a hundred; without `first` or `last` an error."""

    def resolved(
        _info: object,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        **_: object,
    ) -> Json:
        _check_size(name, first, last)
        start = _position(after) if after else 0
        stop = _position(before) - 1 if before else len(items)
        if first is not None:
            stop = min(stop, start + first)
        elif last is not None:
            start = max(start, stop - last)
        edges = [
            {"cursor": _cursor(number + 1), "node": told(items[number])}
            for number in range(start, stop)
        ]
        page = {
            "hasNextPage": stop < len(items),
            "hasPreviousPage": start > 0,
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        }
        nodes = [edge["node"] for edge in edges]
        return {"nodes": nodes, "edges": edges, "pageInfo": page, "totalCount": len(items)}

    return resolved


def _check_size(name: str, first: int | None, last: int | None) -> None:
    if first is None and last is None:
        must = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        raise failed("MISSING_PAGINATION_BOUNDARIES", must)
    for bound, size in (("first", first), ("last", last)):
        if size is not None and size > 100:
            exceeds = f"exceeds the `{bound}` limit of 100 records."
            raise failed(
                "EXCESSIVE_PAGINATION",
                f"Requesting {size} records on the `{name}` connection {exceeds}",
            )


def _cursor(number: int) -> str:
    return base64.b64encode(b"cursor:v2:%d" % number).decode()


def _position(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("cursor:v2:"))
    except ValueError:
        raise failed(
            "INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor."
        ) from None

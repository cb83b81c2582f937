"""One GraphQL request reads any number of texts and folders and all that the bot once posted.

Everything that a pull request brings, paths above all, travels in variables, never in the query.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.model.pull_request import Place, PullRequest, Wanted

_BLOB = "... on Blob { oid text isBinary isTruncated byteSize }"
_AUTHORED = "body author { __typename login }"


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    variables: dict[str, object]


def read(pull: PullRequest, wanted: Wanted, threads: str | None, reviews: str | None) -> Query:
    """`threads` and `reviews` are the cursors of pages, "" for the first and None for no page."""
    parts, types = list[str](), list[str]()
    variables: dict[str, object] = {}
    for alias, kind, argument, value, fields in _objects(wanted):
        types.append(f"${alias}: {kind}")
        variables[alias] = value
        parts.append(f"{alias}: object({argument}: ${alias}) {{ {fields} }}")
    pages = list[str]()
    for name, cursor, node in (
        ("reviewThreads", threads, f"comments(first: 1) {{ nodes {{ {_AUTHORED} }} }}"),
        ("reviews", reviews, _AUTHORED),
    ):
        if cursor is not None:
            types.append(f"${name}: String")
            variables[name] = cursor or None
            pages.append(
                f"{name}(first: 100, after: ${name})"
                f" {{ nodes {{ {node} }} pageInfo {{ hasNextPage endCursor }} }}"
            )
    owner, _, name = pull.repository.partition("/")
    variables |= {"owner": owner, "name": name, "number": pull.number}
    own = ["$owner: String!", "$name: String!", "$number: Int!"]
    return Query(
        f"query({', '.join((*own, *types))}) {{ viewer {{ login }}"
        f" repository(owner: $owner, name: $name) {{ {' '.join(parts)}"
        f" pullRequest(number: $number) {{ headRefOid {' '.join(pages)} }} }} }}",
        variables,
    )


def _objects(wanted: Wanted) -> Iterator[tuple[str, str, str, str, str]]:
    """Alias, variable type, argument, value and fields of each thing to read."""
    for number, blob in enumerate(wanted.blobs):
        yield f"blob{number}", "GitObjectID!", "oid", blob, _BLOB
    for number, place in enumerate(wanted.files):
        yield f"file{number}", "String!", "expression", _expression(place), _BLOB
    for number, place in enumerate(wanted.folders):
        yield (
            f"folder{number}",
            "String!",
            "expression",
            _expression(place),
            "... on Tree { entries { name } }",
        )


def _expression(place: Place) -> str:
    return f"{place.commit}:{place.path}"

"""One GraphQL request reads any number of texts and folders and all that the bot once posted.

Everything that a pull request brings, paths above all, travels in variables, never in the query.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.model.pull_request import Place, PullRequest, Wanted

_BLOB = "... on Blob { oid text byteSize }"
_TREE = "... on Tree { entries { name mode } }"
_AUTHORED = "body author { __typename login }"


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    variables: dict[str, object]


def read(pull: PullRequest, wanted: Wanted, threads: str | None, reviews: str | None) -> Query:
    """`threads` and `reviews` are the cursors of pages, "" for the first and None for no page."""
    parts, types = list[str](), list[str]()
    variables: dict[str, object] = {}
    for alias, thing in aliases(wanted):
        kind, argument, value, fields = _object(alias, thing)
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
    of = "repository(owner: $owner, name: $name)"
    objects = f"objects: {of} {{ {' '.join(parts)} }}" if parts else ""
    return Query(
        f"query({', '.join((*own, *types))}) {{ viewer {{ login }} {of}"
        f" {{ pullRequest(number: $number) {{ headRefOid {' '.join(pages)} }} }} {objects} }}",
        variables,
    )


def aliases(wanted: Wanted) -> Iterator[tuple[str, str | Place]]:
    """What each thing to read is called in the query and in the answer."""
    for number, blob in enumerate(wanted.blobs):
        yield f"blob{number}", blob
    for number, place in enumerate(wanted.files):
        yield f"file{number}", place
    for number, place in enumerate(wanted.folders):
        yield f"folder{number}", place


def _object(alias: str, thing: str | Place) -> tuple[str, str, str, str]:
    """Variable type, argument, value and fields of one thing to read."""
    if isinstance(thing, str):
        return "GitObjectID!", "oid", thing, _BLOB
    fields = _TREE if alias.startswith("folder") else _BLOB
    return "String!", "expression", f"{thing.commit}:{thing.path}", fields

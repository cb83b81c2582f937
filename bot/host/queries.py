"""One GraphQL request reads any number of texts and folders and all that the bot once posted.

Everything that a pull request brings, paths above all, travels in variables, never in the query.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.model.pull_request import Change, Place, PullRequest, Revision, Wanted

_BLOB = "... on Blob { oid text byteSize }"
_TREE = "... on Tree { entries { name mode oid } }"
_HEAD = "headRefOid baseRefName"
_AUTHORED = "id body author { __typename login }"
_THREAD = (
    "path line startLine isResolved isOutdated"
    f" comments(first: 1) {{ totalCount nodes {{ {_AUTHORED} isMinimized }} }}"
)


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    variables: dict[str, object]


def read(change: Change, wanted: Wanted, threads: str | None, reviews: str | None) -> Query:
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
        ("reviewThreads", threads, _THREAD),
        ("reviews", reviews, _AUTHORED),
    ):
        if cursor is not None:
            types.append(f"${name}: String")
            variables[name] = cursor or None
            pages.append(_page(name, f", after: ${name}", node))
    owner, _, name = change.repository.partition("/")
    variables |= {"owner": owner, "name": name}
    own = ["$owner: String!", "$name: String!"]
    of = "repository(owner: $owner, name: $name)"
    objects = f"objects: {of} {{ {' '.join(parts)} }}" if parts else ""
    pull = ""
    if isinstance(change, PullRequest):
        variables["number"] = change.number
        own.append("$number: Int!")
        pull = f"{of} {{ pullRequest(number: $number) {{ {_HEAD} {' '.join(pages)} }} }}"
    types = [*own, *types]
    return Query(f"query({', '.join(types)}) {{ viewer {{ login }} {pull} {objects} }}", variables)


def _page(name: str, after: str, node: str) -> str:
    fields = f"nodes {{ {node} }} pageInfo {{ hasNextPage endCursor }}"
    return f"{name}(first: 100{after}) {{ {fields} }}"


def revise(revision: Revision) -> Query:
    """All changes in one request; the last one tells how the pull request stands afterwards."""
    several = list(_mutations(revision))
    types, parts = list[str](), list[str]()
    variables: dict[str, object] = {}
    for number, (mutation, value) in enumerate(several):
        name = f"change{number}"
        kind = f"{mutation[0].upper()}{mutation[1:]}Input!"
        types.append(f"${name}: {kind}")
        variables[name] = value
        fields = _afterwards(mutation) if number + 1 == len(several) else "clientMutationId"
        parts.append(f"{name}: {mutation}(input: ${name}) {{ {fields} }}")
    return Query(f"mutation({', '.join(types)}) {{ {' '.join(parts)} }}", variables)


def _afterwards(mutation: str) -> str:
    on_comment = mutation == "updatePullRequestReviewComment"
    of = "pullRequestReviewComment" if on_comment else "pullRequestReview"
    pages = _page("reviewThreads", "", _THREAD), _page("reviews", "", _AUTHORED)
    return f"{of} {{ pullRequest {{ {_HEAD} {' '.join(pages)} }} }}"


def _mutations(revision: Revision) -> Iterator[tuple[str, dict[str, str]]]:
    for edit in revision.comments:
        value = {"pullRequestReviewCommentId": edit.id, "body": edit.body}
        yield "updatePullRequestReviewComment", value
    for edit in revision.reviews:
        value = {"pullRequestReviewId": edit.id, "body": edit.body}
        yield "updatePullRequestReview", value
    for deleted in revision.deletions:
        yield "deletePullRequestReviewComment", {"id": deleted}


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

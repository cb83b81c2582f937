"""A GraphQL query is validated and executed against a slice of GitHub's public schema."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from . import changing
from .exchange import Answer, Refused, Request, Token
from .nodes import Nodes
from .openapi import HERE
from .pages import failed
from .records import number_of
from .rules import BODY_LIMIT

if TYPE_CHECKING:
    from .service import GitHub

Json = dict[str, Any]


@cache
def schema() -> GraphQLSchema:
    return build_schema((HERE / "github.graphql").read_text())


def answer(github: GitHub, token: Token, request: Request) -> Answer:
    if request.method != "POST":
        raise Refused(404, "Not Found")
    try:
        given = request.body or {}
    except ValueError:
        raise Refused(400, "Problems parsing JSON") from None
    if not isinstance(given, dict) or not isinstance(given.get("query"), str):
        github.violate("POST /graphql", "no query")
        return Answer(
            200,
            {"errors": [{"message": "A query attribute must be specified and must be a string."}]},
        )
    for name in given.keys() - {"query", "variables", "operationName"}:
        github.violate("POST /graphql", f"{name} is not described")
    return Answer(200, _executed(github, token, given))


@lru_cache(maxsize=1000)
def _read(query: str) -> tuple[DocumentNode, list[GraphQLError]]:
    try:
        document = parse(query)
    except GraphQLSyntaxError as error:
        return DocumentNode(), [error]
    return document, validate(schema(), document)


def _executed(github: GitHub, token: Token, given: Json) -> Json:
    document, errors = _read(given["query"])
    if errors:
        return _invalid(github, errors)
    done = execute_sync(
        schema(),
        document,
        root_value=_root(github, token),
        variable_values=given.get("variables") or {},
        operation_name=given.get("operationName"),
    )
    if done.data is None and done.errors and not any(_kind(error) for error in done.errors):
        return _invalid(github, done.errors)
    for error in done.errors or ():
        if not _kind(error):
            github.violate("POST /graphql", f"the answer: {error}")
    told: Json = {"data": done.data}
    return told | {"errors": [_error(error) for error in done.errors]} if done.errors else told


def _invalid(github: GitHub, errors: Any) -> Json:
    for error in errors:
        github.violate("POST /graphql", error.message)
    return {"errors": [_error(error) for error in errors]}


def _kind(error: GraphQLError) -> str | None:
    kind: str | None = (error.extensions or {}).get("type")
    return kind


def _error(error: GraphQLError) -> Json:
    """GitHub puts the type beside the message, and calls an unknown field by its own code."""
    places = [{"line": one.line, "column": one.column} for one in error.locations or ()]
    told: Json = {"message": error.message, "locations": places}
    if error.path:
        told["path"] = list(error.path)
    if kind := _kind(error):
        told["type"] = kind
    if unknown := re.match(r"Cannot query field '(\w+)' on type '(\w+)'", error.message):
        field, owner = unknown.groups()
        told["message"] = f"Field '{field}' doesn't exist on type '{owner}'"
        told["extensions"] = {"code": "undefinedField", "typeName": owner, "fieldName": field}
    return told


def _root(github: GitHub, token: Token) -> Json:
    nodes = Nodes(github, token)
    return {
        "id": "RO_root",
        "viewer": nodes.viewer(),
        "rateLimit": lambda _info, **_: nodes.rate_limit(),
        "repository": lambda _info, owner, name, **_: _repository(nodes, owner, name),
        "node": lambda _info, id: _node(nodes, id),
        "nodes": lambda _info, ids: [_node(nodes, one) for one in ids],
    } | {name: _mutation(nodes, change) for name, change in MUTATIONS.items()}


def _repository(nodes: Nodes, owner: str, name: str) -> Json:
    full_name = f"{owner}/{name}"
    for one in nodes.github.repositories.values():
        if one.full_name.lower() == full_name.lower():
            return nodes.repository(one)
    raise failed("NOT_FOUND", f"Could not resolve to a Repository with the name '{full_name}'.")


def _node(nodes: Nodes, id: str) -> Json:
    number = number_of(id)
    pulls = [pull for repository in nodes.github.repositories.values() for pull in repository.pulls]
    kinds: dict[str, Callable[[], Json | None]] = {
        "PRRC": lambda: next(
            (nodes.comment(one) for of in pulls for one in of.comments if one.id == number), None
        ),
        "PRR": lambda: next(
            (nodes.review(one) for of in pulls for one in of.reviews if one.id == number), None
        ),
        "PRRT": lambda: next(
            (nodes.thread(one) for of in pulls for one in of.threads if one.id == number), None
        ),
        "PR": lambda: next((nodes.pull(one) for one in pulls if one.id == number), None),
    }
    found = kinds.get(id.partition("_")[0], lambda: None)()
    if found is None:
        raise failed("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'.")
    return found


def _found(nodes: Nodes, id: str, kind: str) -> Any:
    found = _node(nodes, id)
    if found["__typename"] != kind:
        raise failed("NOT_FOUND", f"Could not resolve to {kind} node with the global id of '{id}'.")
    return found["record"]


def _mutation(nodes: Nodes, change: Callable[[Nodes, Json], Json]) -> Callable[..., Json]:
    def resolved(_info: object, input: Json) -> Json:
        return change(nodes, input) | {"clientMutationId": input.get("clientMutationId")}

    return resolved


def _body(given: Json) -> str:
    body: str = given["body"]
    if not body.strip():
        raise failed("UNPROCESSABLE", "Body can't be blank")
    if len(body) > BODY_LIMIT:
        raise failed("UNPROCESSABLE", f"Body is too long (maximum is {BODY_LIMIT} characters)")
    return body


def update_comment(nodes: Nodes, given: Json) -> Json:
    nodes.require("pull_requests:write")
    comment = _found(nodes, given["pullRequestReviewCommentId"], "PullRequestReviewComment")
    comment.edit(_body(given), nodes.token.user, nodes.github.clock.now())
    return {"pullRequestReviewComment": nodes.comment(comment)}


def delete_comment(nodes: Nodes, given: Json) -> Json:
    nodes.require("pull_requests:write")
    comment = _found(nodes, given["id"], "PullRequestReviewComment")
    told = {
        "pullRequestReview": nodes.review(comment.review),
        "pullRequestReviewComment": nodes.comment(comment),
    }
    comment.thread.pull.delete(comment)
    return told


def update_review(nodes: Nodes, given: Json) -> Json:
    nodes.require("pull_requests:write")
    review = _found(nodes, given["pullRequestReviewId"], "PullRequestReview")
    review.edit(_body(given), nodes.token.user, nodes.github.clock.now())
    return {"pullRequestReview": nodes.review(review)}


def resolve_thread(nodes: Nodes, given: Json) -> Json:
    """Resolving takes `contents: write`, although it changes no content."""
    nodes.require("contents:write")
    thread = _found(nodes, given["threadId"], "PullRequestReviewThread")
    thread.resolved_by = nodes.token.user
    return {"thread": nodes.thread(thread)}


def unresolve_thread(nodes: Nodes, given: Json) -> Json:
    nodes.require("contents:write")
    thread = _found(nodes, given["threadId"], "PullRequestReviewThread")
    thread.resolved_by = None
    return {"thread": nodes.thread(thread)}


MUTATIONS: dict[str, Callable[[Nodes, Json], Json]] = {
    "updatePullRequestReviewComment": update_comment,
    "deletePullRequestReviewComment": delete_comment,
    "updatePullRequestReview": update_review,
    "resolveReviewThread": resolve_thread,
    "unresolveReviewThread": unresolve_thread,
    **changing.MUTATIONS,
}

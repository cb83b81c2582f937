"""What a person does to a repository through GraphQL: branches, commits, pull requests."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from .git import GitError
from .nodes import Nodes
from .pages import failed
from .repository import Repository

Json = dict[str, Any]
HEADS = "refs/heads/"


def _named(nodes: Nodes, full_name: str) -> Repository:
    found = nodes.github.repositories.get(full_name)
    if found is None:
        raise failed("NOT_FOUND", f"Could not resolve to a Repository with the name '{full_name}'.")
    return found


def _repository(nodes: Nodes, id: str) -> Repository:
    for one in nodes.github.repositories.values():
        if nodes.repository(one)["id"] == id:
            return one
    raise failed("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'.")


def create_ref(nodes: Nodes, given: Json) -> Json:
    nodes.require("contents:write")
    repository, name = _repository(nodes, given["repositoryId"]), given["name"]
    if not name.startswith(HEADS):
        raise failed("UNPROCESSABLE", f"{name} is not a fully qualified ref name")
    branch = name.removeprefix(HEADS)
    if repository.tip(branch):
        raise failed("UNPROCESSABLE", f'A ref named "{name}" already exists in the repository.')
    repository.branch(branch, given["oid"])
    return {"ref": nodes.ref(repository, branch)}


def delete_ref(nodes: Nodes, given: Json) -> Json:
    nodes.require("contents:write")
    branch = given["refId"].removeprefix("REF_")
    for repository in nodes.github.repositories.values():
        if repository.tip(branch):
            repository.delete_branch(branch)
            return {}
    raise failed("NOT_FOUND", f"Could not resolve to a node with the global id of '{branch}'.")


def create_commit(nodes: Nodes, given: Json) -> Json:
    nodes.require("contents:write")
    at, changes = given["branch"], given.get("fileChanges") or {}
    repository = _named(nodes, at["repositoryNameWithOwner"])
    branch = at["branchName"].removeprefix(HEADS)
    tip = repository.tip(branch)
    if tip != given["expectedHeadOid"]:
        said = f'Expected branch to point to "{tip}" but it did not. Pull and try again.'
        raise failed("STALE_DATA", said)
    added: dict[str, bytes | None] = {
        one["path"]: base64.b64decode(one["contents"]) for one in changes.get("additions") or ()
    }
    gone: dict[str, bytes | None] = {one["path"]: None for one in changes.get("deletions") or ()}
    headline = given["message"]["headline"]
    try:
        sha = repository.commit(branch, added | gone, headline, author=nodes.token.user.login)
    except GitError as error:
        raise failed("UNPROCESSABLE", str(error)) from None
    return {"commit": nodes.object(repository, sha)}


def create_pull_request(nodes: Nodes, given: Json) -> Json:
    nodes.require("pull_requests:write")
    repository = _repository(nodes, given["repositoryId"])
    try:
        pull = repository.open_pull(
            given["headRefName"],
            given["baseRefName"],
            given["title"],
            author=nodes.token.user.login,
            body=given.get("body"),
        )
    except ValueError as error:
        raise failed("UNPROCESSABLE", str(error)) from None
    return {"pullRequest": nodes.pull(pull)}


def close_pull_request(nodes: Nodes, given: Json) -> Json:
    nodes.require("pull_requests:write")
    for repository in nodes.github.repositories.values():
        for pull in repository.pulls:
            if nodes.pull(pull)["id"] == given["pullRequestId"]:
                pull.state = "closed"
                return {"pullRequest": nodes.pull(pull)}
    raise failed("NOT_FOUND", "Could not resolve to a PullRequest.")


MUTATIONS: dict[str, Callable[[Nodes, Json], Json]] = {
    "createRef": create_ref,
    "deleteRef": delete_ref,
    "createCommitOnBranch": create_commit,
    "createPullRequest": create_pull_request,
    "closePullRequest": close_pull_request,
}

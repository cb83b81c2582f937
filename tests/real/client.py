"""The few requests with which a person prepares a pull request and looks at what became of it."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

Json = dict[str, Any]
VERSION = "2022-11-28"
_OPENED = "repository(owner: $owner, name: $name)"


class Refused(Exception):
    """GitHub answered with an error, which the message repeats."""


@dataclass(frozen=True)
class Addresses:
    api: str = "https://api.github.com"
    graphql: str = "https://api.github.com/graphql"
    server: str = "https://github.com"


@dataclass(frozen=True)
class Branch:
    name: str
    ref: str


@dataclass(frozen=True)
class Client:
    """`repository` is "owner/name"; the token writes contents and pull requests there."""

    addresses: Addresses
    token: str
    repository: str

    def rest(self, method: str, path: str, body: Json | None = None) -> tuple[int, Any]:
        """The status and what was answered; refusals are for the caller to judge."""
        address = f"{self.addresses.api}/repos/{self.repository}{path}"
        answer = requests.request(
            method, address, json=body, headers=self._headers("full+json"), timeout=30
        )
        return answer.status_code, answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        status, told = self.rest("GET", path)
        if status != requests.codes.ok:
            raise Refused(f"GET {path}: {status} {told}")
        return told

    def query(self, text: str, **variables: object) -> Json:
        answer = requests.post(
            self.addresses.graphql,
            json={"query": text, "variables": variables},
            headers=self._headers("json"),
            timeout=30,
        )
        told = answer.json()
        if answer.status_code != requests.codes.ok or told.get("errors"):
            raise Refused(f"{answer.status_code}: {told.get('errors') or told}")
        data: Json = told["data"]
        return data

    def _headers(self, media: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "Accept": f"application/vnd.github.{media}",
            "X-GitHub-Api-Version": VERSION,
            "User-Agent": "pg-lockstep",
        }

    def opening(self) -> tuple[str, str, str]:
        """The repository's node, the tip of its default branch, and whose token this is."""
        owner, name = self.repository.split("/")
        query = (
            "query($owner: String!, $name: String!) { viewer { login }"
            f" {_OPENED} {{ id defaultBranchRef {{ target {{ oid }} }} }} }}"
        )
        told = self.query(query, owner=owner, name=name)
        at = told["repository"]
        if at["defaultBranchRef"] is None:
            raise Refused(f"{self.repository} has no commit yet")
        return at["id"], at["defaultBranchRef"]["target"]["oid"], told["viewer"]["login"]

    def names(self, expression: str) -> list[str]:
        """What lies in the folder that git finds by `expression`, nothing where it finds none."""
        owner, name = self.repository.split("/")
        query = (
            f"query($owner: String!, $name: String!, $expression: String!) {{ {_OPENED} {{"
            " object(expression: $expression) { ... on Tree { entries { name } } } } }"
        )
        told = self.query(query, owner=owner, name=name, expression=expression)
        return [one["name"] for one in (told["repository"]["object"] or {"entries": []})["entries"]]

    def _change(self, mutation: str, fields: str, **value: object) -> Json:
        kind = f"{mutation[0].upper()}{mutation[1:]}Input!"
        query = f"mutation($input: {kind}) {{ {mutation}(input: $input) {{ {fields} }} }}"
        told: Json = self.query(query, input=value)[mutation]
        return told

    def branch(self, repository: str, name: str, oid: str) -> Branch:
        told = self._change(
            "createRef", "ref { id }", repositoryId=repository, name=f"refs/heads/{name}", oid=oid
        )
        return Branch(name, told["ref"]["id"])

    def commit(self, branch: Branch, parent: str, files: Mapping[str, str]) -> str:
        """One commit on top of `parent`, which is the branch's tip."""
        coded = [
            {"path": path, "contents": base64.b64encode(text.encode()).decode()}
            for path, text in files.items()
        ]
        told = self._change(
            "createCommitOnBranch",
            "commit { oid }",
            branch={"repositoryNameWithOwner": self.repository, "branchName": branch.name},
            message={"headline": "A step of the exercise"},
            fileChanges={"additions": coded},
            expectedHeadOid=parent,
        )
        oid: str = told["commit"]["oid"]
        return oid

    def open(self, repository: str, head: Branch, base: Branch, title: str) -> tuple[int, str]:
        told = self._change(
            "createPullRequest",
            "pullRequest { number id }",
            repositoryId=repository,
            headRefName=head.name,
            baseRefName=base.name,
            title=title,
            body="Made by a script, and closed by it.",
        )["pullRequest"]
        return told["number"], told["id"]

    def close(self, pull: str) -> None:
        self._change("closePullRequest", "clientMutationId", pullRequestId=pull)

    def delete(self, branch: Branch) -> None:
        self._change("deleteRef", "clientMutationId", refId=branch.ref)

    def pull_at(self, number: int, oid: str, patience: float = 60) -> Json:
        """The pull request once it has taken notice of a push, as an event's payload has it."""
        end = time.monotonic() + patience
        while True:
            pull: Json = self.get(f"/pulls/{number}")
            if pull["head"]["sha"] == oid:
                return pull
            if time.monotonic() > end:
                raise Refused(f"#{number} does not notice that {oid} was pushed")
            time.sleep(1)

    def comments(self, number: int) -> list[Json]:
        several: list[Json] = self.get(f"/pulls/{number}/comments?per_page=100")
        return several

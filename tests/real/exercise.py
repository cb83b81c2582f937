"""A pull request is opened, reviewed, mended, reviewed again and closed, and every step is checked."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from markdown_it import MarkdownIt

from bot.action import run
from bot.discussion.marker import mark_in
from tests.real.client import Branch, Client, Json
from tests.real.probes import probes
from tests.sample import BASE, BRANCH
from tests.stand_in.suggestions import NotApplicable, suggestion_of

ANSWER = "An answer of a person."


@dataclass(frozen=True)
class Check:
    """`said` is what ought to hold; `seen` what is there where it does not."""

    said: str
    holds: bool
    seen: object = ""


@dataclass
class Exercise:
    """One run through everything, on branches of its own, named by `stamp`."""

    client: Client
    folder: Path
    stamp: str
    keep: bool = False
    _undo: list[Callable[[], None]] = field(default_factory=list)
    _files: dict[str, str] = field(default_factory=dict)
    _tip: str = ""
    _number: int = 0

    def checks(self) -> Iterator[Check]:
        try:
            yield from self._steps()
        finally:
            for undo in reversed([] if self.keep else self._undo):
                undo()

    def _steps(self) -> Iterator[Check]:
        head, login = self._opened()
        yield from self._first(login)
        if not any(map(_suggests, self.client.comments(self._number))):
            return  # there is nothing to go on with
        yield from self._again()
        yield from self._one_applied(head)
        yield from self._all_applied(head)
        yield from probes(self.client, self._number, self._tip, next(iter(BRANCH)))

    def _opened(self) -> tuple[Branch, str]:
        """Both branches are the exercise's own: nothing of the repository is touched."""
        node, tip, login = self.client.opening()
        base = self._branch(node, "base", tip)
        below = self.client.commit(base, tip, BASE)
        head = self._branch(node, "change", below)
        self._push(head, BRANCH, below)
        title = "Exercise of pg-lockstep"
        self._number, pull = self.client.open(node, head, base, title)
        self._undo.append(lambda: self.client.close(pull))
        return head, login

    def _branch(self, node: str, name: str, oid: str) -> Branch:
        branch = self.client.branch(node, f"lockstep-exercise/{self.stamp}/{name}", oid)
        self._undo.append(lambda: self.client.delete(branch))
        return branch

    def _push(self, head: Branch, files: Mapping[str, str], tip: str = "") -> None:
        self._tip = self.client.commit(head, tip or self._tip, files)
        self._files |= files

    def _first(self, login: str) -> Iterator[Check]:
        status, log = self._job("opened")
        comments = self.client.comments(self._number)
        yield Check("the check fails while there are errors", status == 1, log)
        yield Check("comments stand beside lines", len(comments) > 2, len(comments))
        authors = {one["user"]["login"] for one in comments}
        yield Check(f"the comments are by {login}, whose token it is", authors == {login}, authors)
        unmarked = [one["body"][-80:] for one in comments if not mark_in(one["body"]).identities]
        yield Check("hidden markers come back as they were sent", not unmarked, unmarked)
        yield Check("suggestions are among them", any(map(_suggests, comments)))

    def _again(self) -> Iterator[Check]:
        before = self.client.comments(self._number)
        reviews = self.client.get(f"/pulls/{self._number}/reviews")
        self._job("synchronize")
        after = self.client.comments(self._number)
        same = _state(before) == _state(after)
        yield Check("a second run changes no comment", same, _state(after))
        more = self.client.get(f"/pulls/{self._number}/reviews")
        yield Check("a second run posts no review", len(more) == len(reviews), len(more))

    def _one_applied(self, head: Branch) -> Iterator[Check]:
        before = self.client.comments(self._number)
        chosen = next(one for one in before if _suggests(one))
        self._push(head, self._applied([chosen]))
        self._job("synchronize")
        ids = {one["id"] for one in self.client.comments(self._number)}
        yield Check("what is fixed is deleted", chosen["id"] not in ids)
        others = {one["id"] for one in before} - {chosen["id"]}
        yield Check("what still holds stays", others <= ids, others - ids)

    def _all_applied(self, head: Branch) -> Iterator[Check]:
        left = self.client.comments(self._number)
        asked = {"commit_id": self._tip, "path": left[0]["path"], "in_reply_to": left[0]["id"]}
        answer = {"body": ANSWER, **asked}
        status, told = self.client.rest("POST", f"/pulls/{self._number}/comments", answer)
        yield Check("a person can answer", status == 201, told)
        self._push(head, self._applied(left) | _follow_ups(left))
        status, log = self._job("synchronize")
        yield Check("the check passes once everything is accepted", status == 0, log)
        after = self.client.comments(self._number)
        bodies = {one["id"]: one["body"] for one in after}
        kept = bodies.get(left[0]["id"], "")
        yield Check("what was answered says that it is fixed", kept.startswith("Fixed as of"), kept)
        yield Check("nothing else is left", len(after) == 2, len(after))

    def _job(self, action: str) -> tuple[int, str]:
        """The action's own code, as a job of a workflow runs it."""
        pull = self.client.pull_at(self._number, self._tip)
        event = {
            "action": action,
            "number": self._number,
            "pull_request": pull,
            "repository": pull["base"]["repo"],
        }
        file = self.folder / "event.json"
        file.write_text(json.dumps(event))
        addresses, log = self.client.addresses, io.StringIO()
        status = run(
            {
                "GITHUB_API_URL": addresses.api,
                "GITHUB_GRAPHQL_URL": addresses.graphql,
                "GITHUB_SERVER_URL": addresses.server,
                "GITHUB_EVENT_NAME": "pull_request",
                "GITHUB_EVENT_PATH": str(file),
                "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
                "GITHUB_OUTPUT": str(self.folder / "output"),
                "GITHUB_WORKSPACE": str(self.folder),
                "INPUT_TOKEN": self.client.token,
            },
            log,
        )
        return status, log.getvalue()

    def _applied(self, comments: Iterable[Json]) -> dict[str, str]:
        """The files with all suggestions made; no interface of GitHub's makes them."""
        files = dict[str, list[str]]()
        for one in sorted(filter(_suggests, comments), key=lambda one: -int(one["line"])):
            path, last = one["path"], one["line"]
            lines = files.setdefault(path, self._files[path].splitlines(keepends=True))
            text = suggestion_of(one["body"]).splitlines(keepends=True)
            lines[(one["start_line"] or last) - 1 : last] = text
        return {path: "".join(lines) for path, lines in files.items()}


def _suggests(comment: Json) -> bool:
    try:
        suggestion_of(comment["body"])
    except NotApplicable:
        return False
    return comment["line"] is not None


def _state(comments: Iterable[Json]) -> list[tuple[int, str]]:
    return sorted((one["id"], one["updated_at"]) for one in comments)


def _follow_ups(comments: Iterable[Json]) -> dict[str, str]:
    """What the links to GitHub's editor fill in."""
    files = dict[str, str]()
    for comment in comments:
        for token in MarkdownIt("commonmark").parse(comment["body"]):
            for child in token.children or ():
                address = urlsplit(str(child.attrs.get("href", "")))
                asked = parse_qs(address.query)
                if "/new/" in address.path and "filename" in asked:
                    files[asked["filename"][0]] = asked["value"][0]
    return files

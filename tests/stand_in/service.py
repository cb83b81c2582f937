"""A stand-in GitHub holds repositories and answers its API; it notes whatever breaks the contract."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from . import events
from .answers import answer, before
from .exchange import DOCUMENTATION, Answer, Fault, Limits, Request, Token, Violation
from .pull import Pull
from .records import ACTIONS, Clock, User
from .repository import Repository
from .server import Server

WORKFLOW = {"contents": "read", "pull_requests": "write"}


class GitHub:
    """Use as a context manager; leaving it raises AssertionError if the contract was broken."""

    def __init__(
        self, prefix: str = "", *, first_number: int = 1_900_000_000, strict: bool = True
    ) -> None:
        self.prefix = prefix.rstrip("/")
        self.strict = strict
        self.folder = Path(tempfile.mkdtemp(prefix="stand-in-"))
        self.clock = Clock(first_number)
        self.repositories: dict[str, Repository] = {}
        self.tokens: dict[str, Token] = {}
        self.requests: list[Request] = []
        self.violations: list[Violation] = []
        self.faults: list[Fault] = []
        self.limits = Limits()
        self.used = 0
        self.reset = 4_102_444_800
        self._server = Server(
            lambda request: answer(self, request), lambda request: before(self, request)
        )

    def __enter__(self) -> GitHub:
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stop()
        for repository in self.repositories.values():
            repository.git.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        told = "\n".join(str(one) for one in self.violations)
        if told and error is not None:
            error.add_note(told)
        elif told and self.strict:
            raise AssertionError(told)

    @property
    def server_url(self) -> str:
        return self._server.address

    @property
    def api_url(self) -> str:
        return self.server_url + self.prefix

    @property
    def graphql_url(self) -> str:
        return f"{self.server_url}{self.prefix.removesuffix('/v3')}/graphql"

    @property
    def graphql_path(self) -> str:
        """The path of GraphQL requests, below the prefix where it lies there."""
        return f"{self.prefix.removesuffix('/v3')}/graphql".removeprefix(self.prefix)

    def repository(self, full_name: str) -> Repository:
        """The repository of that name, made empty when there is none."""
        return self.repositories.get(full_name) or self._add(full_name, None)

    def _add(self, full_name: str, parent: Repository | None) -> Repository:
        repository = Repository(self, full_name, self.folder / f"{full_name}.git", parent)
        self.repositories[full_name] = repository
        return repository

    def token(self, permissions: Mapping[str, str] = WORKFLOW, login: str = ACTIONS) -> str:
        """A new token; what its permissions lack is 403. Names may be written as in a workflow, with hyphens."""
        granted = {name.replace("-", "_"): level for name, level in permissions.items()}
        value = f"stand-in-{len(self.tokens) + 1}"
        self.tokens[value] = Token(User(login), {"metadata": "read"} | granted)
        return value

    def violate(self, request: str, fault: str) -> None:
        if (violation := Violation(request, fault)) not in self.violations:
            self.violations.append(violation)

    def forget(self) -> None:
        """Empties the log, the violations and the faults; what the repositories hold stays."""
        for kept in (self.requests, self.violations, self.faults):
            kept.clear()

    def fail_next(
        self,
        pattern: str,
        status: int = 502,
        times: int = 1,
        *,
        after_doing_it: bool = False,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        hang_up: bool = False,
    ) -> None:
        """Answers the next requests whose "METHOD /path" matches with an error, done or not done."""
        told = (
            {"message": "Server Error", "documentation_url": DOCUMENTATION}
            if body is None
            else body
        )
        content = told.encode() if isinstance(told, str) else None
        given = Answer(status, None if content else told, headers or {}, content, hang_up)
        self.faults.append(Fault(pattern, times, given, after_doing_it))

    def before_next(self, pattern: str, do: Callable[[], object]) -> None:
        """Does something just before the next matching request, such as pushing to the branch."""
        self.faults.append(Fault(pattern, 1, do=do))

    def event_file(
        self, pull: Pull, action: str = "opened", event: str = "pull_request", **more: Any
    ) -> Path:
        """The webhook's payload, as Actions leaves it at GITHUB_EVENT_PATH."""
        path = self.folder / f"event-{self.clock.tick()}.json"
        path.write_text(json.dumps(events.payload(pull, action, event) | more))
        return path

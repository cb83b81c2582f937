"""A request comes in, an answer goes out, and whatever breaks the contract is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .records import User

DOCUMENTATION = "https://docs.github.com/rest"


@dataclass
class Request:
    """One request as the client sent it; `status` is what it was answered, `fault` why."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    raw: bytes
    status: int = 0
    fault: Fault | None = None

    @classmethod
    def read(cls, method: str, target: str, headers: Mapping[str, str], raw: bytes) -> Request:
        parts = urlsplit(target)
        named = {name.lower(): value for name, value in headers.items()}
        return cls(
            method, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), named, raw
        )

    @property
    def body(self) -> Any:
        """The parsed body, None without one; ValueError when it is no JSON."""
        return json.loads(self.raw) if self.raw else None

    @property
    def accept(self) -> str:
        return self.headers.get("accept", "")

    def number(self, name: str, default: int) -> int:
        given = self.query.get(name, "")
        return int(given) if given.isdigit() and int(given) else default


@dataclass(frozen=True)
class Answer:
    """`content` instead of `body` is sent as it is; `hang_up` sends nothing at all."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    hang_up: bool = False

    def as_bytes(self) -> bytes:
        if self.content is not None:
            return self.content
        return (
            b""
            if self.body is None
            else json.dumps(self.body, ensure_ascii=False).encode("utf-8", "replace")
        )


class Refused(Exception):
    """Ends a request with an error of GitHub's form."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: list[Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        told = {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)}
        self.answer = Answer(
            status, told if errors is None else told | {"errors": errors}, headers or {}
        )


@dataclass(frozen=True)
class Violation:
    """What a client sent, or the stand-in answered, against GitHub's published description."""

    request: str
    fault: str

    def __str__(self) -> str:
        return f"{self.request}: {self.fault}"


@dataclass(frozen=True)
class Token:
    user: User
    permissions: Mapping[str, str]

    def may(self, permission: str) -> bool:
        area, _, wanted = permission.partition(":")
        held = self.permissions.get(area, "none")
        return held in ("write", "admin") or held == wanted

    def require(self, permission: str) -> None:
        """One of those named: "issues:read or pull_requests:read"."""
        if not any(self.may(one) for one in permission.split(" or ")):
            raise Refused(403, "Resource not accessible by integration")


@dataclass
class Fault:
    """What happens instead of, or around, the next matching requests."""

    pattern: str
    times: int
    answer: Answer | None = None
    after_doing_it: bool = False
    do: Callable[[], object] | None = None


@dataclass
class Limits:
    """GitHub's ceilings, low enough to test when a test lowers them.

    `refused_lines` are paths and lines that it refuses for a reason of its own.
    """

    patch_bytes: int = 400_000
    files: int = 3_000
    tree_entries: int = 100_000
    blob_text: int = 512_000
    contents: int = 1_000_000
    blob: int = 100_000_000
    review_comments: int | None = None
    refused_lines: frozenset[tuple[str, int]] = frozenset()
    requests: int = 1_000

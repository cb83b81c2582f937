"""A route is a method and a template of the description, and the function that answers it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from .exchange import Answer, Refused, Request, Token
from .pull import Pull
from .records import Comment, IssueComment, Review
from .repository import Repository

if TYPE_CHECKING:
    from .service import GitHub

Item = TypeVar("Item")


@dataclass(frozen=True)
class Call:
    """One request that has passed the contract, and what its path names."""

    github: GitHub
    token: Token
    request: Request
    values: dict[str, str]
    body: Any

    @property
    def repository(self) -> Repository:
        name = f"{self.values['owner']}/{self.values['repo']}".lower()
        for one in self.github.repositories.values():
            if one.full_name.lower() == name:
                return one
        raise Refused(404, "Not Found")

    @property
    def pull(self) -> Pull:
        number = int(self.values.get("pull_number") or self.values["issue_number"])
        return self._first(one for one in self.repository.pulls if one.number == number)

    @property
    def review(self) -> Review:
        number = int(self.values["review_id"])
        return self._first(one for one in self.pull.reviews if one.id == number and self.shows(one))

    @property
    def comment(self) -> Comment:
        number = int(self.values["comment_id"])
        return self._first(
            one for pull in self.repository.pulls for one in pull.comments if one.id == number
        )

    @property
    def issue_comment(self) -> IssueComment:
        number = int(self.values["comment_id"])
        return self._first(
            one for pull in self.repository.pulls for one in pull.issue_comments if one.id == number
        )

    def shows(self, review: Review) -> bool:
        """A pending review is seen by its author only."""
        return review.state != "PENDING" or review.author == self.token.user

    def _first(self, found: Iterable[Item]) -> Item:
        for one in found:
            return one
        raise Refused(404, "Not Found")

    def page(self, items: Sequence[Item], told: Callable[[Item], object]) -> Answer:
        """One page, with GitHub's Link header to the others."""
        size = min(self.request.number("per_page", 30), 100)
        number = self.request.number("page", 1)
        last = math.ceil(len(items) / size)
        shown = [told(one) for one in items[(number - 1) * size : number * size]]
        targets = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
        kept = {
            name: page
            for name, page in targets.items()
            if 1 <= page <= last and (page > number if name in ("next", "last") else page < number)
        }
        links = ", ".join(f'<{self._address(page)}>; rel="{name}"' for name, page in kept.items())
        return Answer(200, shown, {"Link": links} if links else {})

    def _address(self, page: int) -> str:
        rest = self.request.path.split("/", 4)[4] if self.request.path.startswith("/repos/") else ""
        rest = rest or self.request.path.split("/", 3)[3]
        query = urlencode(self.request.query | {"page": str(page)})
        return f"{self.github.api_url}/repositories/{self.repository.id}/{rest}?{query}"


Answering = Callable[[Call], Answer]
ROUTES: dict[str, Answering] = {}


def answers(key: str, permission: str | None = None) -> Callable[[Answering], Answering]:
    """Registers the answer of one route; without the permission it is 403, without the repository 404."""

    def register(function: Answering) -> Answering:
        def allowed(call: Call) -> Answer:
            if "repo" in call.values:
                assert call.repository
            if permission:
                call.token.require(permission)
            return function(call)

        ROUTES[key] = allowed
        return function

    return register


from . import reading, writing  # noqa: E402, F401  they register their routes

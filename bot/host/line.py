"""Reads are repeated after a passing failure, writes never; all waiting together is bounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from logging import NullHandler, getLogger
from urllib.parse import urlsplit

from github import Auth, Github
from requests import RequestException

from bot.host.failures import GitHubError, refused, unexpected, unreachable

API_VERSION = "2022-11-28"
_PATIENCE = 60  # seconds that a job waits for GitHub at the most, all pauses together


@dataclass(frozen=True, slots=True)
class Credentials:
    """`api_url` is https://api.github.com, or an Enterprise Server's; GraphQL's follows from it."""

    token: str
    api_url: str
    graphql_url: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """`doing` opens the sentence about its failure; `address` is a path, or what GitHub gave."""

    doing: str
    verb: str
    address: str
    body: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Response:
    headers: Mapping[str, str]
    text: str


class Line:
    """PyGithub's requester, without its own repeats: they wait for as long as they are told to."""

    def __init__(
        self,
        credentials: Credentials,
        pause: Callable[[float], None],
        pauses: tuple[float, ...],
    ) -> None:
        _silence()
        self._requester = Github(
            auth=Auth.Token(credentials.token),
            base_url=credentials.api_url,
            retry=None,
            timeout=30,
            seconds_between_requests=None,
            seconds_between_writes=None,
            api_version=API_VERSION,
        ).requester
        self.graphql_url = credentials.graphql_url or self._requester.graphql_url
        if urlsplit(self.graphql_url).netloc != urlsplit(credentials.api_url).netloc:
            raise GitHubError("GITHUB_GRAPHQL_URL is not on the host of GITHUB_API_URL")
        self._pause = pause
        self._pauses = pauses
        self._patience: float = _PATIENCE

    def read(self, request: Request) -> Response:
        """Ask for what changes nothing, and again after each of the pauses while that may help."""
        for pause in self._pauses:
            try:
                return self.once(request)
            except GitHubError as error:
                if not self.waits_for(error, pause):
                    raise
        return self.once(request)

    def waits_for(self, error: GitHubError, pause: float) -> bool:
        """Wait until the same may pass, at least for `pause`; False where it is not worth it."""
        if error.retry_after is None:
            return False
        seconds = max(pause, error.retry_after)
        if seconds > self._patience:
            return False
        self._patience -= seconds
        self._pause(seconds)
        return True

    def once(self, request: Request) -> Response:
        """Raises GitHubError for whatever is no success."""
        try:
            status, headers, text = self._requester.requestJson(
                request.verb, request.address, input=request.body
            )
        except RequestException as error:
            raise unreachable(request.doing, error) from error
        except (RuntimeError, ValueError) as error:  # redirected in circles, headers of no sense
            raise unexpected(request.doing, error) from error
        if not 200 <= status < 300:
            raise refused(request.doing, status, headers, text)
        return Response(headers, text)


def _silence() -> None:
    """PyGithub writes to standard error by itself; its lines tell nobody what to do."""
    logger = getLogger("github")
    logger.propagate = False
    logger.handlers = [NullHandler()]

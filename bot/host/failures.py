"""Whatever goes wrong on the way to GitHub ends as one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from github import GithubException, RateLimitExceededException
from requests import RequestException

from bot.errors import LockstepError
from bot.model.wording import plain


class GitHubError(LockstepError):
    """GitHub refused or could not be reached; `status` is the HTTP status, 0 without an answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status

    @property
    def passing(self) -> bool:
        """Whether the same request may go through a little later."""
        return self.status == 0 or self.status >= 500


_ADVICE = {
    401: "the token is not valid: pass `token: ${{ github.token }}`, or an App's token",
    403: "the token may not do this: give the job `permissions:` with `contents: read` and"
    " `pull-requests: write`",
    404: "there is no such thing, or the token may not see it: check `permissions:` (`contents:"
    " read`, `pull-requests: write`) and that the pull request is in this repository",
}


@contextmanager
def told(doing: str) -> Iterator[None]:
    """Raises GitHubError in place of what PyGithub and requests raise."""
    try:
        yield
    except RateLimitExceededException as error:
        raise GitHubError(
            f"{doing}: the rate limit of the token is used up; run the job again later", 429
        ) from error
    except GithubException as error:
        raise GitHubError(f"{doing}: {_reason(error)}", error.status) from error
    except RequestException as error:
        raise GitHubError(
            f"{doing}: GitHub could not be reached ({type(error).__name__}); run the job again"
        ) from error


def _reason(error: GithubException) -> str:
    advice = _ADVICE.get(error.status)
    if error.status >= 500:
        advice = "GitHub had a fault of its own; run the job again"
    said = error.data.get("message") if isinstance(error.data, dict) else None
    answer = f"GitHub answered {error.status}" + (f" ({plain(str(said))[:200]})" if said else "")
    return f"{answer}; {advice}" if advice else answer

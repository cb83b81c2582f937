"""Whatever goes wrong on the way to GitHub ends as one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from github.Requester import Requester
from msgspec import DecodeError

from bot.errors import LockstepError
from bot.host import answers
from bot.model.wording import plain


class GitHubError(LockstepError):
    """GitHub refused or could not be reached.

    `status` is the HTTP status, 0 without an answer. `retry_after` are the seconds after which the
    same request may go through, None where it never will.
    """

    def __init__(self, message: str, status: int = 0, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class LackingField(GitHubError):
    """A server that is older than what is asked of it."""


_LIMITED = "the rate limit of the token is used up; run the job again later"
_ADVICE = {
    401: "the token is not valid: pass `token: ${{ github.token }}`, or an App's token",
    403: "the token may not do this: give the job `permissions:` with `contents: read` and"
    " `pull-requests: write`",
    404: "there is no such thing, or the token may not see it: check `permissions:` (`contents:"
    " read`, `pull-requests: write`) and that the pull request is in this repository",
}
_STATUS_OF = {"FORBIDDEN": 403, "INSUFFICIENT_SCOPES": 403, "NOT_FOUND": 404}
_STATUS_OF |= dict.fromkeys(("RATE_LIMIT", "RATE_LIMITED"), 429)


def unreachable(doing: str, error: Exception) -> GitHubError:
    reason = f"GitHub could not be reached ({type(error).__name__}); run the job again"
    return GitHubError(f"{doing}: {reason}", retry_after=0)


def unexpected(doing: str, error: Exception) -> GitHubError:
    """An answer that is not what GitHub's API gives: a proxy's page, a login page, nothing."""
    reason = f"what was answered is not of GitHub's API ({_short(str(error))})"
    return GitHubError(f"{doing}: {reason}; run the job again, or check GITHUB_API_URL", 200)


def refused(doing: str, status: int, headers: Mapping[str, str], text: str) -> GitHubError:
    """An answer with a status that is not of success."""
    said = _message(text)
    if _is_limit(status, headers, said):
        return GitHubError(f"{doing}: {_LIMITED}", 429, _retry_after(headers, inf))
    if status >= 500:
        fault = f"GitHub had a fault of its own ({status}); run the job again"
        return GitHubError(f"{doing}: {fault}", status, _retry_after(headers, 0))
    answer = f"GitHub answered {status}" + (f" ({_short(said)})" if said else "")
    advice = _ADVICE.get(status)
    return GitHubError(f"{doing}: {answer}; {advice}" if advice else f"{doing}: {answer}", status)


def refused_query(doing: str, error: answers.QueryError) -> GitHubError:
    """GraphQL answers 200 and tells in `errors` what was wrong."""
    if error.lacking:
        older = f"this GitHub Enterprise Server knows no `{_short(error.lacking)}`; update it"
        return LackingField(f"{doing}: {older}", 400)
    status = _STATUS_OF.get(error.type or "", 400)
    said = f'GitHub answered "{_short(error.message)}"'
    advice = _LIMITED if status == 429 else _ADVICE.get(status, "run the job again")
    return GitHubError(f"{doing}: {said}; {advice}", status)


def _is_limit(status: int, headers: Mapping[str, str], said: str) -> bool:
    """A limit is a 429, or a 403 with `retry-after`, no request remaining, or words that say so.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    told = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    return status == 429 or (status == 403 and (told or Requester.isRateLimitError(said)))


def _retry_after(headers: Mapping[str, str], otherwise: float) -> float:
    """Seconds; GitHub gives no dates. The primary limit comes without, and lasts up to an hour."""
    value = headers.get("retry-after")
    if value is None:
        return otherwise
    return int(value) if value.isdecimal() and len(value) < 10 else inf


def _message(text: str) -> str:
    try:
        return answers.refusal(text).message or ""
    except DecodeError:
        return ""


def _short(text: str) -> str:
    return plain(text)[:200]

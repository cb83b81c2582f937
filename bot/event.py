"""The event that started the workflow says which pull request to review."""

from __future__ import annotations

from pathlib import Path

from msgspec import DecodeError, Struct, ValidationError, json

from bot.errors import LockstepError
from bot.model.pull_request import PullRequest

_HINT = "run it on `pull_request` or `pull_request_target`"


class _Repository(Struct):
    full_name: str


class _Side(Struct):
    sha: str
    ref: str
    repo: _Repository | None = None


class _PullRequest(Struct):
    number: int
    head: _Side
    base: _Side
    changed_files: int | None = None


class _Event(Struct):
    repository: _Repository
    pull_request: _PullRequest | None = None


def pull_request(path: str, name: str) -> PullRequest:
    """The pull request of the event `name`, whose payload is the file at `path`.

    Raises LockstepError where there is none.
    """
    if not path:
        raise LockstepError(f"GITHUB_EVENT_PATH is not set: this is for GitHub Actions; {_HINT}")
    try:
        event = json.decode(Path(path).read_bytes(), type=_Event)
    except OSError as error:
        raise LockstepError(f"the event file {path} cannot be read: {error.strerror}") from error
    except (DecodeError, ValidationError) as error:
        raise LockstepError(f"the event file {path} is not what GitHub sends: {error}") from error
    pull = event.pull_request
    if pull is None:
        raise LockstepError(f"the event `{name}` has no pull request; {_HINT}")
    return PullRequest(
        event.repository.full_name,
        pull.number,
        pull.head.sha,
        pull.base.sha,
        pull.head.ref,
        pull.head.repo.full_name if pull.head.repo else "",  # null once a fork is deleted
        pull.changed_files,
    )

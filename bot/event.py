"""The event that started the workflow says which change to review."""

from __future__ import annotations

from pathlib import Path

from msgspec import DecodeError, Struct, ValidationError, json

from bot.errors import LockstepError
from bot.model.pull_request import Change, MergeGroup, PullRequest

_HINT = (
    "let `on:` name `pull_request_target` or `pull_request`, and `merge_group` for a merge queue;"
    " elsewhere run `lockstep check --base REF --format github` in a checkout"
)


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


class _MergeGroup(Struct):
    head_sha: str
    base_sha: str


class _Event(Struct):
    repository: _Repository | None = None
    pull_request: _PullRequest | None = None
    merge_group: _MergeGroup | None = None


def change(path: str, name: str) -> Change:
    """What the event `name` is about, whose payload is the file at `path`.

    Raises LockstepError where that is no change.
    """
    if not path:
        raise LockstepError(f"GITHUB_EVENT_PATH is not set: this is for GitHub Actions; {_HINT}")
    try:
        event = json.decode(Path(path).read_bytes(), type=_Event)
    except OSError as error:
        raise LockstepError(f"the event file {path} cannot be read: {error.strerror}") from error
    except (DecodeError, ValidationError) as error:
        raise LockstepError(f"the event file {path} is not what GitHub sends: {error}") from error
    match event:
        case _Event(_Repository(repository), pull_request=_PullRequest() as pull):
            return _pull_request(repository, pull)
        case _Event(_Repository(repository), merge_group=_MergeGroup(head, base)):
            return MergeGroup(repository, head, base)
    raise LockstepError(f"the event `{name}` is about no pull request; {_HINT}")


def _pull_request(repository: str, pull: _PullRequest) -> PullRequest:
    return PullRequest(
        repository,
        pull.number,
        pull.head.sha,
        pull.base.sha,
        pull.head.ref,
        pull.head.repo.full_name if pull.head.repo else "",  # null once a fork is deleted
        pull.changed_files,
        pull.base.ref,
    )

"""An event's payload is what Actions writes for a workflow to read."""

from __future__ import annotations

from . import payloads
from .payloads import Json
from .pull import Pull

PULL_REQUEST_EVENTS = ("pull_request", "pull_request_target")


def payload(pull: Pull, action: str, event: str) -> Json:
    if event in PULL_REQUEST_EVENTS:
        return _pull_request(pull, action)
    if event == "merge_group":
        return _merge_group(pull)
    raise ValueError(f"no payload for the event {event}")


def _common(pull: Pull) -> Json:
    github = pull.repository.github
    return {
        "repository": payloads.repository(pull.repository),
        "sender": payloads.user(github, pull.author),
    }


def _pull_request(pull: Pull, action: str) -> Json:
    told = {"action": action, "number": pull.number, "pull_request": payloads.pull(pull)}
    if action == "synchronize":
        told["after"] = pull.head_sha
        told["before"] = pull.repository.git.commit_named(f"{pull.head_sha}^") or "0" * 40
    return told | _common(pull)


def _merge_group(pull: Pull) -> Json:
    base, merged, ref = pull.repository.merge_queue(pull)
    group = {
        "head_sha": merged,
        "head_ref": ref,
        "base_sha": base,
        "base_ref": f"refs/heads/{pull.base}",
        "head_commit": {
            "id": merged,
            "message": f"Merge pull request #{pull.number}",
            "timestamp": pull.created_at,
            "author": {"name": pull.author.login, "email": ""},
        },
    }
    return {"action": "checks_requested", "merge_group": group} | _common(pull)

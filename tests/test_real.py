"""The script for the real GitHub does all of its steps, and finds what it believes, on the stand-in."""

from __future__ import annotations

import subprocess

import pytest

from tests.real.__main__ import main
from tests.stand_in import GitHub

WRITES = {"contents": "write", "pull_requests": "write"}


def exercise(github: GitHub, token: str, *options: str) -> int:
    addresses = (
        *("--api-url", github.api_url),
        *("--graphql-url", github.graphql_url),
        *("--server-url", github.server_url),
    )
    return main(["acme/shop", *addresses, *options], {"TOKEN": token})


def branches(github: GitHub) -> list[str]:
    told = github.repository("acme/shop").git.run("for-each-ref", "--format=%(refname:short)")
    return told.decode().split()


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_every_belief_holds_on_the_stand_in_and_nothing_is_left_behind(
    prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with GitHub(prefix, strict=False) as github:
        github.repository("acme/shop").commit("main", {"README.md": ""})
        assert exercise(github, github.token(WRITES, login="alice")) == 0
        told = capsys.readouterr().out.splitlines()
        assert len([line for line in told if line.startswith("ok   ")]) == 21
        assert branches(github) == ["main"]
        assert [pull.state for pull in github.repository("acme/shop").pulls] == ["closed"]
        # What it sends against the description is sent on purpose, to be refused.
        assert {one.fault for one in github.violations} <= {
            "comments.0.subject_type is not described"
        }


def test_the_pull_request_may_stay_open_to_be_looked_at(github: GitHub) -> None:
    github.strict = False
    github.repository("acme/shop").commit("main", {"README.md": ""})
    assert exercise(github, github.token(WRITES), "--keep") == 0
    assert len(branches(github)) == 3
    assert [pull.state for pull in github.repository("acme/shop").pulls] == ["open"]


def test_a_belief_that_does_not_hold_is_told(
    github: GitHub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    github.strict = False
    monkeypatch.setattr("tests.stand_in.rules.the_start_precedes_the_line", lambda _: iter(()))
    github.limits.review_comments = 0  # every review with comments is refused
    github.repository("acme/shop").commit("main", {"README.md": ""})
    assert exercise(github, github.token(WRITES)) == 1
    assert "NOT  comments stand beside lines" in capsys.readouterr().out
    assert branches(github) == ["main"]


@pytest.mark.parametrize(
    ("token", "told"),
    [("", "TOKEN=… and REPO=owner/name are needed"), ("wrong", "GitHub refused: 401")],
)
def test_without_a_token_that_may_nothing_is_begun(
    github: GitHub, capsys: pytest.CaptureFixture[str], token: str, told: str
) -> None:
    github.repository("acme/shop").commit("main", {"README.md": ""})
    assert exercise(github, token) == 2
    assert told in capsys.readouterr().out
    assert branches(github) == ["main"]


def test_make_passes_on_what_it_is_told(github: GitHub) -> None:
    """With a repository that is none, so that it ends before it begins."""
    ran = subprocess.run(
        ["make", "--dry-run", "github", "REPO=acme/shop", "TOKEN=secret"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert '-m tests.real "acme/shop"' in ran.stdout
    assert "secret" not in ran.stdout

"""What the tests' GitHub believes of the real one is asked of it, and told where it differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.real.client import Client, Json

if TYPE_CHECKING:
    from tests.real.exercise import Check

ONLY_A_PERSON_SEES = (
    "a single suggestion and a batch of them are applied by their buttons, and shift what is below",
    "folded details, tables and diagrams are rendered in comments and in the job's summary",
    'the link "create this file" opens the editor with the path and the text filled in',
    "a file with CRLF, tabs or no last newline keeps them when a suggestion beside it is applied",
    "a required check of a pull request from a fork, of a draft and of a retargeted one",
    "a merge queue waits for the check on `merge_group`, and goes by it",
    "comments of GITHUB_TOKEN and of an App's token, whose logins end in [bot]",
    "rate limits, secondary limits and 502 answers as they come",
)


def probes(client: Client, number: int, commit: str, path: str) -> Iterator[Check]:
    """Requests that GitHub is believed to refuse, or to take, each with what it answers."""
    from tests.real.exercise import Check

    def review(**comment: object) -> tuple[int, Json]:
        one = {"path": path, "side": "RIGHT", "body": "A probe.", **comment}
        body = {"commit_id": commit, "event": "COMMENT", "body": "", "comments": [one]}
        return client.rest("POST", f"/pulls/{number}/reviews", body)

    for said, comment in (
        ("a line outside of the diff is refused", {"line": 100_000}),
        ("a range that starts on its last line is refused", {"line": 2, "start_line": 2}),
        ("a review takes no comment on a file", {"subject_type": "file"}),
        ("a path outside of the diff is refused", {"path": "none.sql", "line": 1}),
    ):
        status, told = review(**comment)
        yield Check(said, status == 422, (status, told))
    body = {"commit_id": commit, "path": path, "subject_type": "file", "body": "A probe."}
    status, told = client.rest("POST", f"/pulls/{number}/comments", body)
    yield Check("a comment on a whole file is taken", status == 201, (status, told))
    status, told = review(line=1, body="Two spaces  \r\nand an end\n\n")
    yield Check("a comment on one line is taken", status == 200, (status, told))
    kept = client.comments(number)[-1]["body"]
    yield Check(
        "white space is kept, or its end alone is lost", kept.startswith("Two spaces"), kept
    )
    base = client.get(f"/pulls/{number}")["base"]["ref"]
    folder = path.rpartition("/")[0]
    names = client.names(f"refs/heads/{base}:{folder}")
    yield Check("a branch's name and a path find a folder", bool(names), (base, folder))

"""Whatever a stranger writes, wherever it stands: nothing is said that is not the bot's own word."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.reports import FORMATS
from tests import runner
from tests.hostile import HOSTILE, PLACES, branch_name, file_name
from tests.rendered import HIDDEN, faults, fences, markers
from tests.stand_in import GitHub, Pull
from tests.workflow import Job, Outcome

ADD = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
OLD = "db/migration/V1__old.sql"
MARKER = "<!-- pg-lockstep 0123456789abcdef text=0123456789abcdef -->"
OURS = {"error", "warning", "notice"}


def files(text: str) -> dict[str, str]:
    """A file for each place, and some of such a name."""
    hostile = file_name(text)
    places = {
        f"db/migration/V{number}__{place.replace(' ', '_')}.sql": write(text)
        for number, (place, write) in enumerate(PLACES.items(), 2)
    }
    return places | {
        f"db/migration/V90__{hostile}.sql": ADD,
        f"db/migration/V91__{hostile}.sql": "SELEC 1;\n",
        f"db/{hostile}/migrations/V1__a.sql": ADD,
        f"other/{hostile}.sql": ADD,
        f"migrations/{hostile}.sql": ADD,
    }


def opened(github: GitHub, text: str) -> Pull:
    """All of these new, one that was there, and comments that look like the bot's."""
    branch = branch_name(text)
    repository = github.repository("acme/shop")
    repository.commit("main", {OLD: "SELECT 1;\n"})
    repository.branch(branch, "main")
    repository.commit(branch, {**files(text), OLD: "SELECT 1;\n" + PLACES["table"](text)})
    pull = repository.open_pull(branch)
    pull.comment_as("mallory", OLD, 2, text)
    pull.comment_as("github-actions", OLD, 2, f"{text}\n\n{MARKER}")
    return pull


def bodies(pull: Pull) -> list[str]:
    """What the bot has posted."""
    texts = [(one.author, one.body) for one in pull.reviews]
    texts += [(one.author, one.body) for one in pull.comments]
    return [body for author, body in texts if author.login == "github-actions[bot]"]


@dataclass(frozen=True)
class Checkout:
    """A folder with a repository in it, and the command line there."""

    outside: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def root(self) -> Path:
        return self.outside / "shop"

    def write(self, files: dict[str, str]) -> None:
        for path, text in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text, newline="")

    def read(self) -> dict[str, str]:
        found = (path for path in self.root.rglob("*.sql") if path.is_file())
        return {str(path.relative_to(self.root)): path.read_bytes().decode() for path in found}

    def run(self, *arguments: str) -> str:
        """What the command line prints, on both streams."""
        assert main(arguments) in (0, 1, 2)
        return "".join(self.capsys.readouterr())


@pytest.fixture
def checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Checkout:
    outside = tmp_path / "outside"
    (outside / "shop" / ".git").mkdir(parents=True)
    monkeypatch.chdir(outside / "shop")
    return Checkout(outside, capsys)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_review_holds_nothing_but_the_bots_own_words(
    github: GitHub, job: Job, checkout: Checkout, hostile: str
) -> None:
    pull = opened(github, HOSTILE[hostile])
    outcome = job.run(pull, max_comments="100", sarif="out.sarif")
    assert outcome.status in (1, 2)
    assert "a fault of its own" not in outcome.log + outcome.summary
    address = f"{github.server_url}/acme/shop"
    told = {text: faults(text, address) for text in (*bodies(pull), outcome.summary)}
    assert {text: found for text, found in told.items() if found} == {}
    assert [len(markers(body)) for body in bodies(pull)[1:]] == [1] * len(bodies(pull)[1:])
    assert markers(outcome.summary) == []
    _only_annotations(outcome)
    _only_what_is_found(outcome)
    reports = [(job.folder / one).read_text() for one in ("lockstep-report.json", "out.sarif")]
    assert all(one.isascii() for one in reports)
    checkout.write(files(HOSTILE[hostile]))
    checkout.run("fix", ".")
    _only_what_fix_writes(pull, json.loads(reports[0]), checkout.read())


def _only_annotations(outcome: Outcome) -> None:
    commands = runner.commands(outcome.log)
    assert {command.name for command in commands} <= OURS
    assert {key for one in commands for key in one.properties} <= {
        "file",
        "line",
        "endLine",
        "title",
    }
    assert len(commands) == len([one for one in outcome.log.splitlines() if one.startswith("::")])
    assert HIDDEN.findall(outcome.log.replace("\n", "")) == []


def _only_what_is_found(outcome: Outcome) -> None:
    assert set(outcome.outputs) == {"findings", "errors", "unreadable", "report", "review-url"}
    assert outcome.outputs["report"] == "lockstep-report.json"
    assert all(outcome.outputs[one].isdecimal() for one in ("findings", "errors", "unreadable"))
    assert re.fullmatch(r"http://[\w.:]+/[\w/#.-]+", outcome.outputs["review-url"])


def _only_what_fix_writes(pull: Pull, report: Any, written: dict[str, str]) -> None:
    """What is clicked does byte for byte the same; what is read shows what is hidden."""
    rows = {f"{one['violating_rows']}\n" for one in report["findings"]}
    readable = [shown(one) for one in (*written.values(), *rows)]
    ours = [one for one in pull.comments if MARKER not in one.body and one.path != OLD]
    blocks = [(one, *block) for one in ours for block in fences(one.body)]
    assert {info for _, info, _ in blocks} <= {"suggestion", "sql", "mermaid"}
    for _, info, content in blocks:
        assert info != "sql" or any(content in one for one in readable)
    suggesting = [one for one, info, _ in blocks if info == "suggestion"]
    pull.apply_suggestions([one.id for one in suggesting])
    by_hand = {one.path for one in ours if "In place of" in one.body}
    for path in {one.path for one in suggesting} - by_hand:
        assert pull.read(path).decode() == written[path]


def shown(text: str) -> str:
    return HIDDEN.sub("\ufffd", text.replace("\r\n", "\n"))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_the_command_line_shows_nothing_hidden_and_writes_nothing_elsewhere(
    hostile: str, checkout: Checkout
) -> None:
    before = files(HOSTILE[hostile])
    checkout.write(before)
    told = {form: checkout.run("check", ".", "--format", form) for form in FORMATS}
    assert HIDDEN.findall((told["text"] + told["github"]).replace("\n", "")) == []
    assert {one.name for one in runner.commands(told["github"])} <= OURS
    assert (told["json"] + told["sarif"]).isascii()
    assert HIDDEN.findall(checkout.run("fix", ".").replace("\n", "")) == []
    assert {Path(path).parent for path in checkout.read()} <= {Path(path).parent for path in before}
    assert set(checkout.outside.iterdir()) == {checkout.root}


def posted(github: GitHub, job: Job, text: str) -> str:
    repository = github.repository("acme/shop")
    repository.commit("main", {OLD: "SELECT 1;\n"})
    repository.branch("feature", "main")
    repository.commit("feature", {"db/migration/V2__a.sql": text})
    pull = repository.open_pull("feature")
    job.run(pull)
    return pull.comments[0].body


def test_lines_with_hidden_characters_are_not_to_be_changed_with_a_click(
    github: GitHub, job: Job
) -> None:
    body = posted(github, job, ADD.replace("\n", " -- \u202e } \u2066 \u200b \u2069\n"))
    words = "There are characters that cannot be seen (U+200B, U+202E, U+2066 and others, here `\ufffd`)"
    assert f"{words} in these lines, so a click is not to change them. In place of line 1:" in body
    assert ("sql", ADD.replace(";\n", " NOT VALID; -- \ufffd } \ufffd \ufffd \ufffd\n")) in fences(
        body
    )
    assert "create this file" in body


def test_a_file_with_hidden_characters_is_not_created_with_a_click(
    github: GitHub, job: Job
) -> None:
    body = posted(github, job, ADD.replace(" t ", ' "t\u200b" '))
    assert "(U+200B, here `\ufffd`) in it, so it is not to be created with a click." in body
    assert 'ALTER TABLE "t\ufffd" VALIDATE CONSTRAINT c;' in fences(body)[1][1]
    assert "/new/" not in body


def test_a_byte_order_mark_is_nothing_to_be_warned_of(github: GitHub, job: Job) -> None:
    body = posted(github, job, "\ufeff" + ADD)
    assert "GitHub cannot apply this change by itself. In place of line 1:" in body
    assert fences(body)[0] == ("sql", ADD.replace(";", " NOT VALID;"))


def test_the_look_of_an_emoji_hides_nothing(github: GitHub, job: Job) -> None:
    body = posted(github, job, ADD.replace("\n", " -- \u26a0\ufe0f\n"))
    assert fences(body)[0][0] == "suggestion"

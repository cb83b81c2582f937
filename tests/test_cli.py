"""`lockstep` in a checkout: what differs is reviewed, and what can be fixed is fixed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.cli import main

ADD = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
SPLIT = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;\n"


class Checkout:
    """A git repository with a main branch and a feature branch checked out."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
        command = ["git", "-C", str(self.root), *identity, *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return done.stdout

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def commit(self, files: Mapping[str, str | bytes]) -> None:
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-gpg-sign", "--allow-empty", "--message", "x")

    def start(self, files: Mapping[str, str | bytes] | None = None) -> None:
        self.commit(files or {})
        self.git("switch", "--quiet", "--create", "feature")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return Checkout(tmp_path)


def check(
    capsys: pytest.CaptureFixture[str], *arguments: str
) -> dict[str, list[dict[str, object]]]:
    """The report as JSON; the exit status must agree with it."""
    status = main(["check", "--format", "json", *arguments])
    report: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
    expected = 2 if report["unreadable"] else int(bool(report["findings"]))
    assert status == expected
    return report


def places(report: dict[str, list[dict[str, object]]]) -> list[str]:
    return [f"{found['path']}:{found['line']}" for found in report["findings"]]


def test_what_differs_from_the_base_is_reviewed(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.start({"db/migration/V1__a.sql": ADD})
    checkout.commit({"db/migration/V2__b.sql": ADD, "README.md": ADD})
    checkout.write({"db/migration/V3__untracked.sql": ADD})
    assert places(check(capsys)) == ["db/migration/V2__b.sql:1", "db/migration/V3__untracked.sql:1"]


def test_what_the_base_has_gained_meanwhile_is_not(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.start()
    checkout.git("switch", "--quiet", "main")
    checkout.commit({"db/migration/V1__a.sql": ADD})
    checkout.git("switch", "--quiet", "feature")
    checkout.commit({"db/migration/V2__b.sql": ADD})
    assert places(check(capsys, "--base", "main")) == ["db/migration/V2__b.sql:1"]


def test_of_a_modified_file_only_what_the_change_touches_is_reported(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.start({"db/migration/V1__a.sql": ADD + "SELECT 1;\n"})
    checkout.commit({"db/migration/V1__a.sql": "-- moved\n" + ADD + ADD.replace(" c ", " d ")})
    report = check(capsys)
    assert places(report) == ["db/migration/V1__a.sql:3"]
    assert report["findings"][0]["fix"]["applicability"] == "display"  # type: ignore[index]


def test_a_hazard_that_a_changed_line_makes_elsewhere_is_reported(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    validate = "ALTER TABLE t VALIDATE CONSTRAINT c;\n"
    before = f"BEGIN;\n{SPLIT}COMMIT;\nBEGIN;\n{validate}COMMIT;\n"
    checkout.start({"m/000001_a.up.sql": before})
    checkout.commit({"m/000001_a.up.sql": before.replace("COMMIT;\nBEGIN;\n", "")})
    assert places(check(capsys)) == ["m/000001_a.up.sql:3"]


def test_a_renamed_migration_is_not_reported_again(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.start({"db/migration/V1__a.sql": ADD * 3})
    checkout.git("mv", "db/migration/V1__a.sql", "db/migration/V2__a.sql")
    checkout.commit({})
    assert places(check(capsys)) == []


def test_it_works_in_a_folder_of_the_checkout(
    checkout: Checkout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.start()
    checkout.write({"db/migration/V1__a.sql": ADD, "docs/x.md": ""})
    monkeypatch.chdir(checkout.root / "docs")
    assert places(check(capsys)) == ["db/migration/V1__a.sql:1"]
    assert places(check(capsys, "../db")) == ["db/migration/V1__a.sql:1"]


@pytest.mark.parametrize("name", ["a b", "ü☃", "a'\"b", "a\nb", "$(touch x)", "-rf", "[a]*"])
def test_any_file_name_is_reviewed_and_fixed(
    checkout: Checkout, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    checkout.start()
    path = f"db/{name}.sql"
    checkout.commit({path: ADD})
    checkout.write({"lockstep.toml": "[[migrations]]\npath = 'db'\nframework = 'psql'\n"})
    assert places(check(capsys)) == [f"{path}:1"]
    assert main(["fix"]) == 0
    assert (checkout.root / path).read_text().endswith("\nALTER TABLE t VALIDATE CONSTRAINT c;\n")


def test_fix_edits_and_creates_files_and_then_there_is_nothing_left(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.start()
    checkout.write({"db/migration/V1__a.sql": ADD})
    assert main(["fix"]) == 0
    assert (checkout.root / "db/migration/V1__a.sql").read_text() == SPLIT
    assert (checkout.root / "db/migration/V2__validate_a.sql").exists()
    assert main(["fix"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "edited db/migration/V1__a.sql",
        "created db/migration/V2__validate_a.sql",
        "nothing to fix",
    ]


@pytest.mark.parametrize(
    "text", [ADD, ADD.strip(), "\ufeff" + ADD.replace("\n", "\r\n"), "\n" + ADD * 2]
)
@pytest.mark.parametrize("name", ["V1__a.sql", "V1__ü b.sql"])
def test_the_patch_does_what_fix_does(
    checkout: Checkout, capsys: pytest.CaptureFixture[str], text: str, name: str
) -> None:
    checkout.start()
    checkout.commit({f"db/migration/{name}": text})
    assert main(["fix", "--diff"]) == 0
    (checkout.root / "fix.patch").write_bytes(capsys.readouterr().out.encode())
    checkout.git("apply", "fix.patch")
    by_patch = files(checkout.root / "db")
    checkout.git("checkout", "--quiet", ".")
    checkout.git("clean", "--quiet", "-df", "db")
    assert main(["fix"]) == 0
    assert files(checkout.root / "db") == by_patch


def files(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_fix_leaves_what_it_cannot_do_and_says_so(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.start()
    checkout.write({"migrations/1.sql": ADD})
    assert main(["fix"]) == 1
    assert "migrations/1.sql:1 has no fix that can be made for you" in capsys.readouterr().out
    assert (checkout.root / "migrations/1.sql").read_text() == ADD


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"SELECT 1;\nSELECT '\xe9';\n", "line 2 is not UTF-8 (byte 0xe9); save the file as UTF-8"),
        ("SELECT 1".encode("utf-16"), "the file is UTF-16; save it as UTF-8"),
        (b"SELECT 1;\0", "the file contains a NUL character"),
        (b"SELECT 1;\nSELEC 2;\n", 'syntax error at or near "SELEC"'),
        (b"-" * 10_000_001, "the file has 10,000,001 bytes, more than the 10,000,000 that are"),
    ],
)
def test_what_cannot_be_read_fails_the_check(
    checkout: Checkout, capsys: pytest.CaptureFixture[str], content: bytes, reason: str
) -> None:
    checkout.start()
    checkout.write({"db/migration/V1__a.sql": content, "db/migration/V2__b.sql": ADD})
    report = check(capsys)
    (gap,) = report["unreadable"]
    assert str(gap["reason"]).startswith(reason)
    assert places(report) == ["db/migration/V2__b.sql:1"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["check", "nothing.sql"], "nothing.sql: there is no such file or folder"),
        (["check", "--base", "nowhere"], '"nowhere" is no commit that git knows here'),
        (["check", "--base", "main", "a.sql"], "name either files or --base, not both"),
        (["check", "--framework", "flywya"], 'did you mean "flyway"?'),
        (["check", "--config", "nothing.toml"], "nothing.toml cannot be read"),
        (["check", "--postgres-version", "9"], "PostgreSQL 9 is not known here; 14 to 18 are"),
        (["explain", "nothing"], 'nothing is called "nothing"'),
    ],
)
def test_a_wrong_call_ends_with_one_line_and_status_2(
    checkout: Checkout, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    checkout.start()
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert complaint in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_outside_of_a_checkout_files_have_to_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 2
    assert "name the files to check" in capsys.readouterr().err
    (tmp_path / "a.sql").write_text(ADD)
    assert places(check(capsys, "a.sql")) == ["a.sql:1"]


def test_a_report_can_be_written_to_a_file(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.start()
    checkout.write({"db/migration/V1__a.sql": ADD})
    assert main(["check", "--format", "sarif", "--output", "out.sarif", "--fail-on", "never"]) == 0
    sarif = json.loads((checkout.root / "out.sarif").read_text())
    (result,) = sarif["runs"][0]["results"]
    assert result["ruleId"] == "check-validated-on-add"
    assert capsys.readouterr().out == ""


def test_colour_is_for_terminals_only(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.start()
    checkout.write({"db/migration/V1__a.sql": ADD})
    assert main(["check"]) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_a_control_character_reaches_no_terminal(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.start()
    name = "\x1b[31m\u202ered"
    checkout.write({f"db/migration/V1__{name}.sql": f'ALTER TABLE "{name}" ADD CHECK (x > 0);\n'})
    assert main(["check"]) == 1
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_the_configuration_is_found_and_obeyed(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.start()
    checkout.write(
        {
            ".github/lockstep.toml": "exclude = ['db/old/**']\n[rules]\ncheck-validated-on-add = 'notice'\n",
            "db/old/V1__a.sql": ADD,
            "db/migration/V1__a.sql": ADD,
        }
    )
    assert main(["check"]) == 0
    said = capsys.readouterr().out
    assert "db/migration/V1__a.sql:1 notice" in said
    assert "db/old" not in said


@pytest.mark.parametrize("name", ["check-validated-on-add", "flyway"])
def test_explain_prints_the_page(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["explain", name]) == 0
    assert capsys.readouterr().out.startswith(f"# {name}\n")


def test_explain_alone_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    said = capsys.readouterr().out.split()
    assert {"check-validated-on-add", "flyway"} <= set(said)

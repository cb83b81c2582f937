"""`lockstep` in a checkout: what differs is reviewed, and what can be fixed is fixed."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import termios
from io import FileIO
from pathlib import Path

import pytest

from bot.cli import main
from bot.errors import LockstepError
from bot.fixing import FileChange, make
from bot.rules import names, rules
from tests import sample
from tests.checkout import Checkout
from tests.pages import examples

ADD = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
SPLIT = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;\n"


def check(
    capsys: pytest.CaptureFixture[str], *arguments: str
) -> dict[str, list[dict[str, object]]]:
    """The report as JSON, without notices; the exit status must agree with it."""
    status = main(["check", "--format", "json", *arguments])
    report: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
    report["findings"] = [one for one in report["findings"] if one["severity"] != "notice"]
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


def test_a_change_cannot_bring_a_tool_that_waits_less(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.start({"tern.conf": "", "sql/1_a.sql": "SELECT 1;\n"})
    loose = f"-- atlas:txmode none\n\n{SPLIT}ALTER TABLE t VALIDATE CONSTRAINT c;\n"
    checkout.write({"sql/2_b.sql": loose, "sql/atlas.sum": ""})
    assert places(check(capsys)) == ["sql/2_b.sql:4"]


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


def test_a_renamed_migration_is_a_new_one_that_will_run(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.start({"db/migration/V1__a.sql": ADD})
    checkout.git("mv", "db/migration/V1__a.sql", "db/migration/V2__a.sql")
    checkout.commit({})
    (found,) = check(capsys)["findings"]
    assert found["path"] == "db/migration/V2__a.sql"
    assert found["fix"]["applicability"] == "safe"  # type: ignore[index]


@pytest.mark.parametrize("name", [":a.sql", "[b]?.sql", ":(top)*.sql"])
def test_of_a_modified_file_with_an_unusual_name_only_what_changed_is_reported(
    checkout: Checkout, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    checkout.start({name: ADD, "b1.sql": ADD})
    checkout.commit({name: ADD + ADD.replace(" c ", " d "), "b1.sql": f"{ADD}SELECT 1;\n"})
    assert places(check(capsys, "--framework", "psql")) == [f"{name}:2"]


def test_what_git_is_told_about_a_file_hides_nothing(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.start({"db/migration/V1__a.sql": ADD, ".gitattributes": "*.sql binary\n"})
    checkout.commit({"db/migration/V1__a.sql": ADD.replace("ALTER", "ALTER  ")})
    assert places(check(capsys)) == ["db/migration/V1__a.sql:1"]


def test_a_link_is_not_followed_out_of_the_repository(
    checkout: Checkout,
    capsys: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "V1__a.sql"
    elsewhere.write_text(ADD)
    checkout.start({"db/migration/V0__a.sql": "SELECT 1;\n"})
    (checkout.root / "db/migration/V1__a.sql").symlink_to(elsewhere)
    for arguments in ([], ["db"], ["db/migration/V1__a.sql"]):
        (gap,) = check(capsys, *arguments)["unreadable"]
        assert gap["reason"] == "it is a symbolic link; its target is reviewed where it stands"
    assert main(["fix"]) == 2
    assert elsewhere.read_text() == ADD


def test_fix_writes_nothing_outside_of_the_repository(
    checkout: Checkout,
    capsys: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "V1__a.sql").write_text(ADD)
    (checkout.root / "db").symlink_to(elsewhere)
    assert main(["fix", "db"]) == 2
    assert "lies outside of" in capsys.readouterr().err
    assert [file.read_text() for file in elsewhere.iterdir()] == [ADD]


def test_what_is_no_file_is_not_waited_for(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    """A link to a device, which never ends, is something that a branch may hold."""
    checkout.start({"db/migration/V1__a.sql": "SELECT 1;\n"})
    checkout.commit({"db/migration/V3__a.sql": ADD.replace("CONSTRAINT c ", "")})
    for name in ("V2__a.sql", "V3__a.sql.conf"):
        (checkout.root / "db/migration" / name).symlink_to("/dev/zero")
    assert places(check(capsys, "db/migration/V3__a.sql")) == ["db/migration/V3__a.sql:1"]


@pytest.mark.parametrize("before", [ADD, None])
def test_fix_writes_through_no_link_that_appears_meanwhile(
    tmp_path: Path, before: str | None
) -> None:
    target = tmp_path / "target"
    target.write_text(ADD)
    (tmp_path / "a.sql").symlink_to(target)
    with pytest.raises(LockstepError, match=r"a\.sql cannot be written"):
        make(tmp_path, [FileChange("a.sql", before, SPLIT)])
    assert target.read_text() == ADD


def test_a_shallow_clone_is_told_what_to_fetch(
    checkout: Checkout,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    checkout.start({"a": "1"})
    checkout.commit({"b": "2"})
    clone = tmp_path_factory.mktemp("clone")
    checkout.git("switch", "--quiet", "main")
    checkout.commit({"c": "3"})
    options = ("--quiet", "--depth=1", "--no-single-branch", "--branch=feature")
    checkout.git("clone", *options, f"file://{checkout.root}", str(clone))
    monkeypatch.chdir(clone)
    assert main(["check", "--base", "origin/main"]) == 2
    assert "in a shallow clone run `git fetch --unshallow`" in capsys.readouterr().err


def test_a_file_that_is_named_twice_is_reviewed_once(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.write({"db/migration/V1__a.sql": ADD})
    named = ("db/migration/V1__a.sql", "db", "./db/../db/migration/V1__a.sql")
    assert places(check(capsys, *named)) == ["db/migration/V1__a.sql:1"]


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
    "text",
    [
        ADD,
        ADD.strip(),
        "\ufeff" + ADD.replace("\n", "\r\n"),
        f"\n{ADD}" + ADD.replace(" c ", " d "),
    ],
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


def test_fix_says_that_a_migration_may_have_run_already(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.start({"db/migration/V1__a.sql": "SELECT 1;\n"})
    checkout.write({"db/migration/V1__a.sql": ADD})
    assert main(["fix"]) == 1
    assert ", since this file may have run already: " in capsys.readouterr().out
    assert (checkout.root / "db/migration/V1__a.sql").read_text() == ADD


def test_a_folder_without_migrations_is_said_to_have_none(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.write({"docs/x.md": ""})
    assert main(["check", "docs"]) == 0
    assert capsys.readouterr().out == "The check passes: no migration was found.\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"SELECT 1;\nSELECT '\xe9';\n", "line 2 is not UTF-8 (byte 0xe9); save the file as UTF-8"),
        ("SELECT 1".encode("utf-16-le"), "the file begins as UTF-16 without a byte order mark;"),
        (b"\xff\xfeS\0E", "the file begins as UTF-16-LE and is none (truncated data); save it as"),
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
        (["check", "--output", "no/such/x"], "no/such/x cannot be written: No such file"),
        (["check", "--output", "."], ". cannot be written: Is a directory"),
        (["check", "x" * 300], "File name too long"),
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


def test_a_folder_that_is_gone_is_one_line_and_status_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert main(["check"]) == 2
    assert capsys.readouterr().err == "lockstep: the current folder: No such file or directory\n"


def test_a_report_can_be_written_to_a_file(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.start()
    checkout.write({"db/migration/V1__a.sql": f"SET lock_timeout = '5s';\n{ADD}"})
    assert main(["check", "--format", "sarif", "--output", "out.sarif", "--fail-on", "never"]) == 0
    sarif = json.loads((checkout.root / "out.sarif").read_text())
    (result,) = sarif["runs"][0]["results"]
    assert result["ruleId"] == "check-validated-on-add"
    assert capsys.readouterr().out == ""


def on_terminal(root: Path, *arguments: str, **variables: str) -> str:
    """What `lockstep` shows on a terminal."""
    reader, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {"PYTHONPATH": str(Path(__file__).parent.parent), "TERM": "xterm", **variables}
    command = [sys.executable, "-m", "bot.cli", *arguments]
    with subprocess.Popen(command, cwd=root, env=environment, stdout=terminal, stderr=terminal):
        os.close(terminal)
        with os.fdopen(reader, "rb", buffering=0) as screen:
            return b"".join(iter(lambda: _next(screen), b"")).decode()


def _next(screen: FileIO) -> bytes:
    try:
        return screen.read(65536) or b""
    except OSError:  # how Linux says that nobody writes to the terminal any more
        return b""


@pytest.mark.parametrize(
    ("arguments", "variables", "coloured"),
    [
        ([], {}, True),
        ([], {"NO_COLOR": "1"}, False),
        (["--format", "json"], {}, False),
        (["--output", "/dev/stdout"], {}, False),
    ],
)
def test_colour_is_for_terminals_only(
    checkout: Checkout, arguments: list[str], variables: dict[str, str], coloured: bool
) -> None:
    checkout.write({"db/migration/V1__a.sql": ADD})
    said = on_terminal(checkout.root, "check", "db", *arguments, **variables)
    assert "check-validated-on-add" in said
    assert ("\x1b[" in said) == coloured


def test_a_pipe_gets_no_colour(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.write({"db/migration/V1__a.sql": ADD})
    assert main(["check", "db"]) == 1
    assert "\x1b" not in capsys.readouterr().out


def slow_to_read(files: int) -> dict[str, str]:
    """Migrations that take more than a second to read, and hardly any time for the rest."""
    text = f"SELECT 1{',1' * (250_000 // files)};\n"
    return {f"db/migration/V{number}__a.sql": text for number in range(1, files + 1)}


@pytest.mark.parametrize(("files", "shown"), [(20, True), (2, False)])
def test_many_files_have_a_progress_bar_on_a_terminal(
    checkout: Checkout, files: int, shown: bool
) -> None:
    checkout.write(slow_to_read(files))
    said = on_terminal(checkout.root, "check", "db")
    assert (f"/{files} [" in said) == shown
    assert f"nothing found in {files} migrations reviewed." in said


def test_a_log_has_no_progress_bar(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.write(slow_to_read(20))
    assert main(["check", "db"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_one_line_and_status_2(checkout: Checkout) -> None:
    checkout.write({"db/migration/V1__a.sql": ADD})
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    command = [sys.executable, "-m", "bot.cli", "check", "db"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command,
            check=False,
            cwd=checkout.root,
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert done.returncode == 2
    assert done.stderr == b"lockstep: standard output cannot be written: No space left on device\n"


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


@pytest.mark.parametrize("name", [*sorted(names()), "flyway"])
def test_explain_prints_the_page(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["explain", name]) == 0
    assert capsys.readouterr().out.startswith(f"# {name}\n")


def test_explain_alone_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    said = capsys.readouterr().out.split()
    assert {"check-validated-on-add", "flyway"} <= set(said)


def test_a_rule_has_a_page_with_a_finding() -> None:
    """The examples of a page are found under its name: see test_pages."""
    found = {one.page.stem.replace("_", "-") for one in examples() if one.findings}
    assert set(rules()) <= found
    assert set(rules()) <= names()


def test_what_no_module_finds_can_be_switched_off_as_well(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.write(
        {
            "lockstep.toml": "[rules]\nsuppression-not-honoured = 'off'\n",
            "db/migration/V1__a.sql": "-- lockstep: allow nothing\nSELECT 1;\n",
        }
    )
    assert places(check(capsys, "db")) == []


def test_the_sample_is_not_sought_where_there_is_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert sample.main(["--repository", str(tmp_path / "nothing")]) == 2
    assert capsys.readouterr().err == f"{tmp_path / 'nothing'}: there is no such folder\n"


def test_a_terminal_is_shown_what_a_patch_hides(
    checkout: Checkout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = ADD.replace("\n", " -- \x1b[2J\u202e\r\n")
    checkout.start()
    checkout.commit({"db/migration/V1__a.sql": hostile})
    main(["fix", "--diff"])
    assert f"-{hostile}" in capsys.readouterr().out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    main(["fix", "--diff"])
    assert f"-{ADD[:-1]} -- \ufffd[2J\ufffd\n" in capsys.readouterr().out

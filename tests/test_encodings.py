"""A byte order mark decides how a file is read, and a fix writes it back in the same way."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli import main
from bot.model.change import decoded
from bot.model.source import Source

ADD = "-- größer als ☃\r\nALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\r\n"
SPLIT = ADD.replace(";", " NOT VALID;")
CODECS = {
    "utf-8-sig": "utf-8",
    **{f"utf-{n}-{e}": f"utf-{n}-{e}" for n in (16, 32) for e in ("le", "be")},
}


def with_mark(text: str, codec: str) -> bytes:
    return f"\ufeff{text}".encode(CODECS[codec])


@pytest.mark.parametrize("codec", CODECS)
def test_a_fix_keeps_the_encoding_and_its_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codec: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "V0__a.sql").write_bytes(with_mark("CREATE TABLE u (x int);", codec))
    (tmp_path / "V1__a.sql").write_bytes(with_mark(ADD, codec))
    assert main(["fix", "--framework", "flyway", "V1__a.sql"]) == 0
    assert (tmp_path / "V1__a.sql").read_bytes() == with_mark(SPLIT, codec)
    new = decoded("V2", (tmp_path / "V2__validate_a.sql").read_bytes())
    assert isinstance(new, Source)
    assert new.text.endswith("ALTER TABLE t VALIDATE CONSTRAINT c;\n")
    assert new.encoding == CODECS[codec]


def test_a_finding_has_its_line_in_any_encoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "V1__a.sql").write_bytes(with_mark(ADD, "utf-16-be"))
    assert main(["check", "V1__a.sql"]) == 1
    assert "V1__a.sql:2 error" in capsys.readouterr().out


def test_what_earlier_migrations_name_is_known_in_any_encoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    earlier = "CREATE TABLE u (CONSTRAINT t_x_check CHECK (true));"
    (tmp_path / "V1__a.sql").write_bytes(with_mark(earlier, "utf-16-le"))
    (tmp_path / "V2__b.sql").write_text("ALTER TABLE t ADD CHECK (x > 0);\n")
    assert main(["fix", "V2__b.sql"]) == 0
    assert "CONSTRAINT t_x_check1 CHECK" in (tmp_path / "V2__b.sql").read_text()


def test_git_makes_no_patch_of_what_it_takes_for_binary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "V1__a.sql").write_bytes(with_mark(ADD, "utf-16-le"))
    assert main(["fix", "--diff", "V1__a.sql"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "V1__a.sql is UTF-16-LE, of which git makes no patch" in said.err


# With a NUL, which no SQL holds, the mark of UTF-16 is that of UTF-32.
SQL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(SQL, st.sampled_from(sorted(CODECS)))
def test_no_character_is_lost(text: str, codec: str) -> None:
    found = decoded("a.sql", with_mark(text, codec))
    assert isinstance(found, Source)
    assert found.text.encode(found.encoding) == with_mark(text, codec)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"SELECT '\xe9'", "line 1 is not UTF-8 (byte 0xe9); save the file as UTF-8"),
        ("SELECT".encode("utf-16-le"), "the file begins as UTF-16 without a byte order mark; save"),
        ("SELECT".encode("utf-16-be"), "the file begins as UTF-16 without a byte order mark; save"),
        (b"\xff\xfeSE\0", "the file begins as UTF-16-LE and is none (truncated data); save it as"),
        (
            b"\xfe\xff\xd8\0\0a",
            "the file begins as UTF-16-BE and is none (illegal UTF-16 surrogate);",
        ),
    ],
)
def test_what_no_mark_tells_is_not_guessed(content: bytes, reason: str) -> None:
    assert str(decoded("a.sql", content)).startswith(reason)

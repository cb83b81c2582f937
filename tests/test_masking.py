"""What psql does itself hides no statement, and what it hides is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.migration import Statement, Unreadable
from bot.model.source import Source
from bot.sql.comments import comments
from bot.sql.masking import masked
from bot.sql.statements import statements


def read(text: str) -> list[str]:
    """Each statement's text, or what was wrong with it."""
    source = Source("a.sql", text)
    return [
        f"! {source[one.span]} ! {one.reason}" if isinstance(one, Unreadable) else one.text
        for one in statements(source)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "\\set ON_ERROR_STOP on\nSELECT 1;",
        "\ufeff\\set ON_ERROR_STOP on\r\nSELECT 1;\r\n",
        "SELECT 1; \\echo it's done; SELECT 2;\n",
        "SELECT 1 -- \\g\n;",
        "\\if :{?x}\nSELECT 1;\n\\else\n\\endif\n",
        "\\! rm 'a\nSELECT 1;",
        "\\copy t from 'a.csv'\nSELECT 1;",
        "\\c other\nSELECT 1",
        "\\echo a \\\\ SELECT 1;",
        "\\echo 'a\\\\b' \\\\ SELECT 1;",
        "\\echo a\\\\SELECT 1;",
        "\\o | tee 'a\nSELECT 1;",
        "SELECT 1 \\gset a_\n",
        "SELECT 1 \\g (format=csv) a.csv\n",
        "SELECT 1\\gx",
        "SELECT 1 \\gdesc",
        "SELECT 1\n\\watch 5\n",
        "SELECT 1 \\crosstabview a b\n",
        "SELECT 1 \\p\n;",
        "SELECT 1\\;",
    ],
)
def test_a_command_of_psql_hides_no_statement(text: str) -> None:
    assert read(text) == ["SELECT 1"]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 'a\\i b' AS \"\\i\"",
        "SELECT E'\\'\\g'",
        "SELECT E'a'\n  '\\'\\g'",
        "SELECT $$ \\i b\n$$",
        "SELECT $x$ $$ \\i b\n$x$",
        "SELECT 1 /* /* \\i a */ \\i b */ + 1",
        "SELECT 1 -- \\i a\n + 1",
        "SELECT U&'\\0061'",
        "SELECT name'a\\'",
    ],
)
def test_a_backslash_in_quotes_or_comments_is_no_command(statement: str) -> None:
    assert read(f"{statement}; \\echo\nSELECT 2;") == [statement, "SELECT 2"]


@pytest.mark.parametrize("command", ["\\g", "\\gset", "\\gx | cat", "\\watch"])
def test_what_ends_a_statement_stands_before_the_next(command: str) -> None:
    assert read(f"SELECT 1 {command}\nSELECT 2 {command}\n") == ["SELECT 1", "SELECT 2"]


def test_a_statement_ends_behind_the_command_that_sends_it() -> None:
    source = Source("a.sql", "SELECT 1 \\gset a_ \nSELECT 2")
    assert [one.end for one in statements(source) if isinstance(one, Statement)] == [17, 27]


def test_statements_sent_together_are_several() -> None:
    assert read("SELECT 1\\; SELECT 2;") == ["SELECT 1", "SELECT 2"]


def test_a_command_inside_a_statement_is_not_part_of_it() -> None:
    text = "ALTER TABLE t ADD a int,\n\\if :x\n  ADD b int,\n\\endif\n  ADD c int;"
    (statement,) = statements(Source("a.sql", text))
    assert isinstance(statement, Statement)
    parts = [statement.source[command.span] for command in statement.commands]
    assert parts == ["ADD a int", "ADD b int", "ADD c int"]


def test_what_a_query_returns_is_not_known() -> None:
    assert read("SELECT 'DROP TABLE t' \\gexec\nSELECT 2;") == [
        "SELECT 'DROP TABLE t'",
        "! \\gexec ! \\gexec runs what this query returns, which is not known here",
        "SELECT 2",
    ]


@pytest.mark.parametrize("name", ["i", "ir", "include", "include_relative"])
def test_another_file_is_not_read(name: str) -> None:
    assert read(f"SELECT 1;\n\\{name} 'a b.sql' \r\nSELECT 2;") == [
        "SELECT 1",
        f"! \\{name} 'a b.sql' ! \\{name} runs another file, which is not read here",
        "SELECT 2",
    ]


@pytest.mark.parametrize(
    "copy",
    [
        "COPY t FROM STDIN;",
        "/* a */ copy t (a, b) from stdin WITH (FORMAT csv) -- a\n;",
        "COPY s.t FROM STDIN \\g",
        "\\copy t from stdin",
        "COPY t FROM STDIN; SELECT 0;",
    ],
)
def test_the_data_of_copy_are_no_statements(copy: str) -> None:
    found = read(f"{copy}\r\n1\tit's; DROP TABLE t;\r\n\\N\t\\i a\n\\.\r\nSELECT 1;")
    assert found[-1] == "SELECT 1"
    assert not any("DROP" in one or "!" in one for one in found)


def test_the_rest_of_the_line_of_a_copy_is_read() -> None:
    assert read("COPY t FROM STDIN; SELECT 0;\nit's\n\\.\n")[1] == "SELECT 0"


@pytest.mark.parametrize(
    "statement",
    [
        "COPY t FROM 'stdin'",
        "COPY t FROM '/a' /* from stdin */",
        "COPY t TO STDOUT",
        'SELECT copy FROM "stdin"',
        "SELECT copy FROM stdin",
    ],
)
def test_what_reads_no_data_is_followed_by_statements(statement: str) -> None:
    assert read(f"{statement};\nSELECT 1;")[-1] == "SELECT 1"


def test_data_that_never_end_are_reported() -> None:
    assert read("SELECT 1; COPY t FROM STDIN;\n1\nDROP TABLE t;\n")[2:] == [
        "! 1\nDROP TABLE t; ! the data of COPY never ends"
    ]


@pytest.mark.parametrize("end", ["", "\n", "\n \n", "\n\\.", "\n\\.\n", "\n1\n\\."])
def test_data_that_end_are_not(end: str) -> None:
    assert read(f"COPY t FROM STDIN;{end}") == ["COPY t FROM STDIN"]


def test_what_cannot_be_lexed_hides_neither_commands_nor_comments() -> None:
    text = "SELECT 1; -- a\nSELECT E'\\uZZZZ' \\g\n-- b\nSELECT 2; -- c\n"
    assert len(read(text)) == 3
    assert found_comments(text) == ["-- a", "-- b", "-- c"]


def found_comments(text: str) -> list[str]:
    source = Source("a.sql", text)
    return [source[span] for span in comments(source)]


def test_what_looks_like_a_comment_behind_a_command_or_in_data_is_none() -> None:
    text = (
        "\\echo -- a\n-- b\nCOPY t FROM STDIN; -- c\n-- d\n/* e\n\\.\nSELECT '-- f'; /* /* g */ */"
    )
    assert found_comments(f"\ufeff{text}") == ["-- b", "-- c", "/* /* g */ */"]


@given(st.text(alphabet="\\;:.gi'\"$-/*eE \n\räx\ufeff") | st.text())
def test_no_character_moves_and_no_line_ends_elsewhere(text: str) -> None:
    found, _ = masked(text)
    assert len(found) == len(text)
    assert [at for at, c in enumerate(found) if c == "\n"] == [
        at for at, c in enumerate(text) if c == "\n"
    ]


def test_autocommit_off_is_not_analysed() -> None:
    for value, told in (("off", 1), ("OFF", 1), ("on", 0), ("", 1)):
        text, hidden = masked(f"\\set AUTOCOMMIT {value}\nSELECT 1;")
        assert len(hidden) == told
        assert text.endswith("\nSELECT 1;")

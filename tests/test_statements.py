"""Statements are found where they stand, and one that is wrong hides no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.migration import Statement, Unreadable
from bot.model.source import Source
from bot.postgres.operations import AddColumn, AddConstraint, Check, ForeignKey, Operation
from bot.sql.comments import comments
from bot.sql.statements import statements
from bot.sql.tokens import COMMENTS, Unlexable, tokens


def read(text: str) -> list[str]:
    """Each statement's text, or what was wrong with it."""
    source = Source("a.sql", text)
    return [
        f"! {source[one.span]} ! {one.reason}" if isinstance(one, Unreadable) else one.text
        for one in statements(source)
    ]


def commands(text: str) -> list[tuple[str, Operation]]:
    source = Source("a.sql", text)
    (statement,) = statements(source)
    assert isinstance(statement, Statement)
    return [(source[command.span], command.operation) for command in statement.commands]


def test_comments_and_blanks_belong_to_no_statement() -> None:
    text = "/* a; b */ -- c\n  SELECT 1 /* d; */ -- e\n ; -- f\n\n SELECT 2 -- g\n"
    assert read(text) == ["SELECT 1", "SELECT 2"]


def test_a_byte_order_mark_and_characters_of_many_bytes_move_no_offset() -> None:
    assert read("\ufeffSELECT 'ü☃𝄞';\r\nSELECT 'é' AS \"ß\"") == [
        "SELECT 'ü☃𝄞'",
        "SELECT 'é' AS \"ß\"",
    ]


@pytest.mark.parametrize(
    "text",
    ["", " \n", "-- nothing\n", "/* nothing */", ";", " ; ;\n;"],
)
def test_a_text_without_statements_has_none(text: str) -> None:
    assert read(text) == []


def test_a_statement_that_does_not_parse_hides_no_other() -> None:
    assert read("SELECT 1; SELEC 2; SELECT 3;") == [
        "SELECT 1",
        '! SELEC 2 ! syntax error at or near "SELEC"',
        "SELECT 3",
    ]


def test_an_unclosed_parenthesis_costs_one_statement() -> None:
    assert read("SELECT (1; SELECT 2; SELECT 3") == [
        "! SELECT (1 ! syntax error at end of input",
        "SELECT 2",
        "SELECT 3",
    ]


def test_a_body_with_semicolons_stays_whole_beside_an_error() -> None:
    body = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END"
    assert read(f"SELEC 0; {body}; SELECT 3;")[1:] == [body, "SELECT 3"]


@pytest.mark.parametrize("opening", ["'abc", '"abc', "$$ abc", "$x$ abc", "/* abc", "E'a\\'"])
def test_what_never_ends_is_reported_to_the_end_of_the_file(opening: str) -> None:
    first, second = read(f"SELECT 'ä'; SELECT {opening}; SELECT 2;")
    assert first == "SELECT 'ä'"
    assert second.startswith(f"! SELECT {opening}; SELECT 2; ! unterminated")
    assert second.endswith("; nothing after it could be read")


@pytest.mark.parametrize(
    ("string", "reason"),
    [
        (r"E'abc\uZZZZ'", "invalid Unicode escape"),
        (r"E'abc\uD800'", 'invalid Unicode surrogate pair at or near "\'"'),
        (r"E'\xff'", 'invalid byte sequence for encoding "UTF8": 0xff'),
        (r"U&'\zzzz'", "invalid Unicode escape"),
        ("1ä", 'trailing junk after numeric literal at or near "1ä"'),
        ('""', 'zero-length delimited identifier at or near """"'),
        ("X'1", "unterminated hexadecimal string literal; nothing after it could be read"),
    ],
)
def test_what_the_lexer_cannot_read_costs_its_own_statement(string: str, reason: str) -> None:
    after = "" if "unterminated" in reason else "; ALTER TABLE t ADD c int"
    found = read(f"SELECT E'\\'ü;'; /* a */ SELECT {string}{after}")
    assert found == [
        "SELECT E'\\'ü;'",
        f"! SELECT {string} ! {reason}",
        *([after[2:]] if after else []),
    ]


def test_an_escape_that_the_file_breaks_off_is_reported() -> None:
    assert len(read(r"SELECT 1; SELECT E'\uD800")) == 2


def test_half_a_character_is_reported() -> None:
    assert read("SELECT 1; SELECT '\ud800'")[0].endswith("half a character (a lone surrogate)")


def test_a_nest_that_would_exhaust_the_stack_is_reported() -> None:
    (found,) = read("SELECT " + " + ".join(["f(1, 2)"] * 60_000))
    assert found.endswith("the statement is too deeply nested")


def test_signs_that_would_take_the_lexer_minutes_are_reported() -> None:
    (found,) = read("SELECT 1; " + "/*" * 100_000)
    assert found.endswith("2,000 signs without a blank")


def test_a_blank_of_unicode_at_the_end_is_no_statement() -> None:
    assert read("SELECT 1;\n\u00a0\u3000\n") == ["SELECT 1"]


@pytest.mark.parametrize(
    "statement",
    [
        "SET standard_conforming_strings = off",
        "SET LOCAL \"Standard_conforming_strings\" TO 'no'",
        "SET standard_conforming_strings TO 0",
        "SELECT pg_catalog.set_config('standard_conforming_strings', 'off', false)",
        "SELECT upper(set_config('standard_conforming_strings', 'off', false))",
        "WITH x AS (SELECT set_config('standard_conforming_strings', 'off', false)) TABLE x",
        "UPDATE pg_settings SET setting = 'off' WHERE name LIKE 'standard%'",
        "DO 'BEGIN SET standard_conforming_strings = off; END'",
    ],
)
def test_where_backslashes_mean_something_else_reading_ends(statement: str) -> None:
    assert read(f"SELECT 1; {statement}; SELECT 'a\\'; \\i b\nSELEC';\n") == [
        "SELECT 1",
        f"! {statement}; SELECT 'a\\'; \\i b\nSELEC'; ! from here on the server reads backslashes in"
        " strings in another way; nothing after it could be read",
    ]


@pytest.mark.parametrize("value", ["= on", "TO DEFAULT", "= true", "= 1"])
def test_where_backslashes_mean_what_they_do_by_default_reading_goes_on(value: str) -> None:
    assert len(read(f"SET standard_conforming_strings {value}; SELECT 1")) == 2


def test_a_body_that_never_ends_costs_one_statement() -> None:
    assert read("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; SELECT 3")[
        1:
    ] == [
        "SELECT 2",
        "SELECT 3",
    ]


def test_a_case_in_a_body_ends_before_the_body() -> None:
    body = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END"
    assert read(f"{body}; SELECT 3") == [body, "SELECT 3"]


def test_the_commands_of_a_rule_stay_together() -> None:
    rule = "CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a WHERE (b); DELETE FROM c)"
    assert read(f"{rule}; SELEC 3")[0] == rule


def test_a_nul_character_is_not_the_end() -> None:
    assert read("SELECT 1;\0 DROP TABLE t;")[0].endswith("the file contains a NUL character")


def test_the_end_of_a_statement_lies_behind_its_semicolon() -> None:
    source = Source("a.sql", "SELECT 1 /* x */ ; SELECT 2 -- y")
    assert [one.end for one in statements(source) if isinstance(one, Statement)] == [18, 27]


def test_each_command_of_an_alter_table_has_its_own_text() -> None:
    text = """ALTER TABLE /* a, b */ IF EXISTS ONLY s."t,u" -- c, d
        ADD CONSTRAINT "c,d" CHECK (x = ANY (ARRAY[1, 2])) /* e */ ,
        ADD FOREIGN KEY (a, b) REFERENCES p (a, b) ON DELETE SET NULL (a),
        ADD COLUMN n numeric(10, 2) CHECK (n > 0)"""
    assert [part for part, _ in commands(text)] == [
        'ADD CONSTRAINT "c,d" CHECK (x = ANY (ARRAY[1, 2]))',
        "ADD FOREIGN KEY (a, b) REFERENCES p (a, b) ON DELETE SET NULL (a)",
        "ADD COLUMN n numeric(10, 2) CHECK (n > 0)",
    ]


@pytest.mark.parametrize(
    "table",
    ["t", "only", '"only"', "if", "s.exists", "exists", "(t)", "t *", "U&\"d\\0061t\" UESCAPE '!'"],
)
def test_a_table_may_be_written_in_many_ways(table: str) -> None:
    only = "ONLY " if table.startswith("(") else ""
    name = '"only"' if table == "only" else table
    (one,) = commands(f"ALTER TABLE {only}{name} ADD CHECK (x > 0)")
    assert one[0] == "ADD CHECK (x > 0)"


def test_the_columns_of_a_check_are_those_that_it_names() -> None:
    (_, operation) = commands("ALTER TABLE t ADD CHECK (t.a > 0 AND lower(b) <> '' OR a IS NULL)")[
        0
    ]
    assert isinstance(operation, AddConstraint)
    assert operation.constraint == Check(columns=("a", "b"))


def test_a_deep_expression_is_read(caplog: pytest.LogCaptureFixture) -> None:
    sum_of_many = " + ".join(["x"] * 3000)
    ((_, operation),) = commands(f"ALTER TABLE t ADD CHECK ({sum_of_many} > 0)")
    assert isinstance(operation, AddConstraint)
    assert operation.constraint == Check(columns=("x",))


def test_not_enforced_behind_a_column_constraint_is_seen() -> None:
    text = "ALTER TABLE t ADD COLUMN a int REFERENCES p NOT ENFORCED CHECK (a > 0)"
    ((_, operation),) = commands(text)
    assert isinstance(operation, AddColumn)
    key, check = operation.constraints
    assert isinstance(key, ForeignKey)
    assert (key.enforced, check.enforced) == (False, True)


words = st.sampled_from(
    [
        *("SELECT 1", "SELEC", "(", ")", ";", ";", "'a'", "'", '"', "$$", "--x\n", "/*", "*/", "ä"),
        *("\n", "ALTER TABLE t ADD CHECK (x > 0)", "BEGIN ATOMIC", "END", "$x$", "\u00a0"),
        *("CREATE RULE r AS ON INSERT TO t DO (", "CREATE FUNCTION f() RETURNS int", "CASE", ","),
        *(
            r"E'\u12'",
            r"E'\uD800'",
            "E'",
            r"\'",
            r"E'\xff'",
            "U&'",
            'U&"',
            r"U&'\D800'",
            "b'",
            "b'2'",
        ),
        *(
            "x''",
            "1a",
            '""',
            "\\",
            r"\;",
            "\\g\n",
            "\\i a.sql\n",
            "\\echo 'a\n",
            r"\\",
            "\\.\n",
            "\r",
        ),
        *("COPY t FROM STDIN", "SET standard_conforming_strings = off", "UESCAPE '!'", "\ufeff"),
    ]
)
texts = st.lists(words, max_size=14).map(" ".join) | st.lists(words, max_size=14).map("".join)


@given(texts)
def test_nothing_is_lost_and_nothing_is_read_twice(text: str) -> None:
    source = Source("a.sql", text)
    hides = "--" in text or "/*" in text or "\\" in text or "STDIN" in text
    place = 0
    for one in statements(source):
        if isinstance(one, Unreadable) and text[one.span.start] == "\\":
            continue
        between = text[place : one.span.start]
        assert not "".join(between.split()).strip(";\ufeff") or hides
        assert place <= one.span.start < one.span.end
        place = one.end if isinstance(one, Statement) else one.span.end


@given(texts)
def test_comments_are_where_the_lexer_finds_them(text: str) -> None:
    text = text.replace("\\", "").replace("STDIN", "f").replace("\ufeff", "")
    try:
        found = [token.span for token in tokens(text) if token.name in COMMENTS]
    except Unlexable:
        return
    assert set(found) <= set(comments(Source("a.sql", text)))

"""What a tool fills in later hides no statement, is mixed up with nothing and is written as it was."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.comments.body import Desk, body
from bot.comments.proposal import proposals
from bot.fixing import changes
from bot.model.finding import NoFix
from bot.model.migration import Statement, Unreadable
from bot.model.report import Report
from bot.model.source import Source
from bot.sql.masking import masked, with_variables_masked
from bot.sql.statements import statements
from tests.reviewing import review

FLYWAY = "db/migration/V1__a.sql"


def read(text: str) -> list[str]:
    """Each statement's text, or what was wrong with it."""
    source = Source("a.sql", text)
    return [
        f"! {source[one.span]} ! {one.reason}" if isinstance(one, Unreadable) else one.text
        for one in statements(source)
    ]


def reviewed(text: str) -> Report:
    return review({FLYWAY: text}, framework="flyway")


def after(text: str) -> list[str]:
    """The file and the new files once every suggestion is accepted."""
    return [change.after for change in changes(reviewed(text))]


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE ${schema}.orders ADD COLUMN x int",
        "ALTER TABLE ${flyway:defaultSchema}.tbl_${n}_old ADD COLUMN ${c} ${type}",
        'ALTER TABLE "${schema}"."Order ${n}" ADD COLUMN x int',
        "CREATE TABLE {{ schema }}.{{prefix}}_orders (id {{ id_type | default('bigint') }})",
        "GRANT SELECT ON ALL TABLES IN SCHEMA ${table.schema} TO ${role}",
        "CREATE USER @user@ PASSWORD '@password@'",
        "ALTER TABLE :schema.orders ADD COLUMN x int DEFAULT :'default'",
        'ALTER TABLE :"schema".orders OWNER TO :owner',
        "INSERT INTO t VALUES (%(id)s, %(name)s, '${x}', :1)",
        "INSERT INTO t SELECT a[1:x], ARRAY[:x, :y]",
        "SELECT * FROM t LIMIT :n",
        "CREATE TABLE :s.:t AS SELECT x FROM :s.wdpa_:date",
        "SELECT x::text FROM :t",
        "COMMENT ON TABLE ${t} IS $$ {{ it's }} $$",
        "ALTER TABLE t {% if more %} ADD a int, {% endif %} ADD b int",
    ],
)
def test_a_placeholder_stands_where_a_name_or_value_does(statement: str) -> None:
    assert read(f"SELECT 1; {statement}; SELECT 2") == ["SELECT 1", statement, "SELECT 2"]


@pytest.mark.parametrize(
    "template",
    [
        "{% if x %}",
        "{%- for t in tables -%}",
        "{# it's; a comment\n on two lines #}",
        "{{#each tables}}",
        "{{/each}}",
        "{{! it's }}",
        "{{- if .Debug }}",
        "{{ end }}",
    ],
)
def test_what_steers_a_template_is_no_part_of_a_statement(template: str) -> None:
    assert read(f"{template}\nSELECT 1;\n{template} SELECT 2;") == ["SELECT 1", "SELECT 2"]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("${body}", 'syntax error at or near "${body}", which stands for what is not known here'),
        (
            "ALTER TABLE t ADD c int ${rest}",
            'syntax error at or near "${rest}", which stands for what is not known here',
        ),
        ("DELETE FROM t ${where}", "what ${where} stands for is not known here"),
        ("DELETE FROM t :where", 'syntax error at or near ":"'),
        ("TABLE {{ x }} {{ y }}", 'syntax error at or near "{{ y }}", which stands for what is'),
        (
            f"ALTER TABLE ${{{'x' * 60}}} ADD c int",
            "a name with a placeholder is too long to be told from others",
        ),
        ("SELECT :x :y +", 'syntax error at or near ":"'),
    ],
)
def test_what_nobody_can_tell_is_reported(statement: str, reason: str) -> None:
    first, second, third = read(f"SELECT 1; {statement}; SELECT 2")
    assert (first, third) == ("SELECT 1", "SELECT 2")
    assert second.startswith(f"! {statement} ! {reason}")


def test_an_included_file_is_reported_as_not_read() -> None:
    assert read("{% include 'b.sql' %}\nSELECT 1;") == [
        "! {% include 'b.sql' %} ! another file is included here, which is not read",
        "SELECT 1",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a[1:x], a[:y], b::int, c @> d, e @@ f, @ g, h % (i) j, $1 FROM t",
        "SELECT '${x} {{ y }}', $${% z %}$$, $t$ ${x} $t$ -- ${x} {{ it's",
        "SELECT E'\\'${x}', 'a:b', 'me@example.com', '{\"a\": {\"b\": 1}}'::jsonb",
        "DO $$ DECLARE x int; BEGIN x := 1; END $$",
        "SELECT '{{1,2},{3,4}}'::int[] /* {% if %} */",
    ],
)
def test_what_only_looks_like_a_placeholder_stays(text: str) -> None:
    assert masked(text) == (text, ())
    assert read(text) == [text.partition(" -- ")[0].partition(" /*")[0]]


def test_characters_that_could_be_taken_for_a_stand_in_are_the_authors() -> None:
    assert read("SELECT '\ue000\ue100$'; ALTER TABLE ${x} ADD c int")[0] == "SELECT '\ue000\ue100$'"
    assert read("SELECT '\ue000\ue100$'; ALTER TABLE ${x} ADD c int")[1].startswith("! ALTER")


PIECES = [
    "${x}",
    "{{ y }}",
    '"${x} q"',
    "{% if\n %}",
    "{# a #}",
    "{{/if}}",
    ":x",
    ":'x'",
    "%(x)s",
    "@x@",
]
SQL = [
    "SELECT 1",
    "'it''s ${x}'",
    "$$ {{ $$",
    "-- {% \n",
    "a[1:x]",
    "b::c",
    ";",
    "\n",
    " ",
    "'",
    "{",
    "$",
]
ANY = re.compile(
    r"\$\{[^}]*\}|\{\{.*?\}\}+|\{%.*?%\}|\{#.*?#\}|:'\w+'|:\"?\w+\"?|%\(\w+\)[sdf]?|@[\w.-]+@",
    re.DOTALL,
)


@given(
    st.lists(st.sampled_from(PIECES + SQL)).map("".join) | st.text(alphabet="${}%#@:x'\"\n a-/*")
)
@example('"${x}')
@example("{{{{{{%{%${${")
def test_masking_moves_nothing_and_leaves_all_else_alone(text: str) -> None:
    inside = {place for start in range(len(text)) for place in covered(text, start)}
    for found in (masked(text)[0], with_variables_masked(text)):
        assert len(found) == len(text)
        for place, (new, old) in enumerate(zip(found, text, strict=True)):
            assert new == old or (place in inside and old not in "\r\n")


def covered(text: str, start: int) -> range:
    found = ANY.match(text, start)
    return range(start, found.end()) if found else range(0)


@given(st.lists(st.sampled_from(SQL)).map("".join))
def test_a_text_without_placeholders_is_left_as_it_is(text: str) -> None:
    if "${" not in text and "{{" not in text and "{%" not in text:
        assert masked(text) == (text, ())


def test_a_finding_speaks_of_the_table_in_the_authors_words() -> None:
    (remark,) = reviewed("ALTER TABLE ${schema}.orders ADD CHECK (total > 0);\n").remarks
    assert remark.finding.message == (
        "Reads and writes of `${schema}.orders` wait until every row of `${schema}.orders` is checked."
    )


@pytest.mark.parametrize(
    "table",
    [
        "${schema}.orders",
        '"{{ index .Options "Namespace" }}".orders',
        '"a""{{ x }}".orders',
        '"${schema}".orders',
        "{{ schema }}.orders",
        ":schema.orders",
        "@s@.orders",
    ],
)
def test_a_suggestion_has_the_placeholders_of_the_author(table: str) -> None:
    edited, new = after(f"ALTER TABLE {table}\n    ADD CHECK (total >= 0); -- :x ${{x}}\n")
    assert edited == (
        f"ALTER TABLE {table}\n"
        "    ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID; -- :x ${x}\n"
    )
    assert new.endswith(f"\nALTER TABLE {table} VALIDATE CONSTRAINT orders_total_check;\n")


def test_the_suggested_block_on_the_pull_request_has_them_too() -> None:
    report = reviewed("ALTER TABLE ${s}.t ADD CONSTRAINT ${n}_c CHECK (x > ${least});\n")
    (proposal,) = proposals(report.remarks)
    text = body(proposal, Desk("https://example.org/o/r", "b"), suggest=True)
    assert (
        "```suggestion\nALTER TABLE ${s}.t ADD CONSTRAINT ${n}_c CHECK (x > ${least}) NOT VALID;\n```"
        in text
    )
    assert "ALTER TABLE ${s}.t VALIDATE CONSTRAINT ${n}_c;" in text


def test_a_constraint_of_a_new_column_is_taken_out_from_between_placeholders() -> None:
    edited, _ = after(
        "ALTER TABLE :s.t ADD COLUMN :c int DEFAULT :'it' CONSTRAINT :k REFERENCES :s.u;\n"
    )
    assert edited == (
        "ALTER TABLE :s.t ADD COLUMN :c int DEFAULT :'it',"
        " ADD CONSTRAINT :k FOREIGN KEY (:c) REFERENCES :s.u NOT VALID;\n"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE ${table} ADD CHECK (total >= 0);",
        'ALTER TABLE "${table}" ADD CHECK (total >= 0);',
        "ALTER TABLE orders ADD CHECK (${column} >= 0);",
        "ALTER TABLE orders ADD FOREIGN KEY (${column}) REFERENCES customers;",
        "ALTER TABLE orders ADD COLUMN ${column} int CHECK (${column} > 0);",
        "ALTER TABLE ${table} ALTER total SET NOT NULL;",
        "ALTER TABLE ${table} ADD UNIQUE (total);",
        "ALTER TABLE orders ADD PRIMARY KEY (${column});",
    ],
)
def test_a_name_that_depends_on_a_placeholder_is_asked_for(statement: str) -> None:
    (remark,) = reviewed(statement).remarks
    assert isinstance(remark.fix, NoFix)
    assert "depend on what is filled in for the placeholder" in remark.fix.reason


def test_an_index_on_a_table_with_a_placeholder_is_built_concurrently() -> None:
    assert after("CREATE INDEX ON ${s}.t (${c});\nSELECT 1;\n")[1].endswith(
        "\nCREATE INDEX CONCURRENTLY ON ${s}.t (${c});\n"
    )


def test_there_is_no_query_for_rows_that_nobody_can_run() -> None:
    for statement in (
        'ALTER TABLE "${s}".t ADD CONSTRAINT c CHECK (x > 0)',
        "ALTER TABLE :s.t ADD CONSTRAINT c CHECK (x > 0)",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (x > ${n})",
    ):
        assert [remark.violating_rows for remark in reviewed(statement).remarks] == [None]


def test_a_table_that_only_a_placeholder_names_is_no_other_table() -> None:
    for created, altered in (
        ("${a}.t", "${b}.t"),
        ("${a}.t", "t"),
        ("t", "${a}.t"),
        ("${a}", "${b}"),
    ):
        text = f"CREATE TABLE {created} (x int);\nALTER TABLE {altered} ADD CONSTRAINT c CHECK (x > 0);"
        assert [remark.finding.lines.first for remark in reviewed(text).remarks] == [2]


def test_a_table_that_the_change_creates_is_known_by_its_placeholder() -> None:
    text = "CREATE TABLE ${a}.t (x int);\nALTER TABLE ${a}.t ADD CONSTRAINT c CHECK (x > 0);"
    assert reviewed(text).remarks == ()


def test_every_statement_of_a_file_with_many_placeholders_is_read() -> None:
    text = "".join(f"ALTER TABLE ${{s{n}}}.t{n} ADD COLUMN x int;\n" for n in range(7000))
    found = list(statements(Source("a.sql", text)))
    known = [one for one in found if isinstance(one, Statement)]
    assert len(found) == 7000
    assert len(known) > 5000  # those past the characters that can stand in are reported

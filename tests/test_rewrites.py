"""Whatever the layout, a fix changes what it has to and not one character more."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pglast import parse_sql

from bot.fixing import changes
from bot.model.finding import Fix, Following, NoFix
from bot.settings import Settings, with_version
from tests.reviewing import review

FOLLOWING: tuple[Following, ...] = ("auto", "same-file", "new-file")
gaps = st.sampled_from([" ", "  ", "\n", "\n    ", " /* a, b; */ ", " -- c, d;\n\t", "\r\n  "])
names = st.sampled_from(["t", "public.t", '"T,u"', "größe", '"a""b".orders', "s.t"])
checks = st.sampled_from(
    ["x > 0", "x IN (1, 2)", "f(x, y) = ANY (ARRAY[1, 2])", "n <> ';,)'", "\"É\" > 'ü☃'", "true"]
)
ends = st.sampled_from(["", " NO INHERIT"])
actions = st.sampled_from(
    ["", " ON DELETE CASCADE", " MATCH FULL", " DEFERRABLE INITIALLY DEFERRED"]
)


@st.composite
def constraints(draw: st.DrawFn) -> str:
    gap = draw(gaps)
    number = draw(st.integers(0, 99))
    name = draw(
        st.sampled_from(["", f"CONSTRAINT c{number}{gap}", f'CONSTRAINT "ü {number}"{gap}'])
    )
    if draw(st.booleans()):
        return f"ADD {name}CHECK{gap}({draw(checks)}){draw(ends)}"
    columns = draw(st.sampled_from(["x", "x, y"]))
    return (
        f"ADD {name}FOREIGN KEY ({columns}){gap}REFERENCES {draw(names)} ({columns}){draw(actions)}"
    )


@st.composite
def migrations(draw: st.DrawFn) -> str:
    """One ALTER TABLE of one to three constraints, some with other commands between them."""
    others = st.sampled_from(
        ["ADD COLUMN z int[]", "ALTER COLUMN x SET DEFAULT (1)", "OWNER TO me"]
    )
    some = draw(st.lists(constraints(), min_size=1, max_size=3, unique_by=lambda c: c.split()[2]))
    rest = draw(st.lists(others, max_size=1))
    gap = draw(gaps)
    body = f"{gap},{gap}".join(draw(st.permutations([*some, *rest])))
    before = draw(st.sampled_from(["", "\ufeff", "-- ä\n", "SELECT 'é';\r\n"]))
    after = draw(st.sampled_from(["", ";", ";\n", " ; -- end", ";\r\nSELECT 1;\r\n"]))
    return f"{before}ALTER TABLE{draw(gaps)}{draw(names)}{draw(gaps)}{body}{after}"


def fixed(text: str, framework: str) -> dict[str, str]:
    path = "V1__a.sql" if framework == "flyway" else "1_a.sql"
    made = changes(review({path: text}, framework=framework))
    return {change.path: change.after for change in made}


def is_inside(inner: str, outer: str) -> bool:
    """Whether `outer` is `inner` with text inserted."""
    letters = iter(outer)
    return all(letter in letters for letter in inner)


@settings(max_examples=200, deadline=None)
@given(migrations(), st.sampled_from(["psql", "flyway"]))
def test_a_fix_only_inserts_parses_and_is_silent(text: str, framework: str) -> None:
    files = fixed(text, framework)
    (edited, *_) = files.values()
    assert is_inside(text, edited)
    again = review(files, framework=framework)
    assert not again.remarks
    assert not again.unreadable
    assert changes(again) == ()


@settings(max_examples=200, deadline=None)
@given(migrations())
def test_the_syntax_tree_differs_by_exactly_the_rewrite(text: str) -> None:
    (edited,) = fixed(text, "psql").values()
    before, after = trees(text), trees(edited)
    validations = [tree for tree in after if is_validation(tree)]
    assert len(validations) == text.count("CHECK") + text.count("FOREIGN KEY")
    assert [tree for tree in after if not is_validation(tree)] == [split(tree) for tree in before]


def trees(text: str) -> list[dict[str, Any]]:
    statements: Any = parse_sql(text.replace("\ufeff", " "))
    return [without_places(statement.stmt(skip_none=True)) for statement in statements]


def without_places(tree: Any) -> Any:
    match tree:
        case dict():
            places = ("location", "list_start", "list_end")
            return {k: without_places(v) for k, v in tree.items() if not k.endswith(places)}
        case tuple() | list():
            return [without_places(item) for item in tree]
    return tree


def is_validation(tree: dict[str, Any]) -> bool:
    commands = tree.get("cmds", ())
    return [command["subtype"]["name"] for command in commands] == ["AT_ValidateConstraint"]


def split(tree: dict[str, Any]) -> dict[str, Any]:
    """`tree` with every new constraint NOT VALID, and a name where it had none."""
    for command in tree.get("cmds", ()):
        added = command.get("def_", {})
        if added.get("@") == "Constraint":
            added["skip_validation"] = True
            added["initially_valid"] = False
            added.setdefault("conname", ANY_NAME)
    return tree


class AnyName:
    def __eq__(self, other: object) -> bool:
        return isinstance(other, str)

    def __hash__(self) -> int:
        return 0


ANY_NAME = AnyName()


def one(text: str) -> str:
    (edited,) = fixed(text, "psql").values()
    return edited


def test_line_ends_of_windows_stay_and_new_lines_have_them_too() -> None:
    text = "ALTER TABLE t\r\n  ADD CONSTRAINT c CHECK (x > 0);\r\n"
    assert one(text) == (
        "ALTER TABLE t\r\n  ADD CONSTRAINT c CHECK (x > 0) NOT VALID;\r\n"
        "ALTER TABLE t VALIDATE CONSTRAINT c;\r\n"
    )


def test_the_comment_behind_a_statement_stays_on_its_line() -> None:
    assert one("ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0); -- positive\nSELECT 1;\n") == (
        "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID; -- positive\n"
        "ALTER TABLE t VALIDATE CONSTRAINT c;\nSELECT 1;\n"
    )


def test_a_statement_on_the_same_line_stays_behind() -> None:
    assert one("ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0); SELECT 1;") == (
        "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;\n"
        "ALTER TABLE t VALIDATE CONSTRAINT c; SELECT 1;"
    )


def test_a_missing_semicolon_is_added() -> None:
    assert one("alter table t add constraint c check (x > 0)\n") == (
        "alter table t add constraint c check (x > 0) not valid;\n"
        "alter table t validate constraint c;\n"
    )


def test_an_indented_statement_is_followed_by_one_as_far_in() -> None:
    assert one("  ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n") == (
        "  ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;\n"
        "  ALTER TABLE t VALIDATE CONSTRAINT c;\n"
    )


def test_if_exists_holds_for_the_validation_too() -> None:
    assert "ALTER TABLE IF EXISTS t VALIDATE CONSTRAINT c;" in one(
        "ALTER TABLE IF EXISTS t ADD CONSTRAINT c CHECK (x > 0);"
    )


def test_a_search_path_is_set_in_the_next_file_too() -> None:
    text = "SET search_path = app;\nALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
    follow_up = fixed(text, "flyway")["V2__validate_a.sql"]
    assert "SET search_path = app;\nALTER TABLE t VALIDATE CONSTRAINT c;\n" in follow_up


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID, VALIDATE CONSTRAINT c;",
            "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;",
        ),
        (
            "ALTER TABLE t VALIDATE CONSTRAINT c, ADD COLUMN d int;",
            "ALTER TABLE t ADD COLUMN d int;",
        ),
        (
            "ALTER TABLE t ADD COLUMN d int, -- d\n  VALIDATE CONSTRAINT c /* v */;",
            "ALTER TABLE t ADD COLUMN d int -- d\n   /* v */;",
        ),
    ],
)
def test_a_command_is_taken_out_with_one_comma(text: str, left: str) -> None:
    assert one(text) == f"{left}\nALTER TABLE t VALIDATE CONSTRAINT c;"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "ALTER TABLE t VALIDATE CONSTRAINT c, VALIDATE CONSTRAINT d, ADD COLUMN x int;",
            "ALTER TABLE t ADD COLUMN x int;",
        ),
        (
            "ALTER TABLE t VALIDATE CONSTRAINT c /*a*/, VALIDATE CONSTRAINT d /*b*/, ADD COLUMN x int;",
            "ALTER TABLE t  /*a*/  /*b*/ ADD COLUMN x int;",
        ),
        (
            "ALTER TABLE t VALIDATE CONSTRAINT c, ADD COLUMN x int, VALIDATE CONSTRAINT d;",
            "ALTER TABLE t ADD COLUMN x int;",
        ),
    ],
)
def test_commands_that_leave_one_statement_leave_it_together(text: str, left: str) -> None:
    assert one(text) == (
        f"{left}\nALTER TABLE t VALIDATE CONSTRAINT c;\nALTER TABLE t VALIDATE CONSTRAINT d;"
    )


@pytest.mark.parametrize(
    ("column", "left"),
    [
        ('x int COLLATE "C" CHECK (x > 0)', 'x int COLLATE "C"'),
        ("x text CHECK (x > 'a') COLLATE \"C\"", 'x text COLLATE "C"'),
        ("x int CONSTRAINT t_x_check CHECK (x > 0) NULL", "x int NULL"),
        ("x int DEFAULT 0 CHECK (x > 0) NOT NULL", "x int DEFAULT 0 NOT NULL"),
        ("x int /* a */ CHECK (x > 0) /* b */ NOT NULL", "x int /* a */  /* b */ NOT NULL"),
    ],
)
def test_a_constraint_leaves_its_new_column(column: str, left: str) -> None:
    check = re.search(r"CHECK \(.*?\)", column)
    assert check
    assert one(f"ALTER TABLE t ADD COLUMN {column};") == (
        f"ALTER TABLE t ADD COLUMN {left}, ADD CONSTRAINT t_x_check {check[0]} NOT VALID;\n"
        "ALTER TABLE t VALIDATE CONSTRAINT t_x_check;"
    )


def test_a_key_leaves_its_new_column_with_all_that_belongs_to_it() -> None:
    key = "REFERENCES p (id) MATCH FULL ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED"
    assert one(f"alter table t add x int default 1 {key} not null;") == (
        f"alter table t add x int default 1 not null, add constraint t_x_fkey foreign key (x) {key}"
        " not valid;\nalter table t validate constraint t_x_fkey;"
    )


def test_a_column_that_may_exist_keeps_its_constraint() -> None:
    (remark,) = review(
        {"1.sql": "ALTER TABLE t ADD COLUMN IF NOT EXISTS x int CHECK (x > 0);"}
    ).remarks
    assert isinstance(remark.fix, NoFix)


def test_a_statement_of_nothing_but_validations_leaves_whole() -> None:
    text = "ALTER TABLE u ADD COLUMN x int;\nALTER TABLE t VALIDATE CONSTRAINT c, VALIDATE CONSTRAINT d;\n"
    edited, follow_up = fixed(text, "flyway").values()
    assert edited == "ALTER TABLE u ADD COLUMN x int;\n"
    assert follow_up.count("VALIDATE") == 2


def test_a_validation_that_something_builds_on_is_not_moved() -> None:
    text = """\
ALTER TABLE t ADD CONSTRAINT c CHECK (x IS NOT NULL) NOT VALID;
ALTER TABLE t VALIDATE CONSTRAINT c;
ALTER TABLE t ALTER COLUMN x SET NOT NULL;
"""
    (remark,) = review({"V1__a.sql": text}, framework="flyway").remarks
    assert remark.finding.rule == "validated-under-lock"
    assert isinstance(remark.fix, NoFix)


ADD = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"


@pytest.mark.parametrize(
    "later",
    [
        "ALTER TABLE t DROP COLUMN y;",
        "ALTER TABLE t ALTER COLUMN y TYPE bigint;",
        "ALTER TABLE t RENAME COLUMN y TO z;",
        "ALTER TABLE t ADD PRIMARY KEY (x);",
    ],
)
def test_what_a_later_statement_does_to_other_columns_is_no_objection(later: str) -> None:
    for first in (ADD, "ALTER TABLE t ADD UNIQUE (x);\n", "ALTER TABLE t ALTER x SET NOT NULL;\n"):
        if "PRIMARY" not in later or first == ADD:
            remark = review({"V1__a.sql": first + later}, framework="flyway").remarks[0]
            assert isinstance(remark.fix, Fix)


@pytest.mark.parametrize(
    "later",
    [
        "ALTER TABLE t RENAME CONSTRAINT c TO d;",
        "ALTER TABLE t RENAME TO u;",
        "ALTER TABLE t SET SCHEMA app;",
        "ALTER TABLE t DROP CONSTRAINT c;",
        "ALTER TABLE t DROP COLUMN x;",
        "ALTER TABLE t ALTER COLUMN x TYPE bigint;",
        "ALTER TABLE t VALIDATE CONSTRAINT c;",
        "ALTER TABLE p ATTACH PARTITION t FOR VALUES FROM (0) TO (10);",
        "DROP TABLE t;",
    ],
)
@pytest.mark.parametrize("framework", ["psql", "flyway"])
def test_what_a_later_statement_builds_on_is_left_to_a_person(later: str, framework: str) -> None:
    path = "V1__a.sql" if framework == "flyway" else "1.sql"
    text = f"BEGIN; {ADD} {later} COMMIT;" if framework == "psql" else ADD + later
    remark = review({path: text}, framework=framework).remarks[0]
    assert isinstance(remark.fix, NoFix)
    assert remark.fix.reason.startswith("Line 2 builds on it or changes its table")


def test_not_null_set_twice_is_left_to_a_person() -> None:
    text = "ALTER TABLE t ALTER x SET NOT NULL, ALTER x SET NOT NULL;"
    (remark,) = review({"V1__a.sql": text}, framework="flyway").remarks
    assert isinstance(remark.fix, NoFix)


def test_set_not_null_builds_on_a_check_that_spares_it_the_rows() -> None:
    text = (
        "ALTER TABLE t ADD CONSTRAINT c CHECK (x IS NOT NULL);\nALTER TABLE t ALTER x SET NOT NULL;"
    )
    (remark,) = review({"V1__a.sql": text}, framework="flyway").remarks
    assert remark.finding.rule == "check-validated-on-add"
    assert isinstance(remark.fix, NoFix)


@pytest.mark.parametrize(
    "later",
    [
        "ALTER TABLE t ALTER x SET DEFAULT 1;",
        "ALTER TABLE t ALTER y SET NOT NULL;",
        "INSERT INTO t VALUES (1);",
        "SELECT 1;",
    ],
)
def test_other_statements_are_in_nobodys_way(later: str) -> None:
    assert isinstance(review({"V1__a.sql": ADD + later}, framework="flyway").remarks[0].fix, Fix)


@pytest.mark.parametrize(
    "text",
    [
        f"BEGIN;\n{ADD}ROLLBACK;",
        f"BEGIN;\nSAVEPOINT s;\n{ADD}ROLLBACK TO s;\nCOMMIT;",
        f"BEGIN;\n{ADD}",
    ],
)
def test_what_is_never_committed_is_not_validated(text: str) -> None:
    (remark,) = review({"1.sql": text}, framework="psql").remarks
    assert isinstance(remark.fix, NoFix)


def test_a_local_search_path_holds_for_the_validation_too() -> None:
    text = f"BEGIN;\nSET LOCAL search_path = app, public;\n{ADD}COMMIT;\n"
    assert one(text).endswith(
        "COMMIT;\nBEGIN;\nSET LOCAL search_path = app, public;\n"
        "ALTER TABLE t VALIDATE CONSTRAINT c;\nCOMMIT;\n"
    )


def test_more_than_fifty_validations_go_to_several_files() -> None:
    text = "".join(f"ALTER TABLE t{n} ADD CONSTRAINT c CHECK (x > 0);\n" for n in range(60))
    files = fixed(text, "flyway")
    assert list(files)[1:] == ["V2__validate_a.sql", "V3__validate_a.sql"]
    assert sum(text.count("VALIDATE") for text in files.values()) == 60


def test_the_history_tells_which_names_are_taken_where_a_new_column_brings_a_constraint() -> None:
    history = "CREATE TABLE t (id int);\nALTER TABLE t ADD CONSTRAINT t_z_check CHECK (id > 0);"
    report = review(
        {"V2__b.sql": "ALTER TABLE t ADD COLUMN z int CHECK (z > 0);"},
        framework="flyway",
        repository={"V1__a.sql": history},
    )
    _, validation = changes(report)
    assert "VALIDATE CONSTRAINT t_z_check1;" in validation.after


LIMITED = "SET LOCAL lock_timeout = '2s';"


@pytest.mark.parametrize(
    "limit",
    [LIMITED, "SELECT set_config('lock_timeout', '2s', true);", "set local lock_timeout to 500;"],
)
def test_the_lock_timeout_of_a_transaction_limits_the_validation_too(limit: str) -> None:
    text = f"BEGIN;\n{limit}\n{ADD}COMMIT;\n"
    assert one(text).endswith(
        f"COMMIT;\nBEGIN;\n{limit}\nALTER TABLE t VALIDATE CONSTRAINT c;\nCOMMIT;\n"
    )


@pytest.mark.parametrize(
    "limit",
    [
        "SET lock_timeout = '2s';",
        "SET LOCAL lock_timeout = 0;",
        "SET LOCAL statement_timeout = '1h';",
        f"{LIMITED}\nRESET lock_timeout;",
    ],
)
def test_what_lasts_or_sets_no_limit_for_locks_is_not_repeated(limit: str) -> None:
    text = f"BEGIN;\n{limit}\n{ADD}COMMIT;\n"
    assert one(text).endswith("COMMIT;\nALTER TABLE t VALIDATE CONSTRAINT c;\n")


@pytest.mark.parametrize("limit", [LIMITED, "SET lock_timeout = '2s';"])
def test_a_lock_timeout_is_set_in_the_next_file_too(limit: str) -> None:
    follow_up = fixed(f"{limit}\n{ADD}", "flyway")["V2__validate_a.sql"]
    assert follow_up.endswith(f"\n{limit}\nALTER TABLE t VALIDATE CONSTRAINT c;\n")


def test_what_was_set_later_in_the_file_does_not_reach_what_came_before() -> None:
    text = f"ALTER TABLE t ALTER x SET NOT NULL;\nSET search_path = app;\n{LIMITED}\n{ADD}"
    follow_up = fixed(text, "flyway")["V2__validate_a.sql"]
    assert follow_up.splitlines()[1:] == [
        "ALTER TABLE t VALIDATE CONSTRAINT t_x_not_null_check;",
        "SET search_path = app;",
        LIMITED,
        "ALTER TABLE t VALIDATE CONSTRAINT c;",
        "RESET search_path;",
        "RESET lock_timeout;",
        "ALTER TABLE t ALTER COLUMN x SET NOT NULL;",
        "ALTER TABLE t DROP CONSTRAINT t_x_not_null_check;",
    ]


def test_a_concurrent_build_is_put_into_no_transaction_for_what_it_sets() -> None:
    text = "BEGIN;\nSET LOCAL search_path = app;\nALTER TABLE app.t ADD UNIQUE (x);\nCOMMIT;\n"
    assert "COMMIT;\nCREATE UNIQUE INDEX CONCURRENTLY" in one(text)


def test_of_several_schemas_the_history_tells_which_one_has_the_table() -> None:
    text = (
        "SET search_path = app, public;\nALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
        "SET search_path = app;\nALTER TABLE t ADD CONSTRAINT d CHECK (x < 9);\n"
    )
    history = {"V1__t.sql": "CREATE SCHEMA app; CREATE TABLE app.t (x int);"}
    files = changes(review({"V2__a.sql": text}, framework="flyway", repository=history))
    accepted = {change.path: change.after for change in files}
    assert len(accepted) == 2
    assert not review(accepted, framework="flyway", repository=history).remarks


NOT_NULL = "ALTER TABLE t ALTER x SET NOT NULL;\n"
TERN = "---- tern: disable-tx ----\n"
BUILT_UPON = [
    NOT_NULL + NOT_NULL,
    f"BEGIN;\n{NOT_NULL}COMMIT;\nBEGIN;\n{NOT_NULL}COMMIT;\n",
    f"ALTER TABLE t ADD CHECK (x IS NOT NULL);\n{NOT_NULL}",
    "ALTER TABLE t ADD UNIQUE (x);\nALTER TABLE u ADD FOREIGN KEY (x) REFERENCES t (x) NOT VALID;\n",
]


@pytest.mark.parametrize("version", [14, 18])
@pytest.mark.parametrize("text", BUILT_UPON)
def test_nothing_that_the_file_builds_on_is_put_off_to_another_one(text: str, version: int) -> None:
    """Also where each statement is a transaction of its own."""
    settings = with_version(Settings(follow_up="new-file"), version)
    remark = review({"1_a.sql": TERN + text}, framework="tern", settings=settings).remarks[0]
    assert isinstance(remark.fix, NoFix)
    assert "builds on it or changes its table" in remark.fix.reason


@pytest.mark.parametrize("version", [14, 18])
@pytest.mark.parametrize("follow_up", FOLLOWING)
@pytest.mark.parametrize(
    "text",
    [
        *BUILT_UPON,
        f"{NOT_NULL}ALTER TABLE t ALTER y SET NOT NULL;\n{NOT_NULL}",
        f"{NOT_NULL}ALTER TABLE t ADD PRIMARY KEY (x);\n",
    ],
)
@pytest.mark.parametrize(
    ("framework", "head"),
    [
        ("goose", "-- +goose Up\n"),
        ("goose", "-- +goose NO TRANSACTION\n-- +goose Up\n"),
        ("tern", TERN),
    ],
)
def test_fixing_once_more_changes_nothing(
    framework: str, head: str, text: str, follow_up: Following, version: int
) -> None:
    settings = with_version(Settings(follow_up=follow_up), version)

    def fixed_once(files: dict[str, str]) -> dict[str, str]:
        report = review(files, framework=framework, settings=settings)
        return {**files, **{one.path: one.after for one in changes(report)}}

    once = fixed_once({"1_a.sql": head + text})
    assert fixed_once(once) == once

"""What a DO block runs is reviewed on its own lines, and what it may run is believed to do harm only."""

from __future__ import annotations

import pytest

from bot.fixing import changes
from bot.model.finding import NoFix
from bot.model.migration import Statement
from bot.model.report import Report
from bot.model.source import Source
from bot.sql.statements import statements
from tests.reviewing import review

PATH = "V1__a.sql"
CHECK = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0)"


def reviewed(text: str, framework: str = "flyway") -> Report:
    return review({PATH: text}, framework=framework)


def found(text: str, framework: str = "psql") -> list[str]:
    """Each finding with its line and clause."""
    return [
        f"{one.finding.lines.first}: {one.finding.source[one.finding.span]}"
        for one in reviewed(text, framework).remarks
    ]


def gaps(text: str) -> list[str]:
    return [f"{gap.line}: {gap.reason}" for gap in reviewed(text).unreadable]


def runs(text: str) -> list[str]:
    """What stands in the file of each statement that the block runs."""
    (block,) = (one for one in statements(Source(PATH, text)) if isinstance(one, Statement))
    return [one.text for one in block.body if one.text]


def fixed(text: str, framework: str = "psql") -> str:
    edited, *_ = changes(reviewed(text, framework))
    return edited.after


def reason(text: str) -> str:
    (remark,) = reviewed(text).remarks
    assert isinstance(remark.fix, NoFix)
    return remark.fix.reason


def do(body: str) -> str:
    return f"DO $$\nBEGIN\n{body}\nEND\n$$;\n"


@pytest.mark.parametrize(
    "body",
    [
        f"{CHECK};",
        f"IF NOT EXISTS (SELECT 1) THEN {CHECK}; END IF;",
        f"IF a THEN NULL; ELSIF b THEN {CHECK}; END IF;",
        f"IF a THEN NULL; ELSE {CHECK}; END IF;",
        f"CASE WHEN CASE WHEN a THEN b END THEN NULL; ELSE {CHECK}; END CASE;",
        f"CASE a WHEN 1, 2 THEN {CHECK}; END CASE;",
        f"LOOP {CHECK}; EXIT; END LOOP;",
        f"FOR i IN REVERSE 10..1 BY 2 LOOP {CHECK}; END LOOP;",
        f"<<l>> WHILE true LOOP {CHECK}; EXIT l WHEN true; END LOOP l;",
        f"BEGIN {CHECK}; EXCEPTION WHEN duplicate_object OR undefined_table THEN NULL; END;",
        f"BEGIN NULL; EXCEPTION WHEN others THEN {CHECK}; END;",
        f"DECLARE x int; BEGIN BEGIN {CHECK}; END; END;",
        f"IF a THEN RETURN; END IF; {CHECK};",
        f"EXECUTE '{CHECK}';",
        f"EXECUTE $q${CHECK}$q$;",
    ],
)
def test_whatever_may_run_is_found_where_it_stands(body: str) -> None:
    assert found(do(body)) == ["3: ADD CONSTRAINT c CHECK (x > 0)"]


@pytest.mark.parametrize(
    "form", ["DO $x$\n{}$x$;", "DO LANGUAGE plpgsql '\n{}';", "DO $$\n{}$$ LANGUAGE 'plpgsql';"]
)
def test_the_body_may_be_quoted_in_any_way(form: str) -> None:
    assert found(form.format(f"BEGIN\n  {CHECK};\nEND")) == ["3: ADD CONSTRAINT c CHECK (x > 0)"]


def test_a_body_with_escapes_is_found_as_a_whole() -> None:
    text = "SELECT 1;\nDO 'BEGIN\nALTER TABLE t ADD CHECK (x <> ''a'');\nEND';"
    (remark,) = reviewed(text).remarks
    assert remark.finding.lines.first == 2
    assert reason(text).startswith("The block is a string with escapes")


@pytest.mark.parametrize(
    "text",
    [
        f"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {CHECK}; END $$;",
        f"CREATE PROCEDURE f() LANGUAGE sql AS '{CHECK}';",
        f"DO $$ DECLARE s text := '{CHECK}'; BEGIN RAISE NOTICE '{CHECK}'; END $$;",
        f"DO $$ BEGIN NULL; /* {CHECK}; */ -- {CHECK};\nEND $$;",
        "DO $$ BEGIN END $$;",
    ],
)
def test_what_does_not_run_raises_nothing(text: str) -> None:
    report = reviewed(text)
    assert (report.remarks, report.unreadable) == ((), ())


@pytest.mark.parametrize("language", ["plpython3u", "plperl", "pltcl", "sql"])
def test_a_block_in_another_language_is_not_passed_over(language: str) -> None:
    text = f"SELECT 1;\nDO LANGUAGE {language} $$ {CHECK} $$;"
    assert gaps(text) == ["2: a block in another language than PL/pgSQL is not read"]


@pytest.mark.parametrize(
    "body",
    [
        "SELECT count(*) INTO STRICT n, r.m FROM t;",
        "INSERT INTO t VALUES (1) RETURNING x INTO n;",
        "PERFORM f(x) FROM t;",
        "FOR r IN SELECT * FROM t LOOP n := 1; END LOOP;",
        "CALL p();",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END;",
    ],
)
def test_the_statements_of_a_block_parse(body: str) -> None:
    text = f"DO $$ DECLARE n int; r record; BEGIN {body} END $$;"
    assert gaps(text) == []
    assert len(runs(text)) >= 1


BRANCHES = [
    (f"IF a THEN {CHECK} NOT VALID; END IF; ALTER TABLE t VALIDATE CONSTRAINT c;", 1),
    ("IF a THEN ALTER TABLE t ADD z int; ELSE ALTER TABLE t VALIDATE CONSTRAINT c; END IF;", 0),
    ("IF a THEN ALTER TABLE t ADD z int; END IF; ALTER TABLE t VALIDATE CONSTRAINT c;", 1),
    (
        "BEGIN ALTER TABLE t ADD z int; EXCEPTION WHEN others THEN ALTER TABLE t VALIDATE CONSTRAINT c; END;",
        0,
    ),
    (f"CREATE TABLE t (x int); {CHECK};", 0),
    (f"IF a THEN CREATE TABLE t (x int); {CHECK}; END IF;", 0),
    (f"IF a THEN CREATE TABLE t (x int); END IF; {CHECK};", 1),
    (f"IF a THEN CREATE TABLE t (x int); ELSE CREATE TABLE t (y int); END IF; {CHECK};", 1),
    (f"CREATE TABLE t (x int); IF a THEN DROP TABLE t; END IF; {CHECK};", 1),
    (f"CREATE TABLE t (x int); COMMIT; IF a THEN INSERT INTO t SELECT 1; END IF; {CHECK};", 1),
    (f"TRUNCATE t; IF a THEN INSERT INTO t SELECT 1; END IF; {CHECK};", 1),
    (f"IF a THEN TRUNCATE t; END IF; {CHECK};", 1),
    (
        "ALTER TABLE t ALTER x SET NOT NULL; COMMIT; IF a THEN ALTER TABLE t ALTER x DROP NOT NULL; END IF; COMMIT; ALTER TABLE t ALTER x SET NOT NULL;",
        2,
    ),
    (
        "IF a THEN ALTER TABLE t ALTER x SET NOT NULL; END IF; COMMIT; ALTER TABLE t ALTER x SET NOT NULL;",
        2,
    ),
    ("ALTER TABLE t ADD z int; COMMIT; ALTER TABLE t VALIDATE CONSTRAINT c;", 0),
    ("ALTER TABLE t ADD z int; IF a THEN COMMIT; END IF; ALTER TABLE t VALIDATE CONSTRAINT c;", 1),
    ("LOOP ALTER TABLE t ADD z int; COMMIT; ALTER TABLE t VALIDATE CONSTRAINT c; END LOOP;", 0),
    (f"IF a THEN SET search_path = s; END IF; CREATE TABLE t (x int); {CHECK};", 1),
    (f"CREATE TABLE t (x int); COMMIT; n := f(); {CHECK};", 1),
    (f"CREATE TABLE t (x int); COMMIT; n := count(*) FROM pg_class; {CHECK};", 0),
]


@pytest.mark.parametrize(("body", "findings"), BRANCHES)
def test_what_may_have_run_teaches_harm_and_no_comfort(body: str, findings: int) -> None:
    text = f"DO $$ DECLARE n int; BEGIN {body} END $$;"
    assert gaps(text) == []
    assert len(found(text)) == findings


def test_what_a_block_may_have_made_is_not_known_behind_it() -> None:
    made = "IF a THEN RETURN; END IF; CREATE TABLE t (x int);"
    assert found(f"{do(made)}{CHECK};") == ["6: ADD CONSTRAINT c CHECK (x > 0)"]
    assert found(f"{do('CREATE TABLE t (x int);')}{CHECK};") == []


def test_a_block_alone_is_a_transaction() -> None:
    locked = do("ALTER TABLE t ADD z int;")
    assert found(f"{locked}ALTER TABLE t VALIDATE CONSTRAINT c;") == []
    assert found(f"BEGIN;\n{locked}ALTER TABLE t VALIDATE CONSTRAINT c;\nCOMMIT;") == [
        "7: VALIDATE CONSTRAINT c"
    ]


def test_the_edit_goes_into_the_block_and_the_validation_behind_it() -> None:
    body = "  IF a THEN\n    NULL;\n  END IF;\n  ALTER TABLE t -- $\n    ADD CHECK (x > 0);"
    assert fixed(f"DO $t$\nBEGIN\n{body}\nEND\n$t$; -- done\n") == (
        f"DO $t$\nBEGIN\n{body[:-18]}ADD CONSTRAINT t_x_check CHECK (x > 0) NOT VALID;\nEND\n$t$; -- done\n"
        "ALTER TABLE t VALIDATE CONSTRAINT t_x_check;\n"
    )


def test_a_validation_leaves_the_block() -> None:
    text = do("  ALTER TABLE t ADD COLUMN z int;\n  ALTER TABLE u VALIDATE CONSTRAINT d;")
    assert fixed(text) == (
        f"{do('  ALTER TABLE t ADD COLUMN z int;')}ALTER TABLE u VALIDATE CONSTRAINT d;\n"
    )


def test_a_validation_that_a_block_lacks_comes_behind_it() -> None:
    text = do(f"  {CHECK} NOT VALID;")
    assert fixed(text) == f"{text}ALTER TABLE t VALIDATE CONSTRAINT c;\n"


def test_an_index_is_built_behind_the_block() -> None:
    text = do("  UPDATE t SET x = 1 WHERE x = 2;\n  CREATE INDEX i ON t (x);")
    assert fixed(text) == (
        f"{do('  UPDATE t SET x = 1 WHERE x = 2;')}CREATE INDEX CONCURRENTLY i ON t (x);\n"
    )


@pytest.mark.parametrize(
    "body",
    [
        f"EXECUTE '{CHECK}';",
        f"{CHECK}; EXCEPTION WHEN duplicate_object THEN NULL;",
        f"BEGIN {CHECK}; EXCEPTION WHEN duplicate_object THEN RAISE NOTICE 'there'; END; PERFORM 1;",
        f"IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE conname = 'c') THEN {CHECK}; END IF;",
        f"IF NOT EXISTS (SELECT 1 FROM information_schema.table_constraints WHERE constraint_name = 'c') THEN EXECUTE '{CHECK}'; END IF;",
    ],
)
def test_a_block_that_leaves_the_constraint_there_for_sure_is_edited(body: str) -> None:
    assert fixed(do(body)) == (
        f"{do(body.replace(CHECK, f'{CHECK} NOT VALID'))}ALTER TABLE t VALIDATE CONSTRAINT c;\n"
    )


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (f"IF a THEN {CHECK}; END IF;", "Line 3 decides whether it runs"),
        (
            f"IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'd') THEN {CHECK}; END IF;",
            "Line 3 decides whether it runs",
        ),
        (
            f"IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'c') THEN {CHECK}; ELSE NULL; END IF;",
            "Line 3 decides whether it runs",
        ),
        (f"IF a THEN\nRETURN; END IF;\n{CHECK};", "Line 4 decides whether it runs"),
        (f"{CHECK};\nEXCEPTION WHEN others THEN NULL;", "Line 4 may take it back"),
        (
            f"UPDATE t SET x = 1 WHERE x = 2; {CHECK};\nEXCEPTION WHEN duplicate_object THEN NULL;",
            "Line 4 may",
        ),
        (
            f"{CHECK}, ADD z int;\nEXCEPTION WHEN duplicate_object THEN NULL;",
            "Line 4 may take it back",
        ),
        (f"NULL; EXCEPTION WHEN duplicate_object THEN {CHECK};", "Line 3 may take it back"),
        (f"EXECUTE 'ALTER TABLE t' || substr('{CHECK}', 14);", ""),
        (f"EXECUTE format('%s', '{CHECK}');", "The statement is put together when it runs"),
        ("EXECUTE 'CREATE INDEX i ON t (x)';", "It cannot leave its EXECUTE behind"),
        (
            "IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'c') THEN ALTER TABLE t ADD CONSTRAINT c UNIQUE (x); END IF;",
            "Line 3 decides whether it runs",
        ),
        (f"{CHECK}; COMMIT;", "The block ends transactions by itself"),
    ],
)
def test_where_an_edit_is_not_safe_the_reason_is_told(body: str, why: str) -> None:
    if why:
        assert reason(do(body)).startswith(why)
    else:
        assert gaps(do(body)) == [
            "3: what EXECUTE runs here is put together when it runs, and cannot be read"
        ]


@pytest.mark.parametrize(
    ("expression", "table"),
    [
        ("'ALTER TABLE ' || 't' || ' ADD CHECK (x > 0)'", "t"),
        ("format('ALTER TABLE %I.%I ADD CHECK (x > 0)', 's', 'T')", "s.T"),
        ("format('ALTER TABLE %2$I ADD CHECK (x <> %1$L)', 'a', 't')", "t"),
        ("format('ALTER TABLE %I ADD CHECK (x > 0)', r.name)", "{r.name}"),
        ("'ALTER TABLE ' || quote_ident(r.name) || ' ADD CHECK (x > 0)'", "{r.name}"),
        ("concat('ALTER TABLE ', r.oid::regclass, ' ADD CHECK (x > 0)')", "{r.oid}"),
        ("'ALTER TABLE t_' || lower(x) || ' ADD CHECK (x > 0)'", "t_{…1}"),
        ("'ALTER TABLE ${s}.t ADD CHECK (x > 0)'", "${s}.t"),
    ],
)
def test_execute_is_read_as_far_as_its_strings_say(expression: str, table: str) -> None:
    (remark,) = reviewed(do(f"EXECUTE {expression} USING 1;")).remarks
    assert remark.finding.message.endswith(f"every row of `{table}` is checked.")
    assert remark.finding.lines.first == 3


def test_a_variable_that_is_set_once_is_read() -> None:
    text = """DO $$ DECLARE s text; r record; BEGIN
    FOR r IN SELECT * FROM p LOOP
        s := format('ALTER TABLE %I ADD CHECK (x > 0)', r.name);
        RAISE NOTICE '%', s;
        EXECUTE s USING 1;
    END LOOP; END $$;"""
    (remark,) = reviewed(text).remarks
    assert remark.finding.lines.first == 5
    assert "every row of `{r.name}` is checked" in remark.finding.message
    assert gaps(text) == []


@pytest.mark.parametrize(
    ("body", "before"),
    [
        ("SET search_path = s;", "SET search_path = s;\n"),
        ("PERFORM set_config('search_path', 's', false);", ""),
        ("SELECT set_config('search_path', 's', false) INTO n;", ""),
        ("IF a THEN SET search_path = s; END IF;", ""),
    ],
)
def test_what_sets_the_search_path_is_repeated_where_it_is_a_statement(
    body: str, before: str
) -> None:
    text = f"DO $$ DECLARE n text; BEGIN {body} END $$;\n{CHECK};\n"
    _, new = changes(reviewed(text))
    assert new.after.partition("\n")[2] == f"{before}ALTER TABLE t VALIDATE CONSTRAINT c;\n"


@pytest.mark.parametrize(
    ("declared", "body", "gap"),
    [
        ("", "EXECUTE 'ALTER TABLE t ' || action;", 3),
        ("", "EXECUTE 'DROP TABLE ' || a || b || ' x y';", 3),
        ("s text := 'ALTER TABLE t';", "EXECUTE s;", 3),
        ("s text;", "s := 'ALTER TABLE t'; s := s || a; EXECUTE s;", 3),
        ("s text;", "s := 'ALTER TABLE t ADD CHECK (x > 0)'; SELECT a INTO s; EXECUTE s;", 3),
        (
            "s text;",
            "s := 'ALTER TABLE t ADD CHECK (x > 0)'; FOR s IN SELECT a LOOP EXECUTE s; END LOOP;",
            3,
        ),
        (
            "r record;",
            "FOR r IN SELECT 'DROP TABLE ' || n AS c FROM p LOOP\nEXECUTE r.c; END LOOP;",
            4,
        ),
        ("", "DO 'BEGIN DROP TABLE t; END';", 3),
        ("", "EXECUTE 'DO $q$ BEGIN DROP TABLE t; END $q$';", 3),
        ("", "\nALTER TABL t;", 4),
        ("", "IF true THEN NULL;", 1),
        ("", "x := 1;", 1),
        ("", "NULL; END; ALTER TABLE t ADD x int;", 1),
    ],
)
def test_what_may_define_something_and_cannot_be_read_is_reported(
    declared: str, body: str, gap: int
) -> None:
    text = f"DO $$ DECLARE a text; b text; {declared}\nBEGIN\n{body}\nEND $$;"
    assert [line.split(":")[0] for line in gaps(text)] == [str(gap)]


@pytest.mark.parametrize(
    "body",
    [
        "EXECUTE s;",
        "EXECUTE 'SELECT ' || s INTO s;",
        "EXECUTE (SELECT string_agg(format('GRANT SELECT ON %I TO me', n), ';') FROM p);",
        "EXECUTE 'GRANT SELECT ON ' || s || ' TO me'; EXECUTE r.c;",
        "EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF t FOR VALUES FROM (%L) TO (%L)', s, s, s);",
        "EXECUTE format('DROP FUNCTION %s', r.oid::regprocedure);",
        "RAISE EXCEPTION 'cannot alter table %', s; EXECUTE s;",
    ],
)
def test_what_defines_nothing_dangerous_is_passed_over(body: str) -> None:
    text = f"DO $$ DECLARE s text; r record; BEGIN {body} END $$;"
    assert (reviewed(text).remarks, gaps(text)) == ((), [])


def test_types_that_only_a_server_knows_hide_nothing() -> None:
    text = f"DO $$ DECLARE a s.kind; b s.t.x%TYPE; c s.t%ROWTYPE; d kind[]; BEGIN {CHECK}; END $$;"
    assert found(text) == ["1: ADD CONSTRAINT c CHECK (x > 0)"]
    assert gaps(text) == []


def test_placeholders_stand_in_blocks_too() -> None:
    text = do("  ALTER TABLE ${s}.t ADD CHECK (x > 0); -- {{ it's }}")
    assert fixed(text, "psql") == (
        do("  ALTER TABLE ${s}.t ADD CONSTRAINT t_x_check CHECK (x > 0) NOT VALID; -- {{ it's }}")
        + "ALTER TABLE ${s}.t VALIDATE CONSTRAINT t_x_check;\n"
    )


@pytest.mark.parametrize("line", ["{}\nDO $$", "DO $$\n{}", "DO $$ {}"])
def test_a_finding_in_a_block_is_allowed_above_it_or_in_it(line: str) -> None:
    comment = "-- lockstep: allow check-validated-on-add because it is small"
    text = line.format(comment)
    report = reviewed(f"{text}\nBEGIN\n  {CHECK};\nEND $$;")
    assert (report.remarks, len(report.suppressed)) == ((), 1)


def test_a_comment_above_a_statement_of_a_block_allows_it() -> None:
    comment = "-- lockstep: allow check-validated-on-add because it is small"
    report = reviewed(do(f"  {comment}\n  {CHECK};\n  ALTER TABLE u ADD CHECK (x > 0);"))
    assert [one.finding.lines.first for one in report.suppressed] == [4]
    assert [one.finding.lines.first for one in report.remarks] == [5]


@pytest.mark.parametrize(
    "expression",
    [
        f"(SELECT '{CHECK}')",
        f"replace('{CHECK}', 'x', 'y')",
        f"'SELECT 1; ' || f('{CHECK}')",
        "chr(65) || 'LTER TABLE t ADD CHECK (x > 0)'",
        "upper('alt') || 'er table t add check (x > 0)'",
        "convert_from(decode('QUxURVI=', 'base64'), 'UTF8')",
        "(SELECT command FROM p)",
    ],
)
def test_a_string_that_execute_may_run_is_not_passed_over(expression: str) -> None:
    assert gaps(do(f"EXECUTE {expression};")) == [
        "3: what EXECUTE runs here is put together when it runs, and cannot be read"
    ]

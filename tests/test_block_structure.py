"""However a block is nested or broken, it is read as PostgreSQL reads it, or reported, and in time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.finding import Fix, NoFix
from bot.model.migration import Statement, Unreadable
from bot.model.source import Source
from bot.sql.blocks.parser import complaint
from bot.sql.blocks.pieces import Kind
from bot.sql.blocks.structure import pieces
from bot.sql.statements import statements
from tests.test_blocks import PATH, do, found, gaps, reviewed


def nested(levels: int, opens: str, closes: str) -> str:
    return do(opens * levels + "NULL;" + closes * levels)


@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        ("BEGIN ", "END; "),
        ("IF a THEN ", "END IF; "),
        ("CASE WHEN a THEN ", "END CASE; "),
        ("CASE WHEN a THEN NULL; ELSE ", "END CASE; "),
        ("LOOP ", "END LOOP; "),
        ("BEGIN NULL; EXCEPTION WHEN others THEN ", "END; "),
    ],
)
def test_a_nest_is_read_or_reported(opens: str, closes: str) -> None:
    assert gaps(nested(90, opens, closes)) == []
    assert gaps(nested(20_000, opens, closes)) == [
        "1: the block cannot be read: the block is too deeply nested"
    ]


@pytest.mark.parametrize(
    "body",
    [
        f"x := {'(' * 50_000}1{')' * 50_000};",
        f"EXECUTE {' || '.join(['f(1, 2)'] * 30_000)};",
        "EXECUTE " + "format(" * 10_000 + "'a'" + ")" * 10_000 + ";",
        "SELECT " + " + ".join(["f(1, 2)"] * 60_000) + ";",
    ],
)
def test_what_would_exhaust_the_stack_is_reported(body: str) -> None:
    assert len(gaps(do(body))) == 1


def test_a_long_block_is_read_in_time() -> None:
    body = "".join(
        f"IF a THEN ALTER TABLE t{n} ADD CONSTRAINT c CHECK (x > 0); END IF;\n" for n in range(1000)
    )
    assert len(found(do(body))) == 1000


SIMPLE = st.sampled_from(
    [
        "NULL;",
        "UPDATE t SET x = 1;",
        "ALTER TABLE t ADD CHECK (CASE WHEN x > 0 THEN true ELSE false END);",
        "PERFORM f(CASE WHEN a THEN 1 END);",
        "EXECUTE 'SELECT ; END' INTO n USING n;",
        "n := CASE WHEN n > 0 THEN 1 ELSE 2 END;",
        "SELECT 1 INTO n;",
        "COMMIT;",
        "RAISE NOTICE 'END IF; %', n;",
        "RETURN;",
        "CALL p();",
        "/* END */ DELETE FROM t; -- BEGIN\n",
    ]
)


def several(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(inner, max_size=4).map(" ".join)


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Statements that hold others, among simple ones."""
    two = st.tuples(inner, inner)
    return several(
        st.one_of(
            SIMPLE,
            st.builds("IF n = 1 THEN {} END IF;".format, inner),
            two.map(lambda pair: "IF a THEN {} ELSIF b THEN {} ELSE NULL; END IF;".format(*pair)),
            two.map(lambda pair: "CASE n WHEN 1 THEN {} ELSE {} END CASE;".format(*pair)),
            st.builds("LOOP {} EXIT WHEN n > 1; END LOOP;".format, inner),
            st.builds("<<o>> FOR n IN 1..3 LOOP {} CONTINUE o; END LOOP o;".format, inner),
            st.builds("FOR r IN SELECT * FROM t LOOP {} END LOOP;".format, inner),
            st.builds("FOR r IN EXECUTE 'SELECT 1' LOOP {} END LOOP;".format, inner),
            st.builds("DECLARE m int := 1; BEGIN {} END;".format, inner),
            two.map(lambda pair: "BEGIN {} EXCEPTION WHEN others THEN {} END;".format(*pair)),
        )
    )


BODIES = compound(compound(several(SIMPLE)))


@given(BODIES)
def test_the_pieces_are_those_of_postgresqls_own_parser(body: str) -> None:
    text = f"DECLARE n int; r record; BEGIN {body} END"
    parts = pieces(text)
    assert complaint(text, parts) is None
    assert sum(one.kind is Kind.FORK for one in parts) == sum(
        one.kind is Kind.JOIN for one in parts
    )
    for one in parts:
        if one.kind is Kind.SQL:
            assert text[one.span.end] in "; "


@given(
    st.lists(
        SIMPLE
        | st.sampled_from(
            [
                "BEGIN",
                "END",
                "IF",
                "THEN",
                "ELSE",
                "LOOP",
                "CASE",
                "WHEN",
                "FOR",
                "IN",
                "EXCEPTION",
                ";",
                "$q$",
                "'",
                "(",
            ]
        )
    ).map(" ".join)
)
def test_nothing_in_a_block_raises(body: str) -> None:
    text = f"DO $$ BEGIN {body} END $$;"
    assert all(isinstance(one, Statement | Unreadable) for one in statements(Source(PATH, text)))
    assert all(isinstance(one.fix, Fix | NoFix | None) for one in reviewed(text).remarks)

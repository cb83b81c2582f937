"""What a Python function would do is told from its text, and what is not told is said."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from bot.model.migration import Statement, Unreadable
from bot.model.source import Source, Span
from bot.python.embedded import embedded, sql_of
from bot.python.events import Forked, Joined, Made, Otherwise, Undecided
from bot.python.execution import Execution
from bot.python.parsing import Unparsable, module
from bot.python.values import Known, Local, Value


def run(code: str, function: str = "up") -> Execution:
    def settled(path: str) -> Value | None:
        return Known("postgresql") if path.endswith("dialect.name") else None

    execution = Execution(module(Source("a.py", dedent(code))), settled)
    found = execution.globals.get(function)
    assert isinstance(found, Local)
    execution.run(found)
    return execution


def sent(code: str) -> list[str | None]:
    """The strings that are given to `op.run`, with placeholders for what is unknown."""
    made = [one.call for one in run(code).events if isinstance(one, Made)]
    return [sql_of(one.arguments[0].value) for one in made if one.path.endswith("op.run")]


HEAD = "from tool import op\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("op.run('a')", ["a"]),
        ("op.run('a' \"b\"\n    '''c''')", ["abc"]),
        ("x = 'a'; y = x + 'b'; op.run(y)", ["ab"]),
        ("op.run(f'a {TABLE} b')", ["a orders b"]),
        ("op.run(f'a {unknown()} b')", ["a ${unknown()} b"]),
        ("op.run('a %s %s' % (TABLE, 1))", ["a orders 1"]),
        ("op.run('a %(t)s' % {'t': TABLE})", ["a orders"]),
        ("op.run('a {} {t}'.format(1, t=TABLE))", ["a 1 orders"]),
        ("op.run('a {} {t}'.format(1, t=elsewhere))", ["a 1 ${t}"]),
        ("for t in ('a', 'b'): op.run(t)", ["a", "b"]),
        ("for t, u in zip(['a', 'b'], ['c', 'd']): op.run(t + u)", ["ac", "bd"]),
        ("for i, t in enumerate(sorted({'b', 'a'})): op.run(f'{t}{i}')", ["a0", "b1"]),
        ("for k, v in {'a': 'b'}.items(): op.run(k + v)", ["ab"]),
        ("[op.run(t) for t in ['a', 'b'] if t != 'a']", ["b"]),
        ("op.run(', '.join(['a', 'b']))", ["a, b"]),
        ("op.run(helper('a'))", ["<a,orders>"]),
        ("op.run(helper(other='b', one='a'))", ["<a,b>"]),
        ("run_it(lambda: op.run('a'))", ["a"]),
        (
            "if op.get_bind().dialect.name == 'postgresql': op.run('a')\n    else: op.run('b')",
            ["a"],
        ),
        ("if op.get_bind().dialect.name != 'postgresql': return\n    op.run('a')", ["a"]),
        ("if op.get_bind().dialect.name == 'mysql': op.run('a')", []),
        ("names = []\n    names.append('a')\n    op.run(names[0])", ["a"]),
        ("op.run(dedent('''\n      a\n    '''))", ["\na\n"]),
        ("op.run('a' if True else 'b')", ["a"]),
        ("with op.block() as b:\n        op.run('a')", ["a"]),
        ("try:\n        op.run('a')\n    finally:\n        op.run('b')", ["a", "b"]),
        ("op.run('a'.upper().strip())", ["A"]),
        ("return\n    op.run('a')", []),
        ("raise ValueError\n    op.run('a')", []),
    ],
)
def test_what_is_written_out_is_followed(body: str, expected: list[str]) -> None:
    code = f"""\
{HEAD}from textwrap import dedent
TABLE = "orders"
def helper(one, other=TABLE):
    return "<" + one + "," + other + ">"
def run_it(what):
    what()
def up():
    {body}
"""
    assert sent(code) == expected


def test_where_nobody_can_tell_both_ways_are_followed() -> None:
    events = run(
        f"""
        {HEAD}
        def up():
            if op.has_table("a"):
                name = "a"
                op.run("a")
            else:
                name = "b"
                op.run("b")
            op.run(name)
        """
    ).events
    kinds = [type(one) for one in events]
    assert kinds == [Made, Forked, Made, Otherwise, Made, Joined, Made]


def test_a_name_that_two_ways_leave_differently_is_unknown() -> None:
    code = f"""
    {HEAD}
    def up():
        name = "a"
        if op.has_table("a"):
            name = "b"
        op.run("x " + name)
    """
    assert sent(code) == ["x ${name}"]


@pytest.mark.parametrize(
    ("body", "again"),
    [
        ("op.run('a')", False),
        ("if op.x(): op.run('a')", False),
        ("for x in ('a',): op.run(x)", False),
        ("for x in ('a', 'b'): op.run(x)", True),
        ("for x in op.names(): op.run('a')", True),
        ("while op.more(): op.run('a')", True),
        ("one()", False),
        ("one(); one()", True),
    ],
)
def test_what_runs_several_times_is_known(body: str, again: bool) -> None:
    execution = run(f"{HEAD}def one(): op.run('a')\ndef up():\n    {body}\n")
    made = [one.call for one in execution.events if isinstance(one, Made)]
    found = [execution.repeated(one) for one in made if one.path == "tool.op.run"]
    assert set(found) == {again}


@pytest.mark.parametrize(
    "body",
    [
        "up()",
        "x = [0]\n"
        + "".join(f"    {' ' * n}if x:\n" for n in range(90))
        + f"    {' ' * 90}op.run(1)",
        "op.run(" + "(" * 150 + "1" + ")" * 150 + ")",
        "op.run(" + "+".join(["x"] * 3000) + ")",
        "for a in range(400):\n        for b in range(400): op.run(a)",
        "op.run('a'.replace('a', 'a' * 9)" + ".replace('a', 'aaaaaaaaaaaaaaaaaaaa')" * 20 + ")",
        "x = 'a'\n" + "    x = x + x\n" * 60 + "    op.run(x)",
    ],
)
def test_what_has_no_end_ends(body: str) -> None:
    try:
        execution = run(f"{HEAD}def up():\n    {body}\n")
    except Unparsable:
        return
    assert len(execution.events) < 60_000
    assert all(
        isinstance(one, Made | Undecided | Forked | Otherwise | Joined) for one in execution.events
    )


@pytest.mark.parametrize("text", ["def up(:\n", "x = '\n", "\0", "(" * 300, "match x:\n case 1: ]"])
def test_what_is_no_python_says_why(text: str) -> None:
    with pytest.raises(Unparsable):
        module(Source("a.py", text))


def test_places_are_characters_whatever_their_bytes() -> None:
    text = "\ufeffä = 'ö'; run('ü', '𝄞', x)\n"
    parsed = module(Source("a.py", text))
    call = next(node for node in ast.walk(parsed.tree) if isinstance(node, ast.Call))
    assert [text[parsed.span(one).start : parsed.span(one).end] for one in call.args] == [
        "'ü'",
        "'𝄞'",
        "x",
    ]


@pytest.mark.parametrize(
    ("literal", "exact"),
    [
        ('"ALTER TABLE t ADD CHECK (x > 0)"', True),
        ('"ALTER TABLE t "\n    "ADD CHECK (x > 0)"', True),
        ('"""\n    ALTER TABLE t\n    ADD CHECK (x > 0);\n    """', True),
        ("r'ALTER TABLE t ADD CHECK (x > 0)'", True),
        ("'ALTER TABLE \\x74 ADD CHECK (x > 0)'", False),
        ("'ALTER TABLE t ADD CHECK (x > 0 AND y <> \\'\\')'", False),
    ],
)
def test_a_clause_in_a_string_has_its_place(literal: str, exact: bool) -> None:
    source = Source("a.py", f"run({literal})\n")
    parsed = module(source)
    node = next(node for node in ast.walk(parsed.tree) if isinstance(node, ast.Constant))
    (statement,) = embedded(parsed, node, Known(node.value), None)
    assert isinstance(statement, Statement)
    clause = source[statement.commands[0].span]
    assert clause == ("ADD CHECK (x > 0)" if exact else literal)
    assert statement.in_sql.text.startswith("ALTER TABLE t")


def test_what_cannot_be_read_in_a_string_has_its_place() -> None:
    source = Source("a.py", 'run("DROP TABLE a; ALTRE TABLE b; DROP TABLE c")\n')
    parsed = module(source)
    node = next(node for node in ast.walk(parsed.tree) if isinstance(node, ast.Constant))
    found = list(embedded(parsed, node, Known(node.value), None))
    wrong = [source[one.span] for one in found if isinstance(one, Unreadable)]
    assert (wrong, len(found)) == (["ALTRE TABLE b"], 3)
    assert found[0].span == Span(5, 17)

"""What surrounds a revision decides how it runs, what it is called and what follows it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.fixing import changes
from bot.model.finding import Fix, Following, NoFix, Severity
from bot.model.report import Report, Status
from bot.settings import MigrationsSetting, Settings, with_version
from tests.reviewing import NO_LOCK_TIMEOUT, review

CHECK = 'op.create_check_constraint("positive", "orders", "total > 0")'
FOLDER = "app/migrations/versions"
ENV = "app/migrations/env.py"
NAMELESS = {ENV: "target_metadata = None\n"}


def revision(body: str, name: str = "1f2e3d4c5b6a", down: str = "None", before: str = "") -> str:
    lines = "".join(f"    {line}\n" if line else "\n" for line in body.splitlines())
    return (
        '"""Totals\n\nCreate Date: 2026-11-20 09:30:00\n"""\n\n'
        "from alembic import op\nimport sqlalchemy as sa\n\n"
        f'revision = "{name}"\ndown_revision = {down}\n{before}\n\n'
        f"def upgrade():\n{lines}\n\ndef downgrade():\n    pass\n"
    )


def of(
    body: str,
    around: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    path: str = f"{FOLDER}/1f2e3d4c5b6a_totals.py",
    before: str = "",
) -> Report:
    files = {path: revision(body, before=before)}
    return review(files, repository={**NAMELESS, **(around or {})}, settings=settings)


def new_files(report: Report) -> list[str]:
    return [one.path.rpartition("/")[2] for one in changes(report) if one.before is None]


def reasons(report: Report) -> list[str]:
    return [one.fix.reason for one in report.remarks if isinstance(one.fix, NoFix)]


def gaps(report: Report) -> list[tuple[int, str]]:
    return [(one.line, one.reason) for one in report.unreadable]


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("alembic/versions/a.py", revision(CHECK), "alembic"),
        ("app/db/migrations/versions/2026/a.py", revision(CHECK), "alembic"),
        ("migrations/versions/a.py", 'down_revision: str | None = "x"\n', "alembic"),
        ("app/versions/api.py", "def upgrade():\n    pass\n", None),
        ("app/models/a.py", revision(CHECK), None),
        ("migrations/env.py", "target_metadata = None\n", None),
        ("migrations/versions/__init__.py", "", None),
        ("migrations/script.py.mako", revision(CHECK), None),
    ],
)
def test_a_revision_is_recognised(path: str, text: str, found: str | None) -> None:
    files = [one for one in review({path: text}).files if one.status is not Status.SKIPPED]
    assert [one.framework for one in files] == ([found] if found else [])


def test_a_file_beside_the_template_is_a_revision_whatever_it_says() -> None:
    report = review(
        {"db/versions/a.py": "x = 1\n"}, repository={"db/script.py.mako": "", "db/env.py": ""}
    )
    assert gaps(report) == [(1, "it has no function `upgrade` that can be followed")]


def test_what_is_no_python_is_not_analysed() -> None:
    report = review({f"{FOLDER}/a.py": 'down_revision = "x"\n\ndef upgrade(:\n    pass\n'})
    ((line, reason),) = gaps(report)
    assert line == 3
    assert reason.startswith("this is no Python that can be read")


@pytest.mark.parametrize(
    ("body", "line", "reason"),
    [
        ("op.execute(sql_from_elsewhere)", 14, "what is executed here cannot be told"),
        ("from app.sql import SQL\nop.execute(SQL)", 15, "what is executed here cannot be told"),
        ("op.create_view('x')", 14, "what `op.create_view` does is not known"),
        ("from app.migrations import helper\nhelper(op)", 15, "a module that is not read"),
        ("from app.migrations import helper\nhelper()", 15, "a module that is not read"),
        ("op.get_bind().connection.cursor()", 14, "what a cursor is given is not read"),
        (
            "from app import Base\nBase.metadata.create_all(op.get_bind())",
            15,
            "a module that is not read",
        ),
        ("op.add_column(*parts())", 14, "what `op.add_column` is given here"),
        ("op.execute('ALTRE TABLE t')", 14, "syntax error"),
        ("x = 1\nexec('op.drop_table(1)')", 15, "cannot be told"),
        ("globals()['hidden']()", 14, "cannot be told"),
        ("getattr(op, 'drop_' + kind)('t')", 14, "cannot be told"),
        ("(lambda f: f('t'))(op.drop_index)\nop.f('x')", 0, ""),
    ],
)
def test_what_cannot_be_decided_is_said_with_its_line(body: str, line: int, reason: str) -> None:
    found = gaps(of(body))
    if not line:
        assert not found
        return
    assert [one for one, _ in found] == [line]
    assert reason in found[0][1]


@pytest.mark.parametrize(
    "body",
    [
        "print('x')",
        "import logging\nlogging.getLogger(__name__).info('x')",
        "bind = op.get_bind()\ninspector = sa.inspect(bind)\ninspector.get_columns('t')",
        "op.get_bind().execute(sa.text('SELECT 1')).fetchall()",
        "t = sa.table('t', sa.column('a'))\nop.execute(t.update().values(a=1))",
        "t = sa.table('t')\nop.get_bind().execute(sa.select(t)).scalars().all()",
        "op.bulk_insert(sa.table('t', sa.column('a')), [{'a': 1}])",
        "from sqlalchemy.orm import Session\nsession = Session(bind=op.get_bind())\nsession.commit()",
        "if op.get_context().dialect.name == 'sqlite':\n    op.create_view('x')",
        "op.execute(sa.schema.CreateSequence(sa.Sequence('s')))",
        "kind = sa.Enum('a', name='kind')\nkind.create(op.get_bind(), checkfirst=True)",
    ],
)
def test_what_locks_nothing_is_no_trouble(body: str) -> None:
    report = of(body)
    assert not report.unreadable
    assert not report.remarks


ADDED = "t = sa.table('orders', sa.column('x'))\nop.add_column('orders', sa.Column('x', sa.Integer()))\n"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("op.execute(t.update().values(x=1))", True),
        ("op.execute(sa.update(t).values({'x': 1}))", True),
        ("op.execute(sa.delete(t))", True),
        ("op.get_bind().execute(sa.select(t.c.x)).all()", True),
        ("for row in op.get_bind().execute(t.select()):\n    print(row)", True),
        ("op.execute(t.update().where(t.c.x == 1).values(x=1))", False),
        ("op.get_bind().execute(sa.select(t).limit(1))", False),
        ("op.execute(sa.insert(t).values(x=1))", False),
        ("op.execute(sa.update(elsewhere).values(x=1))", False),
    ],
)
def test_what_goes_through_all_rows_under_a_lock_is_told(statement: str, told: bool) -> None:
    report = of(f"{ADDED}{statement}")
    assert not report.unreadable
    assert [one.finding.rule for one in report.remarks] == ["validated-under-lock"] * told


def test_the_rest_is_reviewed() -> None:
    report = of(f"op.create_view('x')\n{CHECK}\nop.execute(elsewhere)")
    assert len(report.remarks) == 1
    assert [line for line, _ in gaps(report)] == [14, 16]


def test_the_names_of_functions_for_several_databases() -> None:
    text = revision("globals()['upgrade_%s' % engine_name]()").replace(
        "def upgrade():", "def upgrade(engine_name):"
    )
    text += f"\n\ndef upgrade_shop():\n    {CHECK}\n\n\ndef downgrade_shop():\n    pass\n"
    report = review({f"{FOLDER}/a.py": text})
    assert not report.unreadable
    assert len(report.remarks) == 1


def test_functions_that_upgrade_calls_are_followed() -> None:
    before = f"\ndef schema_upgrades():\n    {CHECK}\n"
    report = of("schema_upgrades()", before=before)
    assert [one.finding.lines.first for one in report.remarks] == [13]
    assert len(changes(report)) == 2


def test_what_runs_several_times_is_left_to_a_person() -> None:
    report = of(
        "for table in ('a', 'b'):\n    op.create_check_constraint(f'{table}_c', table, 'x > 0')"
    )
    assert [one.finding.table and one.finding.table.name for one in report.remarks] == ["a", "b"]
    assert all("runs several times" in reason for reason in reasons(report))


def test_a_name_from_elsewhere_is_a_placeholder() -> None:
    report = of("op.execute(f'ALTER TABLE {TABLE} ADD CONSTRAINT c CHECK (x > 0)')")
    (remark,) = report.remarks
    assert "`${TABLE}`" in remark.finding.message
    assert "put together" in reasons(report)[0]


def test_a_comment_allows_a_finding() -> None:
    body = f"# lockstep: allow check-validated-on-add because the table has forty rows\n{CHECK}"
    report = of(body)
    assert not report.remarks
    assert [one.because for one in report.suppressed] == ["the table has forty rows"]


def test_a_comment_that_allows_nothing_is_told_in_python() -> None:
    (remark,) = of("# lockstep: allow\nop.drop_column('t', 'a')").remarks
    assert "`# lockstep: allow RULE because REASON`" in remark.finding.message


# What follows


def test_a_revision_follows_the_head() -> None:
    around = {
        f"{FOLDER}/222222222222_b.py": revision("pass", "222222222222", '"1f2e3d4c5b6a"'),
        f"{FOLDER}/333333333333_c.py": revision("pass", "333333333333", '("222222222222",)'),
    }
    report = of(CHECK, around)
    (new,) = (one for one in changes(report) if one.before is None)
    assert 'down_revision = "333333333333"' in new.after


def test_two_heads_are_no_place_to_follow() -> None:
    around = {
        f"{FOLDER}/222222222222_b.py": revision("pass", "222222222222", '"1f2e3d4c5b6a"'),
        f"{FOLDER}/333333333333_c.py": revision("pass", "333333333333", '"1f2e3d4c5b6a"'),
    }
    assert "More than one head" in reasons(of(CHECK, around))[0]


def test_the_revisions_of_a_change_run_in_their_order() -> None:
    first = revision('op.create_table("orders", sa.Column("total", sa.Integer()))', "bbbbbbbbbbbb")
    second = revision(CHECK, "aaaaaaaaaaaa", '"bbbbbbbbbbbb"')
    report = review({f"{FOLDER}/z.py": first, f"{FOLDER}/a.py": second})
    assert not report.remarks


def test_what_follows_two_revisions_makes_no_two_heads() -> None:
    first = revision(CHECK, "aaaaaaaaaaaa")
    second = revision(CHECK.replace("positive", "other"), "bbbbbbbbbbbb", '"aaaaaaaaaaaa"')
    report = review({f"{FOLDER}/a_a.py": first, f"{FOLDER}/b_b.py": second}, repository=NAMELESS)
    texts = [one.after for one in changes(report) if one.before is None]
    assert len(texts) == 2
    ids = [
        line.split('"')[1] for text in texts for line in text.splitlines() if "revision = " in line
    ]
    own, down = ids[::2], ids[1::2]
    assert down == ["bbbbbbbbbbbb", own[0]]


INI = "[alembic]\nfile_template = {}\n"


@pytest.mark.parametrize(
    ("template", "own", "name"),
    [
        ("%%(rev)s_%%(slug)s", "1f2e3d4c5b6a_totals.py", "67ecb72b4917_validate_totals.py"),
        (
            "%%(year)d_%%(month).2d_%%(day).2d_%%(hour).2d%%(minute).2d-%%(rev)s_%%(slug)s",
            "2026_11_20_0930-1f2e3d4c5b6a_totals.py",
            "2026_11_20_0930-67ecb72b4917_validate_totals.py",
        ),
        ("%%(epoch)s_%%(slug)s", "1_totals.py", "1795167001_validate_totals.py"),
    ],
)
def test_a_revision_is_called_as_alembic_ini_wants(template: str, own: str, name: str) -> None:
    around = {"app/alembic.ini": INI.format(template)}
    assert new_files(of(CHECK, around, path=f"{FOLDER}/{own}")) == [name]


def test_a_revision_is_called_as_pyproject_wants() -> None:
    around = {"pyproject.toml": '[tool.alembic]\nfile_template = "%(slug)s__%(rev)s"\n'}
    assert new_files(of(CHECK, around)) == ["validate_totals__67ecb72b4917.py"]


def test_a_block_in_the_same_file_is_a_setting() -> None:
    entry = MigrationsSetting(path="app", framework="alembic", follow_up="same-file")
    settings = Settings(migrations=(entry,), rules={NO_LOCK_TIMEOUT: "off"})
    report = of(CHECK, settings=settings)
    (change,) = changes(report)
    assert change.after.endswith(
        '        "positive", "orders", "total > 0", postgresql_not_valid=True\n'
        "    )\n"
        "    # Validates what 1f2e3d4c5b6a_totals.py adds, while reads and writes go on.\n"
        "    with op.get_context().autocommit_block():\n"
        '        op.execute("ALTER TABLE orders VALIDATE CONSTRAINT positive")\n'
        "\n\ndef downgrade():\n    pass\n"
    )
    assert not of_text(change.after).remarks


def of_text(text: str) -> Report:
    return review({f"{FOLDER}/1f2e3d4c5b6a_totals.py": text})


def test_where_each_revision_is_a_transaction_no_block_is_needed() -> None:
    report = of(
        CHECK, {ENV: "target_metadata = None\ncontext.configure(transaction_per_migration=True)\n"}
    )
    (new,) = (one for one in changes(report) if one.before is None)
    assert "autocommit_block" not in new.after


def test_a_transaction_of_env_py_cannot_be_ended() -> None:
    report = of(
        CHECK, {ENV: "target_metadata = None\nwith engine.begin() as connection:\n    pass\n"}
    )
    assert "begun in `env.py` itself" in reasons(report)[0]


UNNAMED = 'op.create_check_constraint(None, "orders", "total > 0")'
CONVENTION = "{'ck': 'ck_%(table_name)s_x', 'ix': 'ix_%(column_0_label)s'}"


@pytest.mark.parametrize(
    ("around", "name"),
    [
        ({ENV: "target_metadata = None\n"}, "orders_total_check"),
        ({ENV: f"target_metadata = MetaData(naming_convention={CONVENTION})\n"}, "ck_orders_x"),
        (
            {
                ENV: "from app.models import Base\ntarget_metadata = Base.metadata\n",
                "app/models/__init__.py": "from app.base import Base\n",
                "app/base.py": f"NAMING_CONVENTION = {CONVENTION}\n",
            },
            "ck_orders_x",
        ),
        (
            {
                ENV: "from app import db\ncontext.configure(target_metadata=db.Base.metadata)\n",
                "app/db/__init__.py": "class Base(DeclarativeBase):\n"
                f"    metadata = MetaData(naming_convention={CONVENTION})\n",
            },
            "ck_orders_x",
        ),
        (
            {
                ENV: "from app.models import Base\ntarget_metadata = Base.metadata\n",
                "src/app/models.py": "class Base(DeclarativeBase):\n    pass\n",
            },
            "orders_total_check",
        ),
        ({ENV: "from app.models import Base\ntarget_metadata = Base.metadata\n"}, None),
        ({ENV: ""}, None),
    ],
)
def test_the_convention_names_what_has_no_name(around: dict[str, str], name: str | None) -> None:
    report = of(UNNAMED, around)
    if name is None:
        assert "The naming convention of the metadata cannot be read" in reasons(report)[0]
        return
    new = next(one.after for one in changes(report) if one.before is None)
    assert f"VALIDATE CONSTRAINT {name}" in new


@pytest.mark.parametrize(
    "body",
    [
        'op.create_index(None, "orders", ["code"])',
        'op.add_column("orders", sa.Column("email", sa.Text(), index=True))',
    ],
)
def test_an_index_without_a_name_needs_the_convention(body: str) -> None:
    (reason,) = reasons(of(body, {ENV: "from app.models import metadata\n"}))
    assert "The naming convention of the metadata cannot be read" in reason
    assert not reasons(of(body))


@pytest.mark.parametrize(
    "body",
    [
        'op.create_check_constraint("positive", X, "total > 0")',
        'op.create_check_constraint(X, "orders", "total > 0")',
        'op.create_unique_constraint("u", "orders", [X])',
        'op.create_unique_constraint("u", "orders", ["code"], schema=X)',
        'op.create_index("i", X, ["code"])',
        'op.create_index("i", "orders", X)',
        'op.create_index(X, "orders", ["code"])',
        'op.create_index(None, "orders", [sa.text("lower(code)")])',
        'op.create_index("i", "orders", ["code"], postgresql_ops=X)',
        'op.create_index("i", "orders", ["code"], postgresql_with=X)',
        'op.create_index("i", "orders", ["code"], postgresql_where=X)',
        'op.add_column("orders", sa.Column(X, sa.Text(), index=True))',
        'op.add_column(X, sa.Column("a", sa.Text(), sa.CheckConstraint("true", name="c"), server_default="b"))',
        'with op.batch_alter_table(X) as batch:\n    batch.create_index("i", ["code"])',
    ],
)
@pytest.mark.parametrize("following", ["auto", "same-file", "new-file"])
def test_no_suggestion_has_a_placeholder(body: str, following: Following) -> None:
    report = of(f"from app import X\n{body}", settings=Settings(follow_up=following))
    assert report.remarks
    assert not changes(report)
    assert "depends on what is known only when the program runs" in reasons(report)[0]


@pytest.mark.parametrize("name", ["unique", "postgresql_using", "if_not_exists"])
def test_nothing_that_nobody_can_tell_is_left_out(name: str) -> None:
    body = f'from app import X\nop.create_index("i", "orders", ["code"], {name}=X)'
    assert "a person has to move it" in reasons(of(body))[0]


@pytest.mark.parametrize("said", ["create_constraint=X", "**X"])
def test_a_check_that_an_enum_may_have_is_told(said: str) -> None:
    kind = f'sa.Enum("a", "b", name="k", native_enum=False, {said})'
    report = of(f'from app import X\nop.add_column("orders", sa.Column("a", {kind}))')
    assert gaps(report) or report.remarks


def test_a_reference_inside_of_a_new_column_is_left_to_a_person() -> None:
    column = 'sa.Column("a", sa.Integer(), sa.ForeignKey("customers.id"), server_default="1")'
    report = of(f'op.add_column("orders", {column}, inline_references=True)')
    assert "in a form that is not changed for you" in reasons(report)[0]


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize(
    "body",
    [
        'op.create_index("i", "orders", ["code"], postgresql_nulls_not_distinct={})',
        'op.create_unique_constraint("u", "orders", ["code"], postgresql_nulls_not_distinct={})',
    ],
)
def test_what_an_older_server_refuses_is_told(body: str, wanted: bool) -> None:
    rules = [
        [one.finding.rule for one in of(body.format(wanted), settings=setting).remarks]
        for setting in (with_version(Settings(), version) for version in (14, 15))
    ]
    assert "refused-by-postgresql" in rules[0]
    assert "refused-by-postgresql" not in rules[1]


def test_the_quotes_of_the_author_are_kept() -> None:
    text = revision(CHECK).replace('"', "'").replace("'''", '"""')
    report = review({f"{FOLDER}/1f2e3d4c5b6a_totals.py": text}, repository=NAMELESS)
    new = next(one.after for one in changes(report) if one.before is None)
    assert "op.execute('ALTER TABLE orders VALIDATE CONSTRAINT positive')" in new


def test_an_index_of_one_database_alone_is_edited() -> None:
    body = "if op.get_bind().dialect.name == 'postgresql':\n    " + CHECK
    report = of(body)
    assert [type(one.fix) for one in report.remarks] == [Fix]


@pytest.mark.parametrize(
    ("body", "moved"),
    [
        ('op.create_index("i", "orders", ["code"], sqlite_where=sa.text("x"))', True),
        ('x = 1\nop.create_index("i", "orders", ["code"], sqlite_where=x)', False),
        ('x = "hash"\nop.create_index("i", "orders", ["code"], postgresql_using=x)', True),
    ],
)
def test_an_index_is_built_with_all_that_its_author_asks_for(body: str, moved: bool) -> None:
    told = reasons(of(body))
    assert told == [] if moved else "a person has to move it" in told[0]


@pytest.mark.parametrize(
    "around",
    [
        "op.get_bind().begin_nested()",
        "op.get_bind().begin()",
        "op.get_bind().engine.connect()",
        "Session(bind=op.get_bind())",
        "Session(bind=op.get_bind()).begin_nested()",
    ],
)
@pytest.mark.parametrize("following", ["auto", "same-file", "new-file"])
def test_no_block_stands_in_a_transaction_of_a_connection(
    around: str, following: Following
) -> None:
    body = (
        f'from sqlalchemy.orm import Session\nwith {around}:\n    op.create_index("i", "t", ["a"])'
    )
    made = changes(of(body, settings=Settings(follow_up=following)))
    assert f"    with {around}:\n        pass\n" in made[0].after
    assert "    with op.get_context().autocommit_block():\n" in made[-1].after


def test_a_block_without_a_statement_left_passes() -> None:
    body = 'op.add_column("t", sa.Column("a", sa.Text()))\nif True:\n    op.create_index("i", "u", ["a"])'
    edited = next(one.after for one in changes(of(body)) if one.before is not None)
    assert "    if True:\n        pass\n" in edited
    assert not of_text(edited).unreadable


HOSTILE = [
    'x"""; import os; os._exit(1) #',
    "x\\",
    "x\r",
    "'''",
    "\u202e",
    "$(reboot)",
    "{x}",
    "%s",
    "../../x",
    "'); DROP TABLE t; --",
]


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("where", ["title", "revision", "table", "name"])
def test_words_of_strangers_end_no_string(words: str, where: str) -> None:
    table, name = (words if where == one else "orders" for one in ("table", "name"))
    body = f"op.create_check_constraint({name!r}, {table!r}, 'total > 0')"
    text = revision(body).replace('"""', "'''")
    if where == "title":
        text = text.replace("Totals", words.replace("'''", "").rstrip("\\\r"))
    if where == "revision":
        text = text.replace('"1f2e3d4c5b6a"', repr(words))
    made = changes(review({f"{FOLDER}/1f2e3d4c5b6a_totals.py": text}, repository=NAMELESS))
    for one in made:
        compile(one.after, one.path, "exec")
        assert one.path.startswith(f"{FOLDER}/")
        assert ".." not in one.path
    assert not review({one.path: one.after for one in made}).remarks


BAD = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0)"
ADD = 'create_check_constraint("c", "t", "x > 0")'


@pytest.mark.parametrize(
    "body",
    [
        "add = op.create_check_constraint\nadd('c', 't', 'x > 0')",
        "import functools\nfunctools.partial(op.create_check_constraint, 'c')('t', 'x > 0')",
        "list(map(op.drop_table, ['t']))",
        "list(map(lambda t: op.create_check_constraint('c', t, 'x > 0'), ['t']))",
        "[op.create_check_constraint('c', t, 'x > 0') for t in ('t',)]",
        "[lambda: op.create_check_constraint('c', 't', 'x > 0')][0]()",
        f"(op if True else None).{ADD}",
        f"(found := op).{ADD}",
        f"ops = [op][int(elsewhere)]\nops.{ADD}",
        "run = [op.drop_table].pop()\nrun('t')",
        "{'a': op.drop_table}[key]('t')",
        f"next(iter([op])).{ADD}",
        "getattr(op, 'create_check_constraint')('c', 't', 'x > 0')",
        "vars(op)['drop_table']('t')",
        f"__import__('alembic').op.{ADD}",
        "__import__('os').system('psql -c x')",
        "import os\nos.system('psql -c x')",
        "import subprocess\nx = subprocess.run(['psql'])",
        "import importlib\nm = importlib.import_module('x')\nm.go()",
        "from app import helper\n_ = helper('t')",
        "from app import helper\nhelper('t') and None",
        "from app import make\nmake().go()",
        "from app import Thing\nThing(op).go()",
        "from app import *\nop.drop_table('t')",
        "class A:\n    def __init__(self):\n        op.drop_table('t')\nA()",
        "class A:\n    def go(self):\n        op.drop_table('t')\nA().go()",
        "class A:\n    run = op.create_check_constraint\nA.run('c', 't', 'x > 0')",
        "class A:\n    def __enter__(self):\n        op.drop_table('t')\nwith A():\n    pass",
        f"def f(x=op.{ADD}):\n    pass",
        f"def f():\n    yield op.{ADD}\nlist(f())",
        "from app import wrap\n@wrap\ndef f():\n    pass\nf()",
        f"def wrap(f):\n    return lambda: op.{ADD}\n@wrap\ndef f():\n    pass\nf()",
        f"if op.has_table('t') == False:\n    op.{ADD}",
        f"if op.x():\n    return\nop.{ADD}",
        f"try:\n    raise ValueError\nexcept ValueError:\n    op.{ADD}",
        f"while op.x():\n    op.{ADD}",
        f"match op.x():\n    case 1:\n        op.{ADD}",
        "for t in op.tables():\n    op.create_check_constraint('c', t, 'x > 0')",
        "op.execute(b'x'.decode())",
        "import base64\nop.execute(base64.b64decode('x').decode())",
        "op.get_bind().exec_driver_sql('ALTER TABLE t ADD CHECK (x > 0)')",
        "conn = op.get_bind()\nwith conn.begin_nested():\n    conn.execute(sa.text('ALTER TABLE t ADD CHECK (x > 0)'))",
        "op.get_bind().engine.connect().execute(sa.text('ALTER TABLE t ADD CHECK (x > 0)'))",
        "sa.Table('t', sa.MetaData()).create(op.get_bind())",
        "sa.Index('i', 'x').create(op.get_bind())",
        "op.invoke(elsewhere)",
        "op.run_async(elsewhere)",
        "op.impl.execute('ALTER TABLE t ADD CHECK (x > 0)')",
        "op.get_context().impl.add_constraint(elsewhere)",
        "op.get_context().connection.exec_driver_sql('ALTER TABLE t ADD CHECK (x > 0)')",
        "from alembic.op import create_check_constraint as f\nf('c', 't', 'x > 0')",
        "import alembic\nalembic.op.create_check_constraint('c', 't', 'x > 0')",
        "from alembic import op as o\no.create_check_constraint('c', 't', 'x > 0')",
        "import alembic.op as o\no.create_check_constraint('c', 't', 'x > 0')",
        "from alembic.operations import ops\nop.invoke(ops.DropTableOp('t'))",
        "from alembic.context import get_context\nget_context().connection.execute(sa.text('ALTER TABLE t ADD CHECK (x > 0)'))",
        # Found by a stranger who had an hour.
        "import functools\nfunctools.reduce(lambda a, b: op.execute(b), [BAD], None)",
        "sorted([BAD], key=op.execute)",
        "import contextlib\nwith contextlib.ExitStack() as s:\n    s.callback(lambda: op.execute(BAD))",
        "import threading\nthreading.Thread(target=lambda: op.execute(BAD)).start()",
        "from alembic import context\nbind = op.get_bind() if not context.is_offline_mode() else None\nbind.execute(sa.text(BAD))",
        "if cond():\n    run = op.execute\nelse:\n    run = op.get_bind().execute\nrun(BAD)",
        "try:\n    from helpers import go\nexcept ImportError:\n    from other import go\ngo()",
        "from helpers import STEPS\nfor f in STEPS:\n    f(BAD)",
        "globals()['op'].execute(BAD)",
        "import sys\nsys.modules['alembic.op'].execute(BAD)",
        "import importlib\nimportlib.import_module('alembic.op').execute(BAD)",
        "from helpers import go\ndone = go()",
        "from helpers import go\nreturn go()",
        "x = vars(op)['execute'](BAD)",
        "op.get_context().impl.execute(BAD)",
        "with op.get_bind().engine.begin() as c:\n    c.execute(sa.text(BAD))",
        "from sqlalchemy.orm import Session\nSession(op.get_bind()).connection().execute(sa.text(BAD))",
        "import helpers\nop.execute(helpers.update_orders())",
        "from sqlalchemy.orm import Session\n"
        "op.execute('ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID')\n"
        "Session(op.get_bind()).commit()\nop.execute('ALTER TABLE t VALIDATE CONSTRAINT c')",
        "from helpers import autocommit_block\n"
        "op.execute('ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID')\n"
        "with autocommit_block():\n    op.execute('ALTER TABLE t VALIDATE CONSTRAINT c')",
        "op.execute('ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID')\n"
        "if not cond():\n    with op.get_context().autocommit_block():\n        pass\n"
        "op.execute('ALTER TABLE t VALIDATE CONSTRAINT c')",
        "assert op.execute(BAD) is None",
        "while op.execute(BAD):\n    pass",
        "while False:\n    pass\nelse:\n    op.execute(BAD)",
        "try:\n    raise ValueError(op.execute(BAD))\nexcept ValueError:\n    pass",
        "d = [[]]\nd[0] += op.execute(BAD) or []",
        "match 1:\n    case _ if op.execute(BAD):\n        pass",
        "def f(x=op.execute(BAD)):\n    pass",
        "class A(metaclass=op.execute(BAD) or type):\n    pass",
        "f\"{1:{op.execute(BAD) or ''}}\"",
        "{k: 1 for k in [op.execute(BAD)]}",
        "[1 for a in [1] for b in [op.execute(BAD)]]",
        "[1 for a in elsewhere() if op.execute(BAD)]",
        "[op.execute(s) for s in [BAD] if cond()]",
        "def run(f):\n    op.execute(BAD)\n    return f\n@run\ndef g():\n    pass",
        "class A:\n    @property\n    def x(self):\n        op.execute(BAD)\nA().x",
        "def go():\n    op.execute(BAD)\ngo.__call__()",
        "class C:\n    run = None\nC.run = op.execute\nC.run(BAD)",
        "import contextlib\nwith contextlib.suppress(ValueError):\n    raise ValueError\nop.execute(BAD)",
        "sql = BAD\ntry:\n    int('x')\n    sql = 'SELECT 1'\nexcept ValueError:\n    pass\nop.execute(sql)",
        "def pick():\n    if cond():\n        return BAD\n    return 'SELECT 1'\nop.execute(pick())",
        "def run(now, later):\n    op.execute(now)\n    if later:\n        run(later[0], later[1:])\nrun('SELECT 1', [BAD])",
        "def g():\n    yield 1\nif g() is not None:\n    op.execute(BAD)",
        "if [] != ():\n    op.execute(BAD)",
        "if len({1, 1}) == 1:\n    op.execute(BAD)",
        "if not list(zip(['a'], [])):\n    op.execute(BAD)",
        "s = ['SELECT 1']\ndef reg():\n    s.append(BAD)\nreg()\nfor one in s:\n    op.execute(one)",
        "a = b = []\na.append(BAD)\nfor one in b:\n    op.execute(one)",
        "b = []\na = b\na += [BAD]\nfor one in b:\n    op.execute(one)",
        "d = {'x': []}\nd['x'].append(BAD)\nfor one in d['x']:\n    op.execute(one)",
        "class C:\n    sql = 'SELECT 1'\nC.sql = BAD\nop.execute(C.sql)",
        "op.f = op.execute\nop.f(BAD)",
        "match BAD:\n    case sql:\n        op.execute(sql)",
        "try:\n    with op.get_bind().begin_nested():\n        op.create_table('t', sa.Column('x', sa.Integer()))\n"
        "except Exception:\n    pass\nop.execute(BAD)",
        "from helpers import flag\nop.create_table('t', sa.Column('x', sa.Integer()), if_not_exists=flag)\nop.execute(BAD)",
        "from helpers import kw\nop.add_column('t', sa.Column('y', sa.Integer(), unique=kw))",
        "from helpers import kw\nop.add_column('t', sa.Column('y', sa.Integer(), **kw))",
        "op.execute('-- %c' % 10 + BAD)",
    ],
)
def test_nothing_that_runs_passes_in_silence(body: str) -> None:
    report = of(body.replace("op.drop_table('t')", f"op.{ADD}"), before=f"BAD = {BAD!r}\n")
    worse = [one for one in report.remarks if one.severity > Severity.NOTICE]
    assert worse or report.unreadable


LOADED = [
    "op.execute(BAD)",
    "globals()['upgrade'] = lambda: op.execute(BAD)",
    "import contextlib\nwith contextlib.suppress(Exception):\n    raise ValueError\n"
    "def upgrade():\n    op.execute(BAD)",
    "from helpers import run\n@run\ndef upgrade():\n    pass",
    "def run(f):\n    return lambda: op.execute(BAD)\n@run\ndef upgrade():\n    pass",
    "def upgrade(name=None):\n    op.execute(BAD)\ndef upgrade_x():\n    pass",
]


@pytest.mark.parametrize("code", LOADED)
def test_what_runs_when_a_revision_is_loaded_is_told(code: str) -> None:
    text = revision("pass", before=f"BAD = {BAD!r}\n") + f"\n\n{code}\n"
    report = review({f"{FOLDER}/1f2e3d4c5b6a_a.py": text}, repository=NAMELESS)
    worse = [one for one in report.remarks if one.severity > Severity.NOTICE]
    assert worse or report.unreadable


def test_another_encoding_is_not_read() -> None:
    text = "# -*- coding: utf-7 -*-\n" + revision("pass #+AAo-    op.drop_table('t')")
    ((_, reason),) = gaps(review({f"{FOLDER}/1f2e3d4c5b6a_a.py": text}))
    assert "another encoding" in reason


@pytest.mark.parametrize(
    "body",
    [
        "a = (1,)\n" + "a = (a, a)\n" * 40 + "str(a)",
        "a = (1,)\n" + "a = (a, a)\n" * 40 + "a == a",
        "a = (1,)\n" + "a = (a, a)\n" * 40 + "{a: 1}",
        "s = f'{x} a'\n" + "s = s + s\n" * 27,
        "a = [1]\n" + "a = [*a, *a]\n" * 27,
    ],
)
def test_what_grows_without_end_is_unknown(body: str) -> None:
    of(body)


def test_lines_of_any_length_are_read_at_once() -> None:
    long = 'down_revision = "x"' + " " * 100_000 + "or 1\n"
    review({f"{FOLDER}/1f2e3d4c5b6a_a.py": revision("pass").replace("down_revision = None", long)})
    of("pass", {ENV: "target_metadata :" * 30_000})


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("%%(year)d/%%(month).2d/%%(rev)s_%%(slug)s", "2026/11/67ecb72b4917_validate_totals.py"),
        ("../../x%%(rev)s", None),
        ("%%(rev)999999999s", None),
    ],
)
def test_a_template_may_name_folders(template: str, name: str | None) -> None:
    path = f"{FOLDER}/2026/11/1f2e3d4c5b6a_totals.py"
    around = {"app/alembic.ini": INI.format(template), ENV: NAMELESS[ENV]}
    found = [one.path for one in changes(of(CHECK, around, path=path)) if one.before is None]
    assert found == ([f"{FOLDER}/{name}"] if name else [])


def test_each_branch_is_followed_by_its_own() -> None:
    first = revision("pass", "aaaaaaaaaaaa")
    left = revision(CHECK, "bbbbbbbbbbbb", '"aaaaaaaaaaaa"')
    right = revision(CHECK.replace("positive", "other"), "cccccccccccc", '"aaaaaaaaaaaa"')
    report = review(
        {f"{FOLDER}/bbbbbbbbbbbb_b.py": left, f"{FOLDER}/cccccccccccc_c.py": right},
        repository={**NAMELESS, f"{FOLDER}/aaaaaaaaaaaa_a.py": first},
    )
    new = [one.after for one in changes(report) if one.before is None]
    assert 'down_revision = "bbbbbbbbbbbb"' in new[0]
    assert 'down_revision = "cccccccccccc"' in new[1]


@pytest.mark.parametrize(
    "other",
    [
        {"app/alembic.ini": "[alembic]\nrecursive_version_locations = true\n"},
        {"app/alembic.ini": "[alembic]\nversion_locations = a b\n"},
        {f"{FOLDER}/2_b.py": 'PARENT = "x"\nrevision = "2"\ndown_revision = PARENT\n'},
    ],
)
def test_where_the_head_is_not_known_nothing_follows(other: dict[str, str]) -> None:
    assert reasons(of(CHECK, {**NAMELESS, **other}))


def test_operations_of_another_name_are_left_to_a_person() -> None:
    text = revision(CHECK.replace("op.", "o.")).replace("import op", "import op as o")
    report = review({f"{FOLDER}/1f2e3d4c5b6a_a.py": text}, repository=NAMELESS)
    assert "`from alembic import op`" in reasons(report)[0]


def test_a_function_on_one_line_is_left_to_a_person() -> None:
    text = revision("pass").replace("def upgrade():\n    pass", f"def upgrade(): {CHECK}")
    report = review({f"{FOLDER}/1f2e3d4c5b6a_a.py": text}, repository=NAMELESS)
    assert len(reasons(report)) == 1


def test_env_py_is_no_revision() -> None:
    repository = {"migrations/script.py.mako": "", "migrations/alembic.ini": ""}
    report = review({"migrations/env.py": "target_metadata = None\n"}, repository=repository)
    assert not report.unreadable


def test_a_commented_setting_is_none() -> None:
    around = {ENV: "target_metadata = None\n# transaction_per_migration=True\n"}
    (new,) = (one for one in changes(of(CHECK, around)) if one.before is None)
    assert "autocommit_block" in new.after

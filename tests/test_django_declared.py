"""A migration that is no plain class of Django's in its module is not passed over in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.frameworks import detect
from tests.reviewing import Texts, review
from tests.servers.server import Server
from tests.test_django import assert_the_same
from tests.test_django_arguments import INITIAL
from tests.test_django_reading import BESIDE, FUNCTION, PATH, gaps, migration, sent
from tests.test_generated_django_fixes import same_schema

OPERATIONS = """    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.AddIndex("order", models.Index(fields=["total"], name="i")),
    ]
"""
IMPORTS = "from django.db import migrations, models\n"
CLASS = f"{IMPORTS}\n\nclass Migration(migrations.Migration):\n{OPERATIONS}"
FOREIGN = "which is not Django's own Migration"
OUTSIDE = "what becomes of Migration outside of its class is not followed"
STAR = "what `import *` brings stands in a module that is not read"
NO_CLASS = "its Migration is not a class of the module itself"
ELSEWHERE = "its Migration stands in a module that is not read"

UNFOLLOWED = [
    (f"class Migration(Base):\n{OPERATIONS}", 1, f"it is made of `Base`, {FOREIGN}"),
    (
        f"from tools import Base\nclass Migration(Base):\n{OPERATIONS}",
        2,
        f"it is made of `tools.Base`, {FOREIGN}",
    ),
    (
        f"{IMPORTS}from tools import Mixin\nclass Migration(Mixin, migrations.Migration):\n"
        f"{OPERATIONS}",
        3,
        f"it is made of `tools.Mixin`, {FOREIGN}",
    ),
    (
        f"{IMPORTS}class Migration(base(), migrations.Migration):\n{OPERATIONS}",
        2,
        f"it is made of `base()`, {FOREIGN}",
    ),
    (
        f"{IMPORTS}class Migration:\n{OPERATIONS}",
        2,
        "its class is not made of Django's own Migration",
    ),
    (
        f"{IMPORTS}class Migration(migrations.Migration, metaclass=Meta):\n{OPERATIONS}",
        2,
        "what makes its class Migration another one is not followed",
    ),
    (
        f"{IMPORTS}@changed\nclass Migration(migrations.Migration):\n{OPERATIONS}",
        3,
        "what makes its class Migration another one is not followed",
    ),
    (
        f"{CLASS}\n    def apply(self, state, editor, collect_sql=False):\n        return state\n",
        10,
        "what its own apply() does is not followed",
    ),
    (
        f"{CLASS}\n    def __init__(self, *args):\n        super().__init__(*args)\n",
        10,
        "what its own __init__() does is not followed",
    ),
    (f"{CLASS}\n    apply = other\n", 4, "what its own apply() does is not followed"),
    (f"{CLASS}\n\nMigration.operations.append(more())\n", 11, OUTSIDE),
    (f"{CLASS}\n\nMigration.operations += [more()]\n", 11, OUTSIDE),
    (f"{CLASS}\n\nMigration.operations[0] = more()\n", 11, OUTSIDE),
    (f"{CLASS}\n\nMigration.atomic = False\n", 11, OUTSIDE),
    (f"{CLASS}\n\nMigration.apply = other\n", 11, OUTSIDE),
    (f"{CLASS}\n\ndel Migration.operations[0]\n", 11, OUTSIDE),
    (f"{CLASS}\n\nsetattr(Migration, 'atomic', False)\n", 11, OUTSIDE),
    (f"{CLASS}\n\nregister(Migration)\n", 11, OUTSIDE),
    (f"{CLASS}\n\nfor one in Migration.operations:\n    one.atomic = False\n", 11, OUTSIDE),
    (f"{CLASS}\n\nfrom tools import *\n", 11, STAR),
    (
        f"{CLASS}    exec('operations.clear()')\n",
        9,
        "what `exec` does outside of functions is not followed",
    ),
    (
        f"{CLASS}    vars()['operations'] = []\n",
        9,
        "what `vars` does outside of functions is not followed",
    ),
    (
        f"from django.db import connection\nconnection.cursor().execute('DROP TABLE x')\n{CLASS}",
        2,
        "what `cursor().execute` does outside of functions is not followed",
    ),
    (f"{CLASS}\n\nfrom tools import Migration\n", 11, ELSEWHERE),
    (f"{CLASS}\n\nMigration = changed(Migration)\n", 11, NO_CLASS),
    ("from accounts.shared import Migration\n", 1, ELSEWHERE),
    ("from accounts import shared as Migration\n", 1, ELSEWHERE),
    ("from .shared import *\n", 1, STAR),
    ("try:\n    from a import Migration\nexcept ImportError:\n    pass\n", 2, ELSEWHERE),
    ("Migration = type('Migration', (), {})\n", 1, NO_CLASS),
    ("import shared\nMigration = shared.made()\n", 2, NO_CLASS),
    ("import shared\nMigration: type = shared.made()\n", 2, NO_CLASS),
    ("a, Migration = made()\n", 1, NO_CLASS),
    ("for Migration in made():\n    pass\n", 1, NO_CLASS),
    ("if (Migration := made()):\n    pass\n", 1, NO_CLASS),
    ("with made() as Migration:\n    pass\n", 1, NO_CLASS),
    ("def Migration(name, app):\n    return made(name, app)\n", 1, NO_CLASS),
    ("def __getattr__(name):\n    return made(name)\n", 1, NO_CLASS),
    ("globals()['Migration'] = made()\n", 1, NO_CLASS),
    ("def make():\n    global Migration\n    Migration = made()\nmake()\n", 2, NO_CLASS),
]


@pytest.mark.parametrize(("text", "line", "reason"), UNFOLLOWED)
def test_a_migration_is_not_analysed(text: str, line: int, reason: str) -> None:
    report = review({PATH: text}, framework="django", repository=BESIDE)
    (gap,) = report.unreadable
    assert gap.span is not None
    assert (gap.reason, text.count("\n", 0, gap.span.start) + 1) == (reason, line)
    assert not report.remarks


@pytest.mark.parametrize("text", [text for text, _, _ in UNFOLLOWED])
def test_django_is_recognised_beside_its_project(text: str) -> None:
    found = detect(PATH, text, Texts({**BESIDE, PATH: text}))
    assert found is not None
    assert found.name == "django"


READ = [
    ("import django.db.migrations\nfrom django.db import models", "django.db.migrations.Migration"),
    ("import django.db.migrations as m\nfrom django.db import models", "m.Migration"),
    ("from django import db\nfrom django.db import models", "db.migrations.Migration"),
    ("from django.db import migrations as m, models", "m.Migration"),
    ("from django.db import models\nfrom django.db.migrations import Migration", "Migration"),
    ("from django.db import models\nfrom django.db.migrations import Migration as M", "M"),
    (
        "from django.db import models\nfrom django.db.migrations.migration import Migration",
        "Migration",
    ),
    ("from tools import *\nfrom django.db import migrations, models", "migrations.Migration"),
    (f"{IMPORTS}\nclass Help:\n    def more(self):\n        pass\n", "Help, migrations.Migration"),
]


@pytest.mark.parametrize(("imports", "base"), READ)
def test_a_class_of_djangos_is_read_however_it_is_called(imports: str, base: str) -> None:
    operations = OPERATIONS.replace("migrations.AddIndex", "AddIndex")
    operation = "from django.db.migrations import AddIndex"
    text = f"{imports}\n{operation}\n\n\nclass Migration({base}):\n{operations}"
    report = review({PATH: text}, framework="django", repository=BESIDE)
    assert not report.unreadable
    assert len(report.remarks) == 1


HARMLESS = [
    "    run_before = [('stock', '0002_x')]\n    initial = False\n    elidable = True\n",
    "    def __str__(self):\n        return 'x'\n    def forwards(apps, editor):\n        pass\n",
    "    BATCH = 1_000\n",
]


@pytest.mark.parametrize("inside", HARMLESS)
def test_what_else_a_class_has_changes_nothing(inside: str) -> None:
    before = "def batch():\n    return Migration.BATCH\n\nclass Other(Base):\n    pass\n"
    found = migration("migrations.RunSQL('SELECT 1')", inside=inside, before=before)
    assert sent(found) == ["SELECT 1"]
    assert not found.unreadable


NO_MIGRATION = [
    "from django.db import migrations\n\nclass Base(migrations.Migration):\n    pass\n",
    "from django.db.migrations import Migration\n\nclass Base(Migration):\n    pass\n",
    "import django.db.migrations\n\ndef add(Migration):\n    Migration.operations = []\n",
    "'''class Migration(Base)'''\nfrom django.conf import settings\n",
    "def made():\n    class Migration(Base):\n        pass\n    return Migration\n",
]


@pytest.mark.parametrize("text", NO_MIGRATION)
def test_a_module_that_has_no_migration_is_passed_over(text: str) -> None:
    path = "shop/migrations/tools.py"
    report = review({path: text}, framework="django", repository=BESIDE)
    assert not report.unreadable and not report.remarks


BASE = f"""{IMPORTS}

class First(migrations.Migration):
    atomic = True


class Base(First):
{OPERATIONS}

class Migration(Base):
    initial = False
"""


SAYS_ATOMIC = CLASS.replace("    dependencies", "    atomic: bool = True\n    dependencies")


@pytest.mark.parametrize("text", [BASE, SAYS_ATOMIC, SAYS_ATOMIC.replace(": bool", "")])
@pytest.mark.postgres(18)
def test_a_migration_says_itself_or_by_a_class_of_its_module_that_it_is_a_transaction(
    text: str, server: Server, tmp_path: Path
) -> None:
    files = {"shop/migrations/0001_initial.py": INITIAL, PATH: text}
    assert_the_same(server, tmp_path, files)
    assert same_schema(server, tmp_path, files) != files


SENT_BY_A_FUNCTION = [
    "    with connection.cursor() as c:\n        c.executemany('DROP TABLE x', [()])",
    "    with schema_editor.connection.schema_editor() as e:\n        e.execute('DROP TABLE x')",
    "    with connection.schema_editor(atomic=False) as e:\n        e.execute('DROP TABLE x')",
    "    connection.connection.execute('DROP TABLE x')",
    "    schema_editor.connection.connection.cursor().execute('DROP TABLE x')",
    "    schema_editor.connection.chunked_cursor().execute('DROP TABLE x')",
]


@pytest.mark.parametrize("body", SENT_BY_A_FUNCTION)
def test_whatever_executes_it_a_function_sends_it(body: str) -> None:
    found = migration("migrations.RunPython(forwards)", before=FUNCTION.format(body))
    assert sent(found) == ["DROP TABLE x"]
    assert not found.unreadable


NOT_FOLLOWED = [
    ("connection.schema_editor().add_field(1, 2)", "what schema_editor.add_field() sends"),
    ("connection.cursor().copy('COPY x FROM stdin')", "what `cursor().copy` sends"),
    ("connection.cursor().callproc('f')", "what `cursor().callproc` sends"),
    ("connection.cursor().cursor.execute('DROP TABLE x')", "what `cursor.execute` sends"),
    ("connection.connection.pgconn.exec_(b'DROP TABLE x')", "what `pgconn.exec_` sends"),
    (
        "schema_editor.connection.schema_editor().deferred_sql.append('x')",
        "what `deferred_sql.append` sends",
    ),
    (
        "schema_editor.connection.temporary_connection().execute('x')",
        "what `temporary_connection().execute` sends",
    ),
]


@pytest.mark.parametrize(("call", "what"), NOT_FOLLOWED)
def test_what_sends_sql_otherwise_is_not_analysed(call: str, what: str) -> None:
    before = FUNCTION.format(f"    {call}")
    found = migration("migrations.RunPython(forwards)", before=before)
    assert [reason for _, reason in gaps(found)] == [f"{what} is not followed"]


def test_what_looks_at_the_database_is_harmless() -> None:
    body = (
        "    names = schema_editor.connection.introspection.table_names(connection.cursor())\n"
        "    schema_editor.connection.ensure_connection()\n"
        "    connection.schema_editor().quote_name('x')\n"
        "    connection.cursor().fetchall()"
    )
    found = migration("migrations.RunPython(forwards)", before=FUNCTION.format(body))
    assert not sent(found)
    assert not found.unreadable


@pytest.mark.parametrize("text", ["from accounts.shared import Migration\n", CLASS])
def test_django_is_recognised_by_the_words_of_a_migration(text: str) -> None:
    found = detect(PATH, text, Texts({PATH: text}))
    assert found is not None
    assert found.name == "django"

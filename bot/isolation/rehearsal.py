"""A review of every kind of file and finding, so that all it takes is loaded afterwards."""

from __future__ import annotations

import codecs

from bot.isolation.messages import Task
from bot.model.pull_request import FileDiff, Place, PullRequest, Read
from bot.publication import publication
from bot.settings import PATHS, Settings, TablesSetting

_HEAD, _BASE = "1" * 40, "2" * 40
_ADD = "ALTER TABLE t ADD CHECK (x > 0);\n"
_ALLOW = "-- lockstep: allow check-validated-on-add because it is small\n"
_NAMES = ("db/migration/V{}__a.sql", "db/migrations/2026112009300{}_a.up.sql")
_BLOCK = f"DO $$BEGIN EXECUTE 'SELECT 1'; {_ADD}END$$;\n"
_TEXTS = {
    "utf-8": f"{_BLOCK}SELECT {{{{ x }}}}; SELEC 2;\n{_ALLOW}{_ADD}",
    "utf-16-le": _ADD,
    "utf-16-be": _ADD,
    "utf-32-le": _ADD,
    "utf-32-be": _ADD,
}
_PATCH = f"@@ -0,0 +1 @@\n+{_ADD}"
_PROGRAMS = {
    "versions/1_a.py": 'from alembic import op\nrevision = "1"\ndown_revision = None\n'
    "def upgrade():\n    # lockstep: allow\n"
    '    op.create_check_constraint("c", "t", "x > 0")\n    op.create_index("i", "t", ["x"])\n',
    "a/migrations/0001_a.py": "from django.db import migrations, models\n"
    "class Migration(migrations.Migration):\n    # lockstep: allow\n    operations = [\n"
    '        migrations.RunSQL("ALTER TABLE t ADD CHECK (x > 0)"),\n'
    '        migrations.AddConstraint("t", models.CheckConstraint(models.Q(x=1), name="c")),\n'
    "    ]\n",
}


def rehearse() -> None:
    pull = PullRequest("a/b", 1, _HEAD, _BASE, "branch", "a/b")
    files = tuple(
        FileDiff(path.format(number), status, name, _PATCH)
        for number, name in enumerate(_TEXTS)
        for path, status in zip(_NAMES, ("modified", "added"), strict=True)
    )
    files += tuple(FileDiff(path, "added", path, _PATCH) for path in _PROGRAMS)
    before = {Place(_BASE, file.path): b"SELECT 1;\n" for file in files}
    blobs = {name: _content(name, text) for name, text in _TEXTS.items()}
    blobs |= {path: text.encode() for path, text in _PROGRAMS.items()}
    settings = Settings(include=("**",), exclude=("none",), tables=TablesSetting("stats.json"))
    ours = tuple(FileDiff(name, "added", name, _PATCH) for name in (*PATHS, "stats.json"))
    blobs |= {file.blob: b'unknown = "x"' for file in ours}
    task = Task(
        pull,
        "",
        files,
        Read(blobs, before),
        settings,
        comments=True,
        sarif=True,
        configuration=ours,
    )
    publication(task, lambda wanted: Read(), lambda paths: None)


def _content(encoding: str, text: str) -> bytes:
    mark = b"" if encoding == "utf-8" else codecs.BOM_UTF8.decode().encode(encoding)
    return mark + text.encode(encoding)

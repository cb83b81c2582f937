"""A Django project of one app, `shop`, whose migrations Django itself runs in this process."""

from __future__ import annotations

import importlib
import itertools
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

_numbers = itertools.count()


def configured() -> None:
    """Django is set up once in a process; the database comes later."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import django
        from django.conf import settings

        if settings.configured:
            return
        database = {"ENGINE": "django.db.backends.postgresql", "NAME": "none"}
        settings.configure(
            DATABASES={"default": database},
            INSTALLED_APPS=["django.contrib.postgres"],
            DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
            USE_TZ=True,
            SECRET_KEY="x",
        )
        django.setup()


@dataclass
class Project:
    """`package` is where the migrations are."""

    package: str
    folder: Path

    def names(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("0*.py"))

    def migrate(self, name: str | None = None) -> None:
        """Up to a migration, or to the end."""
        from django.core.management import call_command

        call_command("migrate", "shop", *([name] if name else []), verbosity=0)

    def disconnect(self) -> None:
        """What comes next is done in another session."""
        from django.db import connection

        connection.close()

    def sql_of(self, name: str) -> list[str]:
        """What `sqlmigrate` prints, statement by statement, without comments."""
        from django.db import connection
        from django.db.migrations.loader import MigrationLoader

        loader = MigrationLoader(connection, replace_migrations=False)
        plan = [(loader.graph.nodes["shop", name], False)]
        return [one for one in loader.collect_sql(plan) if not one.startswith("--")]

    def models(self) -> str:
        """The models as the migrations tell them, as Python."""
        from django.db import connection
        from django.db.migrations.loader import MigrationLoader
        from django.db.migrations.writer import MigrationWriter

        state = MigrationLoader(connection).project_state()
        parts, imports = list[str](), {"from django.db import models"}
        for (app, _), model in state.models.items():
            if app != "shop":
                continue
            lines = [f"class {model.name}(models.Model):"]
            for name, field in model.fields.items():
                text, needs = MigrationWriter.serialize(field)
                imports |= needs
                lines.append(f"    {name} = {text}")
            lines.append("    class Meta:\n        app_label = 'shop'")
            for name, value in model.options.items():
                text, needs = MigrationWriter.serialize(value)
                imports |= needs
                lines.append(f"        {name} = {text}")
            parts.append("\n".join(lines))
        return "\n".join((*sorted(imports), *parts))

    def changes(self) -> bool:
        """Whether `makemigrations --check` finds that the models say something else."""
        from django.core.management import call_command

        try:
            call_command("makemigrations", "shop", check_changes=True, dry_run=True, verbosity=0)
        except SystemExit:
            return True
        return False


@contextmanager
def project(
    conninfo: str, folder: Path, migrations: Mapping[str, str], models: str = ""
) -> Iterator[Project]:
    """The app with these migrations, by the names of their files without `.py`, and these models."""
    configured()
    from django.apps import apps
    from django.db import connection, connections
    from django.test.utils import override_settings

    package = f"shop_{next(_numbers)}"
    inside = folder / package
    (inside / "migrations").mkdir(parents=True)
    (inside / "__init__.py").write_text("")
    (inside / "migrations" / "__init__.py").write_text("")
    (inside / "apps.py").write_text(_CONFIG.format(package))
    if models:
        (inside / "models.py").write_text(models)
    for name, text in migrations.items():
        (inside / "migrations" / f"{name}.py").write_text(text)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    parts = conninfo_to_dict(conninfo)
    connection.close()
    vars(connections["default"]).pop("pg_version", None)
    vars(connection.features).pop("is_postgresql_15", None)
    connection.settings_dict |= {
        "NAME": parts["dbname"],
        "USER": parts["user"],
        "HOST": parts["host"],
    }
    try:
        with override_settings(INSTALLED_APPS=["django.contrib.postgres", f"{package}.apps.Shop"]):
            yield Project(f"{package}.migrations", inside / "migrations")
    finally:
        connection.close()
        apps.all_models["shop"].clear()
        apps.clear_cache()
        sys.path.remove(str(folder))
        for name in [one for one in sys.modules if one.partition(".")[0] == package]:
            del sys.modules[name]


_CONFIG = """
from django.apps import AppConfig


class Shop(AppConfig):
    name = "{}"
    label = "shop"
"""

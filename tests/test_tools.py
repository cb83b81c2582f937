"""Migration tools run in one transaction what their modules say, and the fixed files make nobody wait.

The tools that are on this machine run here with a few examples each; `make tools` installs all of
them and runs every example. What was not run is said at the end.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.fixing import changes
from bot.frameworks import page
from bot.model.migration import Wrapping
from bot.settings import Settings
from tests.breaking import named
from tests.pages import Example, examples
from tests.reviewing import review
from tests.servers.catalog import difference
from tests.servers.installation import cache_folder
from tests.servers.releases import Unavailable
from tests.servers.server import Server
from tests.test_pages import of
from tests.tools import TOOLS
from tests.tools.deployment import Deployed, Deploying, believed
from tests.tools.installation import installed
from tests.tools.knex import migration
from tests.tools.report import NOT_RUN
from tests.tools.tool import Address, Files, Tool

EVERYTHING = os.environ.get("LOCKSTEP_TEST_TOOLS") == "all"
OLDEST, NEWEST = 14, 18

of_a_tool = [
    example
    for example in examples()
    if example.page.parent.name == "frameworks" and example.framework in TOOLS and example.files
]
first_of_each = {example.framework: example for example in reversed(of_a_tool)}
chosen = of_a_tool if EVERYTHING else list(first_of_each.values())
on_chosen_servers = pytest.mark.postgres(*((OLDEST, NEWEST) if EVERYTHING else (NEWEST,)))


def deploying(tool: Tool, project: Path) -> Deploying:
    try:
        folder = installed(tool, cache_folder(os.environ), install=EVERYTHING)
    except Unavailable as reason:
        pytest.skip(f"{NOT_RUN}{tool.named}: {reason}")
    return Deploying(tool, folder, project)


def run(
    tool: Tool, server: Server, project: Path, given: str, deployments: Sequence[Files]
) -> Deployed:
    """What the tool does, which is what its module says."""
    result = deploying(tool, project).deployed(server, given, deployments)
    assert result.seen == believed(server, tool, given, deployments)
    return result


@on_chosen_servers
@pytest.mark.parametrize("example", chosen, ids=str)
def test_the_tool_itself_runs_the_files_as_its_page_says(
    example: Example, server: Server, tmp_path: Path
) -> None:
    if server.version < example.version:
        return
    tool = TOOLS[example.framework]
    original = run(tool, server, tmp_path / "a", example.given, [{example.file: example.text}])
    deployments = [example.files, tool.later(example.postponed)]
    fixed = run(tool, server, tmp_path / "b", example.given, deployments)
    assert original.seen.waited
    assert not fixed.seen.waited
    assert original.schema == fixed.schema, difference(original.schema, fixed.schema)


@on_chosen_servers
@pytest.mark.parametrize("example", chosen, ids=str)
def test_the_tool_itself_runs_the_files_after_a_failure(
    example: Example, server: Server, tmp_path: Path
) -> None:
    """Once nothing is in the way anymore, and what the review names has gone."""
    if server.version < example.version:
        return
    tool = TOOLS[example.framework]
    several = [example.files, tool.later(example.postponed)]
    at_once = deploying(tool, tmp_path / "a").deployed(server, example.given, several).schema
    at_last = deploying(tool, tmp_path / "b").deployed_at_last(
        server, example.given, several, named(of(example))
    )
    assert at_once == at_last, difference(at_once, at_last)


GIVEN = "CREATE TABLE t (x int); INSERT INTO t VALUES (1);"
ADD = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;"
VALIDATE = "ALTER TABLE t VALIDATE CONSTRAINT c;"
INDEX = "CREATE INDEX CONCURRENTLY i ON t (x);"
TRANSACTIONS: list[tuple[str, dict[str, str], int]] = [
    ("dbmate", {"20261120_a.sql": f"-- migrate:up\n{ADD}\n{VALIDATE}\n-- migrate:down\n"}, 1),
    (
        "dbmate",
        {
            "20261120_a.sql": f"-- migrate:up transaction:false\n{ADD}\n{VALIDATE}\n-- migrate:down\n"
        },
        1,
    ),
    (
        "dbmate",
        {
            "20261120_a.sql": "-- migrate:up transaction:false\n"
            f"BEGIN; {ADD} COMMIT;\nBEGIN; {VALIDATE} COMMIT;\n-- migrate:down\n"
        },
        2,
    ),
    (
        "dbmate",
        {
            "20261120_a.sql": f"-- migrate:up\n{ADD}\n-- migrate:down\n",
            "20261121_b.sql": f"-- migrate:up\n{VALIDATE}\n-- migrate:down\n",
        },
        2,
    ),
    (
        "node-pg-migrate",
        {"1750000000000_a.sql": f"-- Up Migration\n{ADD}", "1750000000001_b.sql": VALIDATE},
        1,
    ),
    ("node-pg-migrate", {"1750000000000_a.sql": f"{ADD}\n-- Down Migration\n{VALIDATE}"}, 1),
    ("drizzle", {"0001_a.sql": ADD, "0002_b.sql": VALIDATE}, 1),
    ("drizzle", {"0001_a.sql": f"{ADD}\n--> statement-breakpoint\n{VALIDATE}"}, 1),
    ("drizzle", {"0001_a.sql": f"{ADD}\nCOMMIT;--> statement-breakpoint\n{VALIDATE}"}, 2),
    ("drizzle", {"0001_a.sql": f"COMMIT;--> statement-breakpoint\n{INDEX}"}, 1),
    ("drizzle", {"0001_a.sql": f"COMMIT;--> statement-breakpoint\n{ADD} {VALIDATE}"}, 1),
    (
        "drizzle",
        {
            "0001_a.sql": f"COMMIT;--> statement-breakpoint\n{ADD}--> statement-breakpoint\n{VALIDATE}"
        },
        2,
    ),
    (
        "drizzle",
        {
            "0001_a.sql": f"{ADD}\n--> statement-breakpoint\nCOMMIT; BEGIN;",
            "0002_b.sql": f"ALTER TABLE t ADD y int;\n--> statement-breakpoint\n{VALIDATE}",
        },
        2,
    ),
    (
        "drizzle-1",
        {
            "drizzle/20260101000000_a/migration.sql": ADD,
            "drizzle/20260102000000_b/migration.sql": VALIDATE,
        },
        1,
    ),
    ("graphile-migrate", {"migrations/current.sql": f"{ADD}\n{VALIDATE}"}, 1),
    ("graphile-migrate", {"migrations/current.sql": f"--! no-transaction\n{ADD}\n{VALIDATE}"}, 1),
    ("graphile-migrate", {"migrations/current.sql": f"--! no-transaction\n{INDEX}"}, 1),
    ("yoyo", {"0002.a.sql": f"{ADD}\n{VALIDATE}"}, 1),
    ("yoyo", {"0002.a.sql": f"{ADD}\n-- transactional: false\n{VALIDATE}"}, 1),
    ("yoyo", {"0002.a.sql": f"-- why\n\n-- transactional: false\n{ADD}\n{VALIDATE}"}, 2),
    ("yoyo", {"0002.a.sql": ADD, "0003.b.sql": f"-- depends: 0002.a\n{VALIDATE}"}, 2),
    ("sqitch", {"deploy/a.sql": f"{ADD}\n{VALIDATE}"}, 2),
    ("sqitch", {"deploy/a.sql": f"BEGIN;\n{ADD}\n{VALIDATE}\nCOMMIT;"}, 1),
    ("sqitch", {"deploy/a.sql": INDEX}, 1),
    ("psql", {"1_a.sql": f"{ADD}\n{VALIDATE}"}, 2),
    ("psql", {"1_a.sql": f"BEGIN;\n{ADD}\n{VALIDATE}\nCOMMIT;"}, 1),
    ("psql", {"1_a.sql": f"BEGIN;\n{ADD}\nCOMMIT;\n{INDEX}", "2_b.sql": VALIDATE}, 3),
]


@on_chosen_servers
@pytest.mark.parametrize(("name", "files", "transactions"), TRANSACTIONS)
def test_the_tool_itself_makes_as_many_transactions(
    name: str, files: dict[str, str], transactions: int, server: Server, tmp_path: Path
) -> None:
    done = run(TOOLS[name], server, tmp_path, GIVEN, [files])
    assert len(done.seen.transactions) == transactions


@on_chosen_servers
def test_node_pg_migrate_commits_each_file_where_it_is_told_to(
    server: Server, tmp_path: Path
) -> None:
    tool = TOOLS["node-pg-migrate"]

    def command(folder: Path, address: Address) -> Sequence[str]:
        return [*tool.command(folder, address), "--no-single-transaction"]

    told = replace(tool, command=command, wrapping=Wrapping.FILE)
    files = {"1750000000000_a.sql": ADD, "1750000000001_b.sql": VALIDATE}
    assert len(run(told, server, tmp_path, GIVEN, [files]).seen.transactions) == 2


LOOSE = "exports.config = { transaction: false };"
OTHER = "ALTER TABLE t ADD COLUMN y int;"
NOT_READ = [
    ([migration(ADD), migration(VALIDATE), migration(OTHER)], 1),
    ([migration(ADD), migration(VALIDATE, config=LOOSE), migration(OTHER)], 3),
    ([migration(ADD, VALIDATE, config=LOOSE)], 2),
    ([migration(f"{ADD} {VALIDATE}", config=LOOSE)], 1),
    ([migration(INDEX, config=LOOSE)], 1),
]


@on_chosen_servers
@pytest.mark.parametrize(("several", "transactions"), NOT_READ)
def test_knex_makes_as_many_transactions_as_its_page_says(
    several: list[str], transactions: int, server: Server, tmp_path: Path
) -> None:
    files = {f"2026010{day}000000_a.js": text for day, text in enumerate(several, 1)}
    done = deploying(TOOLS["knex"], tmp_path).deployed(server, GIVEN, [files])
    assert len(done.seen.transactions) == transactions


IN_FILE = [
    ("drizzle", "0001_a.sql"),
    ("drizzle-1", "drizzle/20260101000000_a/migration.sql"),
]


@on_chosen_servers
@pytest.mark.parametrize("sql", ["CHECK (x > 0)", "UNIQUE (x)"])
@pytest.mark.parametrize(("name", "path"), IN_FILE)
def test_a_migration_that_commits_what_is_pending_makes_nobody_wait(
    name: str, path: str, sql: str, server: Server, tmp_path: Path
) -> None:
    text = f"ALTER TABLE t ADD CONSTRAINT c {sql};\n"
    report = review({path: text}, framework=name, settings=Settings(follow_up="same-file"))
    (fixed,) = changes(report)
    original = run(TOOLS[name], server, tmp_path / "a", GIVEN, [{path: text}])
    done = run(TOOLS[name], server, tmp_path / "b", GIVEN, [{path: fixed.after}])
    assert original.seen.waited
    assert not done.seen.waited
    assert original.schema == done.schema


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS.keys())
def test_the_page_says_with_which_version_it_was_proved(tool: Tool) -> None:
    assert f"Proved with {tool.named} on PostgreSQL 14 and 18" in page(tool.framework)

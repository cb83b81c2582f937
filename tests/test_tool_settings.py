"""What the repository's own files say of a tool's transactions counts once it is in the base."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import run

import pytest

from bot.cli import main
from bot.model.finding import Fix
from bot.settings import MigrationsSetting, Settings
from tests.reviewing import review
from tests.stand_in import GitHub
from tests.workflow import Job, opened

UP = "-- Up Migration\n"
ADD = f"{UP}ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;\n"
VALIDATE = f"{UP}ALTER TABLE t VALIDATE CONSTRAINT c;\n"
PENDING = {
    "db/migrations/1_a.sql": ADD,
    "db/migrations/2_b.sql": VALIDATE,
}
EACH = "node-pg-migrate --no-single-transaction"


def package(*scripts: str) -> str:
    return json.dumps({"scripts": {f"s{number}": one for number, one in enumerate(scripts)}})


def postponed(*scripts: str, where: str = "package.json", settings: Settings | None = None) -> bool:
    text = UP + "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
    files = {"db/migrations/1_a.sql": text}
    repository = {where: package(*scripts)}
    (remark,) = review(files, repository=repository, settings=settings).remarks
    assert isinstance(remark.fix, Fix)
    assert bool(remark.fix.follow_ups) != bool(remark.fix.postponed)
    return bool(remark.fix.postponed)


@pytest.mark.parametrize(
    "script",
    [
        EACH,
        "node-pg-migrate up --no-single-transaction -m db/migrations",
        "node-pg-migrate --single-transaction=false up",
        "dotenv -- node-pg-migrate --single-transaction false",
        "npm run build && node-pg-migrate --no-singleTransaction; echo done",
    ],
)
def test_a_script_tells_that_each_file_is_committed(script: str) -> None:
    assert not postponed(script)


@pytest.mark.parametrize(
    "script",
    [
        "node-pg-migrate up",
        "node-pg-migrate && other --no-single-transaction",
        "my-node-pg-migrate --no-single-transaction",
        "node-pg-migrate --no-single-transactions",
        "node-pg-migrate --single-transaction",
        "node-pg-migrate down --no-single-transaction",
    ],
)
def test_another_script_tells_nothing(script: str) -> None:
    assert postponed(script)


def test_scripts_that_differ_tell_nothing() -> None:
    assert postponed(EACH, "node-pg-migrate up")
    assert not postponed(EACH, "node-pg-migrate create")


def test_the_nearest_package_tells() -> None:
    assert not postponed(EACH, where="db/package.json")
    assert postponed(EACH, where="other/package.json")


@pytest.mark.parametrize(
    "text", ["", "[]", '{"scripts": []}', '{"scripts": {"a": 1}}', "[" * 99_999]
)
def test_a_package_that_is_none_tells_nothing(text: str) -> None:
    files = {"db/migrations/1_a.sql": ADD, "db/migrations/2_b.sql": VALIDATE}
    assert review(files, repository={"package.json": text}).remarks


def test_the_configuration_has_the_last_word() -> None:
    entry = MigrationsSetting(path="db", framework="node-pg-migrate", transaction="all")
    assert postponed(EACH, settings=Settings(migrations=(entry,)))


def test_a_change_is_reviewed_as_the_base_has_it(github: GitHub, job: Job) -> None:
    assert job.run(opened(github, PENDING, {"package.json": package(EACH)})).status == 0


@pytest.mark.parametrize("before", [None, package("node-pg-migrate up")])
def test_a_change_does_not_loosen_its_own_review(
    before: str | None, github: GitHub, job: Job
) -> None:
    branch = {**PENDING, "package.json": package(EACH)}
    pull = opened(github, branch, {"package.json": before} if before else None)
    assert job.run(pull).status == 1


def test_a_change_may_tighten_it(github: GitHub, job: Job) -> None:
    flyway = {
        "db/migration/V1__a.sql": ADD,
        "db/migration/V2__b.sql": VALIDATE,
    }
    assert job.run(opened(github, flyway)).status == 0
    grouped = {"flyway.toml": "[flyway]\ngroup = true\n"}
    github.repository("acme/shop").commit("feature", grouped)
    assert job.run(github.repository("acme/shop").open_pull("feature")).status == 1


def test_a_checkout_is_reviewed_as_its_base_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    monkeypatch.chdir(tmp_path)
    (tmp_path / "package.json").write_text(package("node-pg-migrate up"))
    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "a")
    (tmp_path / "db/migrations").mkdir(parents=True)
    (tmp_path / "db/migrations/1_a.sql").write_text(ADD)
    (tmp_path / "db/migrations/2_b.sql").write_text(VALIDATE)
    (tmp_path / "package.json").write_text(package(EACH))
    assert main(["check", "--base", "main"]) == 1
    git("commit", "-m", "b", "package.json")
    assert main(["check", "--base", "main"]) == 0


def test_refinery_tells_how_each_file_is_committed() -> None:
    grouped = MigrationsSetting(path="m", framework="refinery", transaction="all")
    text = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
    (remark,) = review({"m/V1__a.sql": text}, settings=Settings(migrations=(grouped,))).remarks
    assert isinstance(remark.fix, Fix)
    assert "without `set_grouped(true)`" in remark.fix.afterwards

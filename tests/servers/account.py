"""PostgreSQL refuses to run as root, so root lends the servers an account without privileges."""

import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.servers.releases import Unavailable

PLAIN_ACCOUNTS = ("nobody", "daemon", "postgres")
MEMORY = Path("/dev/shm")  # a new database is 300 new files, which disks take their time for
ENOUGH_MEMORY = 1024**3


@dataclass(frozen=True)
class Account:
    user: int
    group: int


def lent_account() -> Account | None:
    """The account that servers run under, None when it is our own."""
    if os.geteuid() != 0:
        return None
    for name in PLAIN_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise Unavailable(f"root may not run it, and there is no account {' or '.join(PLAIN_ACCOUNTS)}")


def new_folder(account: Account | None) -> Path:
    """A private folder with a short path, which the account owns and can reach, in memory if possible."""
    candidates = (MEMORY, Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"))
    parent = next((path for path in candidates if suits(path, account)), None)
    if parent is None:
        raise Unavailable("there is no temporary folder that its account can reach")
    folder = Path(tempfile.mkdtemp(prefix="lockstep-pg-", dir=parent))
    if account:
        os.chown(folder, account.user, account.group)
    return folder


def suits(parent: Path, account: Account | None) -> bool:
    # A socket's path may have at most 107 bytes.
    if len(bytes(parent)) > 70 or not parent.is_dir() or not os.access(parent, os.W_OK):
        return False
    if parent == MEMORY and shutil.disk_usage(parent).free < ENOUGH_MEMORY:
        return False
    forbidden = os.statvfs(parent).f_flag & os.ST_NOEXEC
    return not account or (everyone_reaches(parent) and not forbidden)


def everyone_reaches(path: Path) -> bool:
    resolved = path.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in (resolved, *resolved.parents))


def within_reach(programs: Path, folder: Path, account: Account | None) -> Path:
    """The programs where they are, or a copy in the folder when the account cannot go there."""
    if not account or everyone_reaches(programs):
        return programs
    copy = folder / programs.name
    try:
        shutil.copytree(programs, copy, symlinks=True, copy_function=os.link)
    except (OSError, shutil.Error):  # another file system
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(programs, copy, symlinks=True)
    return copy


def hand_over(folder: Path, account: Account | None) -> None:
    """Give the folder and everything in it to the account."""
    if not account:
        return
    for parent, _, files in os.walk(folder):
        os.chown(parent, account.user, account.group)
        for file in files:
            os.chown(os.path.join(parent, file), account.user, account.group, follow_symlinks=False)

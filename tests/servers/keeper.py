"""A server lives no longer than the run that asked for it, and takes its folder with it.

Run as a program of its own: it holds one end of a pipe, and the run's end closes however the run
ends, be it by kill -9.
"""

import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path


def run_has_ended(seconds: float) -> bool:
    readable, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(readable)


def stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGQUIT)  # PostgreSQL's immediate shutdown
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()


def keep(folder: Path, user: int | None, group: int | None, command: list[str]) -> None:
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        while server.poll() is None and not run_has_ended(0.1):
            pass
        if server.poll() is not None:
            print((folder / "server.log").read_text(errors="replace"))
    finally:
        stop(server)


def main(folder: str, user: str, group: str, *command: str) -> None:
    for ending in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit())
    try:
        keep(Path(folder), int(user) if user else None, int(group) if group else None, [*command])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

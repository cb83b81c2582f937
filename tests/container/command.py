"""A program runs to its end, or says why the image cannot be tested."""

import subprocess
from collections.abc import Sequence

Completed = subprocess.CompletedProcess[str]


class Unavailable(Exception):
    """This machine cannot build or run the image; the message says why."""


def run(command: Sequence[str], seconds: int = 60) -> Completed:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=seconds,
    )


def output(command: Sequence[str], seconds: int = 60) -> str:
    """What a successful command printed."""
    done = run(command, seconds)
    if done.returncode:
        told = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise RuntimeError(f"{' '.join(command[:3])} … ended with {done.returncode}:\n{told}")
    return done.stdout.strip()


def succeeds(command: Sequence[str]) -> bool:
    try:
        return run(command).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False

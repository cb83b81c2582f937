"""The command `lockstep` starts quickly: nothing is garbage before it has done its work."""

from __future__ import annotations

import gc
import sys


def entry() -> None:
    gc.disable()  # importing makes many objects, and none of them garbage
    from bot.cli import main

    gc.freeze()
    gc.enable()
    status = main()
    gc.freeze()  # nor is it worth looking for any at the end
    sys.exit(status)

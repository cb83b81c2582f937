"""refinery runs each file as one message in one transaction, and knows no way out of it."""

from __future__ import annotations

import re

from bot.frameworks._beside import beside
from bot.frameworks._contract import Framework
from bot.frameworks._impossible import unless_alone
from bot.model.migration import Wrapping

# refinery_core/src/util.rs of 0.9.1: U is a migration without an order, and no undoing.
_FILE = re.compile(r"(?:V(?P<version>[0-9]{1,40})|U[0-9]+)__(?P<title>\w+)\.sql")

FRAMEWORK = Framework(
    name="refinery",
    file=_FILE,
    markers=frozenset({"refinery.toml"}),
    hints=frozenset({"Cargo.toml"}),
    needs_proof=True,
    hints_prove=True,
    folders=frozenset({"migrations"}),
    wrapping=Wrapping.FILE,
    follow_up=unless_alone("refinery", beside(_FILE)),
    each_alone=(
        "Or run refinery without `set_grouped(true)` or `-g`, which commits each file by itself,"
        ' and take `transaction = "all"` out of the configuration.'
    ),
    reads_version=int,
    refuses_older="refuses to migrate at all, unless it is told not to abort",
)

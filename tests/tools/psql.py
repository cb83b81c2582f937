"""psql, where the machine has it, once for each file in the order of their names."""

from __future__ import annotations

from tests.tools.tool import Tool

EACH_ONCE = """
for file in *.sql; do
    [ -e "$file.ran" ] || psql -X -q -v ON_ERROR_STOP=1 -f "$file"
    touch "$file.ran"
done
"""

TOOL = Tool(
    framework="psql",
    version="15.18",
    install=None,
    programs=("psql",),
    command=lambda folder, address: ["sh", "-ec", EACH_ONCE],
    environment=lambda folder, address: {
        "PGHOST": address.host,
        "PGUSER": "postgres",
        "PGDATABASE": address.name,
    },
    first="0_given.sql",
    last="9_last.sql",
)

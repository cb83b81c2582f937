"""What is known of functions is what five servers say of them."""

from __future__ import annotations

import pytest

from bot.postgres.functions import (
    STEADY,
    STEADY_OF_EXTENSIONS,
    VOLATILE,
    VOLATILE_OF_EXTENSIONS,
    is_volatile,
)
from bot.postgres.names import QualifiedName
from tests.servers.server import Server

SINCE = {"random_normal": 16, "uuidv4": 18, "uuidv7": 18}

VOLATILITY = """
    SELECT proname, bool_or(provolatile = 'v') FROM pg_proc
    WHERE proname = ANY(%s) AND NOT (proname = 'timezone' AND 'timetz'::regtype = ANY(proargtypes))
    GROUP BY proname
"""


def test_the_volatility_of_functions_is_that_of_the_server(server: Server) -> None:
    names = VOLATILE | STEADY | VOLATILE_OF_EXTENSIONS | STEADY_OF_EXTENSIONS
    with server.database() as database, database.connect() as connection:
        connection.execute('CREATE EXTENSION pgcrypto; CREATE EXTENSION "uuid-ossp"')
        found: dict[str, bool] = dict(connection.execute(VOLATILITY, [sorted(names)]).fetchall())
    there = {name for name in names if SINCE.get(name, 14) <= server.version}
    assert there - set(found) == set()
    assert {name for name, volatile in found.items() if volatile} == there & (
        VOLATILE | VOLATILE_OF_EXTENSIONS
    )


@pytest.mark.parametrize(
    ("schema", "name", "volatile"),
    [
        (None, "random", True),
        ("pg_catalog", "now", False),
        ("extensions", "uuid_generate_v4", True),
        ("app", "random", None),
        (None, "short_id", None),
    ],
)
def test_of_a_function_of_the_users_own_nobody_can_tell(
    schema: str | None, name: str, volatile: bool | None
) -> None:
    assert is_volatile(QualifiedName(schema, name)) is volatile

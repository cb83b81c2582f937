"""The server itself notes which commands share a transaction, and for which of them others wait.

As in tests/servers/measure.py others wait for a command that reads or rewrites a table of the user's
while its transaction holds a lock on one that keeps others from reading or writing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from re import Pattern

from tests.servers.server import Connection

BLOCKING = "'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'"
TABLES = "pg_class c JOIN pg_namespace n ON n.oid = relnamespace AND nspname !~ '^(pg_|witness$)'"

INSTALL = f"""
CREATE SCHEMA witness;
CREATE TABLE witness.commands
    (number serial, tag text, objects text[], transaction bigint, waited boolean);

CREATE FUNCTION witness.state() RETURNS jsonb LANGUAGE sql AS $$
    SELECT coalesce(jsonb_object_agg(c.oid, jsonb_build_array(relfilenode, seq_scan)), '{{}}')
    FROM {TABLES} LEFT JOIN pg_stat_xact_user_tables s ON s.relid = c.oid
    WHERE relkind IN ('r', 'm')
$$;
CREATE FUNCTION witness.starts() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('witness.before', witness.state()::text, false);
END
$$;
CREATE FUNCTION witness.ends() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := current_setting('witness.before')::jsonb;
    blocks boolean := EXISTS (
        SELECT FROM pg_locks JOIN {TABLES} ON c.oid = relation
        WHERE pid = pg_backend_pid() AND mode IN ({BLOCKING}) AND relkind IN ('r', 'm')
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND before ? c.oid::text
    );
    reads boolean := EXISTS (
        SELECT FROM jsonb_each(witness.state()) a JOIN jsonb_each(before) b USING (key)
        WHERE a.value <> b.value
    );
    objects text[] := ARRAY(
        SELECT object_identity FROM pg_event_trigger_ddl_commands() WHERE object_identity IS NOT NULL
    );
BEGIN
    INSERT INTO witness.commands (tag, objects, transaction, waited)
    VALUES (tg_tag, objects, txid_current(), blocks AND reads);
END
$$;
CREATE EVENT TRIGGER witness_starts ON ddl_command_start EXECUTE FUNCTION witness.starts();
CREATE EVENT TRIGGER witness_ends ON ddl_command_end EXECUTE FUNCTION witness.ends();
"""
REMOVE = """
DROP EVENT TRIGGER witness_starts;
DROP EVENT TRIGGER witness_ends;
SET client_min_messages = error;
DROP SCHEMA witness CASCADE;
RESET client_min_messages;
"""
SEEN = "SELECT tag, objects, transaction, waited FROM witness.commands ORDER BY number"


@dataclass(frozen=True)
class Seen:
    """The commands of each transaction in turn, and those for which others waited."""

    transactions: tuple[tuple[str, ...], ...]
    waited: tuple[str, ...]


def watch(connection: Connection) -> None:
    connection.execute(INSTALL)


def seen(connection: Connection, own: Pattern[str]) -> Seen:
    """What happened since the watch began, but for the tool's `own` objects; the watch ends."""
    rows = [
        (f"{tag} {', '.join(objects)}", transaction, waited)
        for tag, objects, transaction, waited in connection.execute(SEEN).fetchall()
        if objects and not any(own.search(name) for name in objects)
    ]
    connection.execute(REMOVE)
    together = groupby(rows, key=lambda row: row[1])
    transactions = tuple(tuple(name for name, *_ in several) for _, several in together)
    return Seen(transactions, tuple(name for name, _, waited in rows if waited))

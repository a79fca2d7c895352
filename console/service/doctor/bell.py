"""The doorbell: whether a bell gets into Realtime, which loses it with a mere warning otherwise."""

from __future__ import annotations

import psycopg

from console.service.doctor.database import Connection, exists
from console.service.doctor.finding import Finding, Findings

# Said by Postgres where a table has no part for the day; Realtime makes the parts.
_NO_DAY = "no partition of relation"


def look(connection: Connection) -> list[Finding]:
    """Ring a bell that nobody hears: it is taken back. For a migrated database.

    `realtime.send` turns every error into a warning (Supabase, Broadcast from the database).
    Raises psycopg.Error where the role may not ring.
    """
    found = Findings("doorbell")
    if not exists(connection, "realtime.send(jsonb, text, text, boolean)"):
        words = "this database has no Realtime: desktops hear of a message after up to a minute."
        found.wrong("bell", words, "Turn on Realtime for the project at Supabase.")
        return found.all
    said = _ring(connection)
    if not said:
        found.well("bell", "gets into Realtime")
    elif _NO_DAY in said:
        words = "Realtime has no place for today's bells, and makes none before it is used."
        fix = "Sign in at one desktop and ask again. If it stays, restart the project's Realtime."
        found.note("bell", words, fix)
    else:
        words = f"is lost, and desktops hear of a message after up to a minute: {said}"
        found.wrong("bell", words, "Run balas migrate as the role postgres.")
    return found.all


def _ring(connection: Connection) -> str:
    """What was warned of; empty where it went well."""
    said: list[str] = []

    def hear(notice: psycopg.errors.Diagnostic) -> None:
        said.append(notice.message_primary or "")

    connection.add_notice_handler(hear)
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("select private.send_bell('doctor', '{}', '{}')")
    finally:
        connection.remove_notice_handler(hear)
    return " ".join(said)

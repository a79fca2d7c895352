"""`balas queue`: whether replies leave, why not, and beginning again."""

from __future__ import annotations

import os
from typing import Any

import psycopg
from psycopg.rows import dict_row

from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.service.config import Config, Needs, load

_STATE = "select * from public.service_state where part = 'sending'"
_WAITING = """
select status, count(*) as messages from public.messages
 where direction = 'outbound' and status in ('queued', 'sending', 'uncertain')
 group by status order by status
"""
_TRY = "select private.try_sending() as begun"


def show(config: Config | None = None) -> int:
    """Print the state of sending and how many messages wait; exit status 0."""
    with _connection(config) as connection:
        state: Any = connection.execute(_STATE).fetchone()
        waiting: list[Any] = connection.execute(_WAITING).fetchall()
    lines = [f"Sending: {state['state']} since {state['since']:%Y-%m-%d %H:%M:%S %Z}"]
    if state["error_text"]:
        code = f" ({state['error_code']})" if state["error_code"] else ""
        lines.append(f"Why: {state['error_text']}{code}")
    if state["state"] == "stopped":
        if state["next_try_at"]:
            lines.append(f"Next look at the account: {state['next_try_at']:%H:%M:%S %Z}")
        lines.append("Begin again now: balas queue resume")
    counts = ", ".join(f"{row['messages']} {row['status']}" for row in waiting)
    lines.append(f"Messages: {counts or 'none waits'}")
    print("\n".join(lines))  # noqa: T201  the command's output
    return 0


def resume(config: Config | None = None) -> int:
    """Begin again: one message goes first. ExpectedError when sending was not stopped."""
    with _connection(config) as connection:
        answer: Any = connection.execute(_TRY).fetchone()
    if not answer["begun"]:
        raise ExpectedError("Sending is not stopped.", "There is nothing to resume.")
    print("One message goes first; when it is through, all others follow.")  # noqa: T201  output
    return 0


def _connection(config: Config | None) -> psycopg.Connection[dict[str, Any]]:
    chosen = config or load(os.environ, Needs.DATABASE)
    try:
        return psycopg.connect(
            chosen.database_url, autocommit=True, row_factory=dict_row, connect_timeout=10
        )
    except psycopg.OperationalError as error:
        raise EnvironmentFaultError(
            "The database does not answer.", str(error).strip(), fix="Check SUPABASE_DB_URL."
        ) from error

"""What goes on: workers, jobs that wait, messages nobody knows about, sending, completeness."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from console.service.doctor.database import Connection, exists, one
from console.service.doctor.finding import Finding, Findings

LAG_SECONDS = 60.0
# The worker's heartbeat is 5 s, and after 25 s without one its jobs are given to others.
ALIVE_SECONDS = 30
UNCERTAIN_MINUTES = 15
# The sweep goes round each minute and leaves the last minute out.
BEHIND_SECONDS = 15 * 60

_START = "Start another worker (balas worker), or see in its log why it does not."


def look(connection: Connection) -> list[Finding]:
    """Everything that moves, or should. For a migrated database."""
    found = Findings("work")
    alive = _workers(connection, found)
    _jobs(connection, found, alive)
    _sending(connection, found)
    _uncertain(connection, found)
    _completeness(connection, found)
    return found.all


def _workers(connection: Connection, found: Findings) -> int:
    if not exists(connection, "jobs.procrastinate_workers"):
        found.wrong("workers", "the queue is not there.", "Run balas migrate.")
        return 0
    alive, dead, silent = one(
        connection,
        """
        select count(*) filter (where last_heartbeat > now() - %s * interval '1 second'),
               count(*) filter (where last_heartbeat <= now() - %s * interval '1 second'),
               coalesce(extract(epoch from now() - min(last_heartbeat)), 0)::int
          from jobs.procrastinate_workers
        """,
        ALIVE_SECONDS,
        ALIVE_SECONDS,
    )
    if not alive:
        found.wrong("workers", "none is running: nothing is sent.", "Start balas worker.")
    else:
        found.well("workers", f"{alive} running")
    if alive and dead:
        words = f"{dead} ended without saying so, the first {_time(silent)} ago"
        fix = "Its jobs go to the others by themselves; see in its log why it ended."
        found.note("dead workers", words, fix)
    return int(alive)


def _jobs(connection: Connection, found: Findings, alive: int) -> None:
    if not exists(connection, "jobs.procrastinate_jobs"):
        return
    (health,) = one(connection, "select private.service_health()")
    queue = (health or {}).get("queue") or {}
    lag, waiting = float(queue.get("lag_seconds") or 0), int(queue.get("waiting") or 0)
    words = f"{waiting} jobs wait, the oldest for {_time(lag)}"
    if lag > LAG_SECONDS:
        found.wrong("queue", words, _START if alive else "Start balas worker.")
    else:
        found.well("queue", words)
    rows = connection.execute(
        "select j.task_name, count(*), max(e.at) from jobs.procrastinate_jobs j"
        " left join jobs.procrastinate_events e on e.job_id = j.id"
        " where j.status = 'failed' group by 1 order by 1"
    ).fetchall()
    for task, count, last in rows:
        when = f", the last {_ago(last)}" if last else ""
        fix = "Its log line (level error) of that time says why."
        found.note(f"failed {task}", f"{count} were given up{when}", fix)


def _sending(connection: Connection, found: Findings) -> None:
    if not exists(connection, "public.service_state"):
        return
    row = one(
        connection,
        "select state, error_code, error_text, since from public.service_state"
        " where part = 'sending'",
    )
    if not row or row[0] == "running":
        found.well("sending", "runs")
        return
    state, code, words, since = row
    why = f"{words or 'an administrator stopped it'}{f' ({code})' if code else ''}"
    if state == "trying":
        found.note("sending", f"begins again with one message, after: {why}")
        return
    fix = {
        20003: "Correct TWILIO_AUTH_TOKEN or the API key, and restart the worker.",
        30002: "Settle it with Twilio (console, Billing or Support); sending resumes by itself.",
        63051: "Settle it in WhatsApp Manager; sending resumes by itself.",
    }.get(code or 0, "When the reason is gone: balas queue resume.")
    found.wrong("sending", f"stopped {_ago(since)}: {why}", fix)


def _uncertain(connection: Connection, found: Findings) -> None:
    count, since = one(
        connection,
        "select count(*), min(m.updated_at) from public.messages m"
        " where m.direction = 'outbound' and m.status = 'uncertain'",
    )
    if not count:
        found.well("uncertain messages", "none")
        return
    words = f"of {count}, nobody knows yet whether they were sent; the first since {_ago(since)}"
    old = since is not None and (_now() - since).total_seconds() > UNCERTAIN_MINUTES * 60
    if old:
        fix = "An agent answers the question on each bubble, after a look at the customer's chat."
        found.wrong("uncertain messages", words, fix)
    else:
        found.note("uncertain messages", words, "They are being looked up at Twilio. Wait.")


def _completeness(connection: Connection, found: Findings) -> None:
    if not exists(connection, "private.sweep_health()"):
        return
    (health,) = one(connection, "select private.sweep_health()")
    if health is None:
        words = "was not compared with Twilio's list yet."
        found.note("completeness", words, "The first worker with an inbox begins with it.")
        return
    _tell_completeness(found, health)
    for entry in health.get("elsewhere") or []:
        found.note(
            str(entry["address"]),
            f"customers write to this number of the account, the last {_ago(entry['last_at'])},"
            " and it is no inbox here.",
            "If it should be: point it here with balas doctor --fix --sender ADDRESS.",
        )


def _tell_completeness(found: Findings, health: dict[str, Any]) -> None:
    since, until = (
        f"{datetime.fromisoformat(health[name]).astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        for name in ("since", "complete_to")
    )
    words = f"every message from {since} to {until} UTC is here"
    failing = health.get("failing_since")
    if failing:
        why = health.get("why") or "Twilio's list cannot be read"
        words = f"{words}; since {_ago(failing)} it gets no further: {why}"
    if float(health["behind_seconds"]) > BEHIND_SECONDS:
        fix = "Correct that; the sweep then goes on by itself." if failing else _START
        found.wrong("completeness", words, fix)
    elif failing:
        found.note("completeness", words, "It tries again by itself.")
    else:
        found.well("completeness", words)


def _now() -> datetime:
    return datetime.now(UTC)


def _ago(moment: datetime | str | None) -> str:
    if moment is None:
        return "long ago"
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{_time((_now() - at).total_seconds())} ago"


def _time(seconds: float) -> str:
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"

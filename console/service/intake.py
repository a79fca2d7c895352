"""The one way in: what a verified request of Twilio becomes in the database.

The webhook, the spool and the sweep all end here, so that a message is the same whichever way it
came. Storing may be repeated without harm: a SID is one message, a status moves forward only.
"""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from console import logs
from console.service import inbound, signature, status, wire
from console.service.database import Database
from console.service.together import Together

log = logging.getLogger("balas.intake")

_FORM = "application/x-www-form-urlencoded"
_INGEST = b"select private.ingest($1::jsonb, $2::bytea, $3::jsonb, $4, $5, $6::timestamptz)"
_FORMATS = (wire.TEXT, wire.BINARY, wire.TEXT, wire.TEXT, wire.TEXT, wire.TEXT)
_INGEST_TOGETHER = b"select private.ingest_together($1::jsonb)"
_APPLY = "select private.apply_status(%s)"
_APPLY_TOGETHER = b"select private.apply_statuses($1::jsonb)"
_DRAIN_TOGETHER = "select to_jsonb(private.drain_together(%s))"

# Seconds that a tick waits for others: there are three for each reply, and nobody waits for one.
_TICKS_GATHER = 0.02
_SIZE_OF_A_TICK = 256  # bytes, about


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request whose signature was right. `headers` are only those worth keeping."""

    endpoint: str  # webhook or status
    query: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime

    def as_json(self) -> dict[str, Any]:
        """For the spool."""
        return {
            "endpoint": self.endpoint,
            "query": self.query,
            "headers": dict(self.headers),
            "body": base64.b64encode(self.body).decode(),
            "received_at": self.received_at.isoformat(),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Arrival:
        """Back from the spool. Raises ValueError, KeyError."""
        return cls(
            endpoint=str(kept["endpoint"]),
            query=str(kept["query"]),
            headers=dict(kept["headers"]),
            body=base64.b64decode(kept["body"], validate=True),
            received_at=datetime.fromisoformat(kept["received_at"]),
        )


@dataclass(frozen=True, slots=True)
class Understood:
    """An arrival and what it says: a message, a report, or neither."""

    arrival: Arrival
    message: inbound.Inbound | None
    report: status.StatusReport | None
    flags: tuple[str, ...]

    @property
    def sender(self) -> str | None:
        """Whose messages must keep their order; None where order does not matter."""
        return self.message.sender if self.message else None


def understand(arrival: Arrival, fields: list[tuple[bytes, bytes]] | None = None) -> Understood:
    """Parse an arrival; never an error. `fields` are those of its body, if known already."""
    if fields is None:
        fields = signature.fields_of(arrival.body)
    parameters = inbound.decode(fields)
    flags = list(parameters.flags)
    content_type = arrival.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != _FORM:
        flags.append("content_type")
    message = report = None
    if arrival.endpoint == "status":
        report = status.parse(parameters, arrival.query)
        if report is None:
            flags.append("no_status")
    else:
        message = inbound.parse(parameters)
        if message is None:
            flags.append("no_message")
        else:
            flags = [*message.flags, *flags]
    return Understood(arrival, message, report, tuple(dict.fromkeys(flags)))


class Intake:
    """Stores what arrived."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._messages = Together(database, _INGEST_TOGETHER)
        self._ticks = Together(database, _APPLY_TOGETHER, lanes=1, gather=_TICKS_GATHER)

    async def store(self, what: Understood, *, within: float, late: bool = False) -> str:
        """Store it in at most `within` seconds, in one transaction; what became of it in a word.

        `late` says that it comes from the spool: its place in the thread and the customer's 24
        hours are reckoned from when it was received. Raises DatabaseAwayError; then it may or may
        not be stored, and storing it again is right.
        """
        if what.report is not None:
            return await self._apply(what.report, within)
        arrival, message = what.arrival, what.message
        at = arrival.received_at if late else None
        if message is None:
            return await self._keep_raw(what, at, within)
        try:
            began = time.monotonic()
            answer = None if late else await self._with_others(what, message, within)
            if answer is None:
                within = max(within - (time.monotonic() - began), 0.0)
                answer = await self._ingest(
                    message, arrival.body, arrival.headers, what.flags, arrival.endpoint, at, within
                )
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            log.exception("a request cannot be stored as a message", extra=_sid(message))
            return await self._keep_raw(what, at, within, f"refused_{error.sqlstate}")
        known = {name: answer[name] for name in ("message_id", "conversation_id") if name in answer}
        result = "duplicate" if answer.get("duplicate") else "stored"
        log.info(result, extra=logs.fields(sid=message.sid, flags=list(what.flags), **known))
        return result

    async def store_late(self, many: Sequence[Understood], *, within: float) -> list[str]:
        """Store what comes from the spool, all of it in one transaction; a word for each.

        Raises DatabaseAwayError and psycopg's errors about data; then nothing is stored, or all,
        and each is to be stored by itself.
        """
        batch = [_late(what) for what in many]
        results = await self._database.value(_DRAIN_TOGETHER, (Jsonb(batch),), within=within)
        log.info("stored late", extra=logs.fields(requests=len(batch)))
        return [str(result) for result in results]

    async def fill(
        self, message: inbound.Inbound, listed: bytes, written_at: datetime, *, within: float
    ) -> bool:
        """Store a message that Twilio lists and that never reached us; whether it was missing.

        `listed` is what the list said, kept as the raw request under the path `/sweep`. Raises
        DatabaseAwayError, psycopg.DataError and psycopg.IntegrityError.
        """
        answer = await self._ingest(message, listed, {}, (), "sweep", written_at, within)
        return "message_id" in answer

    async def _with_others(
        self, what: Understood, message: inbound.Inbound, within: float
    ) -> Mapping[str, Any] | None:
        arrival = what.arrival
        if b"\0" in arrival.body:  # cannot travel in JSON
            return None
        item = {
            **message.as_json(),
            "body": arrival.body.decode("latin-1"),
            "headers": dict(arrival.headers),
            "flagged": ",".join(what.flags) or None,
            "path": f"/{arrival.endpoint}",
        }
        answer: Mapping[str, Any] | None = await self._messages.store(
            item, len(arrival.body), within=within
        )
        return answer

    async def _apply(self, report: status.StatusReport, within: float) -> str:
        began = time.monotonic()
        if report.is_tick:
            result = await self._ticks.store(report.as_json(), _SIZE_OF_A_TICK, within=within)
            if result is not None:
                return str(result)
        left = max(within - (time.monotonic() - began), 0.0)
        return str(await self._database.value(_APPLY, (report.as_json(),), within=left))

    async def _keep_raw(
        self, what: Understood, at: datetime | None, within: float, *more: str
    ) -> str:
        arrival, flags = what.arrival, tuple(dict.fromkeys((*what.flags, *more)))
        await self._ingest(None, arrival.body, arrival.headers, flags, arrival.endpoint, at, within)
        log.warning(
            "a signed request was kept raw",
            extra=logs.fields(path=f"/{arrival.endpoint}", flags=",".join(flags)),
        )
        return "kept"

    async def _ingest(
        self,
        message: inbound.Inbound | None,
        body: bytes,
        headers: Mapping[str, str],
        flags: Sequence[str],
        endpoint: str,
        written_at: datetime | None,
        within: float,
    ) -> Mapping[str, Any]:
        arguments = (
            json.dumps(message.as_json()).encode() if message else None,
            body,
            json.dumps(dict(headers)).encode(),
            ",".join(flags).encode() or None,
            f"/{endpoint}".encode(),
            written_at.isoformat().encode() if written_at else None,
        )
        answer: Mapping[str, Any] = await self._database.answer(
            _INGEST, arguments, _FORMATS, within=within
        )
        return answer


def packed(arrivals: list[Arrival]) -> bytes:
    """Arrivals as the content of one file of the spool."""
    return json.dumps([arrival.as_json() for arrival in arrivals]).encode()


def unpacked(content: bytes) -> list[Arrival]:
    """Raises ValueError, KeyError or TypeError when it is nothing that `packed` made."""
    return [Arrival.from_json(kept) for kept in json.loads(content)]


def _late(what: Understood) -> dict[str, Any]:
    """As `private.drain_together` takes it."""
    if what.report is not None:
        return {"report": what.report.as_json()}
    arrival = what.arrival
    return {
        "request": what.message.as_json() if what.message else None,
        "body": base64.b64encode(arrival.body).decode(),
        "headers": dict(arrival.headers),
        "flagged": ",".join(what.flags) or None,
        "path": f"/{arrival.endpoint}",
        "at": arrival.received_at.isoformat(),
    }


def _sid(message: inbound.Inbound) -> dict[str, Any]:
    return logs.fields(sid=message.sid)

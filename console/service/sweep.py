"""The sweep: compares Twilio's own list of messages with ours and fills the holes.

A webhook that nobody took is lost for good at Twilio's end (it repeats once, on a failed connection
only), but the message stays in Twilio's list. The list is read in windows of time, oldest first;
when everything in a window is stored, the time up to which we are complete moves to its end. So a
sweep that dies goes on where it was, and one after an outage of hours walks through them. The list
is newest first and its messages have to be stored oldest first: a window with too many of them for
memory is halved.

What comes this way knows less than a webhook tells. `metadata.swept` marks it; when the webhook's
request turns up after all (out of a spool), it adds what it knows.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from console import logs
from console.domain.content import Kind
from console.domain.conversation import Channel
from console.domain.errors import BalasError
from console.domain.phone import channel_of, phone_of
from console.service import history, inbound
from console.service.database import Database
from console.service.history import Entry
from console.service.intake import Intake
from console.service.status import report_of
from console.service.twilio import (
    NotSentError,
    RefusedByTwilioError,
    ThrottledError,
    Twilio,
    UnknownOutcomeError,
)

log = logging.getLogger("balas.sweep")

WINDOW = timedelta(hours=1)
# Messages of one window that are held in memory at once.
MOST = 5_000
# Twilio's list is not complete at once, and its clock is not ours: look again so far back.
OVERLAP = timedelta(minutes=15)
# Webhooks and their retry come first.
SETTLE = timedelta(seconds=60)
LEASE = timedelta(seconds=120)
TRIES = 4  # of one page
DATABASE_SECONDS = 20.0

_BEGIN = "select private.sweep_begin(%s, %s, %s, %s, %s)"
_HOLD = "select private.sweep_hold(%s, %s)"
_REACHED = "select private.sweep_reached(%s, %s, %s, %s)"
_END = "select private.sweep_end(%s, %s)"
_COMPARE = "select to_jsonb(private.sweep_compare(%s))"
_OUTBOUND = "select private.sweep_outbound(%s, %s)"
_AGAIN = "select private.sweep_unsure_again()"
_KEEP = "select private.ingest(null, %s, '{}', 'not_fillable', '/sweep', %s)"

T = TypeVar("T")


class _TakenOverError(Exception):
    """Another worker sweeps now."""


@dataclass(slots=True)
class Result:
    """What one sweep did."""

    pages: int = 0
    listed: int = 0
    filled: int = 0  # inbound messages that were missing
    outside: int = 0  # outbound ones that somebody else sent
    complete_to: datetime | None = None


class Sweep:
    """The sweep of one worker. Of several workers one works at a time."""

    def __init__(self, database: Database, twilio: Twilio, *, every: float) -> None:
        self._database = database
        self._twilio = twilio
        self._intake = Intake(database)
        self._every = timedelta(seconds=every)
        self._me: UUID = uuid4()

    async def run(self) -> Result | None:
        """Compare what is due; None when nothing is or another worker is at it.

        Trouble with Twilio is noted for `public.completeness()`; the next run goes on from there.
        Raises DatabaseAwayError.
        """
        plan = await self._ask(
            _BEGIN, self._me, min(SETTLE, self._every), self._every * 0.9, LEASE, OVERLAP
        )
        if plan is None:
            return None
        result = Result()
        trouble: str | None = None
        try:
            await self._ask(_AGAIN)
            await self._walk(
                datetime.fromisoformat(plan["from"]), datetime.fromisoformat(plan["to"]), result
            )
        except _TakenOverError:
            log.warning("another worker took the sweep over")
        except (NotSentError, ThrottledError, UnknownOutcomeError, RefusedByTwilioError) as error:
            trouble = _words(error)
            log.warning("the sweep stops", extra=logs.fields(why=type(error).__name__))
        finally:
            await self._ask(_END, self._me, trouble)
        if result.filled or result.outside:
            log.warning(
                "holes were filled",
                extra=logs.fields(inbound=result.filled, outbound=result.outside),
            )
        return result

    async def _walk(self, since: datetime, until: datetime, result: Result) -> None:
        length = WINDOW
        while since < until:
            end = min(since + length, until)
            entries = await self._window(since, end, result)
            if entries is None:
                length = max((end - since) / 2, timedelta(seconds=1))
                continue
            await self._store(entries, result)
            if not await self._ask(_REACHED, self._me, end, result.pages, len(entries)):
                raise _TakenOverError
            result.listed += len(entries)
            result.pages = 0
            result.complete_to = since = end
            length = min(length * 2, WINDOW)

    async def _window(self, since: datetime, until: datetime, result: Result) -> list[Entry] | None:
        """All entries of a window, oldest first; None when they are too many."""
        entries: list[Entry] = []
        place: str | None = None
        while True:
            page = await self._patiently(partial(history.page, self._twilio, since, until, place))
            result.pages += 1
            entries += page.entries
            place = page.following
            if not await self._ask(_HOLD, self._me, LEASE):
                raise _TakenOverError
            if place is None:
                break
            if len(entries) >= MOST and until - since > timedelta(seconds=1):
                return None
        entries.reverse()
        return sorted(entries, key=lambda entry: entry.at)  # stable: the list's order in a second

    async def _store(self, entries: list[Entry], result: Result) -> None:
        for start in range(0, len(entries), history.PAGE):
            part = entries[start : start + history.PAGE]
            listed = [_listed(entry) for entry in part]
            wanted = set(await self._ask(_COMPARE, Jsonb(listed)))
            for entry in part:
                if entry.sid not in wanted:
                    continue
                if entry.inbound:
                    result.filled += await self._fill(entry)
                else:
                    result.outside += await self._outbound(entry) == "outside"
                if not await self._ask(_HOLD, self._me, LEASE):
                    raise _TakenOverError

    async def _fill(self, entry: Entry) -> bool:
        """Store an inbound message as its webhook would have; whether it was missing."""
        files = await self._files(entry)
        raw = json.dumps({**entry.as_json(), "media": files}).encode()
        message = inbound_of(entry, files)
        if message is not None:
            try:
                missing = await self._intake.fill(message, raw, entry.at, within=DATABASE_SECONDS)
            except (psycopg.DataError, psycopg.IntegrityError):
                log.exception("a listed message cannot be stored", extra=logs.fields(sid=entry.sid))
            else:
                if missing:
                    log.info("filled", extra=logs.fields(sid=entry.sid))
                return missing
        await self._ask(_KEEP, raw, entry.at)
        return False

    async def _outbound(self, entry: Entry) -> str:
        report = report_of(
            entry.sid, entry.status, error_code=entry.error_code, said=entry.error_message
        )
        if report is None:
            log.warning("a status word that we do not know", extra=logs.fields(sid=entry.sid))
            return "unknown"
        what = outbound_of(entry, await self._files(entry))
        became = str(await self._ask(_OUTBOUND, what, report.as_json()))
        log.info("outbound", extra=logs.fields(sid=entry.sid, became=became))
        return became

    async def _files(self, entry: Entry) -> list[tuple[str, str]]:
        if not entry.files:
            return []
        try:
            return await self._patiently(partial(history.files, self._twilio, entry.sid))
        except RefusedByTwilioError as error:
            if error.http_status != 404:
                raise
            return []  # deleted there; the message itself is still worth having

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """A page, again from the same place if it does not come at once."""
        for attempt in range(TRIES):
            try:
                return await call()
            except ThrottledError as error:
                wait = error.retry_after or 2.0**attempt
                if attempt + 1 == TRIES or wait > LEASE.total_seconds() / 2:
                    raise
            except (NotSentError, UnknownOutcomeError):
                wait = 0.5 * 2.0**attempt
                if attempt + 1 == TRIES:
                    raise
            await asyncio.sleep(wait)
        raise AssertionError  # the last attempt returns or raises

    async def _ask(self, query: Any, *arguments: Any) -> Any:
        return await self._database.value(query, arguments, within=DATABASE_SECONDS)


def _words(error: BalasError) -> str:
    """Why the sweep stops, for people."""
    if isinstance(error, RefusedByTwilioError):
        return f"Twilio refused its list of messages (HTTP {error.http_status}). {error.said}"
    return f"{error.title} {error.text}".strip()


def _listed(entry: Entry) -> dict[str, Any]:
    report = report_of(entry.sid, entry.status, error_code=entry.error_code)
    return {
        "sid": entry.sid,
        "inbound": entry.inbound,
        "from": entry.sender,
        "to": entry.recipient,
        "channel": channel_of(entry.sender).value,
        "service_sid": entry.service_sid,
        "at": entry.at.isoformat(),
        "status": report.status.value if report else None,
        "error_code": entry.error_code,
    }


def _swept(entry: Entry) -> dict[str, str]:
    return {"sent_at": entry.at.isoformat(), "at": datetime.now(UTC).isoformat()}


def _parameters(entry: Entry, files: list[tuple[str, str]]) -> inbound.Parameters:
    """As a webhook's form would be, as far as the list knows."""
    values = {
        "MessageSid": entry.sid,
        "From": entry.sender,
        "To": entry.recipient,
        "Body": entry.body,
        "NumMedia": str(len(files)),
        "MessagingServiceSid": entry.service_sid or "",
        "OptOutType": inbound.OPT_OUT.get(entry.body.strip().upper(), "")
        if channel_of(entry.sender) is Channel.SMS
        else "",
    }
    for index, (url, content_type) in enumerate(files[: inbound.MOST_FILES]):
        values[f"MediaUrl{index}"] = url
        values[f"MediaContentType{index}"] = content_type
    return inbound.Parameters({name: value for name, value in values.items() if value})


def inbound_of(entry: Entry, files: list[tuple[str, str]]) -> inbound.Inbound | None:
    """The message as `private.ingest` takes it; None where it cannot be one."""
    message = inbound.parse(_parameters(entry, files))
    if message is None:
        return None
    metadata = {**message.metadata, "swept": _swept(entry)}
    if not files and not entry.body and message.channel is Channel.WHATSAPP:
        # A place, a contact, or something newer: the list does not say what it was.
        metadata["kind"] = Kind.UNSUPPORTED.value
    return replace(message, metadata=metadata)


def outbound_of(entry: Entry, files: list[tuple[str, str]]) -> dict[str, Any]:
    """What `private.sweep_outbound` takes, in the shape of a message of our own."""
    like = inbound.parse(_parameters(entry, files))
    channel = channel_of(entry.sender)
    metadata = {
        "kind": like.metadata["kind"] if like else Kind.TEXT.value,
        "outside": True,
        "swept": _swept(entry),
    }
    if not files and not entry.body:
        metadata["kind"] = Kind.UNSUPPORTED.value
    return {
        **_listed(entry),
        "channel": channel.value,
        "content": entry.body,
        "message_type": like.message_type if like else Kind.TEXT.value,
        "media": list(like.media) if like else [],
        "metadata": metadata,
        "phone": phone_of(entry.recipient, None),
    }

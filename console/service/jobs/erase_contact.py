"""Erases a person: rows, files in Storage, texts and files at Twilio; the receipt stays.

The steps stand in the migration erasure_steps, and what is still to be done outside the database in
private.erasure_parts: a job that ends at any place goes on there. Twilio's own list of the person's
messages is read as well, for what never reached the database.
"""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import IntegrityError
from psycopg.types.json import Jsonb

from console import logs
from console.domain.phone import channel_of
from console.service import history
from console.service.jobs.job import DATABASE_SECONDS, Job, Run, Tools, TryLaterError, backoff
from console.service.storage import StorageAwayError
from console.service.twilio import (
    NotSentError,
    RefusedByTwilioError,
    ThrottledError,
    UnknownOutcomeError,
)

log = logging.getLogger("balas.privacy")

# One long thread takes seconds to delete.
ROWS_SECONDS = 110.0
# Messages at Twilio that are emptied side by side.
SIDE_BY_SIDE = 5
LONGEST_PAUSE = 300.0

_ROWS = "select private.erase_rows(%s)"
_FILES = "select private.erasure_files(%s)"
_COUNT = "select private.count_erased(%s, %s)"
_DUE = "select private.erasure_due(%s, %s)"
_LISTED = "select private.erasure_listed(%s, %s)"
_DONE = "select private.erasure_done(%s, %s, %s, %s)"
_FAILED = "select private.erasure_failed(%s, %s, %s, %s)"
_FINISH = "select private.erasure_finish(%s)"

_TWILIO_ERRORS = (NotSentError, ThrottledError, UnknownOutcomeError, RefusedByTwilioError)


class _TwilioAwayError(Exception):
    """It makes no sense to go on with the next message."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait


async def erase(tools: Tools, run: Run) -> None:
    """Erase as far as it goes; try again later for what would not go. `message_id` is the erasure's
    id: what the queue calls every job's subject.
    """
    erasure = _Erasure(tools, run.message_id)
    try:
        plan = await erasure.ask(_ROWS, within=ROWS_SECONDS)
    except IntegrityError as error:
        # Of an adopted database: a table that we do not know refers to these rows.
        log.warning(
            "another table holds on to this person",
            extra=logs.fields(erasure_id=run.message_id, table=error.diag.table_name),
        )
        table = error.diag.table_name or "Another table"
        await erasure.ask(_FAILED, "folder", "", f"{table} refers to what is to be erased.")
        raise TryLaterError(LONGEST_PAUSE) from None
    if plan is None:
        return
    if "wait" in plan:
        raise TryLaterError(float(plan["wait"]))
    waits: list[float] = []
    pause = backoff(run.attempts, first=2.0, longest=LONGEST_PAUSE)
    try:
        await erasure.files()
    except StorageAwayError:
        log.warning("files wait for Storage", extra=logs.fields(erasure_id=run.message_id))
        waits.append(pause)
    try:
        await erasure.lists(datetime.fromisoformat(plan["until"]))
        await erasure.texts()
    except _TwilioAwayError as away:
        log.warning("texts wait for Twilio", extra=logs.fields(erasure_id=run.message_id))
        waits.append(max(away.wait, pause))
    left = await erasure.ask(_FINISH)
    if left is not None:
        raise TryLaterError(min(max([float(left), *waits]), LONGEST_PAUSE))
    log.info("a contact is erased", extra=logs.fields(erasure_id=run.message_id))


class _Erasure:
    """One erasure's steps outside the database."""

    def __init__(self, tools: Tools, id: UUID) -> None:
        self._tools = tools
        self._id = id

    async def ask(
        self, query: LiteralString, *arguments: Any, within: float = DATABASE_SECONDS
    ) -> Any:
        return await self._tools.database.value(query, (self._id, *arguments), within=within)

    async def files(self) -> None:
        """Delete the files, until none is left. Raises StorageAwayError."""
        before: Any = None
        while found := await self.ask(_FILES):
            if found == before:
                raise StorageAwayError("Storage does not delete these files.")
            before = found
            for bucket, paths in found.items():
                gone = await self._tools.storage.remove(bucket, paths)
                await self.ask(_COUNT, {"files": gone})
            self._give_way()

    async def lists(self, until: datetime) -> None:
        """Note what Twilio lists of this person up to `until`, and we never had."""
        for address in await self.ask(_DUE, "address"):
            try:
                for side in ("From", "To"):
                    place: str | None = None
                    while True:
                        page = await history.of_customer(
                            self._tools.twilio, side, address, until, place
                        )
                        await self.ask(_LISTED, Jsonb([_listed(one) for one in page.entries]))
                        if (place := page.following) is None:
                            break
            except _TWILIO_ERRORS as error:
                await self.ask(_FAILED, "address", address, _words(error))
                raise _TwilioAwayError(_wait(error)) from None
            await self.ask(_DONE, "address", [address], {})
            self._give_way()

    async def texts(self) -> None:
        """Empty every message at Twilio that is due, and delete its files."""
        while sids := await self.ask(_DUE, "sid"):
            for start in range(0, len(sids), SIDE_BY_SIDE):
                some = sids[start : start + SIDE_BY_SIDE]
                ends = await asyncio.gather(
                    *(self._empty(sid) for sid in some), return_exceptions=True
                )
                for end in ends:
                    if isinstance(end, BaseException):
                        raise end
                self._give_way()

    async def _empty(self, sid: str) -> None:
        """One message. What Twilio refuses for this message alone is tried again later."""
        twilio = self._tools.twilio
        done = {"twilio_messages": 1}
        try:
            answer = json.loads(await twilio.change("POST", f"Messages/{sid}.json", Body=""))
            if int(answer.get("num_media") or 0):
                media = await twilio.read(f"Messages/{sid}/Media.json", PageSize="50")
                for file in media["media_list"]:
                    await _delete(tools=self._tools, place=f"Messages/{sid}/Media/{file['sid']}")
                done["twilio_files"] = len(media["media_list"])
        except RefusedByTwilioError as error:
            if error.http_status in (401, 403):
                await self.ask(_FAILED, "sid", sid, _words(error))
                raise _TwilioAwayError(LONGEST_PAUSE) from None
            if error.http_status != 404:
                # 20009 and the like: not before it is delivered or has failed.
                await self.ask(_FAILED, "sid", sid, _words(error))
                return
            done = {"twilio_gone_already": 1}
        except (NotSentError, ThrottledError, UnknownOutcomeError) as error:
            await self.ask(_FAILED, "sid", sid, _words(error))
            raise _TwilioAwayError(_wait(error)) from None
        except (ValueError, KeyError, TypeError, AttributeError):
            await self.ask(_FAILED, "sid", sid, "Twilio's answer was not readable.")
            return
        await self.ask(_DONE, "sid", [sid], done)

    def _give_way(self) -> None:
        """A good place to stop when the worker is asked to end."""
        if self._tools.stopping.is_set():
            raise TryLaterError(0)


async def _delete(*, tools: Tools, place: str) -> None:
    try:
        await tools.twilio.change("DELETE", f"{place}.json")
    except RefusedByTwilioError as error:
        if error.http_status != 404:
            raise


def _listed(entry: history.Entry) -> dict[str, Any]:
    ours = entry.recipient if entry.inbound else entry.sender
    return {
        "sid": entry.sid,
        "ours": ours,
        "service_sid": entry.service_sid,
        "channel": channel_of(ours).value,
    }


def _wait(error: Exception) -> float:
    return (error.retry_after or 0.0) if isinstance(error, ThrottledError) else 0.0


def _words(error: Exception) -> str:
    """Why, for the receipt: Twilio's own text of a refusal names no customer."""
    if isinstance(error, RefusedByTwilioError):
        code = f" ({error.code})" if error.code else ""
        return f"Twilio refused to erase a message, HTTP {error.http_status}{code}."
    if isinstance(error, ThrottledError):
        return "Twilio asked us to slow down."
    return "Twilio does not answer."


def _retry_after(attempts: int) -> float:
    """Whatever else went wrong (the database, mostly): always again."""
    return backoff(attempts, longest=LONGEST_PAUSE)


JOB = Job(name="erase_contact", queue="privacy", body=erase, retry_after=_retry_after)

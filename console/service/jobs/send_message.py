"""Sends what is queued in one conversation, in order: one call to Twilio for each message.

The job is only the kick; the queued rows are the truth. Jobs of one conversation share a lock, so
they never run side by side, and each takes the oldest queued rows, a few at a time: then the
conversation goes to the end of the queue, so that no other one starves. A message that may have
been sent is never sent again, and one that another worker has taken over is not sent by this one
(see the migration service_claim).
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Mapping
from itertools import count
from typing import Any

from console import logs
from console.domain.twilio_codes import (
    FILE_GONE,
    HELD_UP,
    NO_ADDRESS,
    NOT_REACHED,
    STORAGE_AWAY,
    UNKNOWN_OUTCOME,
    Action,
    words_for,
)
from console.service.database import DatabaseAwayError
from console.service.jobs.job import DATABASE_SECONDS, Job, Run, Tools, TryLaterError, backoff
from console.service.lease import Lease, Moment
from console.service.status import report_of
from console.service.storage import FileMissingError, StorageAwayError
from console.service.twilio import (
    NotSentError,
    Outgoing,
    RefusedByTwilioError,
    ThrottledError,
    TooLateError,
    UnknownOutcomeError,
)
from console.service.urls import report_url

log = logging.getLogger("balas.send")

# Twilio queues for up to 4 hours and fetches the file when it sends.
URL_SECONDS = 24 * 3600
# Messages of one conversation before the others have their turn.
IN_A_ROW = 4
# Longest time to keep trying to write down what Twilio answered.
RECORD_TRIES = 40
LONGEST_WAIT = 300.0

_BEGIN = "select private.begin_call(%s)"
_YIELD = "select private.yield_turn(%s, %s, %s)"


class _TakenOverError(Exception):
    """The message is no longer this attempt's: another worker has let it go or sent it."""


async def send_queued(tools: Tools, run: Run) -> None:
    """Send what is queued in the conversation of `run.message_id`, oldest first."""
    for number in count(1):
        asked = Moment.now()
        claimed = await tools.books.claim(
            {
                "message_id": str(run.message_id),
                "worker": run.worker,
                "attempt_id": str(uuid.uuid4()),
            }
        )
        if claimed is None:
            return
        if "wait" in claimed:
            raise TryLaterError(min(float(claimed["wait"]), LONGEST_WAIT))
        try:
            outcome = await _attempt(tools, claimed, asked)
        except _TakenOverError:
            log.warning("another worker took this over", extra=logs.fields(**_ids(claimed)))
            return
        again = outcome["outcome"] == "retry"
        await _record(tools, claimed, outcome, run if not (again or claimed["more"]) else None)
        if again:
            raise TryLaterError(outcome["wait"])
        if not claimed["more"]:
            return
        stopping = tools.stopping.is_set()
        if (stopping or number % IN_A_ROW == 0) and await tools.database.value(
            _YIELD,
            (claimed["message_id"], claimed["conversation_id"], stopping),
            within=DATABASE_SECONDS,
        ):
            return


async def _attempt(tools: Tools, claimed: Mapping[str, Any], asked: Moment) -> dict[str, Any]:
    """Make the one call, and say what became of it as `private.record_outcome` wants it."""
    retries = int(claimed["retries"])
    await asyncio.sleep(float(claimed["delay"]))
    try:
        message = await _outgoing(tools, claimed)
    except StorageAwayError:
        return _retry(backoff(retries), said=STORAGE_AWAY.english)
    except FileMissingError:
        return {"outcome": "refused", "error_text": FILE_GONE.english}
    if not message.to or not (message.sender or message.messaging_service_sid):
        return {"outcome": "refused", "error_text": NO_ADDRESS.english}
    if not claimed["called"]:
        asked = Moment.now()
        try:
            ours = await tools.database.value(
                _BEGIN, (claimed["attempt_id"],), within=DATABASE_SECONDS
            )
        except DatabaseAwayError:
            return _retry(backoff(retries), said=HELD_UP.english)
        if not ours:
            raise _TakenOverError
    try:
        made = await tools.twilio.create(message, Lease(asked, float(claimed["lease"])))
    except TooLateError:
        return _retry(0.2, said=HELD_UP.english)
    except NotSentError as error:
        return _retry(backoff(retries, longest=20.0), said=f"{NOT_REACHED.english} ({error.text})")
    except ThrottledError as error:
        wait = backoff(retries) if error.retry_after is None else error.retry_after
        said = words_for(20429).english
        return _retry(wait, said=said, http_status=429, code=error.code, hold=wait)
    except UnknownOutcomeError as error:
        return {
            "outcome": "uncertain",
            "http_status": error.http_status,
            "said": f"{UNKNOWN_OUTCOME.english} ({error.text})",
        }
    except RefusedByTwilioError as error:
        return _refused(error, retries)
    except Exception as error:  # a bug of ours or of the SDK, perhaps after the call
        log.exception("sending broke", extra=logs.fields(**_ids(claimed)))
        return {
            "outcome": "uncertain",
            "said": f"{UNKNOWN_OUTCOME.english} ({type(error).__name__})",
        }
    report = report_of(made.sid, made.status, error_code=made.error_code, said=made.error_message)
    return {
        "outcome": "accepted",
        "sid": made.sid,
        "status": report.status.value if report else "accepted",
        "http_status": 201,
        "error_code": report.error_code if report else None,
        "error_text": report.error_text if report else None,
        "said": made.error_message,
    }


def _retry(
    wait: float,
    *,
    said: str,
    http_status: int | None = None,
    code: int | None = None,
    hold: float | None = None,
) -> dict[str, Any]:
    """Back to the queue. `hold`: seconds for which the sender sends nothing at all."""
    return {
        "outcome": "retry",
        "wait": min(max(wait, 0.2), LONGEST_WAIT),
        "hold": hold,
        "said": said,
        "http_status": http_status,
        "error_code": code,
    }


def _refused(error: RefusedByTwilioError, retries: int) -> dict[str, Any]:
    words = words_for(error.code, error.said)
    if words.action is Action.QUEUE_STOPS:
        # Nothing is wrong with the message. It and all others stay queued until the account works.
        log.error("Twilio refuses the account", extra=logs.fields(code=error.code))
        return _retry(0, said=words.english, http_status=error.http_status, code=error.code)
    if words.action is Action.RETRY:
        wait = backoff(retries, first=2.0, longest=LONGEST_WAIT)
        return _retry(wait, said=words.english, http_status=error.http_status, code=error.code)
    return {
        "outcome": "refused",
        "http_status": error.http_status,
        "error_code": error.code,
        "error_text": words.english,
        "said": error.said,
    }


async def _outgoing(tools: Tools, claimed: Mapping[str, Any]) -> Outgoing:
    template = claimed.get("template") or {}
    variables = template.get("variables")
    urls = [
        await tools.storage.signed_url(
            item["bucket"], item["path"], seconds=URL_SECONDS, name=item.get("name")
        )
        for item in claimed["media"] or ()
    ]
    return Outgoing(
        to=claimed["to"] or "",
        sender=claimed["from"],
        messaging_service_sid=claimed["messaging_service_sid"],
        body=claimed["content"] or None,
        media_urls=tuple(urls),
        content_sid=template.get("content_sid"),
        content_variables=json.dumps(variables, ensure_ascii=False) if variables else None,
        status_callback=report_url(tools.config.public_url, claimed["attempt_id"]),
    )


async def _record(
    tools: Tools, claimed: Mapping[str, Any], outcome: dict[str, Any], last: Run | None
) -> None:
    """Write the outcome down, however long the database is away; with it the run that it ends.

    If even that fails, the message stays `sending`, turns uncertain by the sweep, and the first
    status callback settles it by the attempt id.
    """
    log.info(
        "attempt ended",
        extra=logs.fields(
            **_ids(claimed),
            outcome=outcome["outcome"],
            sid=outcome.get("sid"),
            code=outcome.get("error_code"),
            http_status=outcome.get("http_status"),
        ),
    )
    ended: dict[str, Any] = {
        "attempt_id": claimed["attempt_id"],
        "outcome": {name: value for name, value in outcome.items() if name != "wait"},
    }
    if last is not None:
        ended |= {"job": last.job, "worker": last.worker}
    for attempt in range(RECORD_TRIES):
        try:
            await tools.books.record(ended)
        except DatabaseAwayError:
            await asyncio.sleep(backoff(attempt))
        else:
            return
    log.error("an outcome could not be recorded", extra=logs.fields(**_ids(claimed)))


def _ids(claimed: Mapping[str, Any]) -> dict[str, Any]:
    names = ("message_id", "conversation_id", "attempt_id")
    return {name: claimed[name] for name in names}


def _retry_after(attempts: int) -> float | None:
    """Whatever went wrong before a call was claimed (the database, mostly): always again."""
    return backoff(attempts)


JOB = Job(name="send_message", queue="send", body=send_queued, retry_after=_retry_after)

"""Looks in Twilio's own list for a message whose fate we do not know.

The first status callback may settle it sooner. What is not found stays uncertain, and the agent is
asked: sending again by ourselves could reach the customer twice.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from console import logs
from console.domain.twilio_codes import words_for
from console.service.jobs.job import DATABASE_SECONDS, Job, Run, Tools, TryLaterError, backoff
from console.service.status import report_of
from console.service.twilio import (
    Listed,
    NotSentError,
    RefusedByTwilioError,
    ThrottledError,
    UnknownOutcomeError,
)

log = logging.getLogger("balas.settle")

# Our clock and Twilio's may differ by so much; Twilio counts whole seconds.
CLOCKS_APART = timedelta(seconds=60)
# How long after the call Twilio's list may still lack the message.
LOOK_FOR = timedelta(minutes=10)

_UNCERTAIN = "select private.uncertain_message(%s)"
_UNCLAIMED = "select to_jsonb(private.unclaimed_sids(%s))"
_APPLY = "select private.apply_status(%s)"


async def look_up(tools: Tools, run: Run) -> None:
    """Settle the message if Twilio knows it; look again later while it may still turn up."""
    sought = await tools.database.value(_UNCERTAIN, (run.message_id,), within=DATABASE_SECONDS)
    if sought is None:
        return
    started = datetime.fromisoformat(sought["started_at"])
    wait = backoff(run.attempts, first=3.0, longest=60.0)
    try:
        listed = await tools.twilio.recent(sought["to"])
    except (NotSentError, ThrottledError, UnknownOutcomeError):
        raise TryLaterError(wait) from None
    except RefusedByTwilioError as error:
        words = words_for(error.code, error.said)
        log.warning("the list was refused", extra=logs.fields(code=error.code, why=words.action))
        raise TryLaterError(60.0) from None
    candidates = [message for message in listed if _is_same(message, sought, started)]
    free = await tools.database.value(
        _UNCLAIMED, ([message.sid for message in candidates],), within=DATABASE_SECONDS
    )
    found = [message for message in candidates if message.sid in free]
    if found:
        # Equal texts to the same person at the same time: the oldest is as good as any.
        first = min(found, key=lambda message: message.created_at or started)
        report = report_of(
            first.sid,
            first.status,
            error_code=first.error_code,
            said=first.error_message,
            attempt_id=sought["attempt_id"],
        )
        if report is not None:
            await tools.database.value(_APPLY, (report.as_json(),), within=DATABASE_SECONDS)
            settled = logs.fields(message_id=sought["message_id"], sid=first.sid)
            if await tools.database.value(_UNCERTAIN, (run.message_id,), within=DATABASE_SECONDS):
                raise TryLaterError(0.5)  # an equal message took this SID in the same moment
            log.info("settled", extra=settled)
            return
    if datetime.fromisoformat(sought["now"]) - started < LOOK_FOR:
        raise TryLaterError(wait)
    log.info("not in Twilio's list", extra=logs.fields(message_id=sought["message_id"]))


def _is_same(message: Listed, sought: Mapping[str, Any], started: datetime) -> bool:
    if not message.outbound or message.created_at is None or message.to != sought["to"]:
        return False
    if message.created_at < started - CLOCKS_APART:
        return False
    if sought["sender"] is not None and message.sender != sought["sender"]:
        return False
    if sought["template"]:
        return True  # Twilio keeps the text that it made of the template, which we do not know
    return message.body.strip() == (sought["content"] or "").strip()


def _retry_after(attempts: int) -> float | None:
    return backoff(attempts, longest=60.0) if attempts < 60 else None


JOB = Job(name="settle_uncertain", queue="settle", body=look_up, retry_after=_retry_after)

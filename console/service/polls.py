"""Asks Twilio what became of messages whose delivery callbacks never came.

Callbacks are best effort: https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from console import logs
from console.domain.twilio_codes import words_for
from console.service.database import Database
from console.service.status import report_of
from console.service.twilio import (
    NotSentError,
    RefusedByTwilioError,
    ThrottledError,
    Twilio,
    UnknownOutcomeError,
)

log = logging.getLogger("balas.polls")

DATABASE_SECONDS = 15.0

_DUE = "select private.due_polls()"
_APPLY = "select private.apply_status(%s)"
_NOTE = "select private.note_poll(%s)"


async def ask(database: Database, twilio: Twilio) -> int:
    """Ask for the messages that are due, one after the other; how many were answered.

    Ends early when Twilio does not answer; what was not asked is due again after some minutes.
    """
    due: list[Mapping[str, Any]] = await database.value(_DUE, within=DATABASE_SECONDS)
    answered = 0
    for item in due:
        try:
            found = await twilio.fetch(item["sid"])
        except (NotSentError, ThrottledError, UnknownOutcomeError) as error:
            log.info("Twilio does not answer", extra=logs.fields(why=type(error).__name__))
            break
        except RefusedByTwilioError as error:
            if error.http_status != 404:
                log.warning(
                    "a status was refused",
                    extra=logs.fields(why=words_for(error.code, error.said).english),
                )
                break
            # Deleted there: nobody will ever know more.
        else:
            report = report_of(
                found.sid, found.status, error_code=found.error_code, said=found.error_message
            )
            if report is not None:
                await database.value(_APPLY, (report.as_json(),), within=DATABASE_SECONDS)
        await database.value(_NOTE, (item["message_id"],), within=DATABASE_SECONDS)
        answered += 1
    return answered

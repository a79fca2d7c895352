"""Looks whether Twilio's account works again, while sending is stopped for it."""

from __future__ import annotations

import logging

from console import logs
from console.domain.twilio_codes import words_for
from console.service.database import Database
from console.service.twilio import (
    NotSentError,
    RefusedByTwilioError,
    ThrottledError,
    Twilio,
    UnknownOutcomeError,
)

log = logging.getLogger("balas.account")

SUSPENDED = 30002

_DUE = "select private.probe_due()"
_TRY = "select private.try_sending()"
_FAILED = "select private.probe_failed(%s, %s)"


async def probe(database: Database, twilio: Twilio) -> None:
    """Ask for the account, if that is due; where it is well, let one message go first.

    Asking changes nothing at Twilio. What it cannot see (a locked WhatsApp sender), the first
    message finds out.
    """
    if await database.value(_DUE, within=15.0) is None:
        return
    code: int | None = None
    try:
        status = await twilio.account_status()
    except RefusedByTwilioError as error:
        code = error.code or 20003
    except (NotSentError, ThrottledError, UnknownOutcomeError):
        pass  # says nothing about the account
    else:
        if status == "active":
            log.info("the account answers, one message goes first")
            await database.value(_TRY, within=15.0)
            return
        code = SUSPENDED
    words = words_for(code).english if code else None
    log.warning("the account does not work yet", extra=logs.fields(code=code))
    await database.value(_FAILED, (code, words), within=15.0)

"""Whose number an adopted message belongs to: asked of Twilio by its SID, a few at a time.

A database from before Balas keeps threads without numbers. Twilio still knows them for as long as
it keeps the messages.
"""

from __future__ import annotations

import logging
import re

from console import logs
from console.service.database import Database
from console.service.twilio import (
    NotSentError,
    RefusedByTwilioError,
    ThrottledError,
    Twilio,
    UnknownOutcomeError,
)

log = logging.getLogger("balas.adoption")

AT_ONCE = 20
_SECONDS = 15.0
_SID = re.compile(r"[SM]M[0-9a-fA-F]{32}")

_WANTED = "select coalesce(jsonb_agg(u.message_sid), '[]') from private.unnumbered_messages(%s) u"
_FILL = "select private.fill_numbers(%s, %s, %s)"


async def fill(database: Database, twilio: Twilio) -> None:
    """Fill the numbers of up to AT_ONCE messages. Safe to repeat. Raises DatabaseAwayError."""
    sids: list[str] = await database.value(_WANTED, (AT_ONCE,), within=_SECONDS)
    filled = 0
    for sid in sids:
        sender = recipient = None
        if _SID.fullmatch(sid):
            try:
                message = await twilio.fetch(sid)
            except (NotSentError, ThrottledError, UnknownOutcomeError):
                return  # later
            except RefusedByTwilioError as error:
                if error.http_status != 404:
                    log.warning("Twilio refuses", extra=logs.fields(code=error.code))
                    return
            else:
                sender, recipient = message.sender, message.to
        filled += bool(await database.value(_FILL, (sid, sender, recipient), within=_SECONDS))
    if sids:
        log.info("adopted numbers", extra=logs.fields(asked=len(sids), filled=filled))

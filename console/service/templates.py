"""Brings `public.templates` up to date with Twilio's Content API."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import timedelta

from psycopg.types.json import Jsonb

from console import logs
from console.service.database import Database
from console.service.twilio import (
    NotSentError,
    RefusedByTwilioError,
    ThrottledError,
    Twilio,
    UnknownOutcomeError,
)

log = logging.getLogger("balas.templates")

# Approvals take WhatsApp minutes to days.
EVERY = timedelta(minutes=10)
AFTER_TROUBLE = timedelta(minutes=1)

_TAKE = "select private.take_round('templates', %s)"
_REPEAT = "select private.repeat_round('templates', %s)"
_STORE = "select private.store_templates(%s)"


async def bring_up_to_date(database: Database, twilio: Twilio) -> bool:
    """Copy all templates with their approval, if that is due; whether it was done."""
    if not await database.value(_TAKE, (EVERY,), within=15.0):
        return False
    try:
        listed = await twilio.templates()
    except (NotSentError, ThrottledError, UnknownOutcomeError, RefusedByTwilioError) as error:
        refused = isinstance(error, RefusedByTwilioError)
        log.log(
            logging.WARNING if refused else logging.INFO,
            "the templates did not come",
            extra=logs.fields(why=type(error).__name__),
        )
        await database.value(_REPEAT, (AFTER_TROUBLE,), within=15.0)
        return False
    rows = Jsonb([asdict(template) for template in listed])
    changed = await database.value(_STORE, (rows,), within=30.0)
    if changed:
        log.info("templates changed", extra=logs.fields(rows=changed))
    return True

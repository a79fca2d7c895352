"""Twilio's delivery callbacks, made into what `private.apply_status` takes.

Source: https://www.twilio.com/docs/messaging/guides/track-outbound-message-status. Callbacks come
unordered, repeated, sometimes before the answer of the call that they report on.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from console.domain.delivery import ENDS, FROM_TWILIO, Status
from console.domain.twilio_codes import words_of_failure
from console.service.inbound import Parameters

_SID = re.compile(r"[A-Za-z0-9_-]{2,64}")
_TICKS = {Status.ACCEPTED, Status.SENT, Status.DELIVERED, Status.READ}
_CODE = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class StatusReport:
    """One callback. `attempt_id` comes from the signed query of the URL that we gave."""

    sid: str
    status: Status
    attempt_id: str | None
    error_code: int | None
    error_text: str | None  # plain words, English
    said: str | None  # Twilio's own words

    @property
    def is_tick(self) -> bool:
        """Whether it only moves a message on: nothing in it that anybody must be told."""
        return (
            self.status in _TICKS and (self.error_code, self.error_text, self.said) == (None,) * 3
        )

    def as_json(self) -> dict[str, Any]:
        """The argument of `private.apply_status`."""
        return {
            "sid": self.sid,
            "status": self.status.value,
            "attempt_id": self.attempt_id,
            "error_code": self.error_code,
            "error_text": self.error_text,
            "said": self.said,
        }


def report_of(
    sid: str,
    word: str,
    *,
    error_code: str | int | None = None,
    said: str | None = None,
    attempt_id: str | None = None,
) -> StatusReport | None:
    """What a status word of Twilio means; None when we do not know the word."""
    status = FROM_TWILIO.get(word.lower())
    if status is None or not _SID.fullmatch(sid):
        return None
    text = str(error_code or "")
    code = int(text) if _CODE.fullmatch(text) else None
    failed = code is not None or status in ENDS
    return StatusReport(
        sid=sid,
        status=status,
        attempt_id=attempt_id,
        error_code=code,
        error_text=words_of_failure(code, said).english if failed else None,
        said=said or None,
    )


def parse(parameters: Parameters, query: str) -> StatusReport | None:
    """The callback, or None where it names no message or no status that we know."""
    get = parameters.get
    return report_of(
        get("MessageSid") or get("SmsSid") or "",
        get("MessageStatus") or get("SmsStatus") or "",
        error_code=get("ErrorCode"),
        said=get("ErrorMessage"),
        attempt_id=attempt_of(query),
    )


def attempt_of(query: str) -> str | None:
    """The attempt id in the query of our StatusCallback URL, None when it is no uuid."""
    try:
        return str(uuid.UUID(parse_qs(query).get("attempt", [""])[0]))
    except ValueError:
        return None

"""Twilio's own list of messages, read page by page.

Source: https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources.
The list is newest first, bounded by the time sent; it knows less than a webhook does: no names of
people, no places, no buttons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from console.service.twilio import Twilio, UnknownOutcomeError

PAGE = 1000  # Twilio's largest


@dataclass(frozen=True, slots=True)
class Entry:
    """A message as the list has it. `at` is when Twilio sent or received it, whole seconds."""

    sid: str
    inbound: bool
    sender: str
    recipient: str
    body: str
    status: str
    files: int
    service_sid: str | None
    at: datetime
    error_code: int | None
    error_message: str | None

    def as_json(self) -> dict[str, Any]:
        """What is worth keeping of it as a raw record."""
        return {
            "sid": self.sid,
            "direction": "inbound" if self.inbound else "outbound",
            "from": self.sender,
            "to": self.recipient,
            "body": self.body,
            "num_media": self.files,
            "messaging_service_sid": self.service_sid,
            "date": self.at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Page:
    """One page, newest first, and the place of the next, None at the end."""

    entries: list[Entry]
    following: str | None


async def page(
    twilio: Twilio, since: datetime, until: datetime, place: str | None = None, *, size: int = PAGE
) -> Page:
    """The first page of what was sent or received from `since` to `until`, both included, or the
    one at `place`. Raises as Twilio's other calls do.
    """
    if place is None:
        answer = await twilio.read(
            "Messages.json",
            **{"DateSent>": _stamp(since), "DateSent<": _stamp(until), "PageSize": str(size)},
        )
    else:
        answer = await twilio.read(place)
    return _page(answer)


async def of_customer(
    twilio: Twilio, side: str, address: str, until: datetime, place: str | None = None
) -> Page:
    """As `page`: what one customer wrote (side `From`) or was sent (side `To`), up to `until`."""
    if place is None:
        stamp = _stamp(until)
        answer = await twilio.read(
            "Messages.json", **{side: address, "DateSent<": stamp, "PageSize": str(PAGE)}
        )
    else:
        answer = await twilio.read(place)
    return _page(answer)


async def files(twilio: Twilio, sid: str) -> list[tuple[str, str]]:
    """The files of a message, first one first: URL without credentials, content type."""
    answer = await twilio.read(f"Messages/{sid}/Media.json", PageSize="50")
    try:
        listed = sorted(
            answer["media_list"],
            key=lambda item: parsedate_to_datetime(str(item["date_created"])),
        )
        return [
            (twilio.api_url + str(item["uri"]).removesuffix(".json"), str(item["content_type"]))
            for item in listed
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnknownOutcomeError("The answer was not readable.") from error


def _page(answer: Mapping[str, Any]) -> Page:
    try:
        entries = [_entry(item) for item in answer["messages"]]
        following = answer.get("next_page_uri")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnknownOutcomeError("The answer was not readable.") from error
    return Page(entries, str(following) if following else None)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _entry(item: Mapping[str, Any]) -> Entry:
    code = item.get("error_code")
    at = parsedate_to_datetime(str(item.get("date_sent") or item["date_created"]))
    return Entry(
        sid=str(item["sid"]),
        inbound=item["direction"] == "inbound",
        sender=str(item.get("from") or ""),
        recipient=str(item.get("to") or ""),
        body=str(item.get("body") or "").replace("\0", ""),
        status=str(item.get("status") or ""),
        files=int(item.get("num_media") or 0),
        service_sid=item.get("messaging_service_sid") or None,
        at=at if at.tzinfo else at.replace(tzinfo=UTC),
        error_code=int(code) if code else None,
        error_message=item.get("error_message") or None,
    )

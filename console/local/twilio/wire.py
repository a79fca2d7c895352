"""Twilio's JSON: how messages, files and pages of them look on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from console.local.twilio.records import Media, Message

API = "/2010-04-01"


def rfc2822(at: float | None) -> str | None:
    """The date form of the 2010 API: `Sat, 22 Nov 2025 10:00:00 +0000`."""
    return format_datetime(datetime.fromtimestamp(int(at), UTC)) if at is not None else None


def segments(body: str, channel: str) -> int:
    """How many SMS a text takes (GSM 7-bit or UCS-2); WhatsApp always counts one."""
    if channel == "whatsapp":
        return 1
    if body.isascii():
        return 1 if len(body) <= 160 else -(-len(body) // 153)
    units = len(body.encode("utf-16-be")) // 2
    return 1 if units <= 70 else -(-units // 67)


def message_json(account_sid: str, message: Message) -> dict[str, Any]:
    """A Message resource."""
    uri = f"{API}/Accounts/{account_sid}/Messages/{message.sid}"
    return {
        "account_sid": account_sid,
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": rfc2822(message.created),
        "date_sent": rfc2822(message.sent),
        "date_updated": rfc2822(message.updated),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": message.error_text,
        "from": message.from_address,
        "messaging_service_sid": message.service_sid,
        "num_media": str(message.num_media),
        "num_segments": str(segments(message.body, message.channel)),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to_address,
        "uri": f"{uri}.json",
    }


def media_path(account_sid: str, media: Media) -> str:
    return f"{API}/Accounts/{account_sid}/Messages/{media.message_sid}/Media/{media.sid}"


def media_json(account_sid: str, media: Media) -> dict[str, Any]:
    """A Media resource."""
    return {
        "account_sid": account_sid,
        "content_type": media.content_type,
        "date_created": rfc2822(media.created),
        "date_updated": rfc2822(media.created),
        "parent_sid": media.message_sid,
        "sid": media.sid,
        "uri": f"{media_path(account_sid, media)}.json",
    }


def page_json(
    key: str, items: list[dict[str, Any]], *, uri: str, first: str, following: str | None,
    page: int, page_size: int,
) -> dict[str, Any]:  # fmt: skip
    """A page of the 2010 API; `uri`s are relative to the origin."""
    start = page * page_size
    return {
        key: items,
        "first_page_uri": first,
        "next_page_uri": following,
        "previous_page_uri": None,
        "page": page,
        "page_size": page_size,
        "start": start,
        "end": start + max(len(items) - 1, 0),
        "uri": uri,
    }


def meta_page_json(key: str, items: list[dict[str, Any]], url: str) -> dict[str, Any]:
    """The one page of a list of the newer APIs (`/v1`, `/v2`); `url` is absolute."""
    return {
        key: items,
        "meta": {
            "key": key,
            "page": 0,
            "page_size": max(len(items), 50),
            "first_page_url": url,
            "previous_page_url": None,
            "next_page_url": None,
            "url": url,
        },
    }

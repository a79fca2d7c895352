"""Fetching MediaUrl as Twilio does: HEAD, then GET, then WhatsApp's own rules for the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message as HeaderReader
from urllib.parse import unquote, urlsplit

import httpx

from console.local.twilio.records import Media, Message, new_sid
from console.local.twilio.simulator import Simulator

# Source: https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages
IMAGE_LIMIT = 5 * 1024 * 1024
FILE_LIMIT = 16 * 1024 * 1024
MMS_LIMIT = 5 * 1024 * 1024
WHATSAPP_TYPES = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/webp",
        "audio/ogg",
        "audio/amr",
        "audio/3gpp",
        "audio/aac",
        "audio/mpeg",
        "audio/mp4",
        "video/mp4",
        "application/pdf",
        "application/msword",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "text/vcard",
        "text/x-vcard",
    }
)
_MMS_FAMILIES = ("image/", "audio/", "video/", "text/", "application/pdf")
_MAGIC = {
    "image/jpeg": re.compile(rb"^\xff\xd8\xff"),
    "image/png": re.compile(rb"^\x89PNG\r\n\x1a\n"),
    "image/webp": re.compile(rb"^RIFF....WEBP", re.DOTALL),
    "application/pdf": re.compile(rb"^.{0,1024}%PDF-", re.DOTALL),
}
_TIMEOUT = httpx.Timeout(15.0, connect=5.0)


class MediaRefusedError(Exception):
    """The file cannot go out: `code` is Twilio's, `why` is for the ledger."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the file's host said; `length` is the promised one, 0 when it promised none."""

    content_type: str
    length: int
    disposition: str
    url: str
    content: bytes


async def fetch_files(simulator: Simulator, message: Message, urls: list[str]) -> None:
    """Keep the bytes behind each URL as media of `message`; raises MediaRefusedError.

    Every request is entered in the ledger's book of fetches.
    """
    for url in urls:
        entry = {"message_sid": message.sid, "url": url}
        try:
            head = await _ask(simulator, message, "HEAD", url)
            _judge(message.channel, head.content_type, head.length)
            got = await _ask(simulator, message, "GET", url)
            _judge(message.channel, got.content_type, len(got.content))
            _judge_content(message.channel, head.content_type, got)
        except MediaRefusedError as refusal:
            simulator.ledger.write(
                "fetches",
                simulator.now(),
                message.to_address,
                message.sid,
                {**entry, "method": "-", "refused": refusal.code, "why": refusal.why},
            )
            raise
        media = Media(
            sid=new_sid("ME"),
            message_sid=message.sid,
            content_type=got.content_type,
            name=file_name(got.disposition, got.url),
            size=len(got.content),
            created=simulator.now(),
        )
        simulator.ledger.add_media(media, got.content)


async def _ask(simulator: Simulator, message: Message, method: str, url: str) -> _Answer:
    entry: dict[str, object] = {"message_sid": message.sid, "url": url, "method": method}
    headers = {"User-Agent": "TwilioProxy/1.1", "Accept": "*/*"}
    content = bytearray()
    try:
        async with simulator.client.stream(
            method, url, headers=headers, timeout=_TIMEOUT, follow_redirects=True
        ) as response:
            entry["status"] = response.status_code
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > FILE_LIMIT:
                    break
    except httpx.HTTPError as problem:
        entry["error"] = f"{type(problem).__name__}: {problem}"
        raise MediaRefusedError(63019, f"{method}: {problem}") from problem
    finally:
        simulator.ledger.write("fetches", simulator.now(), message.to_address, message.sid, entry)
    if not response.is_success:
        raise MediaRefusedError(63019, f"{method} answered {response.status_code}")
    return _Answer(
        content_type=response.headers.get("content-type", "").partition(";")[0].strip().lower(),
        length=int(response.headers.get("content-length") or 0),
        disposition=response.headers.get("content-disposition", ""),
        url=str(response.url),
        content=bytes(content),
    )


def _judge(channel: str, content_type: str, size: int) -> None:
    if channel == "sms":
        if not content_type.startswith(_MMS_FAMILIES):
            raise MediaRefusedError(30008, f"type {content_type!r} on MMS")
        if size > MMS_LIMIT:
            raise MediaRefusedError(11751, f"{size} bytes on MMS")
        return
    if content_type not in WHATSAPP_TYPES:
        raise MediaRefusedError(63021, f"type {content_type!r} on WhatsApp")
    limit = IMAGE_LIMIT if content_type.startswith("image/") else FILE_LIMIT
    if size > limit:
        raise MediaRefusedError(63034, f"{size} bytes, at most {limit}")


def _judge_content(channel: str, promised: str, got: _Answer) -> None:
    if promised != got.content_type:
        raise MediaRefusedError(63019, f"HEAD says {promised!r}, GET says {got.content_type!r}")
    if not got.content:
        raise MediaRefusedError(63019, "empty file")
    magic = _MAGIC.get(got.content_type)
    if channel == "whatsapp" and magic is not None and not magic.match(got.content[:2048]):
        raise MediaRefusedError(63021, f"the bytes are not {got.content_type}")


def file_name(disposition: str, url: str) -> str | None:
    """The name the customer sees: Content-Disposition's, else the last part of the path."""
    # RFC 6266: the encoded form wins where both are given.
    encoded = re.search(r"filename\*\s*=\s*utf-8'[^']*'([^;]+)", disposition, re.IGNORECASE)
    if encoded:
        return unquote(encoded[1].strip())
    if disposition:
        reader = HeaderReader()
        reader["Content-Disposition"] = disposition
        name = reader.get_filename()
        if name:
            return str(name)
    return unquote(urlsplit(url).path.rpartition("/")[2]) or None

"""What a chosen file must become before the network takes it, and making it so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from console.domain.conversation import Channel
from console.domain.intents import Attachment
from console.domain.media_rules import LIMITS, refusal
from console.ui.composer.bench import pictures, sound

LONGEST_SOUND = 3600.0  # seconds; an hour of speech is 21 MB as AAC and refused by its size
# WhatsApp takes a WebP only as a sticker.
_PICTURES = frozenset({"image/heic", "image/webp", "image/bmp", "image/tiff", "image/gif"})
_SOUNDS = frozenset({"audio/wav", "audio/flac", "audio/aiff", "audio/x-ms-wma"})
_MOST = 64 * 1024 * 1024  # bytes of a file that is worth reading whole for this


def wants_work(attachment: Attachment, channel: Channel) -> bool:
    """Whether the file would be refused as it is, or shown as something else, and can be helped."""
    kind = attachment.content_type
    if not 0 < attachment.size <= _MOST:
        return False
    if kind == "image/webp" and channel is Channel.WHATSAPP:
        return True
    refused = refusal(channel, kind, attachment.size)
    if refused is None:
        return False
    return kind in _PICTURES or kind in _SOUNDS or kind in ("image/jpeg", "image/png")


async def converted(
    data: bytes,
    attachment: Attachment,
    channel: Channel,
    told: Callable[[float], object],
) -> tuple[Attachment, bytes] | None:
    """The file as the network takes it, None where it cannot be made so.

    Pictures are worked on in a thread, sound on Qt's own. Raises ExpectedError for broken sound.
    """
    if attachment.content_type in _SOUNDS:
        pcm = await sound.decoded(data, LONGEST_SOUND, lambda done: told(done / 2))
        made = await sound.encoded(pcm, lambda done: told(0.5 + done / 2))
        return _as(attachment, made, sound.TYPE, ".m4a"), made
    found = await asyncio.to_thread(_picture, data, attachment, channel)
    if found is None:
        return None
    made, kind = found
    return _as(attachment, made, kind, ".png" if kind == "image/png" else ".jpg"), made


def _picture(data: bytes, attachment: Attachment, channel: Channel) -> tuple[bytes, str] | None:
    kind = attachment.content_type
    if kind == "image/gif" and pictures.is_animated(data):
        return None
    image = pictures.read(data, kind)
    if image is None:
        return None
    # Screenshots stay sharp as PNG where they fit; photographs are JPEG.
    lossless = kind in ("image/bmp", "image/gif")
    return pictures.encode(image, LIMITS[channel]["image/jpeg"], lossless=lossless)


def _as(attachment: Attachment, made: bytes, kind: str, ending: str) -> Attachment:
    stem = attachment.name.rpartition(".")[0] or attachment.name
    return replace(attachment, name=stem + ending, content_type=kind, size=len(made))

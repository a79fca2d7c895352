"""What a file's bytes tell about it: its true type, a picture of it, pages, seconds, loudness."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from PySide6.QtGui import QImage

from console.domain.media_rules import sniff
from console.domain.vcards import Card, cards_from
from console.ui.timeline.decoding import decoded, excess

# Containers that hold sound alone as often as pictures.
_EITHER = ("video/mp4", "video/3gpp", "video/quicktime")


@dataclass(frozen=True, slots=True)
class Facts:
    """`content_type` is told by the content, whatever the file's name and sender say.

    What does not apply is empty. `readable` is false where the type is one that this program
    shows and these bytes are not; with a `too_large` picture (pixels) only because of its size.
    """

    content_type: str
    readable: bool = True
    too_large: tuple[int, int] | None = None
    pages: int = 0
    locked: bool = False
    seconds: float = 0.0
    peaks: tuple[float, ...] = ()
    cards: tuple[Card, ...] = ()


async def facts_of(data: bytes, said: str, name: str) -> tuple[Facts, QImage | None]:
    """The facts and the preview of a file; `said` is the type it came with. Never raises."""
    found = await asyncio.to_thread(sniff, data, name)
    if found in _EITHER and said.startswith("audio/"):
        found = f"audio/{found.partition('/')[2]}"
    family = found.partition("/")[0]
    if family == "image":
        image = await decoded(data)
        if image is not None:
            return Facts(found), image
        size = await asyncio.to_thread(excess, data)
        pixels = (size.width(), size.height()) if size is not None else None
        return Facts(found, readable=False, too_large=pixels), None
    # Qt's libraries for sound, video and PDF are large: they are loaded with the first such file.
    if family == "audio":
        from console.ui.timeline.waveforms import sound_of

        sound = await sound_of(data)
        if sound is None:
            return Facts(found, readable=False), None
        return Facts(found, seconds=sound.seconds, peaks=sound.peaks), None
    if family == "video":
        from console.ui.timeline.posters import poster_of

        poster = await poster_of(data)
        if poster is None:
            return Facts(found, readable=False), None
        return Facts(found, seconds=poster.seconds), poster.image
    if found == "application/pdf":
        from console.ui.timeline.pages import page_of

        page = await page_of(data)
        if page is None:
            return Facts(found, readable=False), None
        return Facts(found, pages=page.count, locked=page.locked), page.image
    if found == "text/vcard":
        return Facts(found, cards=cards_from(data)), None
    return Facts(found), None

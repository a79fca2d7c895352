"""A shared place: its name, address and position; a click opens the map in the browser."""

from __future__ import annotations

from console.domain.content import Location
from console.domain.message import Message
from console.ui.language import translate
from console.ui.timeline.blocks import card
from console.ui.timeline.context import Block, Context, Hit, Target
from console.ui.timeline.renderers.text import blocks_of
from console.ui.words import one_line

MAP = "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=17/{lat}/{lon}"


def map_url(place: Location) -> str:
    return MAP.format(lat=f"{place.latitude:.6f}", lon=f"{place.longitude:.6f}")


def measure(message: Message, width: float, context: Context) -> list[Block]:
    place = message.content.location
    blocks: list[Block] = []
    if place is not None:
        position = f"{place.latitude:.5f}, {place.longitude:.5f}"
        title = one_line(place.label or "") or translate("words", "Location")
        detail = one_line(place.address or "") or position
        target = Hit(Target.PLACE, map_url(place), translate("timeline", "Open the map"))
        blocks.append(card(context, "map-pin", title, detail, width, target))
    text = message.content.text
    if place is not None and text.strip() in (place.label or "", place.address or ""):
        text = ""
    return blocks + blocks_of(message, text, width, context)

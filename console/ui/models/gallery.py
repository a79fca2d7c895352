"""What can be looked at in a thread, one after the other: pictures and videos, found by paging."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.domain.content import Kind, MediaItem, MediaState
from console.domain.message import Message

if TYPE_CHECKING:
    from console.store.store import Store

PAGE = 100
MOST_PAGES = 60  # looked through for one step

Spot = tuple[Message, int]  # a message and the place of one of its files


def can_be_shown(message: Message, item: MediaItem) -> bool:
    """A picture or a video by its kind; stickers are no pictures to leaf through."""
    if item.state is MediaState.FAILED or message.content.kind is Kind.STICKER:
        return False
    return item.content_type.startswith(("image/", "video/"))


async def neighbour(store: Store, spot: Spot, step: int) -> Spot | None:
    """The next (`step` 1) or previous (-1) one of the thread; None when there is none near."""
    message, index = spot
    found = _within(
        message, range(index + step, len(message.content.media) if step > 0 else -1, step)
    )
    if found is not None:
        return found
    for _ in range(MOST_PAGES):
        if step > 0:
            page = await store.messages.after(message.conversation_id, message, PAGE)
        else:
            page = (await store.messages.before(message.conversation_id, message, PAGE))[::-1]
        for other in page:
            count = len(other.content.media)
            found = _within(other, range(count) if step > 0 else range(count - 1, -1, -1))
            if found is not None:
                return found
        if len(page) < PAGE:
            return None
        message = page[-1]
    return None


def _within(message: Message, places: range) -> Spot | None:
    for place in places:
        if can_be_shown(message, message.content.media[place]):
            return message, place
    return None

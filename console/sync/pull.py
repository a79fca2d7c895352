"""Pull: page after page of the feed into the store, one at a time, and older pages on demand."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from console.domain.ids import ConversationId, InboxId
from console.store.store import Store

if TYPE_CHECKING:
    from console.remote.client import Remote

log = logging.getLogger(__name__)

# The first page is small so that the list stands at once; the rest comes in larger ones.
FIRST_PAGE = 50
PAGE = 400
OLDER_PAGE = 60
FAR_PAGE = 400  # on the way to a message far back


class Pull:
    """Brings the store up to the server's state. Not to be run twice at a time."""

    def __init__(
        self,
        store: Store,
        remote: Remote,
        inboxes_known: Callable[[list[InboxId]], None],
        goes_on: Callable[[], None],
    ) -> None:
        self._store = store
        self._remote = remote
        self._inboxes_known = inboxes_known
        self._goes_on = goes_on
        self.deleted: set[str] = set()  # the messages that the last run heard to be gone

    async def run(self) -> int:
        """Every page there is; how many changed anything. Each is written with its cursor."""
        cursor = await self._store.feed.cursor()
        size = PAGE if cursor else FIRST_PAGE
        changed = 0
        self.deleted.clear()
        while True:
            page, offset = await self._remote.calls.pull_changes(cursor, size)
            if page.unreadable:
                log.warning("%d rows of the feed could not be read", page.unreadable)
            await self._store.feed.apply(page, offset)
            self.deleted.update(page.deleted.get("messages", ()))
            if page.profiles or self._store.me is None:
                await self._store.refresh_me()
            if page.inboxes or page.forget or "inboxes" in page.deleted:
                self._inboxes_known(await self._store.feed.inboxes())
            changed += bool(page.messages or page.conversations or page.forget or page.inboxes)
            if not page.more or page.cursor == cursor:
                return changed
            cursor, size = page.cursor, PAGE
            self._goes_on()

    async def newest(self, conversation_id: ConversationId) -> None:
        """One conversation as it stands now, ahead of the feed."""
        found, page = await self._remote.calls.newest(conversation_id, OLDER_PAGE)
        await self._store.feed.apply_newest(found, page)

    async def older(self) -> None:
        """Every older page that was asked for."""
        while (wish := self._store.wishes.take_older()) is not None:
            conversation_id, until = wish
            try:
                while not await self._older_page(conversation_id, until):
                    pass
            except BaseException:
                self._store.wishes.want_older(conversation_id, until)
                raise

    async def _older_page(self, conversation_id: ConversationId, until: datetime | None) -> bool:
        """One page; whether it was the last one wanted."""
        oldest = await self._store.messages.oldest(conversation_id)
        before = self._store.server_now() if oldest is None else oldest.timestamp
        size = OLDER_PAGE if until is None else FAR_PAGE
        page = await self._remote.calls.messages_before(conversation_id, before, size)
        await self._store.feed.apply_older(conversation_id, page)
        if until is None or not page.more or not page.messages:
            return True
        return min(message.timestamp for message in page.messages) <= until

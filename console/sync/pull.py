"""Pull: page after page of the feed into the store, one at a time, and older pages on demand."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from console.domain.ids import InboxId
from console.store.store import Store

if TYPE_CHECKING:
    from console.remote.client import Remote

log = logging.getLogger(__name__)

# The first page is small so that the list stands at once; the rest comes in larger ones.
FIRST_PAGE = 50
PAGE = 400
OLDER_PAGE = 60


class Pull:
    """Brings the store up to the server's state. Not to be run twice at a time."""

    def __init__(
        self, store: Store, remote: Remote, inboxes_known: Callable[[list[InboxId]], None]
    ) -> None:
        self._store = store
        self._remote = remote
        self._inboxes_known = inboxes_known

    async def run(self) -> int:
        """Every page there is; how many changed anything. Each is written with its cursor."""
        cursor = await self._store.feed.cursor()
        size = PAGE if cursor else FIRST_PAGE
        changed = 0
        while True:
            page, offset = await self._remote.calls.pull_changes(cursor, size)
            if page.unreadable:
                log.warning("%d rows of the feed could not be read", page.unreadable)
            await self._store.feed.apply(page, offset)
            if page.profiles or self._store.me is None:
                await self._store.refresh_me()
            if page.inboxes or page.forget or "inboxes" in page.deleted:
                self._inboxes_known(await self._store.feed.inboxes())
            changed += bool(page.messages or page.conversations or page.forget or page.inboxes)
            if not page.more or page.cursor == cursor:
                return changed
            cursor, size = page.cursor, PAGE

    async def older(self) -> None:
        """Every older page that was asked for."""
        while (conversation_id := self._store.wishes.take_older()) is not None:
            try:
                oldest = await self._store.messages.oldest(conversation_id)
                before = self._store.server_now() if oldest is None else oldest.timestamp
                page = await self._remote.calls.messages_before(conversation_id, before, OLDER_PAGE)
                await self._store.feed.apply_older(conversation_id, page)
            except BaseException:
                self._store.wishes.want_older(conversation_id)
                raise

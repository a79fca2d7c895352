"""The change bus: tells views what a commit changed, and sync what the window wishes for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from console.domain.changes import Changes
from console.domain.ids import ConversationId

log = logging.getLogger(__name__)


class ChangeBus:
    """Announces each commit on the loop's thread, in commit order.

    A listener that raises is logged and does not keep the others from hearing.
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[[Changes], None]] = []

    def subscribe(self, listener: Callable[[Changes], None]) -> Callable[[], None]:
        """Call `listener` with every announcement; the returned function ends that."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def publish(self, changes: Changes) -> None:
        """Tell everyone now. Only the store calls this, after its commit."""
        for listener in tuple(self._listeners):
            try:
                listener(changes)
            except Exception:  # a view's bug must not stop the others
                log.exception("a listener of the change bus failed")


class Wishes:
    """What the window would like fetched. Kept in memory: asked again when still wanted.

    `stirred` is set whenever there is something new to fetch.
    """

    def __init__(self) -> None:
        self.stirred = asyncio.Event()
        self._older: dict[ConversationId, datetime | None] = {}
        self._media: dict[tuple[str, str], None] = {}

    def want_older(self, conversation_id: ConversationId, until: datetime | None = None) -> None:
        """Older messages of one conversation than the oldest one kept here.

        With `until` page after page, until that moment is among them.
        """
        known = self._older.get(conversation_id)
        earliest = [moment for moment in (known, until) if moment is not None]
        self._older[conversation_id] = min(earliest, default=None)
        self.stirred.set()

    def want_media(self, bucket: str, path: str) -> None:
        """One file of storage. What was asked for last is fetched first."""
        self._media.pop((bucket, path), None)
        self._media[bucket, path] = None
        self.stirred.set()

    def take_older(self) -> tuple[ConversationId, datetime | None] | None:
        """The conversation that has waited longest for older messages, and how far back."""
        for conversation_id, until in self._older.items():
            del self._older[conversation_id]
            return conversation_id, until
        return None

    def take_media(self) -> tuple[str, str] | None:
        """The file asked for last."""
        if not self._media:
            return None
        return self._media.popitem()[0]

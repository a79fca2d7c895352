"""What bells told of: a pull that did not bring it is followed by another, soon."""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable
from time import monotonic

from console.domain.ids import MessageId
from console.store.store import Store

log = logging.getLogger(__name__)

# A bell and a pull go different ways. Realtime reads the database's log, and may ring before the
# commit is seen by others. It lets us into a channel before it reads at all, and what is said
# meanwhile is lost.
# Seconds after a bell until one looks again for what it named. What is not here after the last one
# was deleted, or is not ours to see any more.
AGAIN = (0.5, 2.0, 8.0)
AFTER_JOIN = 5.0  # seconds
MOST = 500  # messages that one waits for


class Told:
    """The messages that bells named and that are not in the store yet."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._since: dict[MessageId, float] = {}
        self._joined_at: float | None = None

    def bell(self, messages: Iterable[str]) -> None:
        """A bell named these messages."""
        now = monotonic()
        for id in messages:
            if len(self._since) < MOST:
                self._since.setdefault(MessageId(id), now)

    def joined(self) -> None:
        """A channel says that we are in."""
        self._joined_at = monotonic()

    def before_pull(self) -> list[MessageId]:
        """What the pull that begins now has to bring."""
        return list(self._since)

    async def after_pull(
        self, wanted: list[MessageId], deleted: Container[str] = ()
    ) -> float | None:
        """Seconds until one should look again; None where nothing is missed.

        Of what the pull said to be `deleted` nothing more will come.
        """
        missing = await self._store.feed.missing(wanted) if wanted else frozenset[MessageId]()
        now = monotonic()
        waits = []
        for id in wanted:
            age = now - self._since[id]
            wait = next((step - age for step in AGAIN if step > age), None)
            if id not in missing or id in deleted or wait is None:
                del self._since[id]
            else:
                waits.append(wait)
            if id in missing and id not in deleted and wait is None:
                log.info("a bell told of a message that no pull brought")
        if self._joined_at is not None:
            wait = self._joined_at + AFTER_JOIN - now
            if wait > 0:
                waits.append(wait)
            else:
                self._joined_at = None
        return min(waits, default=None)

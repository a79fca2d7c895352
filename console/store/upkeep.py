"""What the file needs now and then, done where nobody waits for it: not within a commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.store.database import Writing

REST = 0.2  # seconds after a write: what it changed is painted first
MOST_LOGGED = 1_000  # pages of the write-ahead log that are not in the file itself
# Pages of the index that are merged after words came, and one more for each text: the index
# writes each of its pages about eight times as it grows, and a text takes a tenth of one.
MERGED = 16


class Upkeep:
    """Merges the index of words bit by bit, and says when to empty the write-ahead log.

    SQLite would do both within a commit, and what that commit brought would be shown so much later.
    `begin` is called on the loop's thread; `on_logged`, `note` and `merge` belong to the writer's.
    """

    def __init__(self, begin: Callable[[], object]) -> None:
        self._loop = asyncio.get_running_loop()
        self._begin = begin
        self._timer: asyncio.TimerHandle | None = None
        self._texts = self._logged = 0
        self._closed = False

    def on_logged(self, _: object, __: str, pages: int) -> int:
        """A commit ends, and so many pages are in the log now: a hook of SQLite's."""
        self._logged = pages
        return 0  # all is well

    def note(self, texts: int) -> None:
        """A commit brought so many texts."""
        self._texts += texts
        if self._texts or self.is_log_long:
            self._loop.call_soon_threadsafe(self._wait)

    @property
    def is_log_long(self) -> bool:
        return self._logged >= MOST_LOGGED

    def merge(self, writing: Writing) -> None:
        """Some milliseconds of what is due, as a transaction by itself."""
        texts, self._texts = self._texts, 0
        if texts:
            writing.run("insert into texts (texts, rank) values ('merge', ?)", MERGED + texts)

    def close(self) -> None:
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()

    def _wait(self) -> None:
        if self._timer is None and not self._closed:
            self._timer = self._loop.call_later(REST, self._end_rest)

    def _end_rest(self) -> None:
        self._timer = None
        self._begin()

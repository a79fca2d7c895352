"""Files of the thread: read from the store, looked into off the loop, their previews kept."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage, QPixmap

from console.domain.content import MediaItem, MediaState
from console.ui.tasks import TaskScope
from console.ui.timeline.facts import Facts, facts_of

if TYPE_CHECKING:
    from console.store.store import Store

KEPT = 40 * 1024 * 1024  # bytes of pixels
# Bytes up to which a file is brought here to be looked into; a larger one only when it is opened.
AUTOMATIC = 5 * 1024 * 1024
AT_ONCE = 2  # files that are looked into


def key_of(item: MediaItem) -> str:
    """Names a file for the caches: its place in storage."""
    return item.path or ""


class Pictures(QObject):
    """Previews by file. `loaded` carries the key of one that became ready or was given up.

    Files without a preview are asked for here as well, so that their bubbles can say what failed.
    """

    loaded = Signal(str)

    def __init__(self, store: Store, tasks: TaskScope, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self._tasks = tasks
        self._ready: OrderedDict[str, QPixmap] = OrderedDict()
        self._bytes = 0  # of all that is ready
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._sizes: dict[str, QSize] = {}
        self._asked: dict[str, MediaItem] = {}
        self._broken: set[str] = set()
        self._facts: dict[str, Facts] = {}
        self._absent: set[str] = set()  # too large to be brought here unasked
        self._wanted: dict[str, MediaItem] = {}  # by key: asked for and not here yet
        self._problems: dict[str, str] = {}  # by key, of wanted ones: why the last try failed

    def preview(self, item: MediaItem) -> QPixmap | None:
        """The preview if it is ready; asks for it otherwise. Reads memory only."""
        key = key_of(item)
        found = self._ready.get(key)
        if found is not None:
            self._ready.move_to_end(key)
        elif key not in self._facts or key in self._sizes:
            self._ask(item)
        return found

    def facts(self, item: MediaItem) -> Facts | None:
        """What its bytes tell, once they are here; asks for them otherwise. Reads memory only."""
        found = self._facts.get(key_of(item))
        if found is None:
            self._ask(item)
        return found

    def is_absent(self, item: MediaItem) -> bool:
        """The file is not on this machine and is too large to be brought here unasked."""
        return key_of(item) in self._absent

    def is_coming(self, item: MediaItem) -> bool:
        """The file was asked for and has yet to arrive."""
        key = key_of(item)
        return key in self._wanted and key not in self._problems

    def size_of(self, item: MediaItem) -> QSize | None:
        """The preview's pixel size, once known; kept longer than the picture itself."""
        return self._sizes.get(key_of(item))

    def is_broken(self, item: MediaItem) -> bool:
        """The file is here and cannot be shown."""
        return key_of(item) in self._broken

    def problem_of(self, item: MediaItem) -> str | None:
        """Why the file could not be brought, in the store's words; None while it may still come."""
        return self._problems.get(key_of(item))

    def on_media(self, paths: frozenset[str]) -> None:
        """Files of the store changed: look for those that were waited for."""
        for path in paths:
            item = self._wanted.get(path)
            if item is not None:
                self._tasks.start(self._look_again(item))

    def want_again(self, item: MediaItem) -> None:
        """Have the file fetched, once more if that failed before."""
        key = key_of(item)
        if not key:
            return
        self._wanted[key] = item
        self._absent.discard(key)
        self.store.media.want(item.bucket, key)
        if self._problems.pop(key, None) is not None:
            self.loaded.emit(key)

    def on_line_back(self) -> None:
        """Whatever failed may have failed for the lack of a network."""
        for key in tuple(self._problems):
            self.want_again(self._wanted[key])

    async def read(self, item: MediaItem) -> bytes | None:
        """The file's bytes; None while it has to be fetched, which this asks for."""
        if not item.path:
            return None
        data = await self.store.media.read(item.bucket, item.path)
        if data is None and item.state is not MediaState.FAILED:
            self.want_again(item)
        return data

    def _ask(self, item: MediaItem) -> None:
        key = key_of(item)
        if key and key not in self._asked and key not in self._broken:
            self._asked[key] = item
            self._tasks.start(self._load(item))

    async def _load(self, item: MediaItem) -> None:
        key = key_of(item)
        data = await self.store.media.read(item.bucket, key)
        if data is not None:
            await self._show(key, data)
        elif item.state is MediaState.FAILED:
            return
        elif (item.size or 0) <= AUTOMATIC or item.content_type.startswith(("image/", "audio/")):
            self.want_again(item)
        else:
            self._absent.add(key)
            self.loaded.emit(key)

    async def _look_again(self, item: MediaItem) -> None:
        key = key_of(item)
        data = await self.store.media.read(item.bucket, key)
        if data is None:
            problem = await self.store.media.problem(item.bucket, key)
            if problem is not None and key in self._wanted:
                # Not asked for again by itself: it would fail and be announced for ever.
                self._problems[key] = problem
                self.loaded.emit(key)
            return
        self._wanted.pop(key, None)
        self._problems.pop(key, None)
        if key in self._asked:
            await self._show(key, data)
        else:
            self.loaded.emit(key)

    async def _show(self, key: str, data: bytes) -> None:
        item = self._asked[key]
        async with self._turn:
            facts, image = await facts_of(data, item.content_type, item.name or "")
        self._asked.pop(key, None)
        self._facts[key] = facts
        if image is not None:
            self._keep(key, image)
        elif not facts.readable:
            self._broken.add(key)
        self.loaded.emit(key)

    def _keep(self, key: str, image: QImage) -> None:
        self._sizes[key] = image.size()
        self._ready[key] = QPixmap.fromImage(image)
        self._bytes += image.sizeInBytes()
        while self._bytes > KEPT and len(self._ready) > 1:
            gone = self._ready.popitem(last=False)[1]
            self._bytes -= gone.width() * gone.height() * 4

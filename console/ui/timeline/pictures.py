"""Pictures of the thread: read from the store, decoded off the loop, kept while they are shown."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from console.domain.content import MediaItem, MediaState
from console.ui.tasks import TaskScope

if TYPE_CHECKING:
    from console.store.store import Store

LARGEST = 640  # px: the longer side of a preview, enough for double density
MOST_PIXELS = 80_000_000  # a larger picture is a bomb or a poster: no preview
FORMATS = frozenset({b"jpeg", b"jpg", b"png", b"webp", b"gif", b"bmp"})  # never SVG
KEPT = 160


def decode(data: bytes, longest: int | None = LARGEST) -> QImage | None:
    """The first frame, turned as its EXIF says, scaled down to `longest`; None if unreadable.

    Runs on a worker thread. Only the formats above are tried, whatever the data claims to be.
    """
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    if bytes(reader.format().data()).lower() not in FORMATS:
        return None
    size = reader.size()
    if size.isValid():
        if size.width() * size.height() > MOST_PIXELS:
            return None
        if longest and max(size.width(), size.height()) > longest:
            reader.setScaledSize(
                size.scaled(QSize(longest, longest), Qt.AspectRatioMode.KeepAspectRatio)
            )
    image = reader.read()
    return None if image.isNull() else image


def key_of(item: MediaItem) -> str:
    """Names a file for the caches: its place in storage."""
    return item.path or ""


class Pictures(QObject):
    """Previews by file. `loaded` carries the key of one that became ready or was given up.

    Files without a preview are asked for here as well, so that their bubbles can say what failed.
    """

    loaded = Signal(str)

    def __init__(self, store: Store, tasks: TaskScope) -> None:
        super().__init__()
        self._store = store
        self._tasks = tasks
        self._ready: OrderedDict[str, QPixmap] = OrderedDict()
        self._sizes: dict[str, QSize] = {}
        self._asked: dict[str, MediaItem] = {}
        self._broken: set[str] = set()
        self._wanted: dict[str, MediaItem] = {}  # by key: asked for and not here yet
        self._problems: dict[str, str] = {}  # by key, of wanted ones: why the last try failed

    def preview(self, item: MediaItem) -> QPixmap | None:
        """The preview if it is ready; asks for it otherwise. Reads memory only."""
        key = key_of(item)
        found = self._ready.get(key)
        if found is not None:
            self._ready.move_to_end(key)
        elif key and key not in self._asked and key not in self._broken:
            self._asked[key] = item
            self._tasks.start(self._load(item))
        return found

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
        self._store.media.want(item.bucket, key)
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
        data = await self._store.media.read(item.bucket, item.path)
        if data is None and item.state is not MediaState.FAILED:
            self.want_again(item)
        return data

    async def _load(self, item: MediaItem) -> None:
        data = await self.read(item)
        if data is not None:
            await self._show(key_of(item), data)

    async def _look_again(self, item: MediaItem) -> None:
        key = key_of(item)
        data = await self._store.media.read(item.bucket, key)
        if data is None:
            problem = await self._store.media.problem(item.bucket, key)
            if problem is not None and key in self._wanted:
                # Not asked for again by itself: it would fail and be announced for ever.
                self._problems[key] = problem
                self.loaded.emit(key)
            return
        self._wanted.pop(key, None)
        told = self._problems.pop(key, None)
        if key in self._asked:
            await self._show(key, data)
        elif told is not None:
            self.loaded.emit(key)

    async def _show(self, key: str, data: bytes) -> None:
        image = await asyncio.to_thread(decode, data)
        self._asked.pop(key, None)
        if image is None:
            self._broken.add(key)
        else:
            self._sizes[key] = image.size()
            self._ready[key] = QPixmap.fromImage(image)
            while len(self._ready) > KEPT:
                self._ready.popitem(last=False)
        self.loaded.emit(key)

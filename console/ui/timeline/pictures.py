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
    """Previews by file. `loaded` carries the key of one that became ready or was given up."""

    loaded = Signal(str)

    def __init__(self, store: Store, tasks: TaskScope) -> None:
        super().__init__()
        self._store = store
        self._tasks = tasks
        self._ready: OrderedDict[str, QPixmap] = OrderedDict()
        self._sizes: dict[str, QSize] = {}
        self._asked: dict[str, MediaItem] = {}
        self._broken: set[str] = set()

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

    def on_media(self, paths: frozenset[str]) -> None:
        """Files that arrived in the store: read those that were waited for."""
        for path in paths:
            item = self._asked.get(path)
            if item is not None:
                self._tasks.start(self._load(item))

    async def read(self, item: MediaItem) -> bytes | None:
        """The file's bytes; None while it has to be fetched."""
        if not item.path:
            return None
        data = await self._store.media.read(item.bucket, item.path)
        if data is None and item.state is not MediaState.FAILED:
            self._store.media.want(item.bucket, item.path)
        return data

    async def _load(self, item: MediaItem) -> None:
        key = key_of(item)
        data = await self.read(item)
        if data is None:
            return
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

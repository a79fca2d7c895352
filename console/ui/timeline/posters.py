"""The first picture of a video and how long it is; decoded by the player's own threads."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QMediaMetaData, QMediaPlayer, QVideoFrame, QVideoSink

from console.ui import multimedia

LARGEST = 640  # px of the longer side
MOST_PIXELS = 3840 * 2400  # of a frame
PATIENCE = 6.0  # seconds


@dataclass(frozen=True, slots=True)
class Poster:
    """`seconds` is 0 and `image` None where they are not known."""

    seconds: float
    image: QImage | None


async def poster_of(data: bytes) -> Poster | None:
    """None when nothing of it can be decoded, or not in time."""
    seen: asyncio.Future[Poster | None] = asyncio.get_running_loop().create_future()
    looker = _Looker(data)

    def finish(poster: Poster | None) -> None:
        if not seen.done():
            seen.set_result(poster)

    looker.finished.connect(finish)
    try:
        looker.begin()
        return await asyncio.wait_for(seen, PATIENCE)
    except TimeoutError:
        return None
    finally:
        looker.end()


class _Looker(QObject):
    """A player without sound that stops at its first frame."""

    finished = Signal(object)

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._player = multimedia.prepared(QMediaPlayer(self))
        self._sink = multimedia.prepared(QVideoSink(self))
        self._source = QBuffer(self._player)  # its child, and so gone after it
        self._source.setData(QByteArray(data))
        self._source.open(QIODevice.OpenModeFlag.ReadOnly)
        self._player.setVideoSink(self._sink)
        self._player.mediaStatusChanged.connect(self._on_status)
        self._player.errorOccurred.connect(lambda: self.finished.emit(None))
        self._sink.videoFrameChanged.connect(self._on_frame)

    def begin(self) -> None:
        self._player.setSourceDevice(self._source)

    def end(self) -> None:
        """Leave nothing running."""
        multimedia.call(self._player, "stop")
        self.deleteLater()

    def _on_status(self, status: QMediaPlayer.MediaStatus) -> None:
        if status is QMediaPlayer.MediaStatus.InvalidMedia:
            self.finished.emit(None)
        elif status is QMediaPlayer.MediaStatus.LoadedMedia:
            size = self._player.metaData().value(QMediaMetaData.Key.Resolution)
            known = isinstance(size, QSize)
            if not self._player.hasVideo() or (
                known and size.width() * size.height() > MOST_PIXELS
            ):
                self.finished.emit(Poster(self._player.duration() / 1000, None))
            else:
                multimedia.call(self._player, "pause")  # which shows the first frame

    def _on_frame(self, frame: QVideoFrame) -> None:
        if not frame.isValid():
            return
        image = frame.toImage()
        if not image.isNull():
            if max(image.width(), image.height()) > LARGEST:
                image = image.scaled(
                    QSize(LARGEST, LARGEST),
                    Qt.AspectRatioMode.KeepAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            self.finished.emit(Poster(self._player.duration() / 1000, image))

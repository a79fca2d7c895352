"""A video in the viewer: its frames as pictures, and the strip that stops it and moves it."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt, QUrl, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer, QVideoFrame, QVideoSink
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.ui import multimedia
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.times import length
from console.ui.widgets.buttons import IconButton
from console.ui.widgets.labels import label

LEAP = 5_000  # ms


class Track(QWidget):
    """How far it has come; a click or a drag goes there."""

    sought = Signal(float)  # 0..1

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._part = 0.0
        self.setFixedHeight(24)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(translate("viewer", "Position"))

    def show_part(self, part: float) -> None:
        self._part = part
        self.update()

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            middle, wide = self.height() / 2, float(self.width() - 12)
            painter.setBrush(self._theme.color("line"))
            painter.drawRoundedRect(QRectF(6, middle - 2, wide, 4), 2, 2)
            painter.setBrush(self._theme.color("accent"))
            painter.drawRoundedRect(QRectF(6, middle - 2, wide * self._part, 4), 2, 2)
            painter.drawEllipse(QRectF(wide * self._part, middle - 6, 12, 12))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._seek(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event)

    def _seek(self, event: QMouseEvent) -> None:
        part = (event.position().x() - 6) / max(1, self.width() - 12)
        self.sought.emit(min(1.0, max(0.0, part)))


class Film(QWidget):
    """Plays one video at a time; `frame` carries its pictures, the flag is set for the first."""

    frame = Signal(QImage, bool)
    failed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._player: QMediaPlayer | None = None
        self._buffer = QBuffer()
        self._is_first = True
        self.button = IconButton(theme, "play", translate("viewer", "Play or pause (Space)"))
        self.track = Track(theme)
        self.time = label("0:00", "small", "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 6, 16, 6)
        layout.setSpacing(8)
        layout.addWidget(self.button)
        layout.addWidget(self.track, 1)
        layout.addWidget(self.time)
        self.button.clicked.connect(self.toggle)
        self.track.sought.connect(self._on_sought)
        self.hide()

    def play(self, data: bytes) -> None:
        """Play a video's bytes from the start."""
        player = self._ready()
        self.stop()
        self._buffer.setData(QByteArray(data))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._is_first = True
        player.setSourceDevice(self._buffer)
        multimedia.call(player, "play")
        self.show()

    def stop(self) -> None:
        """Nothing plays and nothing is loaded."""
        if self._player is not None:
            multimedia.call(self._player, "stop")
            self._player.setSource(QUrl())
        self._buffer.close()
        self.hide()

    def toggle(self) -> None:
        player = self._player
        if player is not None and player.isPlaying():
            multimedia.call(player, "pause")
        elif player is not None:
            multimedia.call(player, "play")

    def leap(self, step: int) -> None:
        """A few seconds on (1) or back (-1)."""
        if self._player is not None:
            place = self._player.position() + step * LEAP
            multimedia.seek(self._player, min(self._player.duration(), max(0, place)))

    def _ready(self) -> QMediaPlayer:
        if self._player is None:
            self._player = multimedia.prepared(QMediaPlayer(self))
            # Its child, and so gone after it: its threads read until it is.
            self._buffer.setParent(self._player)
            self._player.setAudioOutput(multimedia.prepared(QAudioOutput(self)))
            sink = multimedia.prepared(QVideoSink(self))
            self._player.setVideoSink(sink)
            sink.videoFrameChanged.connect(self._on_frame)
            self._player.positionChanged.connect(self._on_moved)
            self._player.durationChanged.connect(self._on_moved)
            self._player.playbackStateChanged.connect(self._on_state)
            self._player.errorOccurred.connect(lambda: self.failed.emit())
        return self._player

    def _on_frame(self, frame: QVideoFrame) -> None:
        image = frame.toImage() if frame.isValid() else QImage()
        if not image.isNull():
            self.frame.emit(image, self._is_first)
            self._is_first = False

    def _on_moved(self) -> None:
        player = self._player
        if player is not None and player.duration() > 0:
            self.track.show_part(player.position() / player.duration())
            self.time.setText(
                f"{length(player.position() / 1000)} / {length(player.duration() / 1000)}"
            )

    def _on_state(self) -> None:
        playing = self._player is not None and self._player.isPlaying()
        self.button.show_icon("pause" if playing else "play")

    def _on_sought(self, part: float) -> None:
        if self._player is not None:
            multimedia.seek(self._player, round(part * self._player.duration()))

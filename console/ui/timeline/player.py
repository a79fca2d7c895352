"""Plays one voice note at a time."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QUrl, Signal
from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer


class Player(QObject):
    """`changed` carries the key of the note whose state or position changed."""

    changed = Signal(str)
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.key = ""
        self._player: QMediaPlayer | None = None
        self._output: QAudioOutput | None = None
        self._buffer = QBuffer(self)

    def position(self, key: str) -> float:
        """Seconds played of `key`."""
        player = self._player
        return player.position() / 1000 if player is not None and key == self.key else 0.0

    def length(self, key: str) -> float:
        """Seconds in all; 0 while unknown."""
        player = self._player
        return player.duration() / 1000 if player is not None and key == self.key else 0.0

    def is_playing(self, key: str) -> bool:
        player = self._player
        return bool(key == self.key and player is not None and player.isPlaying())

    def toggle(self, key: str) -> bool:
        """Pause or go on with `key`; False when it is not loaded and `play` must bring it."""
        if key != self.key or self._player is None:
            return False
        if self._player.isPlaying():
            self._player.pause()
        else:
            self._player.play()
        return True

    def play(self, key: str, data: bytes) -> None:
        """Play a recording's bytes from the start, instead of whatever plays."""
        player = self._ready()
        previous, self.key = self.key, key
        player.stop()
        player.setSource(QUrl())
        self._buffer.close()
        self._buffer.setData(QByteArray(data))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        player.setSourceDevice(self._buffer)
        player.play()
        self.changed.emit(previous)
        self.changed.emit(key)

    def stop(self) -> None:
        """Silence; for leaving the thread."""
        if self._player is not None and self.key:
            self._player.stop()

    def _ready(self) -> QMediaPlayer:
        # Made on first use: opening the sound system takes a moment and not everyone has one.
        if self._player is None:
            self._output = QAudioOutput(self)
            self._player = QMediaPlayer(self)
            self._player.setAudioOutput(self._output)
            self._player.positionChanged.connect(self._on_changed)
            self._player.durationChanged.connect(self._on_changed)
            self._player.playbackStateChanged.connect(self._on_changed)
            self._player.errorOccurred.connect(self._on_error)
        return self._player

    def _on_changed(self) -> None:
        self.changed.emit(self.key)

    def _on_error(self) -> None:
        self.failed.emit(self.key)

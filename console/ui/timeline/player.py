"""Plays one recording at a time, at the speed of one's choice and in its own pitch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QUrl, Signal

from console.ui import multimedia

if TYPE_CHECKING:  # loaded with the first recording that is played
    from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer

RATES = (1.0, 1.5, 2.0)


class Player(QObject):
    """`changed` carries the key of the recording whose state or position changed.

    `rate` holds for every recording until it is changed.
    """

    changed = Signal(str)
    failed = Signal(str)
    ended = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.key = ""
        self.rate = RATES[0]
        self._start: float | None = None  # the part of it to begin at, once one can move in it
        self._is_ready = False  # its length is known earlier: to move in it then does nothing
        self._player: QMediaPlayer | None = None
        self._output: QAudioOutput | None = None
        self._buffer = QBuffer()

    def position(self, key: str) -> float:
        """Seconds played of `key`."""
        player = self._player
        if player is None or key != self.key:
            return 0.0
        if self._start is not None:
            return self._start * self.length(key)
        ended = player.mediaStatus() is player.MediaStatus.EndOfMedia
        return 0.0 if ended else player.position() / 1000

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
            multimedia.call(self._player, "pause")
        else:
            multimedia.call(self._player, "play")
        return True

    def play(self, key: str, data: bytes, at: float = 0.0) -> None:
        """Play a recording's bytes from the part `at` (0..1), instead of whatever plays."""
        player = self._ready()
        previous, self.key = self.key, key
        multimedia.call(player, "stop")
        player.setSource(QUrl())
        self._buffer.close()
        self._buffer.setData(QByteArray(data))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._start, self._is_ready = at or None, False
        player.setSourceDevice(self._buffer)
        multimedia.set_rate(player, self.rate)
        multimedia.call(player, "play")
        self.changed.emit(previous)
        self.changed.emit(key)

    def seek(self, key: str, part: float) -> bool:
        """Go to a part (0..1) of `key`; False when it is not loaded."""
        if key != self.key or self._player is None:
            return False
        if self._is_ready:
            multimedia.seek(self._player, round(part * self._player.duration()))
            if self._player.playbackState() is self._player.PlaybackState.StoppedState:
                multimedia.call(self._player, "play")
        else:
            self._start = part
        self.changed.emit(key)
        return True

    def next_rate(self) -> None:
        """1, 1.5, 2, and 1 again."""
        self.rate = RATES[(RATES.index(self.rate) + 1) % len(RATES)]
        if self._player is not None:
            multimedia.set_rate(self._player, self.rate)
        self.changed.emit(self.key)

    def stop(self) -> None:
        """Silence; for leaving the thread."""
        if self._player is not None and self.key:
            multimedia.call(self._player, "stop")

    def _ready(self) -> QMediaPlayer:
        # Made on first use: opening the sound system takes a moment and not everyone has one.
        if self._player is None:
            from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer

            self._output = multimedia.prepared(QAudioOutput(self))
            self._player = multimedia.prepared(QMediaPlayer(self))
            # Its child, and so gone after it: its threads read until it is.
            self._buffer.setParent(self._player)
            self._player.setAudioOutput(self._output)
            if (
                self._player.pitchCompensationAvailability()
                is QMediaPlayer.PitchCompensationAvailability.Available
            ):
                self._player.setPitchCompensation(True)
            self._player.positionChanged.connect(self._on_changed)
            self._player.durationChanged.connect(self._on_changed)
            self._player.playbackStateChanged.connect(self._on_changed)
            self._player.mediaStatusChanged.connect(self._on_status)
            self._player.errorOccurred.connect(self._on_error)
        return self._player

    def _on_changed(self) -> None:
        self.changed.emit(self.key)

    def _on_status(self, status: QMediaPlayer.MediaStatus) -> None:
        player = self._player
        if player is None:
            return
        if status is player.MediaStatus.BufferedMedia:
            self._is_ready = True
            if self._start is not None:
                start, self._start = self._start, None
                multimedia.seek(player, round(start * player.duration()))
                self.changed.emit(self.key)
        if status is player.MediaStatus.EndOfMedia:
            self.changed.emit(self.key)
            self.ended.emit(self.key)

    def _on_error(self) -> None:
        self.failed.emit(self.key)

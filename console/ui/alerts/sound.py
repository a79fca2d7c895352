"""The sound of an alert; silent where there is no device to play it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QUrl

from console.resources import RESOURCES
from console.ui import multimedia

FILE = RESOURCES / "sounds" / "alert.wav"
VOLUME = 0.6


class Chime(QObject):
    """Made when it is first needed: the system's audio takes its time to load."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._effect: QObject | None = None
        self.played = 0

    def play(self) -> None:
        """Once, and not again while it sounds."""
        from PySide6.QtMultimedia import QMediaDevices, QSoundEffect

        self.played += 1
        if QMediaDevices.defaultAudioOutput().isNull():
            return
        if not isinstance(self._effect, QSoundEffect):
            self._effect = QSoundEffect(self)
            self._effect.setSource(QUrl.fromLocalFile(str(FILE)))
            self._effect.setVolume(VOLUME)
        if not self._effect.isPlaying():
            multimedia.call(self._effect, "play")

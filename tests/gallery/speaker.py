"""A microphone without a device: it hears what a test or a scene says."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from console.ui.composer.bench.sound import pcm_format

PIECE = 4800  # bytes: 100 ms


class Speaker(QObject):
    """Stands in for `Microphone`."""

    heard = Signal(bytes)
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.form = pcm_format()
        self.is_on = False

    def start(self) -> None:
        self.is_on = True

    def stop(self) -> None:
        self.is_on = False

    def say(self, pcm: bytes) -> None:
        """Hand over sound as a device does, a tenth of a second at a time."""
        for at in range(0, len(pcm), PIECE):
            if self.is_on:
                self.heard.emit(pcm[at : at + PIECE])

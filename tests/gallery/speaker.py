"""A microphone without a device: it hears what a test or a scene says."""

from __future__ import annotations

from console.ui.composer.voice import Source

PIECE = 4800  # bytes: 100 ms


class Speaker(Source):
    """Stands in for `Microphone`."""

    def __init__(self) -> None:
        super().__init__()
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

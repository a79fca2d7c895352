"""What a recording looks like: its loudness over time, decoded on a thread of its own."""

from __future__ import annotations

import asyncio
from array import array
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QThread, Signal, Slot
from PySide6.QtMultimedia import QAudioDecoder, QAudioFormat

from console.ui import multimedia

RATE = 8_000  # samples a second: enough for loudness
BLOCK = 160  # samples: 20 ms
BARS = 64
LONGEST = 90_000  # blocks: half an hour; what follows is not looked at
PATIENCE = 12.0  # seconds
LEAST = 0.1  # of a bar's height, so that silence is still a line
FLOOR = 0.75  # of the quietest part's loudness: what lies below tells nothing


@dataclass(frozen=True, slots=True)
class Sound:
    """`seconds` in all, and the loudness of `BARS` equal parts, each LEAST..1."""

    seconds: float
    peaks: tuple[float, ...]


async def sound_of(data: bytes) -> Sound | None:
    """Listen to a whole recording; None when nothing of it can be decoded, or not in time."""
    loop = asyncio.get_running_loop()
    heard: asyncio.Future[array[int]] = loop.create_future()

    def finish(blocks: array[int]) -> None:
        if not heard.done():
            heard.set_result(blocks)

    thread, listener = QThread(), _Listener(data)
    listener.moveToThread(thread)
    # The listener speaks on its own thread.
    listener.finished.connect(lambda blocks: loop.call_soon_threadsafe(finish, blocks))
    thread.started.connect(listener.begin)
    thread.start()
    try:
        blocks = await asyncio.wait_for(heard, PATIENCE)
    except TimeoutError:
        return None
    finally:
        thread.quit()
        thread.wait(2_000)
    if not blocks:
        return None
    return Sound(len(blocks) * BLOCK / RATE, bars(blocks, BARS))


def bars(blocks: array[int], count: int) -> tuple[float, ...]:
    """The loudness of `count` equal parts, from the quietest to the loudest of them."""
    parts = []
    for place in range(count):
        start = place * len(blocks) // count
        part = blocks[start : max(start + 1, (place + 1) * len(blocks) // count)]
        parts.append(sum(part) / len(part))
    loudest = max(parts) or 1.0
    floor = min(parts) * FLOOR
    span = max(1.0, loudest - floor)
    return tuple(LEAST + (1 - LEAST) * max(0.0, (part - floor) / span) for part in parts)


class _Listener(QObject):
    """Lives on a thread with an event loop; says `finished` once, with what it heard so far."""

    finished = Signal(object)

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = data
        self._blocks = array("i")
        self._rest = array("h")
        self._decoder: QAudioDecoder | None = None

    @Slot()
    def begin(self) -> None:
        wanted = QAudioFormat()
        wanted.setSampleRate(RATE)
        wanted.setChannelCount(1)
        wanted.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        decoder = self._decoder = multimedia.prepared(QAudioDecoder(self))
        source = QBuffer(decoder)
        source.setData(QByteArray(self._data))
        source.open(QIODevice.OpenModeFlag.ReadOnly)
        decoder.setAudioFormat(wanted)
        decoder.setSourceDevice(source)
        decoder.bufferReady.connect(self._on_ready)
        decoder.finished.connect(self._finish)
        decoder.error.connect(self._finish)
        multimedia.call(decoder, "start")

    @Slot()
    def _on_ready(self) -> None:
        if self._decoder is None:
            return
        heard = self._decoder.read()
        if heard.isValid():
            self._rest.frombytes(bytes(heard.constData()))
        whole = len(self._rest) - len(self._rest) % BLOCK
        for start in range(0, whole, BLOCK):
            block = self._rest[start : start + BLOCK]
            self._blocks.append(max(max(block), -min(block)))
        del self._rest[:whole]
        if len(self._blocks) >= LONGEST:
            self._finish()

    @Slot()
    def _finish(self) -> None:
        decoder, self._decoder = self._decoder, None
        if decoder is not None:
            multimedia.call(decoder, "stop")
            decoder.deleteLater()
            self.finished.emit(self._blocks)

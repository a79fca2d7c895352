"""What a recording looks like: its loudness over time, decoded on a thread of its own."""

from __future__ import annotations

import asyncio
import atexit
from array import array
from dataclasses import dataclass
from functools import partial

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

_listening: set[_Listener] = set()


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

    listener = _Listener(data)
    # The listener speaks on its own thread.
    listener.finished.connect(lambda blocks: loop.call_soon_threadsafe(finish, blocks))
    listener.start()
    try:
        blocks = await asyncio.wait_for(heard, PATIENCE)
    except TimeoutError:
        return None
    finally:
        listener.given_up.emit()
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
    """Lives on a thread with an event loop; says `finished` once, with what it heard so far.

    Nobody waits for the thread: opening a strange file may take it long. It and what lives on it
    are kept until it has ended, and with `given_up` it ends as soon as it can.
    """

    finished = Signal(object)
    given_up = Signal()

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._thread = QThread()
        self.moveToThread(self._thread)
        self._thread.started.connect(self.begin)
        self._thread.finished.connect(partial(_on_ended, self))
        self._thread.finished.connect(self._thread.deleteLater)
        self.given_up.connect(self._finish)
        self._data = data
        self._blocks = array("i")
        self._rest = array("h")
        self._decoder: QAudioDecoder | None = None

    def start(self) -> None:
        """Begin, on the thread."""
        _listening.add(self)
        self._thread.start()

    def wait(self) -> None:
        """Return when the thread has ended, and with it all that was deleted there."""
        self._thread.wait()  # lets go of Python's lock, which the thread may want

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
        self._thread.quit()


def _on_ended(listener: _Listener) -> None:
    listener.wait()
    _listening.discard(listener)


@atexit.register
def _leave() -> None:
    """Qt ends the program where a thread is destroyed that runs."""
    for listener in tuple(_listening):
        listener.given_up.emit()
        listener.wait()

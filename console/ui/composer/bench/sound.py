"""Sound made into what WhatsApp takes: AAC in an MP4, by the codecs that came with Qt.

WhatsApp's own voice notes are Opus in Ogg, which the FFmpeg in Qt's wheels cannot write (it is
built without libopus). PyAV could, at 36 MB a system; AAC costs nothing and WhatsApp plays it.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice

from console.domain.errors import ExpectedError
from console.ui import multimedia
from console.ui.language import translate

if TYPE_CHECKING:  # the sound system is loaded once there is something to hear: 5 MB
    from PySide6.QtMultimedia import QAudioFormat, QMediaCaptureSession, QMediaRecorder

RATE = 24_000  # Hz; speech needs no more
BIT_RATE = 48_000
WIDTH = 2  # bytes a sample
PIECE = 200_000  # microseconds of sound handed over at once
TYPE = "audio/mp4"
RAW = "audio/wav"  # as it was heard; no network takes it
PATIENCE = 20.0  # seconds without any progress

_ending: set[QMediaCaptureSession] = set()


def pcm_format() -> QAudioFormat:
    """What speech is kept in while it is worked on: mono, 16 bits."""
    from PySide6.QtMultimedia import QAudioFormat

    form = QAudioFormat()
    form.setSampleRate(RATE)
    form.setChannelCount(1)
    form.setSampleFormat(QAudioFormat.SampleFormat.Int16)
    return form


def seconds(pcm: bytes, form: QAudioFormat | None = None) -> float:
    """How long sound of `form` (`pcm_format` where none is given) is."""
    return (form or pcm_format()).durationForBytes(len(pcm)) / 1_000_000


def raw(pcm: bytes, form: QAudioFormat) -> bytes:
    """Sound of `form` as a WAV file, which needs no codec: what is kept where there is none."""
    from PySide6.QtMultimedia import QAudioFormat

    code = 3 if form.sampleFormat() is QAudioFormat.SampleFormat.Float else 1
    channels, rate, frame = form.channelCount(), form.sampleRate(), form.bytesPerFrame()
    bits = form.bytesPerSample() * 8
    layout = struct.pack("<HHIIHH", code, channels, rate, rate * frame, frame, bits)
    head = b"WAVEfmt " + struct.pack("<I", len(layout)) + layout + b"data"
    length = struct.pack("<I", len(pcm))
    return b"RIFF" + struct.pack("<I", len(head) + 4 + len(pcm)) + head + length + pcm


async def encoded(
    pcm: bytes,
    told: Callable[[float], object] | None = None,
    form: QAudioFormat | None = None,
) -> bytes:
    """Sound of `form` (or `pcm_format`) as an M4A file. `told` hears how far it is, 0..1.

    The codec works on Qt's own threads. Raises ExpectedError where it cannot.
    """
    # Into memory: a voice never lies in the clear on a disk.
    place = QBuffer()
    place.open(QIODevice.OpenModeFlag.ReadWrite)
    await _record(pcm, form or pcm_format(), place, told or (lambda _: None))
    data = bytes(place.data().data())
    # FFmpeg names the family ("isom"); who looks only there would take it for a video.
    return data[:8] + b"M4A " + data[12:] if data[4:8] == b"ftyp" else data


async def _record(
    pcm: bytes, form: QAudioFormat, place: QBuffer, told: Callable[[float], object]
) -> None:
    from PySide6.QtMultimedia import (
        QAudioBuffer,
        QAudioBufferInput,
        QMediaCaptureSession,
        QMediaFormat,
        QMediaRecorder,
    )

    step = form.bytesForDuration(PIECE)
    session = multimedia.prepared(QMediaCaptureSession())
    source = multimedia.prepared(QAudioBufferInput(form, session))
    recorder = multimedia.prepared(QMediaRecorder(session))
    place.setParent(session)
    session.setAudioBufferInput(source)
    session.setRecorder(recorder)
    wanted = QMediaFormat(QMediaFormat.FileFormat.Mpeg4Audio)
    wanted.setAudioCodec(QMediaFormat.AudioCodec.AAC)
    recorder.setMediaFormat(wanted)
    recorder.setEncodingMode(QMediaRecorder.EncodingMode.AverageBitRateEncoding)
    recorder.setAudioBitRate(BIT_RATE)
    recorder.setAudioSampleRate(RATE)
    recorder.setAudioChannelCount(1)
    recorder.setOutputDevice(place)
    recorder.setAutoStop(True)
    stepped, done = asyncio.Event(), asyncio.Event()
    at, problem = 0, ""

    def feed() -> None:
        nonlocal at
        stepped.set()
        while at < len(pcm):
            piece = QByteArray(pcm[at : at + step])
            if not source.sendAudioBuffer(QAudioBuffer(piece, form, form.durationForBytes(at))):
                return
            at += step
            told(min(1.0, at / len(pcm)))
        source.sendAudioBuffer(QAudioBuffer())  # an empty one ends it

    def on_state(state: QMediaRecorder.RecorderState) -> None:
        if state is QMediaRecorder.RecorderState.StoppedState:
            done.set()

    def on_error(_error: QMediaRecorder.Error, words: str) -> None:
        nonlocal problem
        problem = words or "error"
        done.set()

    source.readyToSendAudioBuffer.connect(feed)
    recorder.recorderStateChanged.connect(on_state)
    recorder.errorOccurred.connect(on_error)
    try:
        multimedia.call(recorder, "record")
        ended = await _until(done, stepped)
    finally:
        source.readyToSendAudioBuffer.disconnect(feed)
        recorder.recorderStateChanged.disconnect(on_state)
        recorder.errorOccurred.disconnect(on_error)
        multimedia.call(recorder, "stop")
        _end(session, recorder)
    if problem or not ended:
        raise _cannot(problem, _again())


def _end(session: QMediaCaptureSession, recorder: QMediaRecorder) -> None:
    """Let all of it go once the codec's threads have: they write until the recorder has stopped."""
    from PySide6.QtMultimedia import QMediaRecorder

    stopped = QMediaRecorder.RecorderState.StoppedState
    _ending.add(session)
    session.destroyed.connect(lambda: _ending.discard(session))
    if recorder.recorderState() is stopped:
        session.deleteLater()
        return
    recorder.recorderStateChanged.connect(
        lambda state: session.deleteLater() if state is stopped else None
    )


async def decoded(
    data: bytes, most_seconds: float, told: Callable[[float], object] | None = None
) -> bytes:
    """A sound file of any kind that Qt reads, as `pcm_format`. Raises ExpectedError."""
    from PySide6.QtMultimedia import QAudioDecoder

    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    decoder = multimedia.prepared(QAudioDecoder())
    decoder.setAudioFormat(pcm_format())
    decoder.setSourceDevice(buffer)
    stepped, done = asyncio.Event(), asyncio.Event()
    pieces: list[bytes] = []
    length, problem = 0, ""

    def on_ready() -> None:
        nonlocal length, problem
        stepped.set()
        while decoder.bufferAvailable():
            piece = decoder.read()
            pieces.append(bytes(piece.constData())[: piece.byteCount()])
            length += len(pieces[-1])
        if told is not None and decoder.duration() > 0:
            told(min(1.0, decoder.position() / decoder.duration()))
        if length > most_seconds * RATE * WIDTH:
            problem = translate("voice", "It is too long.")
            done.set()

    def on_error(_error: QAudioDecoder.Error) -> None:
        nonlocal problem
        problem = decoder.errorString() or "error"
        done.set()

    decoder.bufferReady.connect(on_ready)
    decoder.finished.connect(done.set)
    # Two signals and a property share the name in PySide: the signal is asked for by its type.
    decoder.error.connect(on_error)
    try:
        multimedia.call(decoder, "start")
        ended = await _until(done, stepped)
    finally:
        multimedia.call(decoder, "stop")
    if not ended:
        raise _cannot(problem, _again())
    if problem or not pieces:
        raise _cannot(problem, translate("voice", "Send it as MP3, M4A or OGG."))
    return b"".join(pieces)


async def _until(done: asyncio.Event, stepped: asyncio.Event) -> bool:
    """Wait for the end as long as there is progress; False where there was none any more."""
    async for _ in _steps(stepped, done):
        if done.is_set():
            return True
    return False


async def _steps(stepped: asyncio.Event, done: asyncio.Event) -> AsyncIterator[None]:
    while True:
        stepped.clear()
        waits = {asyncio.ensure_future(stepped.wait()), asyncio.ensure_future(done.wait())}
        try:
            ended, _ = await asyncio.wait(
                waits, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for wait in waits:
                wait.cancel()
        if not ended:
            return
        yield


def _again() -> str:
    return translate("voice", "It stays here: try again.")


def _cannot(words: str, fix: str) -> ExpectedError:
    return ExpectedError(translate("voice", "This sound cannot be converted"), words, fix=fix)

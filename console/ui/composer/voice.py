"""A voice note: the microphone, how loud it is, and the sound as it is kept until it is sent."""

from __future__ import annotations

from array import array
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QIODevice, QMicrophonePermission, QObject, Qt, Signal

from console.ui.composer.bench.sound import pcm_format
from console.ui.language import translate

if TYPE_CHECKING:  # loaded once somebody speaks
    from PySide6.QtMultimedia import QAudioFormat, QAudioSource

LONGEST = 15 * 60.0  # seconds: 5 MB as it is sent
SHORTEST = 0.5  # seconds; less was a slip of the finger
# Of QAudioFormat.SampleFormat: how `array` calls it, its largest sample, and silence.
_CODES = {
    "Int16": ("h", 32_768.0, 0.0),
    "Int32": ("i", 2_147_483_648.0, 0.0),
    "Float": ("f", 1.0, 0.0),
    "UInt8": ("B", 128.0, 128.0),
}


class Source(QObject):
    """Where sound comes from. `heard` carries raw samples of `form`, `failed` a sentence."""

    heard = Signal(bytes)
    failed = Signal(str)

    @cached_property
    def form(self) -> QAudioFormat:
        """What it would like to give; what it gives, once it has started."""
        return pcm_format()

    def start(self) -> None:
        """Listen from now on."""
        raise NotImplementedError

    def stop(self) -> None:
        """Listen no more."""
        raise NotImplementedError


class Microphone(Source):
    """The system's own, asked for permission where the system wants that."""

    def __init__(self) -> None:
        super().__init__()
        self._source: QAudioSource | None = None
        self._device: QIODevice | None = None
        self._is_wanted = False

    def start(self) -> None:
        """Listen; the answer of a system that asks first may take a while."""
        self._is_wanted = True
        application = QCoreApplication.instance()
        permission = QMicrophonePermission()
        if application is None:
            return
        match application.checkPermission(permission):
            case Qt.PermissionStatus.Granted:
                self._listen()
            case Qt.PermissionStatus.Denied:
                self._refuse()
            case _:
                application.requestPermission(permission, self, self._on_answer)

    def stop(self) -> None:
        self._is_wanted = False
        if self._source is not None:
            self._source.stop()
            self._source.deleteLater()
        self._source = self._device = None

    def _on_answer(self, permission: QMicrophonePermission) -> None:
        application = QCoreApplication.instance()
        if application is None or not self._is_wanted:
            return
        if application.checkPermission(permission) is Qt.PermissionStatus.Granted:
            self._listen()
        else:
            self._refuse()

    def _refuse(self) -> None:
        self.failed.emit(
            translate(
                "voice",
                "Balas may not use the microphone. Allow it in the system's privacy settings.",
            )
        )

    def _listen(self) -> None:
        from PySide6.QtMultimedia import QAudioSource, QMediaDevices

        device = QMediaDevices.defaultAudioInput()
        if device.isNull():
            self.failed.emit(
                translate("voice", "No microphone was found. Plug one in and try again.")
            )
            return
        if not device.isFormatSupported(self.form):
            self.form = device.preferredFormat()
        self._source = QAudioSource(device, self.form, self)
        self._source.stateChanged.connect(self._on_state)
        self._device = self._source.start()
        if self._device is not None:
            self._device.readyRead.connect(self._on_ready)

    def _on_ready(self) -> None:
        if self._device is not None:
            self.heard.emit(bytes(self._device.readAll().data()))

    def _on_state(self) -> None:
        from PySide6.QtMultimedia import QtAudio

        source = self._source
        if source is not None and source.error() is not QtAudio.Error.NoError and self._is_wanted:
            self.failed.emit(
                translate("voice", "The microphone does not answer. Another program may hold it.")
            )


class Recording(QObject):
    """The sound so far. `grown` follows each piece, `full` the longest that can be."""

    grown = Signal()
    full = Signal()
    failed = Signal(str)

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source
        self._pieces: list[bytes] = []
        self._bytes = 0
        self.levels: list[float] = []  # 0..1, one for each piece
        self.is_running = False
        source.heard.connect(self._on_heard)
        source.failed.connect(self._on_failed)

    @property
    def form(self) -> QAudioFormat:
        return self._source.form

    @property
    def length(self) -> float:
        """Seconds."""
        return self.form.durationForBytes(self._bytes) / 1_000_000

    def pcm(self) -> bytes:
        return b"".join(self._pieces)

    def start(self) -> None:
        self.is_running = True
        self._source.start()

    def stop(self) -> None:
        """End it; what was said stays."""
        if self.is_running:
            self.is_running = False
            self._source.stop()

    def _on_heard(self, piece: bytes) -> None:
        if not self.is_running or not piece:
            return
        self._pieces.append(piece)
        self._bytes += len(piece)
        self.levels.append(level(piece, self.form.sampleFormat()))
        self.grown.emit()
        if self.length >= LONGEST:
            self.stop()
            self.full.emit()

    def _on_failed(self, words: str) -> None:
        self.stop()
        self.failed.emit(words)


def level(piece: bytes, form: QAudioFormat.SampleFormat) -> float:
    """How loud a piece is, 0..1, as ears hear it: the root of its largest sample."""
    code, whole, middle = _CODES.get(form.name, ("h", 32_768.0, 0.0))
    samples = array(code)
    samples.frombytes(piece[: len(piece) // samples.itemsize * samples.itemsize])
    if not samples:
        return 0.0
    loudest = max(abs(max(samples) - middle), abs(min(samples) - middle)) / whole
    return float(min(1.0, loudest) ** 0.5)


def wave(levels: list[float], bars: int) -> list[float]:
    """The whole recording in so many bars, each as loud as its loudest part."""
    if not levels:
        return [0.0] * bars
    return [
        max(levels[i * len(levels) // bars : (i + 1) * len(levels) // bars] or [levels[-1]])
        if len(levels) >= bars
        else levels[i * len(levels) // bars]
        for i in range(bars)
    ]

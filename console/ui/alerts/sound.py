"""The sound of an alert; silent where there is no device to play it.

On Linux the sound server's own program plays it. Qt's way there brings FFmpeg and Qt Quick along,
19 MB that stay in memory, for a second of sound.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QUrl

from console.resources import RESOURCES
from console.ui import multimedia

FILE = RESOURCES / "sounds" / "alert.wav"
VOLUME = 0.6
# The programs of PipeWire and PulseAudio, which counts loudness in cubes and up to 65536.
PLAYERS = (
    ("pw-play", f"--volume={VOLUME}"),
    ("paplay", f"--volume={round(VOLUME ** (1 / 3) * 65536)}"),
)
LONGEST = 5000  # ms to wait at the end for a program that was told to stop


class Chime(QObject):
    """Made when it is first needed: the system's audio takes its time to load."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._effect: QObject | None = None
        self._program: QProcess | None = None
        self._players = [each for each in PLAYERS if _is_linux() and shutil.which(each[0])]
        self.played = 0

    def play(self) -> None:
        """Once, and not again while it sounds."""
        self.played += 1
        if _is_linux() and not has_sound_server():
            return
        if self._players:
            self._run()
        else:
            self._play_by_qt()

    def end(self) -> None:
        """Silence; no program goes on without us."""
        self._players = []
        if self._program is not None:
            self._program.kill()
            self._program.waitForFinished(LONGEST)

    def _run(self) -> None:
        if self._program is None:
            self._program = QProcess(self)
            self._program.setProcessEnvironment(_surroundings())
            self._program.setStandardOutputFile(QProcess.nullDevice())
            self._program.setStandardErrorFile(QProcess.nullDevice())
            self._program.finished.connect(self._on_finished)
        if self._program.state() == QProcess.ProcessState.NotRunning:
            self._program.start(self._players[0][0], [self._players[0][1], str(FILE)])

    def _on_finished(self, status: int) -> None:
        """One that cannot reach its server, or does not know the option, is asked no more."""
        if status and self._players:
            del self._players[0]
            if self._players:
                self._run()

    def _play_by_qt(self) -> None:
        from PySide6.QtMultimedia import QMediaDevices, QSoundEffect

        if QMediaDevices.defaultAudioOutput().isNull():
            return
        if not isinstance(self._effect, QSoundEffect):
            self._effect = QSoundEffect(self)
            self._effect.setSource(QUrl.fromLocalFile(str(FILE)))
            self._effect.setVolume(VOLUME)
        if not self._effect.isPlaying():
            multimedia.call(self._effect, "play")


def has_sound_server() -> bool:
    """Whether PulseAudio or PipeWire may listen; Qt's sound on Linux knows no other way."""
    if any(os.environ.get(name) for name in ("PULSE_SERVER", "PIPEWIRE_REMOTE")):
        return True
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    homes = (Path.home() / ".config" / "pulse").glob("*-runtime")  # without such a folder
    sockets = [runtime / "pulse" / "native", runtime / "pipewire-0", Path("/run/pulse/native")]
    return any(socket.exists() for socket in (*sockets, *(home / "native" for home in homes)))


def _surroundings() -> QProcessEnvironment:
    """The environment of a program of the system's, which must not find a frozen build's libraries.

    PyInstaller's loader puts them first, and keeps what stood there before.
    """
    found = QProcessEnvironment.systemEnvironment()
    if getattr(sys, "frozen", False):
        before = found.value("LD_LIBRARY_PATH_ORIG")
        found.remove("LD_LIBRARY_PATH")
        if before:
            found.insert("LD_LIBRARY_PATH", before)
    return found


def _is_linux() -> bool:
    return sys.platform.startswith("linux")

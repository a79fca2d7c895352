"""Qt's players, decoders and recorders, called so that they cannot stand still for ever.

Their threads take Python's lock when they touch an object that Python made (its virtual functions
might be overridden), some while they hold one of Qt's. PySide keeps Python's lock during `stop()`
and its like, which wait for those threads: each then waits for the other, and the window is dead.
Calls through the meta object give the lock away first.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import PySide6
from PySide6.QtCore import Q_ARG, QMetaObject, QObject, Qt

if TYPE_CHECKING:
    from PySide6.QtCore import QGenericArgumentHolder
    from PySide6.QtMultimedia import QMediaPlayer

Made = TypeVar("Made", bound=QObject)
# Where PySide keeps FFmpeg's common library: on Linux, macOS and Windows.
FFMPEG = ("Qt/lib/libavutil.so.*", "Qt/lib/libavutil.*.dylib", "avutil-*.dll")
FATAL = 8  # FFmpeg's AV_LOG_FATAL: what is left to say before it ends the program


def call(target: QObject, slot: str, *arguments: QGenericArgumentHolder) -> None:
    """Call a slot without Python's lock. `arguments` are made by `Q_ARG`.

    On the thread of `target`. Raises RuntimeError when there is no such slot.
    """
    direct = Qt.ConnectionType.DirectConnection
    if not QMetaObject.invokeMethod(target, slot, direct, *arguments):
        raise RuntimeError(f"{type(target).__name__} has no slot {slot}")


def seek(player: QMediaPlayer, position: int) -> None:
    """Go to `position`, milliseconds from the start."""
    call(player, "setPosition", Q_ARG("qlonglong", position))


def set_rate(player: QMediaPlayer, rate: float) -> None:
    """Play at `rate`, 1.0 being its own speed."""
    call(player, "setPlaybackRate", Q_ARG("double", rate))


def prepared(made: Made) -> Made:
    """An object for Qt's threads to use, of which they need ask Python nothing any more.

    Whether something overrides `connectNotify` and `disconnectNotify` is found at their first
    call and kept; a renderer's thread makes such calls while it holds Qt's lock of connections,
    for which any `connect` of the window waits.
    """
    _hush()  # what plays is there now, and its plugin with it
    made.objectNameChanged.connect(_nothing)
    made.objectNameChanged.disconnect(_nothing)
    return made


@cache
def _hush() -> None:
    """Have FFmpeg write nothing on the terminal of each file it opens.

    Qt tells of a fault by the object's own signals, but leaves FFmpeg's log as it comes: to
    standard error, past Qt's. With QT_FFMPEG_DEBUG somebody wants to read it.
    """
    if "QT_FFMPEG_DEBUG" in os.environ:
        return
    home, loaded = Path(PySide6.__file__).parent, getattr(os, "RTLD_NOLOAD", 0)
    for path in (path for pattern in FFMPEG for path in home.glob(pattern)):
        # Only what Qt's plugin has loaded: with a Qt of the system's there is none of these.
        with suppress(OSError):
            ctypes.CDLL(str(path), loaded).av_log_set_level(FATAL)


def _nothing() -> None: ...

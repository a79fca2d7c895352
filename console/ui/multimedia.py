"""Qt's players, decoders and recorders, called so that they cannot stand still for ever.

Their threads take Python's lock when they touch an object that Python made (its virtual functions
might be overridden), some while they hold one of Qt's. PySide keeps Python's lock during `stop()`
and its like, which wait for those threads: each then waits for the other, and the window is dead.
Calls through the meta object give the lock away first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Q_ARG, QMetaObject, QObject, Qt

if TYPE_CHECKING:
    from PySide6.QtCore import QGenericArgumentHolder
    from PySide6.QtMultimedia import QMediaPlayer

Made = TypeVar("Made", bound=QObject)


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
    made.objectNameChanged.connect(_nothing)
    made.objectNameChanged.disconnect(_nothing)
    return made


def _nothing() -> None: ...

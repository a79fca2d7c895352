"""What happens when a method that Qt calls raises: it is told, and Qt's own takes its place.

WORKAROUND: PySide 6.11 keeps such an exception for the Python code that called into Qt. At a second
one in the same call, or below Python 3.12 at one that C code raised and nobody has caught yet (of
`int("x")`, say), it damages memory, and the program ends there or somewhere else. Nor may a painter
outlive what it paints on, as it does in the frames of a kept traceback: Qt then ends the painter in
memory that is free (`QPainter::end`), and crashes.
"""

from __future__ import annotations

import sys
import traceback
from collections import deque
from functools import wraps
from types import FunctionType
from typing import Any

from shiboken6 import Shiboken

# Besides what ends with "Event": virtual, and never connected to a signal, for which PySide counts
# a function's arguments.
_ASKED = frozenset(
    {
        *("event", "eventFilter", "sizeHint", "minimumSizeHint", "heightForWidth", "paint"),
        *("data", "rowCount", "flags", "headerData", "canFetchMore", "fetchMore"),
        *("focusNextPrevChild", "moveCursor", "scrollContentsBy", "updateGeometries"),
        *("blockBoundingRect", "canInsertFromMimeData", "insertFromMimeData"),
    }
)


def guard() -> None:
    """Look after each class of Qt's that is derived from now on."""
    Shiboken.Object.__init_subclass__ = classmethod(_look_after)  # type: ignore[assignment,arg-type]


def tell(owner: Any, error: Exception, about: str = "") -> None:
    """Have a fault of `owner` written down, once for each place and each thing it is `about`.

    Qt asks again at once: what cannot be painted would fill the log sixty times a second.
    """
    at = deque(traceback.walk_tb(error.__traceback__), maxlen=1)[0]
    place = (type(error), at[0].f_code.co_filename, at[1], about)
    told = vars(owner).setdefault("_faults_told", set())
    try:
        if place not in told:
            told.add(place)
            sys.excepthook(type(error), error, error.__traceback__)
    finally:
        traceback.clear_frames(error.__traceback__)


def _look_after(derived: type, **named: object) -> None:
    super(Shiboken.Object, derived).__init_subclass__(**named)  # type: ignore[misc]
    for name, found in tuple(vars(derived).items()):
        if isinstance(found, FunctionType) and (name in _ASKED or name.endswith("Event")):
            setattr(derived, name, _guarded(derived, name, found))


def _guarded(derived: type, name: str, function: FunctionType) -> Any:
    @wraps(function)
    def guarded(self: Any, *arguments: Any) -> Any:
        try:
            return function(self, *arguments)
        except Exception as error:
            tell(self, error)
        try:
            return getattr(super(derived, self), name)(*arguments)
        except (AttributeError, NotImplementedError):  # there is none, or it is purely virtual
            return 0 if name == "rowCount" else None

    return guarded

"""What happens when a method that Qt calls raises: it is told, and Qt's own takes its place.

WORKAROUND: PySide 6.11 keeps such an exception for the Python code that called into Qt. At a second
one in the same call, or below Python 3.12 at one that C code raised and nobody has caught yet (of
`int("x")`, say), it damages memory, and the program ends there or somewhere else. Nor may a picture
that is being painted outlive its widget, as it does in the frames of a kept traceback.
"""

from __future__ import annotations

import sys
import traceback
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
            sys.excepthook(type(error), error, error.__traceback__)
            traceback.clear_frames(error.__traceback__)
        try:
            return getattr(super(derived, self), name)(*arguments)
        except (AttributeError, NotImplementedError):  # there is none, or it is purely virtual
            return 0 if name == "rowCount" else None

    return guarded

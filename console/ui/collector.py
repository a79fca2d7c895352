"""The program's memory: cyclic garbage collected on the GUI thread alone, and one heap for all.

Python collects on whatever thread makes the next object. A screen that went out of use can then be
destroyed on a thread that reads the store, and Qt crashes where a timer or a widget dies on a
thread that is not its own.
"""

from __future__ import annotations

import ctypes
import gc
import sys

from PySide6.QtCore import QObject, QTimer

# glibc's mallopt(3): how many heaps there may be.
M_ARENA_MAX = -8
EVERY = 1000  # ms between two looks; one takes a microsecond while there is nothing to do
GIVE_BACK = 5_000  # ms between two times; one takes less than a millisecond
_LIBC = ctypes.CDLL(None) if sys.platform.startswith("linux") else None


class Collector(QObject):
    """Takes over from Python's own collector for the rest of the program."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()  # what the program is made of is looked through no more
        share_one_heap()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self._trim = QTimer(self)
        self._trim.setInterval(GIVE_BACK)
        self._trim.timeout.connect(give_back)
        self._trim.start()

    def look(self) -> None:
        """Collect each generation that Python would have collected by now."""
        for generation, most in enumerate(gc.get_threshold()):
            if gc.get_count()[generation] <= most:
                return
            gc.collect(generation)


def share_one_heap() -> None:
    """Before there are threads: else each that reads keeps a heap of its own, 12 MB in all.

    They seldom allocate at the same time, because only one of them holds the interpreter.
    """
    _ask_libc("mallopt", M_ARENA_MAX, 1)


def give_back() -> None:
    """Let the system have the memory that is free within the heap: glibc keeps it otherwise.

    After pictures, searches and long threads that is 4 to 8 MB.
    """
    _ask_libc("malloc_trim", 0)


def _ask_libc(name: str, *arguments: int) -> None:
    if sys.platform.startswith("linux"):
        try:
            getattr(_LIBC, name)(*arguments)
        except AttributeError:
            return  # another C library

"""Python's own way to import, put back as soon as PySide is there: before anything else is."""

from __future__ import annotations

import builtins
import linecache

import PySide6.QtCore  # noqa: F401  which puts its own in place


def spare_sources() -> None:
    """Have Python import by itself again, from now on without PySide.

    WORKAROUND: PySide 6.11 puts a function of its own before every import, in search of its
    `__feature__` switches, which we have none of: it reads the source of each module that is new.
    That is a tenth of the program's start, and Python then keeps all the lines in memory; those
    of what was imported before are given back, a megabyte.
    """
    theirs = getattr(builtins, "__feature_import__", None)
    if theirs is not None and builtins.__import__ is theirs:
        builtins.__import__ = builtins.__orig_import__  # type: ignore[attr-defined]
        linecache.clearcache()

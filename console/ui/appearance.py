"""How the program looks before its first window: style, icon, fonts, theme and language."""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QLoggingCategory
from PySide6.QtWidgets import QApplication, QStyleFactory

from console.ui.language import Language
from console.ui.preferences import LANGUAGE, TEXT_SCALE, THEME, Chosen, Preferences
from console.ui.theme.theme import Scheme, Theme
from console.ui.widgets.emblem import app_icon
from console.ui.widgets.focus_ring import FocusRing


def dress(application: QApplication, preferences: Preferences) -> tuple[Theme, Language]:
    """Call once, before any window; keep what it returns as long as the program runs."""
    # What of PipeWire or VA-API this machine lacks is no news to the person at the desk, nor is
    # which FFmpeg plays. (FFmpeg's own log: multimedia.py.)
    QLoggingCategory.setFilterRules(
        "qt.multimedia.symbolsresolver=false\nqt.multimedia.ffmpeg*.info=false"
    )
    chosen = Chosen(preferences)
    application.setApplicationName("Balas")
    application.setDesktopFileName("balas")
    application.setWindowIcon(app_icon())
    application.setStyle(QStyleFactory.create("Fusion"))
    language = Language(chosen.text(LANGUAGE) or None)
    scheme = chosen.text(THEME, Scheme.SYSTEM)
    known = [entry.value for entry in Scheme]
    theme = Theme(
        Scheme(scheme) if scheme in known else Scheme.SYSTEM, chosen.number(TEXT_SCALE, 100)
    )
    FocusRing(application, theme)
    return theme, language


def has_screen() -> bool:
    """False on a Linux machine without a display."""
    return not sys.platform.startswith("linux") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )

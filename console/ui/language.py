"""The window's language: translations, and numbers and dates as its readers write them."""

from __future__ import annotations

import locale
from typing import ClassVar

from PySide6.QtCore import QCoreApplication, QLocale, QObject, QTranslator, Signal

from console.resources import RESOURCES

LANGUAGES = {
    "id": QLocale(QLocale.Language.Indonesian, QLocale.Country.Indonesia),
    # The team writes 10:42, not 10:42 AM, in English too.
    "en": QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom),
}
NAMES = {"id": "Bahasa Indonesia", "en": "English"}


def translate(context: str, text: str, note: str = "", n: int = -1) -> str:
    """The text in the window's language. `%n` in it stands for `n`.

    pyside6-lupdate finds calls by this function's name: pass literals only.
    """
    return QCoreApplication.translate(context, text, note, n)


class Language(QObject):
    """The language in force; `chosen` follows every change.

    An application speaks one at a time: of several that were made, the last one that was chosen.
    """

    chosen = Signal(str)
    _installed: ClassVar[QTranslator | None] = None
    _spoken: ClassVar[str] = ""  # what `_installed` holds, whoever chose it

    def __init__(self, code: str | None = None) -> None:
        super().__init__()
        self.code = ""
        self.choose(code or system_language())

    def choose(self, code: str) -> None:
        """Switch to `code`; one that is not shipped becomes English."""
        code = code if code in LANGUAGES else "en"
        if code == self.code and code == Language._spoken:
            return
        application = QCoreApplication.instance()
        translator = QTranslator()
        translator.load(str(RESOURCES / "translations" / f"balas_{code}.qm"))
        if application is not None:
            if Language._installed is not None:
                application.removeTranslator(Language._installed)
            application.installTranslator(translator)
        Language._installed, Language._spoken = translator, code
        QLocale.setDefault(LANGUAGES[code])
        if code != self.code:
            self.code = code
            self.chosen.emit(code)


def system_language() -> str:
    """Indonesian where the system speaks it, English elsewhere."""
    name = QLocale.system().name() or (locale.getlocale()[0] or "")
    return "id" if name.startswith(("id", "in_")) else "en"

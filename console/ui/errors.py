"""The one place that tells the agent what failed, in words of its family."""

from __future__ import annotations

import logging

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.domain.errors import BalasError, RefusedError
from console.ui import words
from console.ui.language import translate

log = logging.getLogger("balas.ui")


class Errors(QObject):
    """`told` carries a title and a sentence."""

    told = Signal(str, str)

    def tell(self, error: BaseException) -> None:
        """Expected and environment errors in their own words; a bug goes to the log as well."""
        title, text = sentence(error)
        if not isinstance(error, BalasError):
            log.error("bug in the window", exc_info=error)
        self.told.emit(title, text)


def sentence(error: BaseException) -> tuple[str, str]:
    """A title and what to do, for a person, in the window's language."""
    if isinstance(error, RefusedError) and words.rule(error.code):
        return words.rule(error.code).rstrip("."), words.fix_for(None, error.code)
    if isinstance(error, BalasError):
        # The floors below speak English; their sentences are collected with the window's own.
        parts = (QCoreApplication.translate("errors", part) for part in (error.text, error.fix))
        text = " ".join(part for part in parts if part)
        return QCoreApplication.translate("errors", error.title), text
    return (
        translate("errors", "Something went wrong in Balas"),
        translate("errors", "It has been written down. What you wrote is kept; try once more."),
    )


def in_one(error: BaseException) -> str:
    """Title and text as sentences one after the other."""
    title, text = sentence(error)
    if not text:
        return title
    return f"{title} {text}" if title.endswith((".", "?", "!")) else f"{title}. {text}"

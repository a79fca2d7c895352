"""The one place that tells the agent what failed, in words of its family."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, Signal

from console.domain.errors import BalasError
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
    """A title and what to do, for a person."""
    if isinstance(error, BalasError):
        return error.title, " ".join(part for part in (error.text, error.fix) if part)
    return (
        translate("errors", "Something went wrong in Balas"),
        translate("errors", "It has been written down. What you wrote is kept; try once more."),
    )

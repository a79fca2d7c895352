"""The quiet notice that a newer release of Balas is to be had."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from console.ui.language import translate
from console.ui.widgets.toast import Toast


def tell_of_update(toast: Toast, version: str, notes_url: str, *, too_old: bool) -> None:
    """Say it once, with a way to read what is new; nothing happens without the person's click."""
    if too_old:
        title = translate("updates", "This version of Balas is too old")
        text = translate("updates", "Please change to version {version} soon.")
    else:
        title = translate("updates", "A new version of Balas is there")
        text = translate("updates", "It is version {version}. You can go on working meanwhile.")
    toast.offer(
        title,
        text.replace("{version}", version),
        translate("updates", "What is new"),
        lambda: QDesktopServices.openUrl(QUrl(notes_url)),
    )

"""The scenes of the gallery: what is shown, in which state."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from console.ui.theme.theme import Scheme
from tests.gallery.samples import SITI, desk
from tests.gallery.stage import Scene, Stage, quiet, until

VARIANTS = (
    ("light-id", Scheme.LIGHT, "id", 100),
    ("dark-id", Scheme.DARK, "id", 100),
    ("light-en", Scheme.LIGHT, "en", 100),
    ("dark-en-125", Scheme.DARK, "en", 125),
)


async def main_screen(stage: Stage) -> QWidget:
    window = stage.window(desk())
    stage.show(window, 1360, 860)
    await until(lambda: window.inbox.conversations.model.is_loaded)
    window.open_conversation(SITI)
    await until(lambda: window.inbox.thread_screen.timeline.rows())
    await quiet()
    window.inbox.thread_screen.composer.editor.setPlainText(
        "Sebagai permintaan maaf, kami kirimkan voucher gratis ongkir untuk pesanan berikutnya"
    )
    return window


SCENES: dict[str, Scene] = {
    "main": main_screen,
}

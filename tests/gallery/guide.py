"""`python -m tests.gallery.guide [name…]`: the user guides' pictures, small, in docs/pictures."""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path

# First: it sets the platform, the clock and the binding of Qt.
import tests.gallery.__main__  # noqa: F401  isort: skip

import qasync
from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from console.ui.theme.theme import Scheme
from tests.gallery.book import SCENES
from tests.gallery.stage import Stage, grab, quiet

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
WIDTH = 1000  # pixels
COLOURS = 128
LANGUAGES = ("id", "en")
# Scene of the gallery; the guides name the file with the language behind it.
PICTURES = (
    "sign-in-code",
    "main",
    "thread-statuses",
    "window-closed",
    "inbox-assign",
    "team-company",
    "team-handover",
    "contact-panel",
    "palette-found",
    "offline",
    "contacts-page",
    "reports",
    "administration-people",
    "preferences",
)


def small(image: QImage) -> bytes:
    """A PNG of a guide's width in few colours, without anything but the picture."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    whole = Image.open(io.BytesIO(bytes(buffer.data().data()))).convert("RGB")
    if whole.width > WIDTH:
        size = (WIDTH, round(whole.height * WIDTH / whole.width))
        whole = whole.resize(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    few = whole.quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(out, "PNG", optimize=True)
    return out.getvalue()


async def render(application: QApplication, wanted: list[str]) -> None:
    stage = Stage(application)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in PICTURES:
        if wanted and name not in wanted:
            continue
        for language in LANGUAGES:
            stage.set(Scheme.LIGHT, language, 100)
            widget = await SCENES[name](stage)
            await quiet()
            (FOLDER / f"{name}-{language}.png").write_bytes(small(grab(widget)))
            await stage.clear()


def main() -> None:
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(application)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(render(application, sys.argv[1:]))


if __name__ == "__main__":
    main()

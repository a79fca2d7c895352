"""`python -m tests.gallery --out DIR [name…]`: renders the gallery and contact sheets of it."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")

os.environ["TZ"] = "Asia/Jakarta"  # the clock of the pictures
if hasattr(time, "tzset"):
    time.tzset()

import qasync
from PySide6.QtWidgets import QApplication

from tests.gallery.book import SCENES, VARIANTS
from tests.gallery.sheet import contact_sheet
from tests.gallery.stage import Stage, grab, quiet


async def render(application: QApplication, out: Path, wanted: list[str]) -> None:
    stage = Stage(application)
    made: dict[str, list[tuple[str, Path]]] = {}
    for name, scene in SCENES.items():
        if wanted and not any(part in name for part in wanted):
            continue
        for suffix, scheme, language, scale in VARIANTS:
            stage.set(scheme, language, scale)
            widget = await scene(stage)
            await quiet()
            path = out / f"{name}-{suffix}.png"
            grab(widget).save(str(path))
            made.setdefault(suffix, []).append((name, path))
            await stage.clear()
    for suffix, pictures in made.items():
        contact_sheet(pictures, dark="dark" in suffix).save(str(out / f"sheet-{suffix}.png"))
    for title, text in stage.told:
        sys.stderr.write(f"told: {title} {text}\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.gallery")
    parser.add_argument("--out", type=Path, default=Path("out/gallery"))
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(application)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(render(application, given.out, given.names))


if __name__ == "__main__":
    main()

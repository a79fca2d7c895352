"""The desktop's process: one loop under Qt, from the first line to the exit status."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QApplication

# qasync works with the binding that is imported already, so it comes after PySide6.
from qasync import QEventLoop

from console import logs
from console.app.desktop import Desktop, Keys
from console.app.doorway import Doorway, door_name
from console.settings.paths import Paths
from console.settings.project import ProjectAddress, find_project
from console.settings.secrets import StoreKeys, ThrowAwayKeys, system_keyring
from console.settings.values import Values
from console.ui.appearance import has_screen
from console.ui.application import Application

if TYPE_CHECKING:
    from console.ui.tour import Album


def run_on_qt(work: Callable[[QApplication], Coroutine[Any, Any, None]]) -> None:
    """One asyncio loop on the GUI thread, for the program's whole life."""
    application = QApplication.instance() or Application(sys.argv[:1])
    if not isinstance(application, QApplication):
        raise TypeError("a Qt application without windows is running already")
    with asyncio.Runner(loop_factory=lambda: QEventLoop(application)) as runner:
        runner.run(work(application))


def main(
    *,
    demo: Mapping[str, Any] | None = None,
    seat: str = "agent",
    language: str | None = None,
    pictures: Path | None = None,
    link: str = "",
) -> int:
    """Run the desktop; the exit status. Where it runs already, that one follows the `link`.

    With `demo` (the facts of `balas demo --headless`) it signs in by itself and keeps nothing;
    `seat` is who: agent, colleague or supervisor. Without a screen the agent's demo walks through
    the story and saves pictures, in `pictures` or in a folder that it names.
    """
    logs.configure("desktop", os.environ.get("LOG_LEVEL", "INFO"))
    if not has_screen():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        if demo is not None and seat == "agent" and pictures is None:
            pictures = Path(tempfile.mkdtemp(prefix="balas-pictures-"))
    with contextlib.ExitStack() as stack:
        paths = Paths.of_this_user()
        if demo is not None:
            folder = tempfile.TemporaryDirectory(prefix="balas-demo-", ignore_cleanup_errors=True)
            paths = Paths.below(Path(stack.enter_context(folder)))
        values = Values(paths.settings_file)
        if language:
            values.set("language", language)

        async def live(application: QApplication) -> None:
            project = find_project(values)
            keys: Keys = partial(StoreKeys, paths.data_folder, backend=system_keyring)
            if demo is not None:
                project = ProjectAddress(demo["supabase_url"], demo["publishable_key"], fixed=True)
                keys = ThrowAwayKeys()
            door = Doorway(door_name(paths.data_folder, project.url if project else ""))
            if demo is None and door.hand_over(link):
                return
            desktop = Desktop(application, paths, values, keys, project)
            if demo is None:
                door.knocked.connect(desktop.open_link)
                # After the window: until then the store's own lock keeps a second program away.
                asyncio.get_running_loop().call_later(1.0, door.open)
            if link:
                desktop.open_link(link)
            if demo is not None:
                await desktop.sign_in(demo[f"{seat}_email"], demo[f"{seat}_password"])
                _say(f"{seat}: signed in as {demo[f'{seat}_email']}")
            if demo is not None and seat == "agent":
                _say(f"a customer's phone: {demo['phone_url']}")
                if has_screen():
                    from PySide6.QtCore import QUrl
                    from PySide6.QtGui import QDesktopServices

                    QDesktopServices.openUrl(QUrl(demo["phone_url"]))
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                with contextlib.suppress(NotImplementedError):  # Windows closes windows instead
                    loop.add_signal_handler(number, desktop.close)
            if pictures:
                _say(f"pictures of the window, as the story goes: {pictures.resolve()}")
            try:
                await desktop.run(album=_album(pictures) if pictures else None)
            finally:
                door.close()

        run_on_qt(live)
    return 0


def _album(folder: Path) -> Album:
    from console.ui.tour import Album

    return Album(folder, _say)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()

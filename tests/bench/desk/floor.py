"""`python -m tests.bench.desk.floor FOLDER`: the least that could show the inbox from the store.

The libraries that the desktop is built on and nothing of its own: Qt's list and style, one query on
the encrypted store, one loop for both. What lies between this and a bare window no work on the
desktop can save; what lies between this and Balas is Balas.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from pathlib import Path

gc.disable()

from PySide6.QtCore import QStringListModel  # noqa: E402
from PySide6.QtWidgets import (  # noqa: E402
    QApplication,
    QHBoxLayout,
    QLabel,
    QListView,
    QMainWindow,
    QWidget,
)

from console.ui.imports import spare_sources  # noqa: E402

spare_sources()

import apsw  # noqa: E402
from qasync import QEventLoop  # noqa: E402

KEY = bytes(range(32))
_NEWEST = "select name, preview_text from listing order by sort_at desc, conversation_id limit 50"


def rows(path: Path) -> list[str]:
    """The newest conversations: whose, and their last words."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    connection.pragma("cipher", "chacha20")
    connection.execute(f"pragma key = 'raw:{KEY.hex()}'")
    return [f"{name}\n{text}" for name, text in connection.execute(_NEWEST)]


def main(folder: Path) -> int:
    """Until it is closed."""
    application = QApplication(sys.argv[:1])
    path = next(path for path in folder.rglob("*.db"))

    async def live() -> None:
        window = QMainWindow()
        inside = QWidget()
        beside = QHBoxLayout(inside)
        found = QListView()
        found.setModel(QStringListModel(rows(path), found))
        beside.addWidget(found)
        beside.addWidget(QLabel("Nothing"))
        window.setCentralWidget(inside)
        window.resize(1360, 860)
        window.show()
        await asyncio.Event().wait()

    with asyncio.Runner(loop_factory=lambda: QEventLoop(application)) as runner:
        runner.run(live())
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

"""The least that PySide6 can show: one empty window of the size of ours."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication, QLabel, QMainWindow


def main() -> int:
    """Until it is closed."""
    application = QApplication(sys.argv[:1])
    window = QMainWindow()
    window.setCentralWidget(QLabel("Nothing"))
    window.resize(1360, 860)
    window.show()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())

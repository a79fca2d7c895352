"""Waiting until something is on screen."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget


async def painted(widget: QWidget) -> None:
    """Until the widget and all that is in it has been painted anew; at once where it is hidden."""
    if widget.isVisible():
        paint = _NextPaint(widget)
        widget.update()
        await paint.done.wait()


class _NextPaint(QObject):
    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.done = asyncio.Event()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            watched.removeEventFilter(self)
            # The children follow in the same go.
            QTimer.singleShot(0, self.done.set)
        return False

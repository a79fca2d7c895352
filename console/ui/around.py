"""What stands around the screens of the window: the palette, and all that is made when needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.ui.palette.guide import Guide
    from console.ui.window import MainWindow


class Around:
    """One for a window; made anew with what is inside it."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.guide: Guide | None = None

    def search_everything(self) -> None:
        """Open the palette, or close it."""
        if self.guide is None:
            from console.ui.palette.guide import Guide

            self.guide = Guide(self._window)
        self.guide.palette.open()

    def close_tasks(self) -> None:
        """End what still reads; also before everything inside the window is made anew."""
        if self.guide is not None:
            self.guide.palette.end()
            self.guide = None

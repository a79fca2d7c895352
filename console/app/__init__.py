"""The desktop as a whole: puts window, store, sync and session together; knows all its parts."""

from console.app.desktop import Desktop
from console.app.start import main, run_on_qt

__all__ = ["Desktop", "main", "run_on_qt"]

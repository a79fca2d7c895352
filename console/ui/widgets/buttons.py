"""Push buttons and icon buttons in the kinds that the style sheet knows."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QPushButton, QToolButton

from console.ui.theme.theme import Theme

# Icons that point along the lines, and their likes where lines run from right to left.
TURNED = {
    "arrow-left": "arrow-right",
    "chevron-left": "chevron-right",
    "chevron-right": "chevron-left",
}


def button(text: str, kind: str = "") -> QPushButton:
    """A push button; `kind` is primary, danger, link, strip, chip or empty."""
    made = QPushButton(text.replace("&", "&&"))
    if kind:
        made.setProperty("kind", kind)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setAutoDefault(False)
    return made


def put_icon_behind(made: QPushButton) -> None:
    """Its icon behind its words, whichever way one reads. The words end with a space before it."""
    turned = QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft
    ways = Qt.LayoutDirection
    made.setLayoutDirection(ways.LeftToRight if turned else ways.RightToLeft)


class IconButton(QToolButton):
    """A line icon that follows the theme. `tip` names it for everyone, `shortcut` is shown."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        tip: str,
        *,
        side: int = 32,
        size: int = 18,
        ink: str = "muted",
        kind: str = "",
    ) -> None:
        super().__init__()
        self._theme = theme
        self._icon = icon
        self._ink = ink
        self._side = size
        if kind:
            self.setProperty("kind", kind)
        self.setFixedSize(side, side)
        self.setIconSize(QSize(size, size))
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme.changed.connect(self._refresh)
        self._refresh()

    def show_icon(self, icon: str, ink: str | None = None) -> None:
        self._icon = icon
        self._ink = ink or self._ink
        self._refresh()

    def _refresh(self) -> None:
        icon = TURNED.get(self._icon, self._icon) if self.isRightToLeft() else self._icon
        self.setIcon(self._theme.qicon(icon, self._ink, self._side))

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # As Space does. What it stands in may do something else with Enter, such as send.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._refresh()

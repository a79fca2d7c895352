"""The screen-share shield: painted covers over names and texts until the hotkey lifts them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role

STEP = 68  # px from one grey line of text to the next pair


class Cover(QWidget):
    """Lies over one part of the window: grey lines where texts were, nothing of them through."""

    def __init__(self, covered: QWidget, theme: Theme, words: str = "") -> None:
        super().__init__(covered)
        self._covered = covered
        self._theme = theme
        self._words = words
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(words)
        covered.installEventFilter(self)
        self.setGeometry(covered.rect())
        self.show()
        self.raise_()

    def lift(self) -> None:
        """Away with it."""
        self._covered.removeEventFilter(self)
        self.hide()
        self.deleteLater()

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.ChildAdded):
            self.setGeometry(self._covered.rect())
            self.raise_()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), theme.color("surface"))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("skeleton"))
            step, wide = theme.px(STEP), self.width()
            for place, y in enumerate(range(theme.px(24), self.height(), step)):
                length = wide * (0.34 + 0.13 * (place % 3))
                painter.drawEllipse(QRectF(16, y - 4, 40, 40))
                painter.drawRoundedRect(QRectF(68, y, max(40.0, length - 68), 10), 5, 5)
                more = wide * (0.55 + 0.1 * (place % 4)) - 68
                painter.drawRoundedRect(QRectF(68, y + 20, max(60.0, more), 10), 5, 5)
            if self._words:
                face = theme.font(Role.SMALL_STRONG)
                painter.setFont(face)
                room = QRectF(self.rect()).adjusted(24, 0, -24, 0)
                flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
                box = QFontMetricsF(face).boundingRect(room, flags, self._words)
                box.adjust(-16, -12, 16, 12)
                painter.setBrush(theme.color("accent_soft"))
                painter.drawRoundedRect(box, 8, 8)
                painter.setPen(theme.color("on_accent_soft"))
                painter.drawText(box, flags, self._words)


class Shield:
    """Up or down; `parts` are covered, the first of them with the words that say why."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._covers: list[Cover] = []

    @property
    def is_up(self) -> bool:
        return bool(self._covers)

    def raise_over(self, parts: Sequence[QWidget], keys: str) -> None:
        """Cover them; what is covered already stays so."""
        words = translate("alerts", "Hidden while you share your screen. {keys} shows it again.")
        covered = {cover.parentWidget() for cover in self._covers}
        for place, part in enumerate(parts):
            if part not in covered:
                said = words.format(keys=keys) if place == 0 else ""
                self._covers.append(Cover(part, self._theme, said))

    def lower(self) -> None:
        """Show everything again."""
        for cover in self._covers:
            cover.lift()
        self._covers = []

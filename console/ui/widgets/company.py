"""The colleagues who are at a conversation too: their pictures and one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.avatar import paint_avatar
from console.ui.widgets.painting import draw_line
from console.ui.words import tip

SIDE = 20
STEP = 18  # px from one picture to the next: the letters stay whole
MOST = 3  # pictures; the sentence counts everybody


class CompanyMark(QWidget):
    """Hidden while nobody is there. Where the sentence has no room, a word of it stands alone."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._names: tuple[str, ...] = ()
        self._text = self._word = ""
        self._lively = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)
        self.hide()

    def show_company(self, names: Sequence[str], text: str, word: str, *, lively: bool) -> None:
        """`names` have pictures, those who write first; `lively` when somebody does."""
        self._names, self._text, self._word = tuple(names), text, word
        self._lively = lively
        self.setToolTip(tip(text))
        self.setAccessibleName(text)
        self.setVisible(bool(names))
        self.updateGeometry()
        self.update()

    def _pictures(self) -> int:
        return SIDE + STEP * (min(len(self._names), MOST) - 1) if self._names else 0

    # Qt

    def sizeHint(self) -> QSize:
        # The words take what is left: who the customer is matters more.
        return QSize(self._pictures() + 2, max(SIDE + 2, self._theme.px(18)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
            top = (self.height() - SIDE) / 2
            for place in reversed(range(min(len(self._names), MOST))):
                x = STEP * place
                disc = QRectF(self.width() - x - SIDE if mirrored else x, top, SIDE, SIDE)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(theme.tokens.surface))
                painter.drawEllipse(disc.adjusted(-1.5, -1.5, 1.5, 1.5))
                paint_avatar(painter, theme, disc, self._names[place])
            room = self.width() - self._pictures() - 6
            face = theme.font(Role.SMALL)
            wide = QFontMetricsF(face).horizontalAdvance
            text = next((each for each in (self._text, self._word) if wide(each) <= room), "")
            if text:
                painter.setPen(theme.color("accent" if self._lively else "muted"))
                x = 0 if mirrored else self._pictures() + 6
                draw_line(painter, QRectF(x, 0, room, self.height()), text, face)

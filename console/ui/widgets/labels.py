"""Text labels that never read their text as HTML."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy

from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.painting import draw_centred, draw_line, draw_pill, pill_width
from console.ui.words import tip


def label(text: str = "", role: str = "", tone: str = "", wrap: bool = False) -> QLabel:
    """A plain-text label; `role` and `tone` are rules of the style sheet."""
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    if tone:
        made.setProperty("tone", tone)
    return made


def rule() -> QFrame:
    """A hairline."""
    made = QFrame()
    made.setProperty("kind", "rule")
    made.setFixedHeight(1)
    return made


class ElidedLabel(QLabel):
    """One line that ends in an ellipsis when there is no room; the tooltip has it all."""

    def __init__(self, text: str = "", role: str = "", tone: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)
        if tone:
            self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.setText(text)

    @property
    def wording(self) -> str:
        """What is drawn of it, where it is cut too."""
        return self.text()

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setPen(self.palette().color(self.foregroundRole()))
            side = self.alignment() & Qt.AlignmentFlag.AlignHorizontal_Mask
            draw_line(painter, self.rect().toRectF(), self.wording, self.font(), side)


class ShorterLabel(ElidedLabel):
    """Says it in fewer words where there is no room for all; the tooltip has them then."""

    def __init__(self, role: str = "", tone: str = "") -> None:
        super().__init__("", role, tone)
        self._shorter: tuple[str, ...] = ()

    @property
    def wording(self) -> str:
        """The longest for which there is room, else the shortest."""
        ways = (self.text(), *self._shorter)
        metrics, room = QFontMetricsF(self.font()), self.contentsRect().width()
        return next((way for way in ways if metrics.horizontalAdvance(way) <= room), ways[-1])

    def show_wordings(self, whole: str, *shorter: str) -> None:
        """The same in fewer and fewer words."""
        self._shorter = shorter
        self.setText(whole)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.setToolTip("" if self.wording == self.text() else tip(self.text()))
        super().paintEvent(event)


class Pill(QLabel):
    """A small coloured label with an icon in front, such as the window's countdown."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._theme = theme
        self._ground, self._ink, self._icon = "accent_soft", "on_accent_soft", ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def show_state(self, text: str, ground: str, ink: str, icon: str = "") -> None:
        self._ground, self._ink, self._icon = ground, ink, icon
        self.setText(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        width = pill_width(self._theme, self.text(), Role.STAMP_STRONG, 8)
        return QSize(round(width) + (17 if self._icon else 0), self._theme.px(21))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            rect = self.rect().toRectF()
            draw_pill(painter, self._theme, rect, "", self._ground, self._ink, radius=6)
            text_rect = rect
            if self._icon:
                spot = rect.adjusted(7, 0, 0, 0)
                spot.setSize(QSize(13, 13).toSizeF())
                spot.moveTop((rect.height() - 13) / 2)
                self._theme.draw_icon(painter, self._icon, self._ink, spot)
                text_rect = rect.adjusted(17, 0, 0, 0)
            painter.setPen(self._theme.color(self._ink))
            painter.setFont(self._theme.font(Role.STAMP_STRONG))
            draw_centred(painter, text_rect, self.text())

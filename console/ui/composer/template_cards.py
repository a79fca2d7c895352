"""Templates as painted cards: name, approval, language, and the text with its values in it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QResizeEvent, QTextLayout
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.domain.desk import Template
from console.domain.placeholders import Filled
from console.ui import words
from console.ui.composer.painted import draw, height_of, wrapped
from console.ui.keys import is_letter, keeps_letter
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.painting import Aside, draw_line, placed

PAD, GAP = 12, 7
TEMPLATE = int(Qt.ItemDataRole.UserRole) + 1
LANGUAGES = {"id": "Indonesia", "en": "English"}
Index = QModelIndex | QPersistentModelIndex


def state(status: str) -> tuple[str, str]:
    """The approval state in words, and the token of its colour."""
    return {
        "approved": (translate("templates", "approved"), "accent"),
        "pending": (translate("templates", "waiting for Meta"), "warning"),
        "received": (translate("templates", "waiting for Meta"), "warning"),
        "rejected": (translate("templates", "refused by Meta"), "danger"),
        "paused": (translate("templates", "paused by Meta"), "danger"),
        "disabled": (translate("templates", "disabled by Meta"), "danger"),
    }.get(status, (translate("templates", "not submitted"), "muted"))


def language(code: str) -> str:
    """A template's language by its name, or its code where it has none here."""
    return LANGUAGES.get(code.partition("_")[0].lower(), code)


class Templates(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Template] = []

    def show(self, templates: list[Template]) -> None:
        self.beginResetModel()
        self.shown = templates
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        template = self.shown[index.row()]
        if role == TEMPLATE:
            return template
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{template.name}, {state(template.status)[0]}: {template.body}"
        return None


class CardList(QListView):
    """As tall as asked for; where there is little room at least its chosen card is in view.

    `typed` carries the letters, which are no shortcuts of the window here.
    """

    typed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._least = self._most = 0

    def fit(self, least: int, most: int) -> None:
        """Heights in px."""
        if (least, most) != (self._least, self._most):
            self._least, self._most = least, most
            self.setMaximumHeight(most)
            self.updateGeometry()

    # Qt

    def event(self, event: QEvent) -> bool:
        return keeps_letter(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_letter(event):
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._most)

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self._least)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scrollTo(self.currentIndex())


class TemplateCards(QStyledItemDelegate):
    """A card each; the chosen one shows its whole text with the values in it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.width = 400
        self.chosen = ""  # content sid
        self.filled = Filled("")
        self._plain = 0  # height of a card that is not chosen; 0: to be measured
        theme.changed.connect(self._forget)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, template = self._theme, index.data(TEMPLATE)
        rect = option.rect.toRectF().adjusted(1, 1, -1, -GAP - 1)
        is_chosen = template.content_sid == self.chosen
        with Aside(painter):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
            painter.setPen(theme.color("accent" if is_chosen else "line"))
            painter.setBrush(theme.color("hover" if hovered and not is_chosen else "surface"))
            painter.drawRoundedRect(rect, 8, 8)
            if not template.is_approved:
                painter.setOpacity(0.72)
            at = partial(placed, painter, rect)
            left, right = rect.x() + PAD, rect.right() - PAD
            head = QRectF(left, rect.y() + 9, right - left, theme.px(18))
            painter.setPen(theme.color("muted"))
            face = theme.font(Role.STAMP)
            code = language(template.language)
            right -= draw_line(painter, head, code, face, Qt.AlignmentFlag.AlignRight) + 10
            words_of_state, token = state(template.status)
            name_face, state_face = theme.font(Role.BASE_STRONG), theme.font(Role.TINY)
            beside = QFontMetricsF(state_face).horizontalAdvance(words_of_state) + 20
            painter.setPen(theme.color("text"))
            name = QRectF(left, head.y(), max(40.0, right - left - beside), head.height())
            wide = draw_line(painter, at(name), words.one_line(template.name), name_face)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(token))
            painter.drawEllipse(at(QRectF(left + wide + 8, head.center().y() - 3.5, 7, 7)))
            painter.setPen(theme.color(token))
            room = QRectF(left + wide + 19, head.y(), beside, head.height())
            draw_line(painter, at(room), words_of_state, state_face)
            body = QRectF(left, head.bottom() + 4, rect.right() - PAD - left, 0)
            draw(painter, self._body(template), body, theme.color("muted"))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        template = index.data(TEMPLATE)
        tall = 9 + self._theme.px(18) + 4 + 11 + GAP
        if template.content_sid == self.chosen:
            return QSize(self.width, round(tall + height_of(self._body(template))))
        # One line, whatever it says: all are asked, also those that are not in view.
        if not self._plain:
            self._plain = round(tall + QFontMetricsF(self._theme.font(Role.SMALL)).height())
        return QSize(self.width, self._plain)

    def _forget(self) -> None:
        self._plain = 0

    def _body(self, template: Template) -> QTextLayout:
        face, room = self._theme.font(Role.SMALL), self.width - 2 * PAD - 2
        if template.content_sid != self.chosen:
            return wrapped(template.body, face, room, most=1)
        return wrapped(
            self.filled.text,
            face,
            room,
            self.filled.spans,
            self._theme.color("on_accent_soft"),
            self._theme.color("accent_soft"),
        )

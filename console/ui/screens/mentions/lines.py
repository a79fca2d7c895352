"""The mentions as a list: a model in memory, and how one of them is painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import IntEnum

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.domain.shifts import Mention
from console.ui import words
from console.ui.isolates import apart
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.times import list_time
from console.ui.widgets.avatar import paint_avatar
from console.ui.widgets.painting import Aside, draw_line

HEIGHT = 72
AVATAR = 38
MARGIN = 28  # px from the side, as the page's title
DOT = 8
Index = QModelIndex | QPersistentModelIndex


class MentionRole(IntEnum):
    """Data roles beside Qt's own."""

    MENTION = Qt.ItemDataRole.UserRole + 1


class MentionModel(QAbstractListModel):
    """What was read last; newest first."""

    def __init__(self) -> None:
        super().__init__()
        self.mentions: tuple[Mention, ...] = ()

    def show(self, mentions: Sequence[Mention]) -> None:
        if tuple(mentions) != self.mentions:
            self.beginResetModel()
            self.mentions = tuple(mentions)
            self.endResetModel()

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.mentions)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.mentions):
            return None
        mention = self.mentions[index.row()]
        if role == MentionRole.MENTION:
            return mention
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            new = translate("mentions", "New. ") if mention.unread else ""
            return f"{new}{title(mention)}. {words.one_line(mention.body)}"
        return None


def title(mention: Mention) -> str:
    """Who asks, and about whom."""
    author = mention.author or translate("mentions", "A colleague")
    return translate("mentions", "{author} about {customer}").format(
        author=apart(words.one_line(author, 80)),
        customer=apart(words.one_line(mention.customer, 120)),
    )


class MentionDelegate(QStyledItemDelegate):
    """Picture, who and about whom, the note in one line, when; a dot while it is new."""

    def __init__(self, theme: Theme, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._theme = theme
        self._now = now

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._theme
        mention: Mention = index.data(MentionRole.MENTION)
        rect = option.rect.toRectF()
        mirrored = option.direction == Qt.LayoutDirection.RightToLeft

        def at(x: float, width: float, top: float, height: float) -> QRectF:
            """A part `x` px from the leading edge."""
            left = rect.right() - x - width if mirrored else rect.x() + x
            return QRectF(left, top, width, height)

        with Aside(painter):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            selected = bool(option.state & QStyle.StateFlag.State_Selected)
            hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
            ground = "selected" if selected else ("hover" if hovered else "surface")
            painter.fillRect(rect, theme.color(ground))
            middle = rect.center().y()
            author = mention.author or "?"
            paint_avatar(painter, theme, at(MARGIN, AVATAR, middle - AVATAR / 2, AVATAR), author)
            x, line = MARGIN + AVATAR + 12, theme.px(20)
            width = rect.width() - x - MARGIN
            top = middle - line - 1
            painter.setPen(theme.color("accent" if mention.unread else "muted"))
            stamp = theme.font(Role.STAMP_STRONG if mention.unread else Role.STAMP)
            time = list_time(mention.at, self._now())
            away = Qt.AlignmentFlag.AlignRight
            taken = draw_line(painter, at(x, width, top, line), time, stamp, away)
            painter.setPen(theme.color("text"))
            face = theme.font(Role.BASE_STRONG if mention.unread else Role.BASE_MEDIUM)
            draw_line(painter, at(x, width - taken - 12, top, line), title(mention), face)
            if mention.unread:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("accent"))
                low = top + line + 2 + (line - DOT) / 2
                painter.drawEllipse(at(rect.width() - MARGIN - DOT, DOT, low, DOT))
            painter.setPen(theme.color("text" if mention.unread else "muted"))
            body = at(x, width - DOT - 10, top + line + 2, line)
            draw_line(painter, body, words.one_line(mention.body), theme.font(Role.BASE))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, max(HEIGHT, self._theme.px(HEIGHT - 8)))

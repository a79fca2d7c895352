"""How the palette's lines look: titles, people with their picture, messages with their words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.ui.palette.entries import Entry, Kind
from console.ui.palette.model import Index, LineRole
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.times import list_time
from console.ui.widgets.avatar import paint_avatar
from console.ui.widgets.marked import draw_marked
from console.ui.widgets.painting import Aside, draw_line, draw_pill, pill_width

SIDE = 16
DISC = 28
HEIGHTS = {Kind.TITLE: 30, Kind.ACTION: 36, Kind.PERSON: 50, Kind.MESSAGE: 52, Kind.REMARK: 36}
LEAD = 18  # characters of text kept before the first match


class LineDelegate(QStyledItemDelegate):
    """Paints for both directions of writing: everything is laid out from the leading edge."""

    def __init__(self, theme: Theme, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._theme = theme
        self._now = now

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: Entry = index.data(LineRole.ENTRY)
        theme, whole = self._theme, option.rect
        with Aside(painter):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if entry.can_be_chosen and option.state & QStyle.StateFlag.State_Selected:
                painter.fillRect(whole, theme.color("selected"))
            elif entry.can_be_chosen and option.state & QStyle.StateFlag.State_MouseOver:
                painter.fillRect(whole, theme.color("hover"))
            self._direction = option.direction
            self._whole = whole
            inside = QRectF(whole).adjusted(SIDE, 0, -SIDE, 0)
            if entry.kind in (Kind.TITLE, Kind.REMARK):
                face = theme.font(Role.CAPTION if entry.kind is Kind.TITLE else Role.SMALL)
                painter.setPen(theme.color("muted"))
                text = entry.words.upper() if entry.kind is Kind.TITLE else entry.words
                shift = 4 if entry.kind is Kind.TITLE else 0
                draw_line(painter, inside.translated(0, shift), text, face)
            elif entry.kind is Kind.ACTION:
                self._paint_action(painter, inside, entry)
            else:
                self._paint_found(painter, inside, entry)

    def _at(self, rect: QRectF) -> QRectF:
        """A rectangle measured from the leading edge, where it lies in this direction."""
        place: QRect = QStyle.visualRect(self._direction, self._whole, rect.toRect())
        return QRectF(place)

    def _paint_action(self, painter: QPainter, inside: QRectF, entry: Entry) -> None:
        theme = self._theme
        room = QRectF(inside)
        if entry.keys:
            width = pill_width(theme, entry.keys, Role.STAMP, 7)
            height = float(theme.px(20))
            pill = self._at(
                QRectF(inside.right() - width, inside.center().y() - height / 2, width, height)
            )
            painter.setPen(theme.color("line"))
            painter.setBrush(theme.color("background"))
            painter.drawRoundedRect(pill.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
            painter.setPen(theme.color("muted"))
            painter.setFont(theme.font(Role.STAMP))
            painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), entry.keys)
            room.setRight(inside.right() - width - 12)
        painter.setPen(theme.color("text"))
        draw_line(painter, self._at(room), entry.words, theme.font(Role.BASE))

    def _paint_found(self, painter: QPainter, inside: QRectF, entry: Entry) -> None:
        theme = self._theme
        middle = inside.center().y()
        disc = QRectF(inside.x(), middle - DISC / 2, DISC, DISC)
        paint_avatar(painter, theme, self._at(disc), entry.words)
        room = inside.adjusted(DISC + 12, 7, 0, -7)
        half = room.height() / 2
        first = QRectF(room.x(), room.y(), room.width(), half)
        time = list_time(entry.moment, self._now())
        stamp = theme.font(Role.STAMP)
        taken = QFontMetricsF(stamp).horizontalAdvance(time)
        painter.setPen(theme.color("muted"))
        edge = QRectF(first.right() - taken - 1, first.y(), taken + 1, half)
        draw_line(painter, self._at(edge), time, stamp)
        painter.setPen(theme.color("text"))
        named = first.adjusted(0, 0, -taken - 12, 0)
        wide, tall = pill_width(theme, entry.state), float(theme.px(17))
        if entry.state:
            named.setWidth(named.width() - wide - 8)
        taken = draw_line(painter, self._at(named), entry.words, theme.font(Role.BASE_STRONG))
        if entry.state:
            pill = QRectF(named.x() + taken + 8, named.center().y() - tall / 2, wide, tall)
            draw_pill(painter, theme, self._at(pill), entry.state, "label_grey", "on_label_grey")
        second = self._at(first.translated(0, half))
        if not entry.spans:
            painter.setPen(theme.color("muted"))
            draw_line(painter, second, entry.note, theme.font(Role.SMALL))
        else:
            self._paint_words(painter, second, entry)

    def _paint_words(self, painter: QPainter, rect: QRectF, entry: Entry) -> None:
        """The text from shortly before the first match, each match on a ground of its own."""
        theme = self._theme
        painter.setPen(theme.color("muted"))
        face = theme.font(Role.SMALL)
        draw_marked(painter, theme, rect, pieces(entry), face, "on_accent_soft", "accent_soft")

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        entry: Entry = index.data(LineRole.ENTRY)
        height = HEIGHTS[entry.kind]
        return QSize(200, max(height, self._theme.px(height - 4)))


def pieces(entry: Entry) -> list[tuple[str, bool]]:
    """The text cut at its matches; each piece says whether it is one."""
    text = entry.note.replace("\n", " ")
    start = max(0, entry.spans[0][0] - LEAD) if entry.spans else 0
    made: list[tuple[str, bool]] = [("…", False)] if start else []
    at = start
    for begin, length in entry.spans:
        if begin >= at:
            made += [(text[at:begin], False), (text[begin : begin + length], True)]
            at = begin + length
    made.append((text[at:], False))
    return [piece for piece in made if piece[0]]

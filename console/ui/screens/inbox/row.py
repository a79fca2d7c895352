"""One conversation in the list, painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.domain.conversation import ConversationRow, ConversationStatus, Label, Sort
from console.domain.delivery import Direction
from console.domain.ids import ProfileId
from console.ui import overrides, words
from console.ui.language import translate
from console.ui.models.conversations import RowRole
from console.ui.models.marks import Marks, window_words
from console.ui.snoozing import until_words
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import label_tokens
from console.ui.theme.type import Role
from console.ui.timeline.ticks import TICKS
from console.ui.times import left, left_short, list_time, waited_days
from console.ui.widgets.avatar import channel_token, paint_avatar, paint_dot
from console.ui.widgets.painting import (
    Aside,
    badge_width,
    draw_badge,
    draw_line,
    draw_pill,
    pill_width,
    placed,
)
from console.ui.widgets.pictures import Pictures

HEIGHT = 68
AVATAR = 40
MARGIN = 16
MOST_DOTS = 4
DOT = 11  # px from one label's dot to the next
LEAST_NAME = 0.4  # of the line: labels and words give way before the name does
WORTH_A_WORD = timedelta(minutes=10)  # of waiting; in the order by waiting every wait is shown
MOST_WAIT = timedelta(hours=24)  # hours and minutes up to here, then days
FRESH = 15  # seconds for which "waits 12 min" is true enough


def row_height(theme: Theme) -> int:
    """px of every row, at the size of text chosen."""
    return max(HEIGHT, theme.px(HEIGHT - 8))


class RowDelegate(QStyledItemDelegate):
    """Paints a ConversationRow; reads nothing but the row.

    A row costs half a millisecond of words and icons, and each message that comes has all in view
    painted again; so their pictures are kept until something in them changes.
    """

    def __init__(
        self,
        theme: Theme,
        now: Callable[[], datetime],
        me: Callable[[], ProfileId | None],
        sort: Callable[[], Sort],
        marks: Marks | None = None,
    ) -> None:
        super().__init__()
        self._sort = sort
        self._theme = theme
        self._now = now
        self._me = me
        self._marks = marks or Marks()
        self._kept = Pictures(theme)

    def _paint(
        self,
        painter: QPainter,
        rect: QRectF,
        row: ConversationRow,
        selected: bool,
        hovered: bool,
    ) -> None:
        theme = self._theme
        ground = "selected" if selected else ("hover" if hovered else "surface")
        painter.fillRect(rect, theme.color(ground))
        if selected:
            bar = placed(painter, rect, QRectF(rect.x(), rect.y() + 10, 3, rect.height() - 20))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawRoundedRect(bar, 1.5, 1.5)
        name = words.title(row)
        disc = QRectF(rect.x() + MARGIN, rect.y() + (rect.height() - AVATAR) / 2, AVATAR, AVATAR)
        x = disc.right() + 11
        disc = placed(painter, rect, disc)
        paint_avatar(painter, theme, disc, name)
        paint_dot(painter, theme, disc, channel_token(row.channel), getattr(theme.tokens, ground))
        width = rect.right() - MARGIN - x
        first, second = theme.px(20), theme.px(20)
        top = rect.y() + (rect.height() - first - second - 2) / 2
        above = placed(painter, rect, QRectF(x, top, width, first))
        self._paint_first(painter, above, row, name)
        below = placed(painter, rect, QRectF(x, top + first + 2, width, second))
        self._paint_second(painter, below, row)

    def _paint_first(
        self, painter: QPainter, rect: QRectF, row: ConversationRow, name: str
    ) -> None:
        theme = self._theme
        time = list_time(row.last_message_at, self._now())
        face = theme.font(Role.STAMP_STRONG if row.unread else Role.STAMP)
        painter.setPen(theme.color("accent" if row.unread else "muted"))
        taken = draw_line(painter, rect, time, face, Qt.AlignmentFlag.AlignRight)
        room = rect.adjusted(0, 0, -taken - 10, 0)
        strong, small = theme.font(Role.BASE_STRONG), theme.px(14)
        least = min(QFontMetricsF(strong).horizontalAdvance(name), rect.width() * LEAST_NAME)
        flag = {"urgent": "danger", "high": "warning"}.get(row.priority or "")
        icons = [("flag", flag)] if flag else []
        if row.id in self._marks.muted:
            icons.append(("bell-off", "muted"))
        waits = self._wait(row, face, room.width() - least - (small + 8) * len(icons))
        if waits:
            painter.setPen(theme.color("warning"))
            side = theme.px(12)
            beside = placed(painter, rect, room)
            taken = draw_line(painter, beside, waits, face, Qt.AlignmentFlag.AlignRight)
            spot = QRectF(room.right() - taken - side - 3, 0, side, side)
            spot.moveTop(room.center().y() - side / 2)
            theme.draw_icon(painter, "hourglass", "warning", placed(painter, rect, spot))
            room.setRight(spot.left() - 8)
        for icon, ink in icons:
            spot = QRectF(room.right() - small, room.center().y() - small / 2, small, small)
            theme.draw_icon(painter, icon, ink, placed(painter, rect, spot))
            room.setRight(spot.left() - 8)
        most = min(MOST_DOTS, max(0, int((room.width() - least) // DOT)))
        labels = row.labels[:most]
        painter.setPen(theme.color("muted" if row.blocked else "text"))
        room.setRight(room.right() - DOT * len(labels))
        wide = draw_line(painter, placed(painter, rect, room), name, strong)
        self._paint_labels(painter, rect, room.x() + wide + 7, labels)

    def _wait(self, row: ConversationRow, face: QFont, room: float) -> str:
        """How long the customer has waited, once it is worth a word; shorter in little room."""
        if row.waiting_since is None:
            return ""
        waited = self._now() - row.waiting_since
        if waited < WORTH_A_WORD and self._sort() is not Sort.WAITING:
            return ""
        if waited >= MOST_WAIT:
            return waited_days(waited)
        said = left(waited)
        wide = QFontMetricsF(face).horizontalAdvance(said) + self._theme.px(12) + 11
        return said if wide <= room else left_short(waited)

    def _paint_labels(
        self, painter: QPainter, rect: QRectF, x: float, labels: Sequence[Label]
    ) -> None:
        """A dot for each label; their names are in the contact's column and in the row's words."""
        painter.setPen(Qt.PenStyle.NoPen)
        for label in labels:
            painter.setBrush(self._theme.color(label_tokens(label.color)[1]))
            dot = QRectF(x, rect.center().y() - 3.5, 7, 7)
            painter.drawEllipse(placed(painter, rect, dot))
            x += DOT

    def _paint_second(self, painter: QPainter, rect: QRectF, row: ConversationRow) -> None:
        theme = self._theme
        right = rect.right()
        if row.unread:
            wide = badge_width(theme, row.unread)
            badge = placed(painter, rect, QRectF(right - wide, rect.y(), wide, rect.height()))
            middle = QPointF(badge.right(), badge.center().y())
            draw_badge(painter, theme, middle, row.unread, "accent", "on_accent")
            right -= wide + 6
        elif row.assignee_name and row.assignee_id != self._me():
            side = theme.px(18)
            disc = QRectF(right - side, rect.center().y() - side / 2, side, side)
            paint_avatar(painter, theme, placed(painter, rect, disc), row.assignee_name)
            right -= side + 6
        at = self._marks.company.get(row.id)
        if at is not None:
            side = theme.px(16)
            spot = QRectF(right - side, rect.center().y() - side / 2, side, side)
            spot = placed(painter, rect, spot)
            theme.draw_icon(painter, "pencil" if at[1] else "eye", "accent", spot)
            right -= side + 6
        chip = self._window_chip(row)
        if chip is not None:
            text, ground, ink = chip
            wide, tall = pill_width(theme, text), theme.px(18)
            place = QRectF(right - wide, rect.center().y() - tall / 2, wide, tall)
            draw_pill(painter, theme, placed(painter, rect, place), text, ground, ink)
            right -= wide + 8
        rest = QRectF(rect.x(), rect.y(), right - rect.x(), rect.height())
        self._paint_preview(painter, placed(painter, rect, rest), row)

    def _window_chip(self, row: ConversationRow) -> tuple[str, str, str] | None:
        if row.blocked:
            return translate("inbox", "blocked"), "danger_soft", "danger"
        if self._marks.mixed and row.status is ConversationStatus.RESOLVED:
            return translate("inbox", "resolved"), "label_grey", "on_label_grey"
        if row.snoozed_until is not None and row.status is ConversationStatus.SNOOZED:
            until = until_words(row.snoozed_until, self._now())
            text = translate("inbox", "snoozed") if self._marks.mixed else until
            return text, "label_grey", "on_label_grey"
        # Who sorts by it sees of each row why it stands there.
        text, tone = window_words(row, self._now(), always=self._sort() is Sort.WINDOW)
        if not text:
            return None
        return (text, f"{tone}_soft", tone) if tone else (text, "label_grey", "on_label_grey")

    def _paint_preview(self, painter: QPainter, rect: QRectF, row: ConversationRow) -> None:
        theme, face = self._theme, self._theme.font(Role.BASE)
        icon, ink, text = "", "muted", words.preview(row)
        tone = "muted"
        if row.failed:
            tone = ink = "warning" if row.asks else "danger"  # it did not fail: it waits
            icon = "circle-help" if row.asks else "triangle-alert"
            text = words.failure(row)
        elif row.draft:
            label = translate("inbox", "Draft:") + " "
            painter.setPen(theme.color("warning"))
            taken = draw_line(painter, rect, label, theme.font(Role.BASE_MEDIUM))
            rect = placed(painter, rect, rect.adjusted(taken + 3, 0, 0, 0))
            text = words.one_line(row.draft)
        elif row.preview is not None:
            tick = TICKS.get(row.preview.status) if row.preview.status else None
            if row.preview.direction is Direction.OUTBOUND and tick is not None:
                rect = self._paint_icon(
                    painter, rect, tick[0], "muted" if tick[1] == "on_bubble" else tick[1]
                )
            kind = words.kind_named(row.preview.kind)
            icon = words.KIND_ICONS.get(kind, "")
            tone = "text" if row.unread else "muted"
        if icon:
            rect = self._paint_icon(painter, rect, icon, ink)
        painter.setPen(theme.color(tone))
        draw_line(painter, rect, text, face)

    def _paint_icon(self, painter: QPainter, rect: QRectF, icon: str, ink: str) -> QRectF:
        side = self._theme.px(15)
        spot = QRectF(rect.x(), rect.center().y() - side / 2, side, side)
        self._theme.draw_icon(painter, icon, ink, placed(painter, rect, spot))
        return placed(painter, rect, rect.adjusted(side + 5, 0, 0, 0))

    def _paint_stand_in(self, painter: QPainter, rect: QRectF, lit: bool) -> None:
        """For a conversation that cannot be painted; looks at nothing of it."""
        theme = self._theme
        with Aside(painter):
            painter.fillRect(rect, theme.color("selected" if lit else "surface"))
            side, middle = theme.px(20), rect.center().y()
            spot = QRectF(rect.x() + MARGIN, middle - side / 2, side, side)
            spot.translate((AVATAR - side) / 2, 0)
            theme.draw_icon(painter, "triangle-alert", "muted", placed(painter, rect, spot))
            painter.setPen(theme.color("muted"))
            said = translate("inbox", "This conversation cannot be shown")
            room = placed(painter, rect, rect.adjusted(MARGIN + AVATAR + 11, 0, -MARGIN, 0))
            draw_line(painter, room, said, theme.font(Role.BASE))

    # Qt

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        row = index.data(RowRole.ROW)
        if row is None:
            return  # not read yet: the list paints what stands for it

        def draw(painter: QPainter, rect: QRectF) -> None:
            self._paint(painter, rect, row, selected, hovered)

        try:
            key = (
                row, selected, hovered, int(self._now().timestamp()) // FRESH, self._sort(),
                self._me(), self._marks.company.get(row.id), row.id in self._marks.muted,
                self._marks.mixed,
            )  # fmt: skip
            self._kept.paint(painter, option, key, draw)
        except Exception as error:  # its place is kept, and it can still be opened
            overrides.tell(self, error, row.id)
            self._paint_stand_in(painter, option.rect.toRectF(), selected or hovered)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(200, row_height(self._theme))

"""The rail: the screens, the settings, and the agent's own picture."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from console.domain.changes import Link
from console.domain.profile import Profile, Role
from console.ui import words
from console.ui.language import translate
from console.ui.pages import PREFERENCES, pages
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import RAIL
from console.ui.widgets.avatar import paint_avatar, paint_dot
from console.ui.widgets.emblem import Emblem
from console.ui.widgets.painting import draw_badge

FLAT = 18  # px of a counter that covers no more than a corner of its icon


class RailButton(QAbstractButton):
    """An icon on the rail, or the agent's picture; with a counter."""

    def __init__(self, theme: Theme, icon: str, tip: str, *, person: bool = False) -> None:
        super().__init__()
        self._theme = theme
        self._icon = icon
        self._person = person
        self._name = ""
        self._link = Link.ONLINE
        self._available = True
        self._count = 0
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(40, 40)
        theme.changed.connect(self.update)

    @property
    def count(self) -> int:
        """The number on it."""
        return self._count

    def show_count(self, count: int) -> None:
        if count != self._count:
            self._count = count
            self.setAccessibleDescription(
                translate("words", "%n unread", "", count) if count else ""
            )
            self.update()

    @property
    def _is_crowded(self) -> bool:
        """The counter is as wide as the icon."""
        return self._count > 99

    def _badge_height(self) -> float:
        return float(self._theme.px(14 if self._is_crowded else 18))

    def _icon_place(self) -> QRectF:
        """In the middle, or out of the way of a counter that would leave little to be seen of it.

        Below one that is wide, towards the corner across as large text makes it taller.
        """
        if not self._is_crowded:
            taller = max(0.0, self._badge_height() - FLAT) if self._count else 0.0
            return QRectF(11 - min(7, 0.8 * taller), 11 + min(9, taller), 18, 18)
        return QRectF(11, min(21.0, self._badge_height() + 2), 18, 18)

    def show_person(self, name: str, link: Link, *, available: bool = True) -> None:
        """The dot is green while the line is there and the agent too, a ring while away."""
        state = translate("rail", "available") if available else translate("rail", "away")
        was = (self._name, self._link, self.accessibleDescription())
        if was == (name, link, state):
            return  # said with each message; the rail is painted when it is news
        self._name, self._link, self._available = name, link, available
        self.setAccessibleDescription(state)
        self.setToolTip(f"{words.tip(name)} · {state}" if name else self.accessibleName())
        self.update()

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(40, 40)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            rect = self.rect().toRectF()
            if self._person:
                disc = QRectF(3, 3, 34, 34)
                paint_avatar(painter, theme, disc, self._name)
                dot = "online" if self._link is Link.ONLINE else "warning"
                paint_dot(painter, theme, disc, dot, theme.tokens.rail, 12)
                if not self._available and self._link is Link.ONLINE:
                    hole = QRectF(0, 0, 5, 5)
                    hole.moveCenter(QPointF(disc.right() - 4, disc.bottom() - 4))
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(theme.color("rail"))
                    painter.drawEllipse(hole)
            else:
                lit = self.isChecked() or self.underMouse()
                if lit or self.hasFocus():
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(theme.color("rail_active"))
                    painter.drawRoundedRect(rect, 10, 10)
                token = "rail_icon_active" if lit else "rail_icon"
                theme.draw_icon(painter, self._icon, token, self._icon_place())
            if self.hasFocus():
                painter.setPen(QPen(theme.color("rail_icon_active"), 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 10, 10)
            if self._count:
                tall = self._badge_height()
                y = tall / 2 if self._is_crowded else max(10.0, tall / 2)  # whole in large text too
                middle = QPointF(rect.right(), y)
                draw_badge(painter, theme, middle, self._count, "badge", "on_badge", tall)


class Rail(QWidget):
    """Buttons that say what is wanted; the window decides."""

    inbox_wanted = Signal()
    snoozed_wanted = Signal()
    page_wanted = Signal(str)  # a page's name
    settings_wanted = Signal()
    me_wanted = Signal()

    def __init__(
        self, theme: Theme, me: Profile | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(RAIL)
        self.inbox = RailButton(theme, "message-square", translate("rail", "Inbox (Ctrl+1)"))
        self.inbox.setCheckable(True)
        self.inbox.setChecked(True)
        self.snoozed = RailButton(
            theme, "clock", translate("rail", "Snoozed conversations (Alt+4)")
        )
        self.snoozed.setCheckable(True)
        self.settings = RailButton(theme, "settings", translate("rail", "Preferences (Ctrl+,)"))
        self.settings.setCheckable(True)
        self.me = RailButton(theme, "", translate("rail", "You, signing out"), person=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 14, 8, 12)
        layout.setSpacing(6)
        layout.addWidget(Emblem(32), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(14)
        layout.addWidget(self.inbox)
        layout.addWidget(self.snoozed)
        self.pages: dict[str, RailButton] = {}
        self._roles: dict[str, tuple[Role, ...]] = {}
        for page in pages():
            if page.listed:
                self.pages[page.name] = made = RailButton(theme, page.icon, page.tip)
                made.setCheckable(True)
                made.clicked.connect(partial(self._on_page, page.name))
                layout.addWidget(made)
                self._roles[page.name] = page.roles
        self.show_role(me.role if me else None)
        layout.addStretch(1)
        layout.addWidget(self.settings)
        layout.addWidget(self.me)
        self.inbox.clicked.connect(self._on_inbox)
        self.snoozed.clicked.connect(self.snoozed_wanted)
        self.settings.clicked.connect(self._on_settings)
        self.me.clicked.connect(self.me_wanted)

    def show_role(self, role: Role | None) -> None:
        """Offer the pages of a role, which is known after the first pull and may change.

        Without one, those that everybody has.
        """
        for name, made in self.pages.items():
            roles = self._roles[name]
            made.setVisible(role in roles if role else len(roles) == len(Role))

    def show_place(self, name: str) -> None:
        """Light up where one is: a page's name, or "snoozed"."""
        places = {
            "inbox": self.inbox,
            "snoozed": self.snoozed,
            PREFERENCES: self.settings,
            **self.pages,
        }
        for place, made in places.items():
            made.setChecked(place == name)

    def _on_inbox(self) -> None:
        self.inbox.setChecked(True)
        self.inbox_wanted.emit()

    def _on_settings(self) -> None:
        self.settings.setChecked(True)
        self.settings_wanted.emit()

    def _on_page(self, name: str) -> None:
        self.pages[name].setChecked(True)
        self.page_wanted.emit(name)

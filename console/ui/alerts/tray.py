"""The icon in the system's tray: how many wait, a menu, and notices where nothing better is."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from console.domain.ids import ConversationId
from console.ui.alerts.notices import Notice, Notices
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.widgets.emblem import app_icon
from console.ui.widgets.painting import badge_text

SHOWN = 8000  # ms
SIZES = (22, 32, 64)


def as_typed(text: str) -> str:
    """Text for a notice. Some Linux desktops read tags there: break them, visibly unchanged."""
    if not sys.platform.startswith("linux"):
        return text
    return text.replace("<", "<\u200b").replace("&", "&\u200b")


def counted_icon(theme: Theme, count: int) -> QIcon:
    """The program's icon with a counter on it; without one at zero."""
    plain = app_icon()
    if not count:
        return plain
    made = QIcon()
    for size in SIZES:
        picture = QPixmap(plain.pixmap(size, size))
        with QPainter(picture) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            disc = QRectF(size * 0.42, 0, size * 0.58, size * 0.58)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("badge"))
            painter.drawEllipse(disc)
            face = QFont("Inter")
            face.setPixelSize(max(7, round(size * (0.36 if count < 10 else 0.28))))
            face.setBold(True)
            painter.setFont(face)
            painter.setPen(QColor(theme.color("on_badge")))
            painter.drawText(disc, int(Qt.AlignmentFlag.AlignCenter), badge_text(count))
        made.addPixmap(picture)
    return made


class Tray(Notices):
    """`window_wanted` follows a click on the icon."""

    window_wanted = Signal()

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self._theme = theme
        self._last: ConversationId | None = None
        self._count = 0
        self._icon: QSystemTrayIcon | None = None
        self._menu: QMenu | None = None
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._icon = QSystemTrayIcon(app_icon(), self)
            self._icon.setToolTip("Balas")
            self._icon.messageClicked.connect(self._on_clicked)
            self._icon.activated.connect(self._on_activated)
            self._icon.show()

    @property
    def is_there(self) -> bool:
        """Whether this desktop has a tray at all."""
        return self._icon is not None

    def show_count(self, count: int) -> None:
        """How many conversations have something new."""
        if self._icon is None or count == self._count:
            return
        self._count = count
        self._icon.setIcon(counted_icon(self._theme, count))
        unread = translate("alerts", "%n unread", "", count)
        self._icon.setToolTip(f"Balas · {unread}" if count else "Balas")

    def set_menu(self, fill: Callable[[QMenu], None]) -> None:
        """`fill` puts its entries into the menu each time it is about to be shown."""
        if self._icon is None:
            return
        menu = QMenu()

        def refill() -> None:
            menu.clear()
            fill(menu)

        menu.aboutToShow.connect(refill)
        fill(menu)  # some desktops ask for the entries before they show anything
        self._menu = menu
        self._icon.setContextMenu(menu)

    def show_notice(self, notice: Notice) -> None:
        self._last = notice.conversation_id
        if self._icon is not None:
            self._icon.showMessage(
                as_typed(notice.title),
                as_typed(notice.text),
                QSystemTrayIcon.MessageIcon.NoIcon,
                SHOWN,
            )

    def abilities(self) -> str:
        if self._icon is None:
            return translate("alerts", "This system shows no notifications; sounds still come")
        return translate("alerts", "A click on a notification opens the conversation")

    def close(self) -> None:
        if self._icon is not None:
            self._icon.hide()

    def _on_clicked(self) -> None:
        if self._last is not None:
            self.chosen.emit(self._last)

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is not QSystemTrayIcon.ActivationReason.Context:
            self.window_wanted.emit()

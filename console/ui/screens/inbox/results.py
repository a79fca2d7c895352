"""The room below the views: conversations, the messages found, or what it means that none are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.ui.screens.inbox.listview import ConversationList
from console.ui.screens.inbox.row import row_height
from console.ui.theme.theme import Theme
from console.ui.widgets.empty import EmptyState

if TYPE_CHECKING:
    from console.ui.screens.inbox.hits import HitsList

CONVERSATIONS_BESIDE_HITS = 4  # rows, while messages are found as well
MOST_BESIDE_HITS = 2 / 3  # of the height, however tall the rows are
TOGETHER = 10  # ms in which the messages found may come, to be shown with the conversations


class Results(QWidget):
    """Places its parts by hand.

    They come and go with every letter typed, and a layout would have the whole window arranged
    anew each time.
    """

    def __init__(self, theme: Theme, make_hits: Callable[[], HitsList], parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.list = ConversationList(theme, self)
        self.empty = EmptyState(theme, self)
        self.empty.hide()
        self._make_hits = make_hits
        self._theme = theme
        self._made: HitsList | None = None
        self._rows = 0
        self._held = QTimer(self)
        self._held.setSingleShot(True)
        self._held.setInterval(TOGETHER)
        self._held.timeout.connect(self._let_go)

    @property
    def has_hits(self) -> bool:
        """Whether messages were ever looked for."""
        return self._made is not None

    @property
    def hits(self) -> HitsList:
        """The messages found; made for the first search, not for the start."""
        if self._made is None:
            made = self._made = self._make_hits()
            for part in (made.title, made):
                part.hide()
                part.setParent(self)
            self.setTabOrder(self.list, made)  # else the keys would come here last of all
        return self._made

    @property
    def messages(self) -> int:
        """How many messages were found."""
        return 0 if self._made is None else self._made.found.rowCount()

    @property
    def is_searching(self) -> bool:
        """Whether it is yet to be known what messages there are."""
        return self._made is not None and self._made.found.is_searching

    def look_for(self, search: str) -> None:
        """Look for messages.

        Where some may come, the conversations wait a moment for them: else more of these or of the
        messages of before were painted than there is room for right after.
        """
        if self._made is None and not search:
            return
        may_come = self.hits.found.show(search)
        if may_come and self.isVisible():
            self.setUpdatesEnabled(False)
            self._held.start()

    def share(self, rows: int, *, is_known: bool) -> bool:
        """Give each part its room, beside so many conversations; whether there is nothing.

        These are `is_known` where no other ones were asked for since.
        """
        had, self._rows = self.list.hasFocus() or self.hasFocus(), rows
        nothing = rows == 0 and self.messages == 0 and not self.is_searching
        self._arrange()
        self.list.setVisible(rows > 0)
        self.empty.setVisible(nothing)
        if nothing:
            # Else Tab would come here before the head.
            self.setTabOrder(self._made or self.list, self.empty.step)
        if self._made is not None:
            self._made.title.setVisible(self.messages > 0)
            self._made.setVisible(self.messages > 0)
        if had:
            self.take_keys()
        if is_known and not self.is_searching:
            self._let_go()
        return nothing

    def take_keys(self) -> None:
        """To the conversations, now or as soon as there are some."""
        (self if self.list.isHidden() else self.list).setFocus()

    def _let_go(self) -> None:
        self._held.stop()
        self.setUpdatesEnabled(True)

    def _arrange(self) -> None:
        """Messages stand under the conversations, which then take no more room than they need."""
        above, whole = self.height(), self.rect()
        if self._made is not None and self.messages:
            above = min(self._rows, CONVERSATIONS_BESIDE_HITS) * row_height(self._theme)
            above = min(above, int(self.height() * MOST_BESIDE_HITS))
            title = self._made.title.sizeHint().height()
            self._made.title.setGeometry(0, above, self.width(), title)
            self._made.setGeometry(whole.adjusted(0, above + title, 0, 0))
        if self._rows or self.list.is_waiting:
            self.list.setGeometry(0, 0, self.width(), above)
        self.empty.setGeometry(whole)

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()  # a part has another size
        return super().event(event)

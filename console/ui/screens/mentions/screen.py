"""The page where notes gather that mention this agent; seeing them here reads them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.domain.shifts import Mention
from console.ui.language import translate
from console.ui.screens.mentions.lines import (
    MARGIN,
    MentionDelegate,
    MentionModel,
    MentionRole,
)
from console.ui.tasks import TaskScope
from console.ui.widgets.empty import EmptyState
from console.ui.widgets.labels import label, rule
from console.ui.workplace import Workplace


class _List(QListView):
    """Enter opens what is current; letters are the window's shortcuts."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activated.emit(self.currentIndex())
        elif event.text() and not event.modifiers() and not event.text().isspace():
            event.ignore()
        else:
            super().keyPressEvent(event)


class Screen(QWidget):
    """What is new stays marked as such until the page is left."""

    def __init__(self, workplace: Workplace) -> None:
        super().__init__()
        self._work = workplace
        self._tasks = TaskScope(workplace.errors)
        self._new: set[str] = set()
        self.setProperty("kind", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.model = MentionModel()
        self.list = _List()
        self.empty = EmptyState(workplace.theme)
        self.stack = QStackedWidget()
        self._delegate = MentionDelegate(workplace.theme, workplace.now)
        self._build()
        self.list.clicked.connect(self._open)
        self.list.activated.connect(self._open)
        workplace.bridge.threads_changed.connect(self._follow)
        workplace.bridge.everything_changed.connect(self._follow)

    def _build(self) -> None:
        self.list.setModel(self.model)
        self.list.setItemDelegate(self._delegate)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(translate("mentions", "Mentions"))
        self.empty.show_state(
            "at-sign",
            translate("mentions", "Nobody has mentioned you yet"),
            translate("mentions", "Notes in which a colleague writes @ and your name gather here."),
            translate("mentions", "To the inbox"),
            lambda: self._work.go("inbox"),
        )
        self.stack.addWidget(QWidget())  # nothing, until the first reading
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        head = QHBoxLayout()
        head.setContentsMargins(MARGIN, 16, MARGIN, 14)
        head.addWidget(label(translate("mentions", "Mentions"), "title"))
        head.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(rule())
        layout.addWidget(self.stack, 1)

    # What the window asks of a page

    def enter(self) -> None:
        """Read them, and take the keyboard."""
        self._new.clear()
        self.list.setFocus()
        self._tasks.start(self._read(), "mentions")

    def close_tasks(self) -> None:
        """End what still reads."""
        self._tasks.close()

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        await self._tasks.settle()

    def _follow(self) -> None:
        if self.isVisible():
            self._tasks.start(self._read(), "mentions")

    async def _read(self) -> None:
        found = await self._work.store.team.mentions()
        self._new |= {each.id for each in found if each.unread}
        shown = [_as_new(each, is_new=each.id in self._new) for each in found]
        current = self.list.currentIndex().row()
        self.model.show(shown)
        self.stack.setCurrentWidget(self.list if found else self.empty)
        if found and not self.list.currentIndex().isValid():
            self.list.setCurrentIndex(self.model.index(min(max(current, 0), len(found) - 1)))
        if found and found[0].unread and self.isVisible():
            await self._work.store.team.see_mentions(found[0])
            self._work.bridge.team_changed.emit()  # the rail counts anew

    def _open(self, index: QModelIndex) -> None:
        mention = index.data(MentionRole.MENTION)
        if isinstance(mention, Mention):
            self._work.open_conversation(mention.conversation_id)


def _as_new(mention: Mention, *, is_new: bool) -> Mention:
    return mention if mention.unread is is_new else replace(mention, unread=is_new)

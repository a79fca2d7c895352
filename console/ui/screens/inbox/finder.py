"""Search within the open thread: a strip with the words, how many, and the way from one to next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout

from console.domain.desk import SearchHit
from console.domain.ids import ConversationId
from console.ui.language import translate
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import IconButton
from console.ui.widgets.labels import label
from console.ui.widgets.search import SearchField

if TYPE_CHECKING:
    from console.store.store import Store

MOST = 500  # hits; "500+" is enough to know that the words say too little
PAUSE = 80  # ms after the last key


class Finder(QFrame):
    """`wanted` carries the message to show; `closed` gives the focus back."""

    wanted = Signal(object)
    closed = Signal()

    def __init__(self, store: Store, theme: Theme, tasks: TaskScope) -> None:
        super().__init__()
        self.setProperty("kind", "surface")
        self._store = store
        self._tasks = tasks
        self._conversation: ConversationId | None = None
        self._hits: list[SearchHit] = []
        self._place = 0
        self.field = SearchField(theme, translate("finder", "Find in this conversation"), keys="")
        self.count = label("", "small", "muted")
        self.up = IconButton(theme, "chevron-up", translate("finder", "Older (Enter)"), side=28)
        self.down = IconButton(
            theme, "chevron-down", translate("finder", "Newer (Shift+Enter)"), side=28
        )
        self.end = IconButton(theme, "x", translate("finder", "Close (Esc)"), side=28)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 7, 10, 7)
        layout.setSpacing(6)
        layout.addWidget(self.field, 1)
        layout.addWidget(self.count)
        for part in (self.up, self.down, self.end):
            layout.addWidget(part)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._search)
        self.field.textEdited.connect(lambda: self._pause.start())
        self.up.clicked.connect(lambda: self._step(1))
        self.down.clicked.connect(lambda: self._step(-1))
        self.end.clicked.connect(self.close_finder)
        self.hide()

    def open(self, conversation_id: ConversationId) -> None:
        """Show the strip; what was looked for last is chosen, so that typing replaces it."""
        self._conversation = conversation_id
        self.show()
        self.field.setFocus()
        self.field.selectAll()
        self._search()

    def close_finder(self) -> None:
        """Away with it; the thread stays where it is."""
        if self.isVisible():
            self.hide()
            self._tasks.cancel("finder")
            self.closed.emit()

    def _search(self) -> None:
        text = self.field.text().strip()
        if len(text) < 2 or self._conversation is None:
            self._tasks.cancel("finder")
            self._show([])
            self.count.setText("")
        else:
            self._tasks.start(self._read(text, self._conversation), "finder")

    async def _read(self, text: str, conversation_id: ConversationId) -> None:
        hits = await self._store.search.messages(text, conversation_id=conversation_id, limit=MOST)
        self._show(hits)
        if hits:
            self.wanted.emit(hits[0].message_id)

    def _show(self, hits: list[SearchHit]) -> None:
        self._hits, self._place = hits, 0
        for part in (self.up, self.down):
            part.setEnabled(len(hits) > 1)
        self._tell()

    def _tell(self) -> None:
        if not self._hits:
            self.count.setText(translate("finder", "Nothing found"))
            return
        number = QLocale()
        whole = number.toString(len(self._hits)) + ("+" if len(self._hits) == MOST else "")
        self.count.setText(
            translate("finder", "{place} of {count}").format(
                place=number.toString(self._place + 1), count=whole
            )
        )

    def _step(self, step: int) -> None:
        if self._hits:
            self._place = (self._place + step) % len(self._hits)
            self._tell()
            self.wanted.emit(self._hits[self._place].message_id)

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                self._step(-1 if back else 1)
            case Qt.Key.Key_Up:
                self._step(1)
            case Qt.Key.Key_Down:
                self._step(-1)
            case Qt.Key.Key_Escape:
                self.close_finder()
            case _:
                super().keyPressEvent(event)

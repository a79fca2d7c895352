"""The palette over the window: a field, what it finds, and the way to each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLineEdit, QListView, QVBoxLayout, QWidget

from console.domain.changes import Link
from console.domain.conversation import ConversationRow, Filter, View
from console.domain.desk import SearchHit
from console.domain.errors import BalasError
from console.domain.finding import Found
from console.ui.announcing import announce
from console.ui.language import translate
from console.ui.palette.entries import (
    Entry,
    Kind,
    empty_palette,
    found_palette,
    matching,
    strangers,
)
from console.ui.palette.model import PaletteModel
from console.ui.palette.painting import LineDelegate
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.widgets.labels import rule
from console.ui.workplace import Workplace

WIDTH, MOST_HEIGHT, TOP = 620, 520, 72  # px
PAGE = 50
LEAST = 2  # letters from which messages are looked for
PAUSE = 50  # ms after the last key before this machine is asked
SERVER_PAUSE = 250  # ms more before the server is


class Palette(QWidget):
    """`taken` carries the chosen entry; the palette is gone by then, and focus is back."""

    taken = Signal(object)

    def __init__(
        self, parent: QWidget, workplace: Workplace, actions: Callable[[], Sequence[Entry]]
    ) -> None:
        super().__init__(parent)
        self._parent = parent
        self._place = workplace
        self._actions = actions
        self._tasks = TaskScope(workplace.errors)
        self._before: QWidget | None = None
        self._people: list[ConversationRow] = []
        self._is_local_whole = True
        self._cursor: Mapping[str, Any] | None = None
        self._found: list[Found] = []
        self._reading = False
        self.actions_only = False  # while nobody may see names and texts
        theme: Theme = workplace.theme
        self._theme = theme
        self.field = QLineEdit()
        self.field.setProperty("kind", "palette")
        self.field.setPlaceholderText(translate("palette", "Search actions, people, messages…"))
        self.field.setAccessibleName(translate("palette", "Search actions, people, messages…"))
        self.model = PaletteModel()
        self.list = QListView()
        self._delegate = LineDelegate(theme, workplace.now)
        self.card = QFrame()
        self._build()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._look)
        self._server_pause = QTimer(self)
        self._server_pause.setSingleShot(True)
        self._server_pause.setInterval(SERVER_PAUSE)
        self._server_pause.timeout.connect(self._look_further)
        self.field.textChanged.connect(lambda: self._pause.start())
        self.list.clicked.connect(self._take)
        self.list.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        parent.installEventFilter(self)
        self.hide()

    def open(self) -> None:
        """Over everything, with an empty field."""
        if self.isVisible():
            self.close_palette()
            return
        self._before = self.window().focusWidget()
        self.field.setText("")
        self._pause.stop()
        self.setGeometry(self._parent.rect())
        self._arrange()
        self.show()
        self.raise_()
        self.field.setFocus()
        self._look()

    def close_palette(self) -> None:
        """Away with it; the keyboard goes back to where it was."""
        if not self.isVisible():
            return
        self._pause.stop()
        self._server_pause.stop()
        for name in ("palette", "palette:server", "palette:people"):
            self._tasks.cancel(name)
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus()
        self._before = None

    def unknown_to_us(self, hit: SearchHit) -> Found | None:
        """What the server said beside a hit, for opening a thread this machine does not have."""
        return next((page for page in self._found if hit in page.hits), None)

    def end(self) -> None:
        """Nothing is read any more."""
        self._tasks.close()

    async def settle(self) -> None:
        """Wait until what `end` ended has ended."""
        await self._tasks.settle()

    def _build(self) -> None:
        self.card.setParent(self)
        self.card.setProperty("kind", "popup")
        inside = QVBoxLayout(self.card)
        inside.setContentsMargins(1, 1, 1, 8)
        inside.setSpacing(0)
        inside.addWidget(self.field)
        inside.addWidget(rule())
        inside.addWidget(self.list, 1)
        listed = self.list
        listed.setModel(self.model)
        listed.setItemDelegate(self._delegate)
        listed.setFrameShape(QFrame.Shape.NoFrame)
        listed.setMouseTracking(True)
        listed.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        listed.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        listed.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        listed.setAccessibleName(translate("palette", "What was found"))
        self.field.installEventFilter(self)

    def _arrange(self) -> None:
        wide = min(self._theme.px(WIDTH), self.width() - 32)
        top = min(TOP, self.height() // 10)
        tall = self.field.sizeHint().height() + 12
        tall += sum(
            self.list.sizeHintForRow(row) for row in range(min(self.model.rowCount(), PAGE))
        )
        tall = min(tall, self._theme.px(MOST_HEIGHT), self.height() - top - 24)
        self.card.setGeometry((self.width() - wide) // 2, top, wide, tall)

    # What is found

    def _look(self) -> None:
        self._server_pause.stop()
        self._tasks.cancel("palette:server")
        self._tasks.cancel("palette:people")
        self._tasks.start(self._read(self.field.text()), "palette")

    async def _read(self, typed: str) -> None:
        store, text = self._place.store, typed.strip()
        self._reading = False
        self._cursor, self._found = None, []
        actions = matching(self._actions(), text)
        view = View(Filter.ALL)
        if self.actions_only:
            shown = found_palette((), (), actions) if text else empty_palette((), actions)
            self._is_local_whole = True
            text = ""
        elif len(text) < LEAST:
            people = await store.conversations.page(view, search=text, limit=4)
            hits: list[SearchHit] = []
            self._is_local_whole = True
            shown = found_palette(people, hits, actions) if text else empty_palette(people, actions)
        else:
            people = await store.conversations.page(view, search=text, limit=4)
            hits = await store.search.messages(typed, limit=PAGE)
            self._is_local_whole = len(hits) < PAGE
            shown = found_palette(people, hits, actions)
        self.model.become(shown)
        self._choose(self.model.first())
        if len(text) >= LEAST:
            self._ask_further()
        elif not shown:
            self.model.say(translate("palette", "Nothing found"))
        self._arrange()

    def _ask_further(self) -> None:
        """After this machine, the server; offline it is said that there may be more."""
        if self._place.store.link is not Link.ONLINE:
            self._say_end(translate("palette", "Offline: only what is on this machine is searched"))
            return
        self.model.say(translate("palette", "Searching on the server…"))
        self._server_pause.start()

    def _look_further(self) -> None:
        self._tasks.start(self._read_further(self.field.text()), "palette:server")

    async def _read_further(self, typed: str) -> None:
        self._reading = True
        try:
            found = await self._place.server.search.messages(
                typed.strip(), cursor=self._cursor, page_size=PAGE
            )
        except BalasError:
            self._say_end(
                translate("palette", "The server does not answer: only this machine was searched")
            )
            return
        finally:
            self._reading = False
        if self._cursor is None and not self._found:
            self._tasks.start(self._read_people(typed.strip()), "palette:people")
        self._found.append(found)
        self._cursor = found.cursor
        before = self.model.rowCount()
        self._join(found.hits)
        self._say_end("")
        if self._cursor is not None and self.model.rowCount() == before:
            self._look_further()  # this machine had all of that page already

    async def _read_people(self, typed: str) -> None:
        """Whom only the server knows; without an answer the others stand there all the same."""
        try:
            found = await self._place.server.contacts.search(typed)
        except BalasError:
            return
        self.model.add_people(strangers(found), self.list.currentIndex().row())
        if not self.list.currentIndex().isValid():
            self._choose(self.model.first())
        self._say_end("")

    async def _read_more_here(self, typed: str, oldest: SearchHit) -> None:
        self._reading = True
        try:
            more = await self._place.store.search.messages(typed, before=oldest, limit=PAGE)
        finally:
            self._reading = False
        self._is_local_whole = len(more) < PAGE
        self._join(more)

    def _join(self, hits: Sequence[SearchHit]) -> None:
        """Below what is chosen, newest first; nothing that stands there moves."""
        self.model.add(hits, self.list.currentIndex().row())
        if not self.list.currentIndex().isValid():
            self._choose(self.model.first())
        self._arrange()

    def _say_end(self, text: str) -> None:
        if not text and not any(entry.can_be_chosen for entry in self.model.entries):
            text = translate("palette", "Nothing found")
        elif not text and self._cursor is not None:
            text = translate("palette", "More below…")
        self.model.say(text)
        if text:
            announce(self.field, text)
        self._arrange()

    def _on_scrolled(self) -> None:
        """Near the end the next page is read: this machine's first, then the server's."""
        bar = self.list.verticalScrollBar()
        near = bar.value() >= bar.maximum() - 3 * self._theme.px(HEIGHT_OF_HIT)
        if not near or self._reading or not bar.maximum() or self._server_pause.isActive():
            return
        oldest = self.model.oldest_hit()
        if not self._is_local_whole and oldest is not None:
            typed = self.field.text()
            self._tasks.start(self._read_more_here(typed, self._last_local(oldest)), "palette")
        elif self._cursor is not None:
            self._look_further()

    def _last_local(self, oldest: SearchHit) -> SearchHit:
        """The oldest hit of this machine's own: below it its next page begins."""
        servers = {hit.message_id for page in self._found for hit in page.hits}
        for entry in reversed(self.model.entries):
            if entry.hit is not None and entry.hit.message_id not in servers:
                return entry.hit
        return oldest

    # Choosing

    def _choose(self, place: int) -> None:
        if place < 0:
            return
        index = self.model.index(place)
        self.list.setCurrentIndex(index)
        if place <= self.model.first():
            self.list.scrollToTop()  # with its title
        else:
            self.list.scrollTo(index)
        announce(self.field, self.model.entries[place].spoken)

    def _walk(self, step: int) -> None:
        count = abs(step)
        place = self.list.currentIndex().row()
        for _ in range(count):
            place = self.model.step(place, 1 if step > 0 else -1)
        self._choose(place)

    def _take(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        entry = self.model.entries[index.row()]
        if entry.kind in (Kind.TITLE, Kind.REMARK):
            return
        self.close_palette()
        self.taken.emit(entry)

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._parent and event.type() == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._parent.rect())
            self._arrange()
        if watched is self.field and isinstance(event, QKeyEvent):
            return event.type() == QEvent.Type.KeyPress and self._on_key(event)
        if watched is self.field and event.type() == QEvent.Type.FocusOut and self.isVisible():
            return False
        return False

    def _on_key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Down | Qt.Key.Key_Tab:
                self._walk(1)
            case Qt.Key.Key_Up | Qt.Key.Key_Backtab:
                self._walk(-1)
            case Qt.Key.Key_PageDown:
                self._walk(8)
            case Qt.Key.Key_PageUp:
                self._walk(-8)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._take(self.list.currentIndex())
            case Qt.Key.Key_Escape:
                self.close_palette()
            case _:
                return False
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.card.geometry().contains(event.position().toPoint()):
            self.close_palette()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            dark = self._theme.tokens.dark
            veil = QColor(self._theme.color("rail" if dark else "shade"))
            veil.setAlphaF(0.55 if dark else 0.28)
            painter.fillRect(self.rect(), veil)
            painter.setPen(Qt.PenStyle.NoPen)
            card = QRectF(self.card.geometry())
            for spread in range(8, 0, -2):  # a soft edge of shadow, a little lower than the card
                painter.setBrush(QColor(0, 0, 0, 10))
                around = card.adjusted(-spread, -spread + 4, spread, spread + 6)
                painter.drawRoundedRect(around, 10 + spread, 10 + spread)


HEIGHT_OF_HIT = 52

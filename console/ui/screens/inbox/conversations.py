"""The left column: title, search, views with their counters, the conversations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.conversation import ConversationRow, Filter, View
from console.domain.ids import ConversationId
from console.ui.language import translate
from console.ui.models.conversations import ConversationModel, RowRole
from console.ui.models.team import Team
from console.ui.preferences import MUTED, Chosen
from console.ui.screens.inbox.chosen import ChosenBar
from console.ui.screens.inbox.nothing import explain_nothing
from console.ui.screens.inbox.results import Results
from console.ui.screens.inbox.row import RowDelegate
from console.ui.screens.inbox.views import Views
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.widgets.search import SearchField
from console.ui.widgets.seeking import EndSeeker

if TYPE_CHECKING:
    from console.store.store import Store
    from console.ui.screens.inbox.acts import Acts
    from console.ui.screens.inbox.hits import HitsList

TYPING_PAUSE = 60  # ms after the last key before the search runs
BELOW = 10  # px between the views and the rows
MOST_CHOSEN = 500  # rows, when all are chosen at once


class ConversationsPanel(QWidget):
    """`chosen` carries the conversation to open; `entered` asks for its composer."""

    chosen = Signal(object)
    hit_chosen = Signal(object)  # a SearchHit
    entered = Signal()
    view_changed = Signal(object)

    def __init__(
        self,
        store: Store,
        theme: Theme,
        tasks: TaskScope,
        now: Callable[[], datetime],
        team: Team,
        acts: Callable[[], Acts],
        view: View,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._store = store
        self._tasks = tasks
        self._parts = theme, store, tasks, now
        self._acts = acts
        self._open: ConversationId | None = None
        self._quiet, self._queue = False, 0  # conversations that nobody has
        self._is_awaited = False  # one row is chosen that is not read yet
        self._is_sought = False  # the open conversation's row is to be brought into view
        self._stood: int | None = None  # the open conversation's place, while it has one
        self._wants_first = False  # Enter was pressed before what was typed was looked for
        self.model = ConversationModel(store, tasks)
        hint = translate("inbox", "Search messages, names, numbers…")
        self.search = SearchField(theme, hint, parent=self)
        self.views = Views(theme, team, view, self)
        self.chosen_bar = ChosenBar(theme, self)
        self.results = Results(theme, self._make_hits, self)
        self.list, self.empty = self.results.list, self.results.empty
        self.foot = QVBoxLayout()  # for what comes and goes without moving a row
        self._delegate = RowDelegate(
            theme,
            now,
            lambda: store.me.id if store.me else None,
            lambda: self.views.view.sort,
            self.model.marks,
        )
        self._build()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._show)
        self._connect()
        self._show()
        self.refresh_counters()

    @property
    def filter(self) -> Filter:
        return self.views.view.filter

    @property
    def hits(self) -> HitsList:
        """The messages found, below the list."""
        return self.results.hits

    def _make_hits(self) -> HitsList:
        from console.ui.screens.inbox.hits import HitsList

        made = HitsList(*self._parts)
        made.found.loaded.connect(self._share_room)
        made.chosen.connect(self.hit_chosen)
        made.left_upwards.connect(self._leave_hits)
        return made

    def _leave_hits(self) -> None:
        (self.list if self.model.rowCount() else self.search).setFocus()

    def chosen_rows(self) -> Sequence[ConversationRow]:
        """What was chosen to do something with: several, or the first of them; else nothing."""
        rows = self.list.chosen_rows()
        return rows if len(rows) > 1 or self.list.gathers else ()

    def end_choice(self) -> bool:
        """Choose none but the open one; False when there was no choice to end."""
        if not self.chosen_rows():
            return False
        self.list.selectionModel().clearSelection()
        self._select_open()
        return True

    async def _choose_all(self) -> None:
        """Every conversation of the view; of a very long one, those at its top."""
        count = await self.model.read_first(MOST_CHOSEN)
        if count:
            ends = self.model.index(0), self.model.index(count - 1)
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.list.selectionModel().select(QItemSelection(*ends), flags)

    def mark_open(self, conversation_id: ConversationId | None) -> None:
        """Show which conversation is open without choosing it."""
        self._open = conversation_id
        self._is_sought = True
        self._select_open()

    def choose_view(self, filter: Filter) -> None:
        """Show another view of the conversations."""
        self.views.choose(filter)

    @property
    def company(self) -> dict[ConversationId, tuple[str, bool]]:
        """The conversations that a colleague is at: the name, and whether they write there."""
        return self.model.marks.company

    def show_company(self, marks: dict[ConversationId, tuple[str, bool]]) -> None:
        """Mark the conversations that colleagues are at."""
        if marks != self.model.marks.company:
            self.model.marks.company = marks
            self.list.viewport().update()

    def keep_in(self, chosen: Chosen) -> None:
        """Remember the view shown, and mark what this agent has muted."""
        self.views.keep_in(chosen)

        def follow(name: str) -> None:
            if name == MUTED:
                muted = (ConversationId(id) for id in chosen.text(MUTED).split())
                self.model.marks.muted = frozenset(muted)
                self.list.viewport().update()

        end = chosen.listen(follow)
        self.destroyed.connect(lambda *_: end())
        follow(MUTED)

    def refresh(self) -> None:
        """Something in the conversations changed."""
        self.model.reload()
        self.refresh_counters()

    def refresh_counters(self) -> None:
        self._tasks.start(self._read_counters(), "counters")

    def refresh_times(self) -> None:
        """Time went by: countdowns and "yesterday" move on."""
        self.list.viewport().update()

    def walk(self, step: int) -> None:
        """Open the next or previous conversation."""
        if self.list.press_later(Qt.Key.Key_Down if step > 0 else Qt.Key.Key_Up):
            return
        current = self.list.currentIndex()
        place = current.row() + step if current.isValid() else 0
        if step > 0 and not self.list.selectionModel().hasSelection():
            place -= current.isValid()  # it stands for what has come to where the open one was
        if 0 <= place < self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(place))

    def _build(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(16, 12, 12, BELOW)
        top.setSpacing(10)
        top.addLayout(self.views.head())
        search = QVBoxLayout()
        search.setContentsMargins(0, 0, 4, 0)
        search.addWidget(self.search)
        top.addLayout(search)
        top.addWidget(self.views)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(self.results, 1)
        whole.addLayout(self.foot)
        self.chosen_bar.cover(self.views, BELOW, self.search)
        self.list.setModel(self.model)
        self.list.setItemDelegate(self._delegate)
        self.views.chain(self.search, self.list)
        EndSeeker(self.list, self.model)

    def _connect(self) -> None:
        self.search.textEdited.connect(self._on_typed)
        self.search.left_downwards.connect(self._focus_list)
        self.views.changed.connect(self._on_view_changed)
        self.model.loaded.connect(self._on_loaded)
        self.list.left_downwards.connect(self._focus_hits)
        self.list.entered.connect(self._on_selection_changed)
        self.list.entered.connect(self.entered)
        self.list.pointed.connect(self.model.hold)
        self.model.above.connect(self.list.show_above)
        self.list.viewed.connect(self.model.look_at)
        self.list.everything_wanted.connect(
            lambda: self._tasks.start(self._choose_all(), "choose all")
        )
        self.model.modelReset.connect(self.list.scrollToTop)
        self.model.moving.connect(self.list.remember_top)
        self.search.returnPressed.connect(self._ask_first)
        self.list.menu_wanted.connect(self._show_menu)
        self.list.pressed.connect(self._on_selection_changed)  # without Ctrl one chosen is opened
        self.list.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.chosen_bar.lead_to(self._acts, self.chosen_rows)
        self.chosen_bar.end_wanted.connect(self.end_choice)

    def _on_typed(self) -> None:
        self._wants_first = False  # of what was typed before
        self._pause.start(TYPING_PAUSE)

    def _show(self) -> None:
        self.list.forget_top()
        self._stood = None
        self.model.show(self.views.view, self.search.text())
        self.results.look_for(self.search.text())

    def _on_view_changed(self) -> None:
        self.list.selectionModel().clearSelection()
        self.view_changed.emit(self.views.view)
        self._show()
        self.refresh_counters()

    def _focus_list(self) -> None:
        if not self.model.rowCount() and not self.list.is_waiting:
            self._focus_hits()
            return
        self.list.setFocus()
        if self.list.press_later(Qt.Key.Key_Down):
            return
        if not self.list.selectionModel().hasSelection():
            self.list.setCurrentIndex(self.model.index(0))

    async def _read_counters(self) -> None:
        view = self.views.view
        found = await self._store.conversations.counters(view.inbox_id, view.label_id)
        self.views.show_counters(found)
        if self._queue != found.unassigned:
            self._queue = found.unassigned
            if self.empty.isVisible():
                self._explain_nothing()

    def _select_open(self) -> None:
        if self.chosen_rows():
            return
        self._quiet = True
        index = self.model.index_of(self._open) if self._open else QModelIndex()
        if index.isValid():
            self.list.show_open(index, sought=self._is_sought)  # later it moves without the reader
            self._is_sought, self._stood = False, index.row()
        else:
            self.list.stand_at(self._stood)
            self._stood = None
        self._quiet = False

    def _on_loaded(self) -> None:
        if not self.model.is_loaded:
            return  # that nothing is there is not known yet
        self.chosen_bar.show_count(len(self.chosen_rows()))
        if not self._take_awaited():
            self._select_open()
        self.list.restore_top(self.model.index_of)
        self._share_room()
        self.list.end_waiting()

    def _share_room(self) -> None:
        if not self.model.is_loaded:
            return
        if self.results.share(self.model.rowCount(), is_known=not self.model.is_searching):
            self._explain_nothing()
        self._take_first()

    def _explain_nothing(self) -> None:
        explain_nothing(
            self.empty,
            self.views.view,
            self.search.text(),
            self._clear_search,
            self._queue,
            lambda: self._tasks.start(self._take_next(), "take next"),
            self.views.widen,
        )

    async def _take_next(self) -> None:
        taken = await self._acts().take_next(self.views.view)
        if taken is not None:
            self.chosen.emit(taken)

    def _ask_first(self) -> None:
        """Enter in the search: open the first of what it finds."""
        self._wants_first = bool(self.search.text().strip())
        if self._pause.isActive():
            self._pause.stop()
            self._show()
        else:
            self._take_first()

    def _take_first(self) -> None:
        if not self._wants_first or self.model.is_searching:
            return  # what stands there was found before
        if self.model.rowCount():
            self.list.setFocus()
            self.list.setCurrentIndex(self.model.index(0))
        elif self.results.is_searching:
            return  # messages may still come
        elif self.results.messages:
            self._focus_hits()
            self.hit_chosen.emit(self.hits.found.hits[0])
        self._wants_first = False

    def _focus_hits(self) -> None:
        if self.results.messages and self.hits.isVisible():
            self.hits.setFocus()
            self.hits.setCurrentIndex(self.hits.found.index(0))

    def _clear_search(self) -> None:
        self._wants_first = False
        self.search.clear()
        self._show()

    def _take_awaited(self) -> bool:
        """Open what was walked to before it was read, once it is; whether something was."""
        was, self._is_awaited = self._is_awaited, False
        if was:
            self._on_selection_changed()
        return was

    def _on_selection_changed(self) -> None:
        rows = self.list.chosen_rows()
        self.chosen_bar.show_count(len(self.chosen_rows()))
        self._is_awaited = not rows and self.list.selectionModel().hasSelection()
        if self._quiet or len(rows) != 1 or self.chosen_rows() or rows[0].id == self._open:
            return
        self._open = rows[0].id
        self.chosen.emit(rows[0])

    def _show_menu(self, place: QPoint) -> None:
        index = self.list.row_at(place)
        row = index.data(RowRole.ROW) if index.isValid() else None
        if not isinstance(row, ConversationRow):
            return
        rows = self.chosen_rows()
        if not any(chosen.id == row.id for chosen in rows):
            rows = (row,)
        menu = self._acts().menu(rows)
        menu.triggered.connect(self.list.let_go)
        menu.popup(place)

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.window().focusWidget() is None:
            self.results.take_keys()  # the arrow keys walk from the first moment on

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.search.text() and not self.chosen_rows():
            self._clear_search()
            self.results.take_keys()
        else:
            super().keyPressEvent(event)

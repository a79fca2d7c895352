"""The end-of-shift handover: what goes, to whom, and what the colleague should know."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.domain.conversation import ConversationRow, Sort
from console.domain.errors import BalasError
from console.domain.ids import ProfileId
from console.domain.profile import Profile, Role
from console.domain.shifts import Handed
from console.ui import words
from console.ui.errors import in_one
from console.ui.language import translate
from console.ui.models.conversations import RowRole
from console.ui.screens.inbox.row import RowDelegate
from console.ui.tasks import TaskScope
from console.ui.widgets.buttons import button
from console.ui.widgets.card import Card
from console.ui.widgets.chooser import Line
from console.ui.widgets.empty import EmptyState
from console.ui.widgets.labels import label, rule
from console.ui.widgets.select import Select
from console.ui.widgets.switch import Switch
from console.ui.workplace import Workplace

NOBODY = ""
LONGEST = 10_000  # characters, as the server has it
FORM = 400


class Screen(QWidget):
    """The form to the front, what goes beside it; afterwards, what became of it."""

    def __init__(self, workplace: Workplace) -> None:
        super().__init__()
        self._work = workplace
        self._tasks = TaskScope(workplace.errors)
        theme, me = workplace.theme, workplace.store.me
        self._people: tuple[Profile, ...] = ()
        self._rows: list[ConversationRow] = []
        self._id = str(uuid.uuid4())  # of this handover, however often it is tried
        self._taker: str | None = None  # whom the agent has chosen; nobody is a choice too
        self.setProperty("kind", "background")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.giver = Select(theme, translate("handover", "Whose conversations"))
        self.taker = Select(theme, translate("handover", "To whom"))
        self.snoozed = Switch(theme, translate("handover", "Snoozed ones too"))
        self.summary = QPlainTextEdit()
        self.send = button("", "primary")
        self.message = label("", "small", "danger", wrap=True)
        self.count = label("", "small-strong", "muted")
        self.list = QListView()
        self.model = QStandardItemModel()
        self.nothing = EmptyState(theme)
        self.done = EmptyState(theme)
        self.beside = QStackedWidget()
        self.whole = QStackedWidget()
        me_id = me.id if me else None
        self._delegate = RowDelegate(theme, workplace.now, lambda: me_id, lambda: Sort.NEWEST)
        self._build(may_choose=me is None or me.role is not Role.AGENT)
        self.giver.chosen.connect(self._on_giver)
        self.taker.chosen.connect(self._on_taker)
        self.snoozed.toggled.connect(lambda _: self._reload())
        self.summary.textChanged.connect(self._on_changed)
        self.send.clicked.connect(self.hand_over)
        self.list.activated.connect(self._open)
        self.list.doubleClicked.connect(self._open)
        workplace.bridge.conversations_changed.connect(self._follow)
        workplace.bridge.team_changed.connect(self._follow)

    def _build(self, *, may_choose: bool) -> None:
        self.summary.setPlaceholderText(
            translate("handover", "What your colleague should know. It becomes a note in each.")
        )
        self.summary.setAccessibleName(translate("handover", "Summary"))
        self.summary.setTabChangesFocus(True)
        self.summary.setMinimumHeight(120)
        self.summary.setMaximumHeight(self._work.theme.px(240))
        self.message.hide()
        card = Card()
        if may_choose:
            card.add_row(translate("handover", "Whose conversations"), "", self.giver)
        card.add_row(translate("handover", "To"), "", self.taker)
        card.add_row(
            translate("handover", "Snoozed ones too"),
            translate("handover", "They come back to your colleague when their time is up."),
            self.snoozed,
        )
        writing = QFrame()
        writing.setProperty("kind", "card")
        inside = QVBoxLayout(writing)
        inside.setContentsMargins(19, 12, 17, 14)  # in line with the rows above
        inside.setSpacing(8)
        inside.addWidget(label(translate("handover", "Summary"), "strong-plain"))
        inside.addWidget(self.summary, 1)
        form = QVBoxLayout()
        form.setSpacing(14)
        form.addWidget(card)
        form.addWidget(writing)
        form.addWidget(self.message)
        form.addWidget(self.send)
        form.addStretch(1)
        self.list.setModel(self.model)
        self.list.setItemDelegate(self._delegate)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(translate("handover", "What is handed over"))
        self.beside.addWidget(self.list)
        self.beside.addWidget(self.nothing)
        pane = QFrame()
        pane.setProperty("kind", "card")
        listed = QVBoxLayout(pane)
        listed.setContentsMargins(1, 10, 1, 4)
        listed.setSpacing(8)
        self.count.setContentsMargins(16, 0, 16, 0)
        listed.addWidget(self.count)
        listed.addWidget(self.beside, 1)
        left = QWidget()
        left.setFixedWidth(self._work.theme.px(FORM))
        left.setLayout(form)
        form.setContentsMargins(0, 0, 0, 0)
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(28, 20, 28, 24)
        row.setSpacing(20)
        row.addWidget(left)
        row.addWidget(pane, 1)
        self.whole.addWidget(body)
        self.whole.addWidget(self.done)
        head = QWidget()
        head.setProperty("kind", "surface")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        top = QHBoxLayout(head)
        top.setContentsMargins(28, 16, 28, 14)
        top.addWidget(label(translate("handover", "Hand over"), "title"))
        top.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(rule())
        layout.addWidget(self.whole, 1)

    # What the window asks of a page

    def enter(self) -> None:
        """A new handover of what is open now; the keyboard goes to the colleague."""
        self._id = str(uuid.uuid4())
        self.message.hide()
        self.whole.setCurrentIndex(0)
        self.taker.setFocus()
        self._reload()

    def close_tasks(self) -> None:
        """End what still reads."""
        self._tasks.close()

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        await self._tasks.settle()

    # What is handed over

    @property
    def rows(self) -> Sequence[ConversationRow]:
        """What goes, as it is shown."""
        return self._rows

    def _me(self) -> str:
        me = self._work.store.me
        return me.id if me else ""

    def _follow(self) -> None:
        if self.isVisible() and self.whole.currentIndex() == 0:
            self._reload()

    def _reload(self) -> None:
        self._tasks.start(self._read(), "handover")

    async def _read(self) -> None:
        store = self._work.store
        self._people = tuple(await store.desk.people())
        giver = self.giver.current or self._me()
        self._offer(giver)
        self._rows = await store.team.held_by(ProfileId(giver), snoozed=self.snoozed.isChecked())
        self.model.clear()
        for row in self._rows:
            item = QStandardItem()
            item.setData(row, RowRole.ROW)
            item.setData(words.row_spoken(row), Qt.ItemDataRole.AccessibleTextRole)
            self.model.appendRow(item)
        self.nothing.show_state(
            "circle-check",
            translate("handover", "Nothing to hand over"),
            translate("handover", "There is no open conversation to give away."),
        )
        self.beside.setCurrentWidget(self.list if self._rows else self.nothing)
        self._on_changed()

    def _offer(self, giver: str) -> None:
        """Those who are there come first; the one who gives takes nothing."""
        people = sorted(self._people, key=lambda each: (not each.available, each.name.casefold()))
        givers = [_line(each, self._me()) for each in people]
        self.giver.show_lines(givers, giver)
        takers = [_line(each, self._me()) for each in people if each.id != giver]
        takers.append(Line(NOBODY, translate("handover", "Back to the queue"), icon="inbox"))
        known = {line.key for line in takers}
        current = self._taker if self._taker in known else takers[0].key
        self.taker.show_lines(takers, current)

    def _on_giver(self) -> None:
        self._reload()

    def _on_taker(self, key: str) -> None:
        self._taker = key
        self._on_changed()

    def _on_changed(self) -> None:
        count = len(self._rows)
        self.count.setText(translate("handover", "%n conversation(s)", "", count))
        self.send.setText(translate("handover", "Hand over %n conversation(s)", "", count))
        self.send.setEnabled(bool(count) and len(self.summary.toPlainText()) <= LONGEST)

    def hand_over(self) -> None:
        """Do it, unless it is being done."""
        if self.send.isEnabled():
            self.send.setEnabled(False)
            self._tasks.start(self._hand_over(), "hand over")

    async def _hand_over(self) -> None:
        giver, taker = self.giver.current, self.taker.current
        self.message.hide()
        try:
            handed = await self._work.server.shift.hand_over(
                self._id,
                ProfileId(taker) if taker else None,
                self.summary.toPlainText().strip(),
                giver=ProfileId(giver) if giver and giver != self._me() else None,
                snoozed=self.snoozed.isChecked(),
            )
        except BalasError as error:
            self.message.setText(in_one(error))
            self.message.show()
            self._on_changed()
            return
        self.summary.clear()
        self._show_done(handed, next((p.name for p in self._people if p.id == taker), ""))

    def _show_done(self, handed: Handed, name: str) -> None:
        title = translate("handover", "%n conversation(s) handed over", "", handed.count)
        text = (
            translate("handover", "{name} has them now.").format(name=name)
            if name
            else translate("handover", "They wait in the queue now.")
        )
        if handed.kept:
            text += " " + translate(
                "handover",
                "%n stayed: your colleague does not work in their inbox.",
                "",
                handed.kept,
            )
        self.done.show_state(
            "circle-check",
            title,
            text,
            translate("handover", "To the inbox"),
            lambda: self._work.go("inbox"),
        )
        self.whole.setCurrentWidget(self.done)
        self.done.step.setFocus()

    def _open(self, index: QModelIndex) -> None:
        row = index.data(RowRole.ROW)
        if isinstance(row, ConversationRow):
            self._work.open_conversation(row.id)


def _line(person: Profile, me: str) -> Line:
    name = person.name
    if person.id == me:
        name = translate("handover", "{name} (you)").format(name=name)
    away = "" if person.available else translate("handover", "away")
    return Line(person.id, name, note=away, person=person.name)

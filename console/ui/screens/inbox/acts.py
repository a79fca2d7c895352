"""What one does with conversations: assign, put away, resolve, label; with one or with many."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from console.domain.changes import Refusal
from console.domain.conversation import ConversationRow, ConversationStatus, Filter, Sort, View
from console.domain.ids import ConversationId, LabelId, ProfileId
from console.domain.intents import Assign, Reopen, Resolve, SetLabel, SetPriority, Snooze, Take
from console.ui import words
from console.ui.language import translate
from console.ui.models.team import Team
from console.ui.snoozing import MORNING, moments
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import label_tokens
from console.ui.widgets import menus, popups
from console.ui.widgets.calendar import CalendarPopup
from console.ui.widgets.chooser import Chooser, Line, choose

if TYPE_CHECKING:
    from console.store.store import Store
    from console.ui.widgets.toast import Toast

Rows = Sequence[ConversationRow]
NOBODY = ""
PICK = "pick"
LONGEST_SNOOZE = timedelta(days=365)  # as the server has it


class Acts(QWidget):
    """Never visible: the parent of the popups. `told` carries a title and a sentence.

    `acted` follows each act: what comes of it does not wait for the mouse to leave the list.
    """

    told = Signal(str, str)
    acted = Signal()

    def __init__(
        self,
        parent: QWidget,
        store: Store,
        theme: Theme,
        team: Team,
        writes: TaskScope,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(parent)
        self.hide()
        self._store = store
        self._theme = theme
        self._team = team
        self._writes = writes
        self._now = now
        self.additions: list[Callable[[QMenu, Rows], None]] = []  # to the menu, from elsewhere
        self._lost: dict[ConversationId, Refusal] = {}  # to colleagues, as the notice says
        self._told = ""

    # What is done. Each is an intent of its own for each conversation, so it also works offline.

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        self._writes.start(work)
        self.acted.emit()

    def assign(self, rows: Rows, who: ProfileId | None) -> None:
        me = self._store.me.id if self._store.me else None
        for row in rows:
            if row.assignee_id == who:
                continue
            if who is not None and who == me:  # of two who do so at once, the first one has it
                self._do(self._store.outbox.take(Take(row.id, who, row.assignee_id)))
            else:
                self._do(self._store.outbox.assign(Assign(row.id, who)))

    def take(self, rows: Rows) -> None:
        """Assign to this agent."""
        if self._store.me is not None:
            self.assign(rows, self._store.me.id)

    async def take_next(self, view: View) -> ConversationRow | None:
        """Take who has waited longest of those that nobody has, and say who it is."""
        longest = replace(view, filter=Filter.UNASSIGNED, sort=Sort.WAITING)
        rows = await self._store.conversations.page(longest, limit=1)
        self.take(rows)
        return rows[0] if rows else None

    def tell_refused(self, refusal: Refusal, toast: Toast) -> None:
        """What was shown as done is not: say so, in the window's own words where it has them."""
        if refusal.code == "taken":
            self._writes.start(self._tell_taken(refusal, toast))
        else:
            title = words.rule(refusal.code).rstrip(".") or refusal.title
            toast.tell(title, words.fix_for(None, refusal.code) or refusal.text)

    async def _tell_taken(self, refusal: Refusal, toast: Toast) -> None:
        """Colleagues have what was to be taken: who, and the way to take it over all the same."""
        row = await self._store.conversations.get(refusal.conversation_id)
        if row is None:
            return
        if toast.isHidden() or toast.title.text() != self._told:
            self._lost = {}
        self._lost[row.id] = refusal
        if len(self._lost) == 1:
            holder = refusal.text or translate("acts", "A colleague")
            title = translate("acts", "{holder} already has {customer}").format(
                holder=holder, customer=words.title(row)
            )
        else:
            title = translate("acts", "Colleagues have %n conversation(s)", "", len(self._lost))
        text = translate("acts", "They were quicker. It stays with them unless you take it over.")
        toast.offer(title, text, translate("acts", "Take over"), self._take_over)
        self._told = toast.title.text()

    def _take_over(self) -> None:
        me = self._store.me
        if me is not None:
            for id in self._lost:
                self._writes.start(self._store.outbox.assign(Assign(id, me.id)))

    def resolve(self, rows: Rows) -> None:
        for row in rows:
            if row.status is not ConversationStatus.RESOLVED:
                self._do(self._store.outbox.resolve(Resolve(row.id)))

    def reopen(self, rows: Rows) -> None:
        for row in rows:
            if row.status is not ConversationStatus.OPEN:
                self._do(self._store.outbox.reopen(Reopen(row.id)))

    def resolve_or_reopen(self, rows: Rows) -> None:
        """Resolve what is not resolved; reopen when all of them are."""
        if all(row.status is ConversationStatus.RESOLVED for row in rows):
            self.reopen(rows)
        else:
            self.resolve(rows)

    def snooze(self, rows: Rows, until: datetime) -> None:
        for row in rows:
            self._do(self._store.outbox.snooze(Snooze(row.id, until)))

    def label(self, rows: Rows, label_id: LabelId, on: bool) -> None:
        for row in rows:  # as they were when the popup opened: what they have now is not known here
            self._do(self._store.outbox.label(SetLabel(row.id, label_id, on)))

    def prioritise(self, rows: Rows, priority: str) -> None:
        for row in rows:
            if (row.priority or "normal") != priority:
                self._do(self._store.outbox.prioritise(SetPriority(row.id, priority)))

    def mark_unread(self, rows: Rows) -> None:
        for row in rows:
            if not row.unread and not row.blocked:
                self._do(self._store.outbox.mark_unread(row.id))

    # How it is asked for.

    def ask_assignee(self, rows: Rows, *, below: QWidget | None = None) -> None:
        """A list of the people who are there, oneself first."""
        if not rows:
            return
        current = {row.assignee_id for row in rows}
        me = self._store.me.id if self._store.me else None
        lines = [
            Line(
                person.id,
                translate("acts", "{name} (you)").format(name=person.name)
                if person.id == me
                else person.name,
                note="" if person.available else translate("acts", "away"),
                person=person.name,
                checked=current == {person.id},
            )
            for person in sorted(
                self._team.people, key=lambda p: (p.id != me, not p.available, p.name.casefold())
            )
        ]
        lines.append(
            Line(NOBODY, translate("acts", "Nobody"), icon="inbox", checked=current == {None})
        )
        title = self._title(translate("acts", "Assign to"), rows)
        self._open(
            choose(
                self,
                self._theme,
                title,
                lines,
                lambda key: self.assign(rows, ProfileId(key) if key else None),
            ),
            below,
        )

    def ask_moment(self, rows: Rows, *, below: QWidget | None = None) -> None:
        """When the conversations come back by themselves."""
        if not rows:
            return
        offered = moments(self._now())
        lines = [
            Line(str(place), moment.words, note=moment.when, icon="clock")
            for place, moment in enumerate(offered)
        ]
        lines.append(Line(PICK, translate("acts", "Choose a day and time…"), icon="calendar"))

        def taken(key: str) -> None:
            if key == PICK:
                self._pick_moment(rows, below)
            else:
                self.snooze(rows, offered[int(key)].until)

        title = self._title(translate("acts", "Snooze until"), rows)
        self._open(choose(self, self._theme, title, lines, taken), below)

    def _pick_moment(self, rows: Rows, below: QWidget | None) -> None:
        today = self._now().astimezone().date()
        popup = CalendarPopup(
            self,
            self._theme,
            self._title(translate("acts", "Snooze until"), rows),
            today + timedelta(days=1),
            today,
            today + LONGEST_SNOOZE,
            with_time=MORNING,
        )
        popup.chosen.connect(lambda until: self._snooze_if_ahead(rows, until))
        self._open(popup, below)

    def _snooze_if_ahead(self, rows: Rows, until: datetime) -> None:
        if until > self._now():
            self.snooze(rows, until)
        else:
            self.told.emit(
                translate("acts", "This time has passed"), translate("acts", "Choose a later one.")
            )

    def ask_labels(self, rows: Rows, *, below: QWidget | None = None) -> None:
        """Labels to put on and take off; the popup stays open."""
        if not rows:
            return
        title = self._title(translate("acts", "Labels"), rows)
        chooser = Chooser(self, self._theme, title, self._label_lines(rows), several=True)
        chooser.toggled.connect(lambda key, on: self.label(rows, LabelId(key), on))
        self._open(chooser, below)

    def ask_priority(self, rows: Rows, *, below: QWidget | None = None) -> None:
        """How urgent the conversations are."""
        if not rows:
            return
        current = {row.priority or "normal" for row in rows}
        lines = [
            Line(key, text, color=color, checked=current == {key})
            for key, text, color in words.priorities()
        ]
        title = self._title(translate("acts", "Priority"), rows)
        made = choose(self, self._theme, title, lines, lambda key: self.prioritise(rows, key))
        self._open(made, below)

    def menu(self, rows: Rows) -> QMenu:
        """Everything at once, for the right mouse button; show it with popup()."""
        menu = menus.menu(self)
        count = len(rows)
        if count > 1:
            title = translate("acts", "%n conversation(s)", "", count)
            menu.addAction(title).setEnabled(False)
            menu.addSeparator()
        me = self._store.me.id if self._store.me else None
        if any(row.assignee_id != me for row in rows):
            self._add(menu, translate("acts", "Assign to me"), lambda: self.take(rows), "Shift+A")
        self._add(menu, translate("acts", "Assign to…"), lambda: self.ask_assignee(rows), "A")
        self._add(menu, translate("acts", "Labels…"), lambda: self.ask_labels(rows), "L")
        self._add(menu, translate("acts", "Priority…"), lambda: self.ask_priority(rows), "P")
        menu.addSeparator()
        self._add(menu, translate("acts", "Snooze…"), lambda: self.ask_moment(rows), "S")
        if any(row.status is not ConversationStatus.OPEN for row in rows):
            self._add(menu, translate("acts", "Reopen"), lambda: self.reopen(rows))
        if any(row.status is not ConversationStatus.RESOLVED for row in rows):
            self._add(menu, translate("acts", "Resolve"), lambda: self.resolve(rows), "E")
        menu.addSeparator()
        if any(not row.unread and not row.blocked for row in rows):
            text = translate("acts", "Mark as unread")
            self._add(menu, text, lambda: self.mark_unread(rows), "U")
        for add in self.additions:
            add(menu, rows)
        if count == 1:
            number = words.phone(rows[0].address)
            copy = partial(QGuiApplication.clipboard().setText, number)
            self._add(menu, translate("acts", "Copy number"), copy)
        return menu

    def _add(self, menu: QMenu, text: str, act: Callable[[], object], keys: str = "") -> None:
        # The keys are told, not bound: the window's own shortcuts do the work.
        action = menu.addAction(f"{text}\t{keys}" if keys else text)
        action.triggered.connect(lambda _=False: act())

    def _label_lines(self, rows: Rows) -> list[Line]:
        on_all = set.intersection(*({label.id for label in row.labels} for row in rows))
        return [
            Line(
                label.id,
                label.name,
                color=label_tokens(label.color)[1],
                checked=label.id in on_all,
            )
            for label in self._team.labels
        ]

    def _title(self, text: str, rows: Rows) -> str:
        return text if len(rows) == 1 else f"{text} ({len(rows)})"

    def _open(self, popup: QWidget, below: QWidget | None) -> None:
        if below is not None and below.isVisible():
            popups.open_below(popup, below)
        else:
            popups.open_in_middle(popup, self.window())

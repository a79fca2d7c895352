"""Above the list: which conversations it shows, narrowed to what, in which order."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.domain.conversation import Counters, Filter, Sort, View
from console.domain.ids import InboxId, LabelId
from console.ui.language import translate
from console.ui.models.team import Team
from console.ui.preferences import ORDER, VIEW, Chosen
from console.ui.screens.inbox.counting import GAP, CountedChips, number
from console.ui.screens.inbox.saved import NameDialog, SavedViews
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import label_tokens
from console.ui.widgets import popups
from console.ui.widgets.buttons import IconButton, button, put_icon_behind
from console.ui.widgets.chooser import Chooser, Line, choose
from console.ui.widgets.flow import FlowLayout
from console.ui.widgets.labels import ShorterLabel, label
from console.ui.widgets.stops import chain

FIRST = (Filter.MINE, Filter.UNASSIGNED, Filter.ALL)  # a chip each; the others share one
REST = (Filter.SNOOZED, Filter.RESOLVED)
EVERY = "every"
SAVED, SAVE, FORGET = "saved:", "save", "forget"


class Views(QWidget):
    """`changed` carries the view to show; `view` is the one shown."""

    changed = Signal(object)

    def __init__(self, theme: Theme, team: Team, view: View, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._team = team
        self._counters: Counters | None = None
        self.saved: SavedViews | None = None  # where views are kept under names
        self.view = view
        self.title = label(translate("inbox", "Inbox"), "title")
        self.total = ShorterLabel("small", "muted")
        self.total.setContentsMargins(0, 3, 0, 0)  # on the title's base line
        self.order = IconButton(theme, "arrow-up-down", "", side=30, size=16)
        self.narrow = IconButton(theme, "list-filter", "", side=30, size=16)
        self.chips: dict[Filter, QPushButton] = {}
        self.rest = button("", "chip")
        self.narrowed: list[QPushButton] = []
        self._narrow_row = QWidget()
        self._narrow_layout = QHBoxLayout(self._narrow_row)
        self._build()
        theme.changed.connect(self._show)
        team.changed.connect(self._show)
        self._show()

    def keep_in(self, chosen: Chosen) -> None:
        """Remember the view shown, and those saved under a name."""
        self.saved = SavedViews(chosen)
        self.changed.connect(lambda view: chosen.keep(VIEW, view.filter.value))
        self.changed.connect(lambda view: chosen.keep(ORDER, view.sort.value))

    def head(self) -> QHBoxLayout:
        """The title's line, which stands above the search."""
        made = QHBoxLayout()
        made.setSpacing(8)
        made.addWidget(self.title)
        made.addWidget(self.total, 0, Qt.AlignmentFlag.AlignVCenter)
        made.addStretch(1)
        made.addWidget(self.narrow)
        made.addWidget(self.order)
        return made

    def chain(self, search: QWidget, listed: QWidget) -> None:
        """Tab goes as they stand below each other: the title's line, the search, the chips."""
        chain((self.narrow, self.order, search, *self.chips.values(), self.rest, listed))

    def choose(self, filter: Filter) -> None:
        """Another filter; what it is narrowed to stays."""
        self._change(replace(self.view, filter=filter))

    def order_by(self, sort: Sort) -> None:
        """Another order of the same conversations."""
        self._change(replace(self.view, sort=sort))

    def show_only(self, label_id: LabelId | None) -> None:
        """Only conversations with this label."""
        self._change(replace(self.view, label_id=label_id))

    def widen(self) -> None:
        """Conversations of every inbox and label again."""
        self._change(replace(self.view, inbox_id=None, label_id=None))

    def show_counters(self, counters: Counters) -> None:
        if counters != self._counters:  # most changes leave them as they were
            self._counters = counters
            self._show()

    def ask_order(self) -> None:
        """Which conversation comes first."""
        lines = [
            Line(sort.value, order_name(sort), icon=icon, checked=sort is self.view.sort)
            for sort, icon in (
                (Sort.NEWEST, "clock"),
                (Sort.WAITING, "hourglass"),
                (Sort.WINDOW, "timer"),
            )
        ]
        title = translate("inbox", "First comes")
        made = choose(
            self,
            self._theme,
            title,
            lines,
            lambda key: self.order_by(Sort(key)),
        )
        popups.open_below(made, self.order)

    def ask_narrow(self) -> None:
        """Only one inbox, only one label, or all of them."""
        popups.open_below(self._open_narrow(), self.narrow)

    def _open_narrow(self) -> Chooser:
        view, counters = self.view, self._counters or Counters(0, 0, 0, 0)
        lines = [
            Line(
                EVERY,
                translate("inbox", "All inboxes and labels"),
                icon="inbox",
                checked=view.inbox_id is None and view.label_id is None,
            )
        ]
        if len(self._team.inboxes) > 1:
            lines += [
                Line(
                    f"inbox:{inbox.id}",
                    inbox.name,
                    note=number(counters.inboxes.get(inbox.id, 0)),
                    icon="message-square",
                    checked=inbox.id == view.inbox_id,
                )
                for inbox in self._team.inboxes
            ]
        lines += [
            Line(
                f"label:{known.id}",
                known.name,
                note=number(counters.labels.get(known.id, 0)),
                color=label_tokens(known.color)[1],
                checked=known.id == view.label_id,
            )
            for known in self._team.labels
        ]
        return choose(self, self._theme, translate("inbox", "Show only"), lines, self._narrow_to)

    def _narrow_to(self, key: str) -> None:
        kind, _, id = key.partition(":")
        if kind == "inbox":
            self._change(replace(self.view, inbox_id=InboxId(id)))
        elif kind == "label":
            self._change(replace(self.view, label_id=LabelId(id)))
        else:
            self.widen()

    def ask_rest(self) -> None:
        """The other views, those saved under a name, and to save or forget the one shown."""
        counts = self._counts()
        lines = [
            Line(
                filter.value,
                filter_name(filter),
                note=number(counts.get(filter, 0)),
                icon="alarm-clock" if filter is Filter.SNOOZED else "circle-check",
                checked=filter is self.view.filter,
            )
            for filter in REST
        ]
        lines += self._saved_lines()
        made = choose(self, self._theme, translate("inbox", "More views"), lines, self._take_rest)
        made.closed_without.connect(self._show)
        popups.open_below(made, self.rest)

    def _saved_lines(self) -> list[Line]:
        if self.saved is None:
            return []
        known = self.saved.all()
        lines = [
            Line(f"{SAVED}{place}", each.name, icon="list-filter", checked=each.view == self.view)
            for place, each in enumerate(known)
        ]
        shown = self.saved.named(self.view)
        if shown is None:
            lines.append(Line(SAVE, translate("views", "Save this view…"), icon="save"))
        else:
            forget = translate("views", "Forget “{name}”").format(name=shown.name)
            lines.append(Line(FORGET, forget, icon="trash-2"))
        return lines

    def _take_rest(self, key: str) -> None:
        saved = self.saved
        if saved is not None and key.startswith(SAVED):
            self._change(saved.all()[int(key.removeprefix(SAVED))].view)
        elif saved is not None and key == SAVE:
            view = self.view
            NameDialog(self, self._suggestion(), lambda name: saved.save(name, view)).open()
            self._show()
        elif saved is not None and key == FORGET:
            shown = saved.named(self.view)
            if shown is not None:
                saved.forget(shown.name)
            self._show()
        else:
            self.choose(Filter(key))

    def _suggestion(self) -> str:
        """What the view shows, in a few words."""
        view = self.view
        parts = [filter_name(view.filter)]
        parts += [each.name for each in self._team.inboxes if each.id == view.inbox_id]
        parts += [each.name for each in self._team.labels if each.id == view.label_id]
        if view.sort is not Sort.NEWEST:
            parts.append(order_name(view.sort))
        return " · ".join(parts)

    def _change(self, view: View) -> None:
        if view != self.view:
            self.view = view
            self.changed.emit(view)
        self._show()

    def _build(self) -> None:
        row = FlowLayout(GAP)
        self._row = CountedChips(self.chips, self.rest)
        group = QButtonGroup(self)
        group.setExclusive(True)
        for filter in FIRST:
            chip = button(filter_name(filter), "chip")
            chip.setCheckable(True)
            chip.setAutoExclusive(True)  # the group sees to it; this tells those who listen
            chip.clicked.connect(lambda _=False, filter=filter: self.choose(filter))
            group.addButton(chip)
            row.addWidget(chip)
            self.chips[filter] = chip
        self.rest.setCheckable(True)
        self.rest.setAutoExclusive(True)
        put_icon_behind(self.rest)
        self.rest.clicked.connect(self.ask_rest)
        group.addButton(self.rest)
        row.addWidget(self.rest)
        narrow = self._narrow_layout
        narrow.setContentsMargins(0, 8, 0, 0)
        narrow.setSpacing(6)
        narrow.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(row)
        whole.addWidget(self._narrow_row)
        self.order.clicked.connect(self.ask_order)
        self.narrow.clicked.connect(self.ask_narrow)

    def _counts(self) -> dict[Filter, int]:
        if self._counters is None:
            return {}
        return {
            Filter.MINE: self._counters.mine,
            Filter.UNASSIGNED: self._counters.unassigned,
            Filter.SNOOZED: self._counters.snoozed,
            Filter.RESOLVED: self._counters.resolved,
        }

    def _show(self) -> None:
        other = self.view.filter in REST
        for filter, chip in self.chips.items():
            chip.setChecked(filter is self.view.filter)
        self.rest.setChecked(other)
        ways = Qt.FocusPolicy
        for chip in (*self.chips.values(), self.rest):  # one stop, the arrow keys walk in it
            chip.setFocusPolicy(ways.StrongFocus if chip.isChecked() else ways.ClickFocus)
        named = filter_name(self.view.filter) if other else ""
        self.rest.setText(f"{named} " if named else "")  # a space before the arrow
        icon, ink = ("chevron-down", "on_accent_soft") if other else ("ellipsis", "muted")
        self.rest.setIcon(self._theme.qicon(icon, ink, 13))
        self.rest.setIconSize(QSize(13, 13))
        more = translate("inbox", "More views: snoozed, resolved, saved (V)")
        self.rest.setToolTip(more)
        self.rest.setAccessibleName(named or more)
        self._fit()
        if self._counters is not None:
            count = self._counters.all
            said = number(count) or "0"
            whole = translate("inbox", "{count} open").format(count=said)
            self.total.show_wordings(whole, said, number(count, 1000) or said)
        order = translate("inbox", "Order: {order} (O)").format(order=order_name(self.view.sort))
        self.order.setToolTip(order)
        self.order.setAccessibleName(order)
        self.order.show_icon(
            "arrow-up-down", "muted" if self.view.sort is Sort.NEWEST else "accent"
        )
        only = translate("inbox", "Show only one inbox or label (F)")
        self.narrow.setToolTip(only)
        self.narrow.setAccessibleName(only)
        is_narrowed = bool(self.view.inbox_id or self.view.label_id)
        self.narrow.show_icon("list-filter", "accent" if is_narrowed else "muted")
        self._show_narrowed()

    def _fit(self) -> None:
        """Names and counts in as few lines as can be, the counts as exact as fits into these."""
        counts = {} if self.view.filter in REST else self._counts()  # room for one more name only
        self._row.fit({f: (filter_name(f), counts.get(f, 0)) for f in self.chips}, self.width())

    def _show_narrowed(self) -> None:
        """A chip with a cross for each thing the list is narrowed to."""
        layout = self._narrow_layout
        for chip in self.narrowed:
            layout.removeWidget(chip)
            chip.deleteLater()
        self.narrowed = []
        view, names = self.view, []
        if view.inbox_id is not None:
            inbox = next((i.name for i in self._team.inboxes if i.id == view.inbox_id), None)
            gone = translate("inbox", "An inbox that is gone")
            names.append((inbox or gone, replace(view, inbox_id=None)))
        if view.label_id is not None:
            named = next((k.name for k in self._team.labels if k.id == view.label_id), None)
            gone = translate("inbox", "A label that is gone")
            names.append((named or gone, replace(view, label_id=None)))
        for place, (name, without) in enumerate(names):
            chip = button(f"{name} ", "chip")  # a space before the cross
            chip.setAccessibleName(name)
            chip.setIcon(self._theme.qicon("x", "muted", 13))
            chip.setIconSize(QSize(13, 13))
            put_icon_behind(chip)
            chip.setToolTip(translate("inbox", "Show the others too"))
            chip.clicked.connect(lambda _=False, without=without: self._change(without))
            layout.insertWidget(place, chip)
            self.narrowed.append(chip)
        self._narrow_row.setVisible(bool(names))

    # Qt

    def event(self, event: QEvent) -> bool:
        if event.type() in (
            QEvent.Type.LayoutRequest,
            QEvent.Type.Resize,
        ):  # also another text size
            self._fit()
        return super().event(event)


def filter_name(filter: Filter) -> str:
    return {
        Filter.MINE: translate("inbox", "Mine"),
        Filter.UNASSIGNED: translate("inbox", "Queue"),
        Filter.ALL: translate("inbox", "All"),
        Filter.SNOOZED: translate("inbox", "Snoozed"),
        Filter.RESOLVED: translate("inbox", "Resolved"),
    }[filter]


def order_name(sort: Sort) -> str:
    return {
        Sort.NEWEST: translate("inbox", "Newest message"),
        Sort.WAITING: translate("inbox", "Waiting longest"),
        Sort.WINDOW: translate("inbox", "Window closing soonest"),
    }[sort]


def kept_view(chosen: Chosen) -> View:
    """The view that was shown last; inbox and label are chosen anew each time."""
    filters, sorts = [filter.value for filter in Filter], [sort.value for sort in Sort]
    filter, sort = chosen.text(VIEW, Filter.ALL), chosen.text(ORDER, Sort.NEWEST)
    return View(
        filter=Filter(filter) if filter in filters else Filter.ALL,
        sort=Sort(sort) if sort in sorts else Sort.NEWEST,
    )

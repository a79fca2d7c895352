"""The bar over the list while several conversations are chosen: what to do with all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from console.domain.conversation import ConversationRow
from console.ui.announcing import announce
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import IconButton
from console.ui.widgets.labels import label

if TYPE_CHECKING:
    from console.ui.screens.inbox.acts import Acts


class ChosenBar(QFrame):
    """Signals say what is wanted with the chosen ones.

    It covers what chooses the view rather than push the rows down: one is clicking on them. What
    is covered keeps its room, and neither Tab nor a screen reader goes there.
    """

    assign_wanted = Signal()
    label_wanted = Signal()
    priority_wanted = Signal()
    snooze_wanted = Signal()
    resolve_wanted = Signal()
    end_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "chosen")
        self._theme = theme
        self.count = label("", "small-strong")
        self.buttons: list[IconButton] = []
        self._covered: QWidget | None = None
        self._after: QWidget | None = None
        self._gap = 0
        layout = self._inside = QHBoxLayout(self)
        layout.setContentsMargins(14, 4, 6, 4)
        layout.setSpacing(2)
        layout.addWidget(self.count, 1)
        self.hide()

    def _fill(self) -> None:
        """When it is first shown: the start draws no icons that nobody sees."""
        before = self._after
        for icon, tip, wanted in (
            ("user", translate("inbox", "Assign (A)"), self.assign_wanted),
            ("tag", translate("inbox", "Label (L)"), self.label_wanted),
            ("flag", translate("inbox", "Priority (P)"), self.priority_wanted),
            ("alarm-clock", translate("inbox", "Snooze (S)"), self.snooze_wanted),
            ("check", translate("inbox", "Resolve (E)"), self.resolve_wanted),
            ("x", translate("inbox", "Choose none (Esc)"), self.end_wanted),
        ):
            made = IconButton(self._theme, icon, tip, side=30, size=16, ink="on_accent_soft")
            made.clicked.connect(wanted)
            self._inside.addWidget(made)
            if before is not None:  # else Tab would come here last of all
                QWidget.setTabOrder(before, made)
            before = made
            self.buttons.append(made)

    def cover(self, what: QWidget, gap: int, after: QWidget) -> None:
        """Lie over `what`, beside which it stands, and the `gap` below; Tab comes from `after`."""
        self._covered, self._gap, self._after = what, gap, after
        parent = what.parentWidget()
        self.setParent(parent)
        room = what.sizePolicy()
        room.setRetainSizeWhenHidden(True)
        what.setSizePolicy(room)
        if parent is not None:  # what is hidden is not told that it has moved
            parent.installEventFilter(self)
        self._place()

    def _place(self) -> None:
        parent = self.parentWidget()
        if self._covered is None or parent is None:
            return
        over = self._covered.geometry()
        tall = max(self.sizeHint().height(), over.height() + self._gap)
        end = over.bottom() + 1 + self._gap
        self.setGeometry(0, end - tall, parent.width(), tall)
        self.raise_()

    def lead_to(
        self, acts: Callable[[], Acts], rows: Callable[[], Sequence[ConversationRow]]
    ) -> None:
        """Have the buttons do it with `rows`."""
        buttons = self.buttons
        self.assign_wanted.connect(lambda: acts().ask_assignee(rows(), below=buttons[0]))
        self.label_wanted.connect(lambda: acts().ask_labels(rows(), below=buttons[1]))
        self.priority_wanted.connect(lambda: acts().ask_priority(rows(), below=buttons[2]))
        self.snooze_wanted.connect(lambda: acts().ask_moment(rows(), below=buttons[3]))
        self.resolve_wanted.connect(lambda: acts().resolve_or_reopen(rows()))

    def show_count(self, count: int) -> None:
        """Hidden while nothing is chosen."""
        if count and not self.buttons:
            self._fill()
        said = translate("inbox", "%n chosen", "", count)
        if count and said != self.count.text():
            announce(self, said)
        self.count.setText(said)
        self._place()
        self.setVisible(count > 0)
        if self._covered is not None:
            self._covered.setVisible(not count)

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()  # the layout has been there before
        return super().eventFilter(watched, event)

"""What one is changing while somebody else changes it, too: both stand until one is chosen."""

from __future__ import annotations

from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.domain.errors import ChangedSinceError
from console.ui.announcing import announce
from console.ui.language import translate
from console.ui.widgets.buttons import button
from console.ui.widgets.labels import label

Entry = TypeVar("Entry")


class Meanwhile(QFrame):
    """Hidden until `show_theirs`; nothing is saved while it stands."""

    theirs_wanted = Signal()
    mine_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "guard")
        self.said = label("", "small", "warning", wrap=True)
        self.theirs = button(translate("administration", "Take theirs"), "strip")
        self.mine = button(translate("administration", "Keep mine"), "strip")
        self.theirs.clicked.connect(self._on_theirs)
        self.mine.clicked.connect(self._on_mine)
        answers = QHBoxLayout()
        answers.setSpacing(8)
        answers.addStretch(1)
        answers.addWidget(self.theirs)
        answers.addWidget(self.mine)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 9, 10, 9)
        layout.setSpacing(6)
        layout.addWidget(self.said)
        layout.addLayout(answers)
        self.hide()

    @property
    def stands(self) -> bool:
        """Whether it waits for an answer."""
        return not self.isHidden()

    def show_theirs(self, theirs: str) -> None:
        """What somebody else wrote, in words; empty where they deleted it."""
        said = (
            translate("administration", "Somebody else changed this meanwhile. Now it is: {text}")
            if theirs
            else translate(
                "administration", "Somebody else deleted this meanwhile. Yours would be made anew."
            )
        )
        self.said.setText(said.format(text=theirs))
        self.setAccessibleName(self.said.text())
        self.show()
        announce(self, self.said.text())

    def _on_theirs(self) -> None:
        self.hide()
        self.theirs_wanted.emit()

    def _on_mine(self) -> None:
        self.hide()
        self.mine_wanted.emit()


class EntryForm(QWidget, Generic[Entry]):
    """One entry of a list, saved as a whole. `seen` is the entry as it was when nothing was typed.

    What is written elsewhere shows at once where nothing is typed here, else in the strip.
    """

    def __init__(self, seen: Entry | None) -> None:
        super().__init__()
        self.seen = seen
        self._past: list[Entry | None] = []  # what the list may still have for a moment
        self._is_over = False
        self.meanwhile = Meanwhile()
        self.meanwhile.theirs_wanted.connect(self._take_theirs)
        self.meanwhile.mine_wanted.connect(self.check)

    def mine(self) -> Entry:
        """The entry as it stands in the fields."""
        raise NotImplementedError

    def put(self, entry: Entry) -> None:
        """Fill the fields."""
        raise NotImplementedError

    def told(self, entry: Entry) -> str:
        """The entry in a line."""
        raise NotImplementedError

    def check(self) -> None:
        """Whether it can be saved now."""
        raise NotImplementedError

    def leave(self) -> None:
        """It is gone, and so is what is typed about it."""
        raise NotImplementedError

    @property
    def is_changed(self) -> bool:
        """Whether there is something to save."""
        return self.seen is None or self.mine() != self.seen

    @property
    def is_kept(self) -> bool:
        """Whether something is typed here that is nowhere else."""
        return not self._is_over and self.seen is not None and self.mine() != self.seen

    def show_entry(self, entry: Entry | None) -> None:
        """How it is elsewhere now; None where it was deleted."""
        if entry in self._past and entry is not None:
            return
        if entry == self.seen and not self.meanwhile.stands:
            return
        if entry is None or (self.is_kept and entry != self.mine()):
            self._show_theirs(entry)
            return
        self.seen = entry
        self.meanwhile.hide()
        if self.mine() != entry:
            self.put(entry)
        self.check()

    def on_saved(self, entry: Entry) -> None:
        """It was taken."""
        self._past.append(self.seen)
        self.seen = entry
        self.check()

    def on_stale(self, error: ChangedSinceError) -> None:
        """The server says so."""
        if isValid(self):
            self._past.append(self.seen)
            self._show_theirs(error.now)  # type: ignore[arg-type]  # the call's own type

    def _show_theirs(self, entry: Entry | None) -> None:
        self.seen = entry
        self.meanwhile.show_theirs(self.told(entry) if entry is not None else "")
        self.check()

    def _take_theirs(self) -> None:
        if self.seen is None:
            self._is_over = True
            self.leave()
        else:
            self.put(self.seen)
            self.check()

"""The audit log: who did what, newest first, a page at a time."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.administration import AuditEntry
from console.domain.errors import BalasError
from console.ui.errors import in_one
from console.ui.language import translate
from console.ui.screens.administration.history import details, done, subject
from console.ui.screens.administration.model import Model
from console.ui.times import clock, day_line
from console.ui.widgets.buttons import button
from console.ui.widgets.card import Card, CardRow, heading
from console.ui.widgets.labels import label


class Audit(QWidget):
    """Read anew each time it is made; `Older` brings the next page."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model
        self.entries: list[AuditEntry] = []
        self._day = ""
        self._card: Card | None = None
        self._column = QVBoxLayout()
        self._column.setSpacing(10)
        self.problem = label("", "small", "danger", wrap=True)
        self.problem.hide()
        self.older = button(translate("administration", "Older"))
        self.older.clicked.connect(self.read)
        self.older.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(heading(translate("administration", "Audit log")))
        layout.addLayout(self._column)
        layout.addWidget(self.problem)
        layout.addWidget(self.older, 0, Qt.AlignmentFlag.AlignLeading)
        layout.addStretch(1)
        self.read()

    def read(self) -> None:
        """The next older page."""
        self.older.setEnabled(False)
        self._model.run(self._read, "audit")

    async def _read(self) -> None:
        before = self.entries[-1].id if self.entries else None
        try:
            page = await self._model.server.audit(before)
        except BalasError as error:
            self.problem.setText(in_one(error))
            self.problem.show()
            self.older.show()
            self.older.setEnabled(True)
            return
        self.problem.hide()
        for entry in page.entries:
            self._add(entry)
        if not self.entries:
            self._column.addWidget(
                label(translate("administration", "Nothing was done yet."), "", "muted")
            )
        self.older.setVisible(page.more)
        self.older.setEnabled(True)

    def _add(self, entry: AuditEntry) -> None:
        day = day_line(entry.at, self._model.work.now())
        if day != self._day or self._card is None:
            self._day = day
            self._column.addWidget(label(day, "small-strong", "muted"))
            self._card = Card()
            self._column.addWidget(self._card)
        self.entries.append(entry)
        who = entry.actor or translate("administration", "The server")
        said = translate("administration", "{who} {what}").format(who=who, what=done(entry))
        whom = subject(entry, self._model.now)
        parts = [part for part in (whom, details(entry, self._model.now)) if part]
        row = CardRow(said, " · ".join(parts), label(clock(entry.at), "small", "muted"))
        row.setAccessibleName(f"{clock(entry.at)}, {said}")
        self._card.add(row)

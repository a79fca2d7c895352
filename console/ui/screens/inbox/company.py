"""Colleagues at the open conversation and those of the list; and what they see of this agent."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

from console.domain.company import Companion
from console.domain.ids import ConversationId
from console.ui import words
from console.ui.isolates import apart
from console.ui.language import translate
from console.ui.models.team import Team
from console.ui.screens.inbox.thread import ThreadScreen
from console.ui.server.presence import Presence

STILL = 4_000  # ms without a key until one has stopped writing
GATHER = 120  # ms; a burst of comings and goings paints once

Marks = dict[ConversationId, tuple[str, bool]]  # a colleague's name, and whether they write


class Company(QObject):
    """Follows one thread. `changed` carries the Marks for the list."""

    changed = Signal(object)

    def __init__(self, presence: Presence, thread: ThreadScreen, team: Team) -> None:
        super().__init__(thread)
        self._presence = presence
        self._thread = thread
        self._team = team
        self._told = False
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(STILL)
        self._still.timeout.connect(self._on_still)
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(GATHER)
        self._gather.timeout.connect(self.show_company)
        self._end = presence.listen(self._on_told)
        thread.opened.connect(self._on_opened)
        thread.installEventFilter(self)
        thread.composer.sent.connect(self._on_still)
        for editor in (thread.composer.editor, thread.composer.note):
            editor.textChanged.connect(self._on_text)
        team.changed.connect(self._on_told)

    def end(self) -> None:
        """This agent is seen no more."""
        self._end()
        self._gather.stop()
        self._on_still()
        self._presence.look(self, None, None)

    def show_company(self) -> None:
        """Who is there now."""
        names = {person.id: person.name for person in self._team.people}
        # Names come from the store alone, never from the channel.
        known = {
            id: [each for each in there if each.profile_id in names]
            for id, there in self._presence.company().items()
        }
        marks: Marks = {}
        for id, there in known.items():
            if there:
                first = min(there, key=lambda each: not each.typing)
                marks[id] = (names[first.profile_id], first.typing)
        row = self._thread.row
        here = sorted(known.get(row.id, []) if row else [], key=lambda each: not each.typing)
        self._thread.header.company.show_company(
            [names[each.profile_id] for each in here],
            sentence(here, [apart(words.short_name(names[each.profile_id])) for each in here]),
            translate("company", "typing…")
            if any(each.typing for each in here)
            else translate("company", "viewing"),
            lively=any(each.typing for each in here),
        )
        self.changed.emit(marks)

    def _on_told(self) -> None:
        if not self._gather.isActive():
            self._gather.start()

    def _on_opened(self) -> None:
        self._on_still()
        self._look()
        self.show_company()

    def _look(self) -> None:
        row = self._thread.row
        if row is not None and self._thread.isVisible():
            self._presence.look(self, row.inbox_id, row.id)
        else:
            self._presence.look(self, None, None)

    def _on_text(self) -> None:
        composer = self._thread.composer
        editor = composer.note if self.sender() is composer.note else composer.editor
        if not editor.text().strip():
            self._on_still()
        elif editor.document().isModified():  # typed, not a draft that came back
            self._told = True
            self._presence.typing(self, True)
            self._still.start()

    def _on_still(self) -> None:
        self._still.stop()
        if self._told:
            self._told = False
            self._presence.typing(self, False)

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.WindowActivate):
            # Hidden with its window, behind the lock, or for another page.
            QTimer.singleShot(0, self, self._look)
        return super().eventFilter(watched, event)


def sentence(there: list[Companion], names: list[str]) -> str:
    """Who is there, those who write first; `names` in the same order."""
    writing = [name for each, name in zip(there, names, strict=True) if each.typing]
    if len(writing) == 1:
        return translate("company", "{name} is typing…").format(name=writing[0])
    if writing:
        return translate("company", "%n colleague(s) are typing…", "", len(writing))
    if len(names) == 1:
        return translate("company", "{name} is viewing").format(name=names[0])
    if len(names) == 2:
        both = translate("company", "{name} and {other} are viewing")
        return both.format(name=names[0], other=names[1])
    return translate("company", "%n colleague(s) are viewing", "", len(names)) if names else ""

"""Enter before all of a reply is here: it leaves when its files are ready, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from console.domain.conversation import ConversationRow
from console.domain.ids import MessageId
from console.domain.window import Window
from console.ui import words
from console.ui.composer.face import Tone
from console.ui.composer.tabs import Mode
from console.ui.composer.writing import Writing
from console.ui.isolates import apart
from console.ui.language import translate
from console.ui.preferences import Chosen
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme

if TYPE_CHECKING:
    from console.store.store import Store


@dataclass(frozen=True, slots=True)
class Standing:
    """What Enter found. `files` are the keys of the cards."""

    mode: Mode
    text: str
    quote: MessageId | None = None
    files: frozenset[int] = frozenset()


class Awaiting(Writing):
    """Part of the composer: what was sent before the draft or a file was here.

    What leaves later is what stood there when Enter was pressed, or less by a file that was taken
    away: who types on has to press it again.
    """

    def __init__(
        self, store: Store, theme: Theme, tasks: TaskScope, writes: TaskScope, chosen: Chosen
    ) -> None:
        super().__init__(store, theme, tasks, writes, chosen)
        self._awaited: Standing | None = None

    def open(self, row: ConversationRow, window: Window) -> None:
        stays = self._staying_behind(row)
        self._awaited = None
        super().open(row, window)
        self.say(stays, tone=Tone.WARNING)

    def begin(self, mode: Mode = Mode.REPLY) -> None:
        super().begin(mode)
        self._send_if_waited_for()

    def _on_changed(self) -> None:
        if not self._is_awaited():
            self._awaited = None
        super()._on_changed()

    def _send_later(self) -> None:
        self._awaited = self._standing(self._mode)
        if self._ready:
            said = translate("composer", "Leaves as soon as its files are ready. Esc stops it.")
            self.say(said, self._is_awaited, Tone.INFORMATION)

    def _stop_waiting(self) -> bool:
        """False where nothing waited."""
        if self._awaited is None:
            return False
        self._awaited = None
        self.say("")
        return True

    def _send_if_waited_for(self) -> None:
        awaited = self._awaited
        if awaited is None or not self._ready:
            return
        if awaited.mode is Mode.NOTE:
            self._awaited = None
            self._add_note()
        elif not self.attachments.is_busy and self._window.is_open and self._may_leave():
            self._awaited = None
            self._send_reply()

    def _may_leave(self) -> bool:
        """Who writes a note meanwhile is not asked for a look: the reply waits for them."""
        return self._mode is Mode.REPLY or not self.guard.unseen()

    def _standing(self, mode: Mode) -> Standing:
        if mode is Mode.NOTE:
            return Standing(mode, self.note.text())
        files = frozenset(entry.key for entry in self.attachments.entries())
        return Standing(mode, self.editor.text(), self._quote.id if self._quote else None, files)

    def _is_awaited(self) -> bool:
        awaited = self._awaited
        if awaited is None:
            return False
        now = self._standing(awaited.mode)
        return now.files <= awaited.files and replace(now, files=awaited.files) == awaited

    def _staying_behind(self, row: ConversationRow) -> str:
        """What is said where the agent goes on before the files are ready."""
        here = self._conversation
        if here is None or here.id == row.id or not self._ready or not self._is_awaited():
            return ""
        said = translate("composer", "The reply to {name} has not left: its files were not ready.")
        return said.format(name=apart(words.title(here)))

    def _send_reply(self) -> None:
        raise NotImplementedError

    def _add_note(self) -> None:
        raise NotImplementedError

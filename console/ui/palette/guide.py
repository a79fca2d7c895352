"""What the palette offers and where each of its lines leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from console.domain.contact import FoundContacts
from console.domain.desk import SearchHit
from console.domain.finding import Found
from console.domain.ids import ConversationId
from console.ui.language import translate
from console.ui.pages import pages
from console.ui.palette.entries import Entry, Kind
from console.ui.palette.overlay import Palette

if TYPE_CHECKING:
    from console.ui.window import MainWindow

# Of no use in a list of things to do: one is there already, or needs them under one's fingers.
LEFT_OUT = frozenset({"search", "back"})


class Guide:
    """Made for one window, when the palette is first asked for."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._place = window.workplace()
        self.palette = Palette(cast(QWidget, window.centralWidget()), self._place, self.actions)
        self.palette.taken.connect(self._go)

    def actions(self) -> list[Entry]:
        """Every shortcut with the keys it has now, and the pages this person may see."""
        window = self._window
        form = QKeySequence.SequenceFormat.NativeText
        made = [
            Entry(
                Kind.ACTION, f"action:{name}", action.text(), keys=action.shortcut().toString(form)
            )
            for name, action in window.actions_made.items()
            if name not in LEFT_OUT
        ]
        me = self._place.store.me
        known = {entry.words for entry in made}
        made += [
            Entry(Kind.ACTION, f"page:{page.name}", page.tip)
            for page in pages()
            if (me is None or me.role in page.roles) and page.tip not in known
        ]
        return made

    def _go(self, entry: Entry) -> None:
        window = self._window
        kind, _, name = entry.key.partition(":")
        if kind == "action":
            window.actions_made[name].trigger()
        elif kind == "page":
            window.go(name)
        elif entry.row is not None:
            window.open_conversation(entry.row.id)
        elif entry.found is not None:
            self._place.writes.start(self._open_stranger(ConversationId(name), entry.found))
        elif entry.hit is not None:
            found = self.palette.unknown_to_us(entry.hit)
            self._place.writes.start(self._open(entry.hit, found))

    async def _open_stranger(self, id: ConversationId, found: FoundContacts) -> None:
        """A conversation of somebody whom only the server knew."""
        await self._place.store.feed.add_unknown(found.conversations, found.contacts)
        self._window.open_conversation(id)

    async def _open(self, hit: SearchHit, found: Found | None) -> None:
        """At the message; a thread that only the server knew is taken in first."""
        store = self._place.store
        if await store.conversations.get(hit.conversation_id) is None:
            if found is not None:
                await store.feed.add_unknown(found.conversations, found.contacts)
            if await store.conversations.get(hit.conversation_id) is None:
                self._place.tell(
                    translate("palette", "This conversation cannot be opened"),
                    translate("palette", "It is in an inbox that is not on this machine yet."),
                )
                return
        self._window.open_hit(hit)

"""The windows of a desk: those of single conversations, links into them, and where all stood."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from console.domain.ids import ConversationId, MessageId
from console.ui.language import translate
from console.ui.pages import INBOX, pages
from console.ui.preferences import PLACE

if TYPE_CHECKING:
    from console.ui.screens.conversation_window import ConversationWindow
    from console.ui.window import MainWindow

MOST = 8  # windows of their own; more of them help nobody


class Windows:
    """Lives as long as the main window."""

    def __init__(self, main: MainWindow) -> None:
        self._main = main
        self._own: dict[ConversationId, ConversationWindow] = {}
        self._ending: list[ConversationWindow] = []
        self._is_over = False

    @property
    def own(self) -> tuple[ConversationWindow, ...]:
        """Those that are open."""
        return tuple(self._own.values())

    def on_screen(self) -> frozenset[ConversationId]:
        """The conversation of the own window that has the keyboard."""
        return frozenset(id for id, window in self._own.items() if window.isActiveWindow())

    def open_chosen(self) -> None:
        """Give the open conversation a window of its own."""
        rows = self._main.inbox.targets()
        for row in rows[:MOST]:
            self.open(row.id)

    def open(self, conversation_id: ConversationId, geometry: str = "") -> None:
        """Show a conversation in its own window, or bring that forward."""
        known = self._own.get(conversation_id)
        if self._main.locker.is_locked:
            return
        if known is not None:
            known.bring_forward()
        elif len(self._own) < MOST:
            work = self._open(conversation_id, geometry)
            self._main.tasks.start(work, f"window:{conversation_id}")

    async def _open(self, conversation_id: ConversationId, geometry: str) -> None:
        main = self._main
        await main.inbox.is_whole.wait()
        row = await main.workplace().store.conversations.get(conversation_id)
        if row is None or conversation_id in self._own or main.locker.is_locked:
            return
        from console.ui.screens.conversation_window import ConversationWindow

        self._let_go_of(conversation_id)
        made = ConversationWindow(main, row, geometry)
        made.closed.connect(self._on_closed)
        self._own[conversation_id] = made
        made.show()
        if not geometry:
            made.activateWindow()
        main.around.cover_again()

    def _let_go_of(self, conversation_id: ConversationId) -> None:
        """The main window shows something else: a reply is written in one place."""
        inbox = self._main.inbox
        row = inbox.thread_screen.row if inbox.is_thread_shown else None
        if row is not None and row.id == conversation_id:
            inbox.reading.keep()
            inbox.middle.setCurrentWidget(inbox.nothing)
            inbox.conversations.mark_open(None)
            inbox.back()

    def _on_closed(self, conversation_id: ConversationId) -> None:
        window = self._own.pop(conversation_id, None)
        if window is not None:
            self._ending.append(window)
            if not self._is_over:
                self._main.tasks.start(self._clear())

    async def _clear(self) -> None:
        while self._ending:
            window = self._ending.pop()
            await window.settle()
            window.deleteLater()

    def close_all(self) -> None:
        """The main window goes: so do the others."""
        for window in self.own:
            window.close()

    async def settle(self) -> None:
        """End all of them; nothing reads any more then."""
        self._is_over = True
        self.close_all()
        await self._clear()

    def make_anew(self) -> None:
        """The language changed: each is made again where it stood."""
        places = [(id, window.geometry_text) for id, window in self._own.items()]
        self.close_all()
        for id, geometry in places:
            self.open(id, geometry)

    # Where all stood

    def keep_place(self) -> None:
        """Remember the page, the open conversation and the windows for the next start."""
        main = self._main
        inbox = main.inbox
        row = inbox.thread_screen.row if inbox.is_thread_shown else None
        place = {
            "page": main.pages.current,
            "conversation": row.id if row is not None else "",
            "windows": [[id, window.geometry_text] for id, window in self._own.items()],
        }
        main.workplace().chosen.keep(PLACE, json.dumps(place))

    def restore(self) -> None:
        """What stood there when the program ended; what is gone since is left out."""
        main = self._main
        kept = _read(main.workplace().chosen.text(PLACE))
        page, conversation = kept.get("page"), kept.get("conversation")
        if isinstance(conversation, str) and conversation:
            main.tasks.start(self._open_again(ConversationId(conversation)))
        me = main.workplace().store.me
        known = {page.name for page in pages() if me is None or me.role in page.roles}
        if isinstance(page, str) and page in known and page != INBOX:
            main.go(page)
        windows = kept.get("windows")
        for entry in windows[:MOST] if isinstance(windows, list) else ():
            if (
                isinstance(entry, list)
                and len(entry) == 2
                and all(isinstance(x, str) for x in entry)
            ):
                self.open(ConversationId(entry[0]), entry[1])

    async def _open_again(self, conversation_id: ConversationId) -> None:
        inbox = self._main.inbox
        await inbox.is_whole.wait()
        row = await self._main.workplace().store.conversations.get(conversation_id)
        if row is not None and not inbox.is_thread_shown:
            inbox.show_conversation(row)

    # Links

    def open_link(self, text: str) -> None:
        """Follow a `balas://` link, which may come from anywhere."""
        from console.domain.links import Target, read_link

        link = read_link(text)
        if link is None:
            self._main.toast.tell(
                translate("links", "This link leads nowhere"),
                translate("links", "Balas does not know links of this kind."),
            )
        elif link.target is Target.CONVERSATION:
            self._main.tasks.start(self._follow(ConversationId(link.id)), "link")
        else:
            self._main.tasks.start(self._follow_message(MessageId(link.id)), "link")

    async def _follow(self, conversation_id: ConversationId) -> None:
        await self._main.inbox.is_whole.wait()
        if await self._main.workplace().store.conversations.get(conversation_id) is None:
            self._say_unknown()
        else:
            self._main.open_conversation(conversation_id)

    async def _follow_message(self, message_id: MessageId) -> None:
        await self._main.inbox.is_whole.wait()
        message = await self._main.workplace().store.messages.get(message_id)
        if message is None:
            self._say_unknown()
            return
        from console.domain.desk import SearchHit

        self._main.open_hit(
            SearchHit(message.id, message.conversation_id, message.timestamp, "", "")
        )

    def _say_unknown(self) -> None:
        self._main.toast.tell(
            translate("links", "This is not on this machine"),
            translate("links", "It may be in an inbox that you do not see, or older than a month."),
        )


def _read(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

"""The strips over the inbox: no line, no session, replies that wait, a service that stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLayout, QVBoxLayout, QWidget

from console.domain.changes import Link
from console.domain.ids import ConversationId, MessageId
from console.domain.profile import Role
from console.ui.bridge import Bridge
from console.ui.language import translate
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.widgets.banner import Banner

if TYPE_CHECKING:
    from console.store.store import Store


class Strips(QObject):
    """`line` tells of this desk's own line, and of replies that wait for a word while it is up;
    `sending` of the service's. Each hides itself.

    They come and go by themselves, perhaps in the moment of a click. So they stand where nothing
    that is clicked moves for them: below the thread's header, where the thread gives way, or at the
    list's foot where there is only the list.
    """

    def __init__(
        self, parent: QWidget, store: Store, theme: Theme, bridge: Bridge, tasks: TaskScope
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._tasks = tasks
        self._both = QWidget(parent)
        self.line = Banner(theme, self._both)
        self.sending = Banner(theme, self._both)
        layout = QVBoxLayout(self._both)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.line)
        layout.addWidget(self.sending)
        self.asked: list[tuple[ConversationId, MessageId]] = []  # wait for the agent's word
        bridge.link_changed.connect(self.refresh)
        bridge.outbox_changed.connect(self.refresh)
        bridge.sending_changed.connect(self._show_sending)
        bridge.everything_changed.connect(self._show_sending)
        if store.link is not Link.ONLINE:  # else whoever can lead to waiting replies asks for them
            self.refresh()
        self._show_sending()

    def stand_in(self, place: QLayout) -> None:
        """Go to where they are seen now."""
        if place.indexOf(self._both) < 0:
            place.addWidget(self._both)

    def refresh(self) -> None:
        """Look again what `line` is to say."""
        self._tasks.start(self._tell_line(), "line")

    async def _tell_line(self) -> None:
        if self._store.link is Link.SIGNED_OUT:
            self.line.show_state("lock", translate("inbox", "You are signed out."))
        elif self._store.link is Link.OFFLINE:
            self._tell_offline(await self._store.outbox.pending())
        else:
            self._tell_asked(await self._store.asking())

    def _tell_offline(self, waiting: int) -> None:
        text = translate("inbox", "No network.")
        if waiting:
            text += " " + translate(
                "inbox",
                "%n reply(s) waiting; sent by itself when the line is back.",
                "",
                waiting,
            )
        else:
            text += " " + translate("inbox", "You can go on reading and writing.")
        self.line.show_state("wifi-off", text)

    def _tell_asked(self, asked: list[tuple[ConversationId, MessageId]]) -> None:
        self.asked = asked
        if not asked:
            self.line.hide()
            return
        text = translate(
            "inbox",
            "%n reply(s) wait for your word: something happened since you wrote.",
            "",
            len(asked),
        )
        self.line.show_state("triangle-alert", text, translate("inbox", "Show"))

    def _show_sending(self) -> None:
        self._tasks.start(self._tell_sending(), "sending")

    async def _tell_sending(self) -> None:
        state = await self._store.sending()
        if state is None or not state.is_stopped:
            self.sending.hide()
            return
        me = self._store.me
        is_admin = me is not None and me.role is Role.ADMIN
        from console.ui.failures import stopped

        self.sending.show_state("triangle-alert", stopped(state, is_admin=is_admin))

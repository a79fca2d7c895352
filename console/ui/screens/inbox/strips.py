"""The strips over the inbox: no line, no session, and a service that sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from console.domain.changes import Link
from console.domain.profile import Role
from console.ui import words
from console.ui.bridge import Bridge
from console.ui.language import translate
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.widgets.banner import Banner

if TYPE_CHECKING:
    from console.store.store import Store


class Strips(QObject):
    """`line` tells of this desk's own line, `sending` of the service's; each hides itself."""

    def __init__(
        self, parent: QObject, store: Store, theme: Theme, bridge: Bridge, tasks: TaskScope
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._tasks = tasks
        self.line = Banner(theme)
        self.sending = Banner(theme)
        bridge.link_changed.connect(self._show_link)
        bridge.outbox_changed.connect(lambda: self._show_link(store.link))
        bridge.sending_changed.connect(self._show_sending)
        bridge.everything_changed.connect(self._show_sending)
        self._show_link(store.link)
        self._show_sending()

    def _show_link(self, link: Link) -> None:
        if link is Link.OFFLINE:
            self._tasks.start(self._tell_offline(), "offline")
        elif link is Link.SIGNED_OUT:
            self.line.show_state("lock", translate("inbox", "You are signed out."))
        else:
            self._tasks.cancel("offline")
            self.line.hide()

    async def _tell_offline(self) -> None:
        waiting = await self._store.outbox.pending()
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

    def _show_sending(self) -> None:
        self._tasks.start(self._tell_sending(), "sending")

    async def _tell_sending(self) -> None:
        state = await self._store.sending()
        if state is None or not state.is_stopped:
            self.sending.hide()
            return
        me = self._store.me
        is_admin = me is not None and me.role is Role.ADMIN
        self.sending.show_state("triangle-alert", words.stopped(state, is_admin=is_admin))

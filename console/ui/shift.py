"""The agent's own shift at the window: being there or away, mentions counted, the handover."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMenu

from console.ui.language import translate

if TYPE_CHECKING:
    from console.ui.window import MainWindow

HANDOVER = "handover"
MENTIONS = "mentions"
GATHER = 200  # ms


class ShiftAround:
    """One for a window; made anew with what is inside it."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._place = window.workplace()
        bridge = window.bridge
        # Bound methods of the window's own object, so that a rebuilt window listens once.
        self._heard = (bridge.team_changed, bridge.everything_changed)
        for signal in self._heard:
            signal.connect(self._refresh)
        # A note that asks for this agent is one thread's news among many: they are gathered.
        self._gather = QTimer()
        self._gather.setSingleShot(True)
        self._gather.setInterval(GATHER)
        self._gather.timeout.connect(self._count)
        bridge.threads_changed.connect(self._on_threads)
        self._refresh()

    def end(self) -> None:
        """Before everything inside the window is made anew."""
        for signal in self._heard:
            signal.disconnect(self._refresh)
        self._window.bridge.threads_changed.disconnect(self._on_threads)
        self._gather.stop()

    @property
    def is_available(self) -> bool:
        me = self._place.store.me
        return me is not None and me.available

    def toggle_available(self) -> None:
        """There, or away: shown at once, and taken back where the server will not."""
        me = self._place.store.me
        if me is not None:
            self._window.tasks.start(self._set_available(not me.available), "available")

    async def _set_available(self, on: bool) -> None:
        store = self._place.store
        before = store.me
        if before is None:
            return
        store.me = replace(before, available=on)
        self._window.show_me_now()
        try:
            await self._place.server.shift.set_available(on)
        except BaseException:
            if store.me is not None:
                store.me = replace(store.me, available=before.available)
            self._window.show_me_now()
            raise

    def fill_menu(self, menu: QMenu) -> None:
        """What the menu under the agent's own picture offers."""
        there = menu.addAction(translate("shift", "Available for new conversations"))
        there.setCheckable(True)
        there.setChecked(self.is_available)
        there.triggered.connect(lambda _=False: self.toggle_available())
        over = menu.addAction(translate("shift", "Hand over my conversations…"))
        over.triggered.connect(lambda _=False: self._window.go(HANDOVER))

    def _refresh(self, _: object = None) -> None:
        self._window.show_me_now()
        self._count()

    def _on_threads(self, _: object) -> None:
        if not self._gather.isActive():
            self._gather.start()

    def _count(self) -> None:
        self._window.tasks.start(self._read(), "mentions")

    async def _read(self) -> None:
        button = self._window.rail.pages.get(MENTIONS)
        if button is not None:
            await self._window.inbox.is_whole.wait()  # the list comes first
            button.show_count(await self._place.store.team.unread_mentions())

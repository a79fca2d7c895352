"""What stands around the screens of the window: palette, shield, muting, the tray's menu."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from console.domain.changes import Link
from console.domain.conversation import ConversationRow
from console.domain.ids import ConversationId
from console.ui.language import translate
from console.ui.pages import INBOX
from console.ui.preferences import NOTIFY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from console.ui.alerts.shield import Shield
    from console.ui.completeness import CompletenessLine
    from console.ui.palette.guide import Guide
    from console.ui.window import MainWindow


class Around:
    """One for a window; made anew with what is inside it."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._place = window.workplace()
        self.guide: Guide | None = None
        window.tasks.start(self._prove(), "proof")
        window.pages.shown.connect(lambda _: self.cover_again())
        window.inbox.additions.append(self._add_to_menu)
        window.inbox.conversations.chosen.connect(lambda row: window.alerts.seen(row.id))

    @cached_property
    def shield(self) -> Shield:
        """What covers names and texts."""
        from console.ui.alerts.shield import Shield

        return Shield(self._place.theme)

    @cached_property
    def complete(self) -> CompletenessLine:
        """The line below the list."""
        from console.ui.completeness import CompletenessLine

        made = CompletenessLine(self._place)
        below = self._window.inbox.conversations.layout()
        if below is not None:
            below.addWidget(made)
        return made

    @property
    def _is_covered(self) -> bool:
        return "shield" in self.__dict__ and self.shield.is_up

    def search_everything(self) -> None:
        """Open the palette, or close it."""
        if self.guide is None:
            from console.ui.palette.guide import Guide

            self.guide = Guide(self._window)
        self.guide.palette.actions_only = self._is_covered
        self.guide.palette.open()

    async def _prove(self) -> None:
        """The inbox stands: now there is time for the proof below the list."""
        await self._window.inbox.is_whole.wait()
        self.complete.ask()

    def asks_before(self, then: Callable[[], object]) -> bool:
        """Whether something would be lost with the window: the agent is asked, before `then`."""
        from console.ui.screens.contact.leaving import asks_first  # once it is to go

        is_offline = self._place.store.link is not Link.ONLINE
        return asks_first(self._window, then, is_offline=is_offline)

    def close_tasks(self) -> None:
        """End what still reads; also before everything inside the window is made anew."""
        if "complete" in self.__dict__:
            self.complete.end()
        if self.guide is not None:
            self.guide.palette.end()
            self.guide = None

    # What others must not see

    def toggle_shield(self) -> None:
        """Cover names and texts, here and in notifications, or show them again."""
        if self._is_covered:
            self.shield.lower()
            self._window.alerts.shielded = False
        else:
            self._cover()

    def cover_again(self) -> None:
        """Something new is shown while the shield is up."""
        if self._is_covered:
            self._cover()

    def _cover(self) -> None:
        self._window.alerts.shielded = True
        keys = self._window.actions_made["shield"].shortcut().toString()
        self.shield.raise_over(self._covered(), keys)

    def _covered(self) -> list[QWidget]:
        window = self._window
        inbox = window.inbox
        parts: list[QWidget] = [inbox.middle, inbox.conversations.list, inbox.conversations.hits]
        if inbox.has_reading:
            parts.append(inbox.contact)
        shown = window.pages.currentWidget()
        if window.pages.current != INBOX and shown is not None:
            parts.append(shown)
        own = (made.centralWidget() for made in window.windows.own)
        return [*parts, *(part for part in own if part is not None)]

    # Muting

    def toggle_mute(self) -> None:
        """Hear of these conversations no more, or again."""
        rows = self._window.inbox.targets()
        if rows:
            self._mute(rows, not self._are_muted(rows))

    def copy_link(self) -> None:
        """A link to the open conversation, for a colleague."""
        rows = self._window.inbox.targets()
        if rows:
            self._copy(rows[0])

    def _copy(self, row: ConversationRow) -> None:
        from console.domain.links import DeepLink, Target

        QGuiApplication.clipboard().setText(str(DeepLink(Target.CONVERSATION, row.id)))
        self._place.tell(translate("around", "Link copied"), "")

    def _are_muted(self, rows: Sequence[ConversationRow]) -> bool:
        return all(self._window.alerts.is_muted(row.id) for row in rows)

    def _mute(self, rows: Sequence[ConversationRow], on: bool) -> None:
        for row in rows:
            self._window.alerts.set_muted(row.id, on)
        if on:
            self._place.tell(
                translate("around", "Muted"),
                translate("around", "You still hear of it when somebody asks for you by name."),
            )
        else:
            self._place.tell(translate("around", "You hear of it again"), "")

    def _add_to_menu(self, menu: QMenu, rows: Sequence[ConversationRow]) -> None:
        muted = self._are_muted(rows)
        text = translate("around", "Unmute") if muted else translate("around", "Mute")
        keys = self._keys("mute")
        action = menu.addAction(f"{text}\t{keys}" if keys else text)
        action.triggered.connect(lambda _=False: self._mute(rows, not muted))
        if len(rows) == 1:
            keys = self._keys("own_window")
            window = menu.addAction(translate("around", "Open in its own window") + f"\t{keys}")
            window.triggered.connect(lambda _=False: self._window.windows.open(rows[0].id))
            link = menu.addAction(translate("around", "Copy link"))
            link.triggered.connect(lambda _=False: self._copy(rows[0]))

    def _keys(self, name: str) -> str:
        return self._window.actions_made[name].shortcut().toString()

    # The system

    def set_at_login(self, on: bool) -> None:
        """Have the system start this program, or no longer."""
        from console.settings.login import set_at_login

        try:
            set_at_login(on)
        except OSError as error:
            self._place.tell(
                translate("around", "This computer does not allow it"), error.strerror or ""
            )

    # The tray

    def fill_tray(self, menu: QMenu) -> None:
        """What can be done without the window."""
        window = self._window
        menu.addAction(translate("tray", "Open Balas")).triggered.connect(window.bring_forward)
        menu.addSeparator()
        told = menu.addAction(translate("tray", "Notifications"))
        told.setCheckable(True)
        told.setChecked(self._place.chosen.flag(NOTIFY, True))
        told.toggled.connect(lambda on: self._place.chosen.keep(NOTIFY, on))
        hidden = menu.addAction(translate("tray", "Hide names and texts"))
        hidden.setCheckable(True)
        hidden.setChecked(self._is_covered)
        hidden.triggered.connect(lambda _=False: window.around.toggle_shield())
        menu.addAction(translate("tray", "Lock now")).triggered.connect(
            lambda _=False: window.locker.lock()
        )
        menu.addAction(window.alerts.notices.abilities()).setEnabled(False)
        menu.addSeparator()
        menu.addAction(translate("tray", "Quit")).triggered.connect(window.quit)

    def on_screen(self) -> frozenset[ConversationId]:
        """The conversations before this agent's eyes."""
        window = self._window
        shown = window.isActiveWindow() and not window.isMinimized() and window.isVisible()
        inbox = window.inbox
        row = inbox.thread_screen.row if inbox.is_thread_shown else None
        own = window.windows.on_screen()
        if shown and window.pages.current == INBOX and row is not None:
            return own | {row.id}
        return own

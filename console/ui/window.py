"""The main window: rail, inbox, notices; knows every screen and nothing of the network."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QPoint, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QMenu, QWidget

from console.domain.changes import Link
from console.domain.conversation import Filter
from console.domain.ids import ConversationId
from console.ui import actions, keys
from console.ui.around import Around
from console.ui.bridge import Bridge
from console.ui.commands import commands
from console.ui.errors import Errors
from console.ui.language import Language, system_language, translate
from console.ui.lock import Locker
from console.ui.navigation import Rail
from console.ui.pages import INBOX, PREFERENCES, Pages
from console.ui.preferences import (
    AT_LOGIN,
    CLOSE_TO_TRAY,
    ENTER_SENDS,
    GEOMETRY,
    LANGUAGE,
    LOCK_AFTER,
    LOCKED,
    SHORTCUTS,
    TEXT_SCALE,
    THEME,
    Chosen,
    Preferences,
)
from console.ui.room import first_size
from console.ui.screens.inbox.screen import InboxScreen
from console.ui.server import Server
from console.ui.session import SessionActions, SignOutChoice
from console.ui.shift import ShiftAround
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Scheme, Theme
from console.ui.theme.type import SCALES
from console.ui.widgets import menus
from console.ui.widgets.emblem import app_icon
from console.ui.widgets.toast import Toast
from console.ui.windows import Windows
from console.ui.workplace import Workplace

if TYPE_CHECKING:
    from console.domain.desk import SearchHit
    from console.store.store import Store
    from console.ui.alerts.center import Alerts

FIRST_SIZE = (1360, 860)
LEAST_SIZE = (480, 480)


class MainWindow(QMainWindow):
    """`closed` follows the last close, `signed_out` a sign-out; `quit_wanted` the tray's menu."""

    closed = Signal()
    quit_wanted = Signal()
    signed_out = Signal()

    def __init__(
        self,
        store: Store,
        server: Server,
        session: SessionActions,
        preferences: Preferences,
        theme: Theme,
        language: Language,
    ) -> None:
        super().__init__()
        self._store = store
        self._server = server
        self._session = session
        self._chosen = Chosen(preferences)
        self._chosen.listen(self._on_kept)
        self._theme = theme
        self._language = language
        self.errors = Errors()
        self.tasks = TaskScope(self.errors)
        self._writes = TaskScope(self.errors)
        self.bridge = Bridge(store.changes, self)
        self.setWindowTitle("Balas")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(*LEAST_SIZE)
        self.windows = Windows(self)
        self._quits = False
        self._build()
        self.bridge.link_changed.connect(self._on_link_changed)
        self.bridge.refused.connect(lambda it: self.inbox.acts.tell_refused(it, self.toast))
        self.bridge.conversations_changed.connect(self._refresh_badge)
        self.bridge.everything_changed.connect(self._refresh_badge)
        language.chosen.connect(self._on_language_chosen)
        self._restore_geometry()
        self.locker = Locker(self)
        self.windows.restore()

    @cached_property
    def alerts(self) -> Alerts:
        """What calls this agent; made when first asked for, at the latest with the whole inbox."""
        from console.ui.alerts.center import Alerts

        made = Alerts(self, self.workplace, lambda: self.around.on_screen())
        made.window_wanted.connect(self.bring_forward)
        made.chosen.connect(self.open_conversation)
        made.tray.set_menu(lambda menu: self.around.fill_tray(menu))
        return made

    @property
    def _has_alerts(self) -> bool:
        return "alerts" in self.__dict__

    def go(self, page: str) -> None:
        """Show a page by its name in `pages`."""
        if page != self.pages.current:
            self.pages.show_page(page)

    def open_conversation(self, conversation_id: ConversationId) -> None:
        """Show one conversation's thread."""
        self.go(INBOX)
        self.inbox.open(conversation_id)

    def open_hit(self, hit: SearchHit) -> None:
        """Show a found message in its thread."""
        self.go(INBOX)
        self.inbox.open_hit(hit)

    def bring_forward(self) -> None:
        """Out of the tray or from behind other windows."""
        self.setWindowState(self.windowState() & ~self.windowState().WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def quit(self) -> None:
        """End the program, in order, whatever closing the window means."""
        if self.around.asks_before(self.quit):
            self.bring_forward()
            return
        self._quits = True
        self.quit_wanted.emit()

    @property
    def is_in_tray(self) -> bool:
        """Whether it was closed and the program goes on without it."""
        return self._chosen.flag(CLOSE_TO_TRAY, False) and self.alerts.tray.is_there

    async def finish(self) -> None:
        """Keep what was written and end everything; call it before the store closes."""
        self._keep_place()
        await self.windows.settle()
        self.inbox.close_tasks()
        self.pages.close_tasks()
        self.around.close_tasks()
        self.tasks.close()
        if self._has_alerts:
            self.alerts.end()
            await self.alerts.settle()
        self.bridge.close()
        await self.inbox.settle()
        await self.pages.settle()
        await self._writes.settle()
        self._writes.close()

    def _build(self) -> None:
        """Everything inside; also again after the language changed."""
        # Each gets its place before it is filled: with every move Qt styles all that is in it anew.
        inside = QWidget(self)
        self.setCentralWidget(inside)
        self.rail = Rail(self._theme, self._store.me, inside)
        self.pages = Pages(self.workplace, inside)
        self.inbox = InboxScreen(
            self._store,
            self._theme,
            self.bridge,
            self.errors,
            self._writes,
            self._chosen,
            self._now,
            self.workplace,
            self.pages,
        )
        self.pages.addWidget(self.inbox)
        layout = QHBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.rail)
        layout.addWidget(self.pages, 1)
        self.toast = Toast(self._theme, inside, self._timeline)
        self.inbox.middle.currentChanged.connect(self.toast.place)
        self.errors.told.connect(self.toast.tell)
        self.inbox.told.connect(self.toast.tell)
        self.rail.page_wanted.connect(self.go)
        self.pages.shown.connect(lambda _: self._show_place())
        self.pages.shown.connect(lambda _: self._name_keys())
        self.rail.settings_wanted.connect(self.show_settings)
        self.rail.me_wanted.connect(self._show_me)
        self.rail.inbox_wanted.connect(self.show_inbox)
        self.rail.snoozed_wanted.connect(self._show_snoozed)
        self.inbox.conversations.view_changed.connect(self._show_place)
        self._show_place()
        self.around = Around(self)
        self.shift = ShiftAround(self)
        self.actions_made = actions.install(inside, commands(self))
        keys.apply(self.actions_made, self._chosen.text(SHORTCUTS))
        self.show_me_now()
        self._refresh_badge()
        self.tasks.start(self._make_whole(self.inbox), "whole")

    def _timeline(self) -> QWidget | None:
        return self.inbox.thread_screen.timeline if self.inbox.has_reading else None

    def show_inbox(self) -> None:
        """The list of open conversations, from wherever one is."""
        self.go(INBOX)
        if self.inbox.conversations.views.view.filter is Filter.SNOOZED:
            self.inbox.choose_view(Filter.MINE)
        self.inbox.back()
        self._show_place()

    def _show_snoozed(self) -> None:
        self.go(INBOX)
        self.inbox.choose_view(Filter.SNOOZED)

    def _show_place(self) -> None:
        snoozed = self.inbox.conversations.views.view.filter is Filter.SNOOZED
        page = self.pages.current
        self.rail.show_place("snoozed" if page == INBOX and snoozed else page)

    def workplace(self) -> Workplace:
        """What every screen of this window gets."""
        return Workplace(
            self._store,
            self._server,
            self._session,
            self._theme,
            self._language,
            self.bridge,
            self.errors,
            self._writes,
            self._chosen,
            self._now,
            self.toast.tell,
            self.go,
            self.toast.offer,
            self.open_conversation,
        )

    def _now(self) -> datetime:
        return self._store.server_now()

    def _restore_geometry(self) -> None:
        self.resize(first_size(self, FIRST_SIZE))
        kept = self._chosen.text(GEOMETRY)
        if kept:
            self.restoreGeometry(QByteArray.fromBase64(kept.encode()))

    def show_settings(self) -> None:
        self.go(PREFERENCES)

    def _show_me(self) -> None:
        menu = menus.menu(self)
        name = self._store.me.name if self._store.me else ""
        menu.addAction(name.replace("&", "&&") or "Balas").setEnabled(False)
        menu.addSeparator()
        self.shift.fill_menu(menu)
        menu.addSeparator()
        menu.addAction(translate("rail", "Sign out…"), self.ask_sign_out)
        self._popup(menu, self.rail.me)

    def _popup(self, menu: QMenu, beside: QWidget) -> None:
        corner = beside.mapToGlobal(QPoint(beside.width() + 8, beside.height()))
        menu.popup(corner - QPoint(0, menu.sizeHint().height()))

    def step_scale(self, step: int) -> None:
        place = min(range(len(SCALES)), key=lambda i: abs(SCALES[i] - self._theme.scale)) + step
        self._chosen.keep(TEXT_SCALE, SCALES[min(len(SCALES) - 1, max(0, place))])

    def _on_kept(self, name: str) -> None:
        """A setting was changed: it holds at once."""
        chosen = self._chosen
        if name == THEME:
            self._theme.choose(scheme=Scheme(chosen.text(THEME, Scheme.SYSTEM)))
        elif name == TEXT_SCALE:
            self._theme.choose(scale=chosen.number(TEXT_SCALE, 100))
        elif name == LANGUAGE:
            self._language.choose(chosen.text(LANGUAGE) or system_language())
        elif name == LOCK_AFTER:
            self.locker.follow_setting()
        elif name == AT_LOGIN:
            self.around.set_at_login(chosen.flag(AT_LOGIN, False))
        elif name == SHORTCUTS:
            keys.apply(self.actions_made, chosen.text(SHORTCUTS))
            self._name_keys()
        if name in (ENTER_SENDS, SHORTCUTS) and self.inbox.has_reading:
            self.inbox.thread_screen.composer.follow_settings()

    def _name_keys(self) -> None:
        keys.name_keys(self, self._chosen.text(SHORTCUTS))

    async def _make_whole(self, inbox: InboxScreen) -> None:
        """After the inbox's first paint, what stands around it."""
        await inbox.is_whole.wait()
        self._name_keys()
        _ = self.alerts
        self._refresh_badge()

    def ask_sign_out(self) -> None:
        """Ask what becomes of what has not left, then end the session."""
        self.tasks.start(self._count_and_ask(), "sign out")

    async def _count_and_ask(self) -> None:
        from console.ui.screens.sign_out import ask_sign_out

        ask_sign_out(self, await self._store.outbox.pending(), self._sign_out)

    def _sign_out(self, choice: SignOutChoice) -> None:
        self.tasks.start(self._finish_sign_out(choice), "sign out")

    async def _finish_sign_out(self, choice: SignOutChoice) -> None:
        self.keep_draft()
        await self._writes.settle()
        await self._session.sign_out(choice)
        self._chosen.keep(LOCKED, False)
        self.signed_out.emit()

    def show_me_now(self) -> None:
        """The agent's own picture on the rail, with whether they are there."""
        me = self._store.me
        there = me is not None and me.available
        self.rail.me.show_person(me.name if me else "", self._store.link, available=there)
        self.rail.show_role(me.role if me else None)

    def _refresh_badge(self) -> None:
        self.tasks.start(self._read_badge(), "badge")

    async def _read_badge(self) -> None:
        counters = await self._store.conversations.counters()
        self.rail.inbox.show_count(counters.unread)
        if self._has_alerts:
            self.alerts.show_count(counters.unread)
        self.setWindowTitle(f"({counters.unread}) Balas" if counters.unread else "Balas")
        self.show_me_now()

    def _on_link_changed(self, link: Link) -> None:
        self.show_me_now()

    def _on_language_chosen(self, code: str) -> None:
        row = self.inbox.thread_screen.row if self.inbox.has_reading else None
        page = self.pages.current
        self.inbox.close_tasks()
        self.pages.close_tasks()
        self.around.close_tasks()
        self.shift.end()
        self._build()
        self.go(page)
        if row is not None:
            self.inbox.open(row.id)
        self.windows.make_anew()

    def _keep_place(self) -> None:
        """Where everything stands, for the next start."""
        self._chosen.keep(GEOMETRY, bytes(self.saveGeometry().toBase64().data()).decode())
        self.windows.keep_place()

    def keep_draft(self) -> None:
        """What stands in the composer is on disk, whatever comes."""
        if self.inbox.has_reading:
            self.inbox.thread_screen.composer.put_away()

    # Qt

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        activated = event.type() == QEvent.Type.ActivationChange and self.isActiveWindow()
        if activated and self.inbox.has_reading:
            self.inbox.thread_screen.mark_read()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._keep_place()
        self.keep_draft()
        if self.is_in_tray and not self._quits:
            event.ignore()
            self.hide()
            return
        if self.isVisible() and self.around.asks_before(self.close):
            event.ignore()
            return
        self.windows.close_all()
        super().closeEvent(event)
        self.closed.emit()

"""What each shortcut of the window does; the table of names and keys is `actions`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from console.domain.conversation import Filter
from console.ui.composer.marks import BOLD, ITALIC, MONO, STRIKE
from console.ui.composer.tabs import Mode

if TYPE_CHECKING:
    from console.ui.composer.composer import Composer
    from console.ui.screens.inbox.screen import InboxScreen
    from console.ui.screens.inbox.thread import ThreadScreen
    from console.ui.window import MainWindow


def commands(window: MainWindow) -> dict[str, Callable[[], object]]:
    """One for each name in `actions.shortcuts`."""
    return {**_of_inbox(window.inbox, window.go), **_of_thread(window.inbox), **_of_window(window)}


def _of_inbox(inbox: InboxScreen, go: Callable[[str], object]) -> dict[str, Callable[[], object]]:
    def view(filter: Filter) -> Callable[[], object]:
        def choose() -> None:
            go("inbox")
            inbox.choose_view(filter)

        return choose

    def search() -> None:
        go("inbox")
        inbox.conversations.search.setFocus()

    return {
        "filter": search,
        "next": lambda: inbox.conversations.walk(1),
        "previous": lambda: inbox.conversations.walk(-1),
        "contact": inbox.toggle_contact,
        "mine": view(Filter.MINE),
        "queue": view(Filter.UNASSIGNED),
        "all": view(Filter.ALL),
        "snoozed": view(Filter.SNOOZED),
        "resolved": view(Filter.RESOLVED),
        "views": inbox.conversations.views.ask_rest,
        "order": inbox.conversations.views.ask_order,
        "narrow": inbox.conversations.views.ask_narrow,
        "assign": inbox.assign,
        "take": inbox.take,
        "snooze": inbox.snooze,
        "resolve": inbox.resolve,
        "label": inbox.label,
        "priority": inbox.prioritise,
        "unread": inbox.mark_unread,
        "choose": inbox.conversations.list.toggle_current,
        "back": inbox.back,
    }


def _of_thread(inbox: InboxScreen) -> dict[str, Callable[[], object]]:
    def thread() -> ThreadScreen:
        return inbox.thread_screen  # which is made after the list, or by asking for it

    def composer() -> Composer:
        return inbox.thread_screen.composer

    return {
        "find": lambda: thread().open_finder(),
        "date": lambda: thread().ask_date(),
        "reply": lambda: inbox.focus_reply(),
        "note": lambda: inbox.focus_reply(Mode.NOTE),
        "attach": lambda: composer().choose_files(),
        "emoji": lambda: composer().choose_emoji(),
        "voice": lambda: composer().record(),
        "canned": lambda: composer().begin_canned(),
        "template": lambda: composer().choose_template(),
        "undo_send": lambda: composer().undo_send(),
        "bold": lambda: composer().field.toggle_format(BOLD),
        "italic": lambda: composer().field.toggle_format(ITALIC),
        "strike": lambda: composer().field.toggle_format(STRIKE),
        "mono": lambda: composer().field.toggle_format(MONO),
    }


def _of_window(window: MainWindow) -> dict[str, Callable[[], object]]:
    return {
        "search": window.around.search_everything,
        "mute": window.around.toggle_mute,
        "lock": lambda: window.locker.lock(),
        "own_window": window.windows.open_chosen,
        "copy_link": window.around.copy_link,
        "shield": window.around.toggle_shield,
        "inbox": window.show_inbox,
        "contacts": lambda: window.go("contacts"),
        "mentions": lambda: window.go("mentions"),
        "reports": lambda: window.go("reports"),
        "administration": lambda: window.go("administration"),
        "handover": lambda: window.go("handover"),
        "available": window.shift.toggle_available,
        "start": lambda: _start(window),
        "settings": window.show_settings,
        "larger": lambda: window.step_scale(1),
        "smaller": lambda: window.step_scale(-1),
    }


def _start(window: MainWindow) -> None:
    """Write first; the dialog comes with the rest of contacts, when it is wanted."""
    starting = import_module("console.ui.screens.contact.starting")
    starting.ask_start(window, window.workplace())

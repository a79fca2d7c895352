"""The pages beside the inbox: each made on the first visit, so that the start pays for none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from console.domain.profile import Role
from console.ui.language import translate
from console.ui.workplace import Workplace

INBOX = "inbox"
PREFERENCES = "preferences"


@dataclass(frozen=True, slots=True)
class Page:
    """`module` has a class `Screen(workplace)`, a `PageScreen`; `icon` stands on the rail.

    Only people in one of the `roles` are offered the page; the server decides what they may do.
    One that is not `listed` has a button of its own.
    """

    name: str
    icon: str
    tip: str
    module: str
    roles: tuple[Role, ...] = tuple(Role)
    listed: bool = True


class PageScreen(Protocol):
    """What a page's widget offers besides being a QWidget."""

    def enter(self) -> None:
        """It is shown: read what it shows, and take the keyboard."""

    def close_tasks(self) -> None:
        """End what still reads."""

    async def settle(self) -> None:
        """Wait until what `close_tasks` ended has ended."""


def pages() -> tuple[Page, ...]:
    """In the rail's order and the window's language."""
    return (
        Page(
            "contacts",
            "user",
            translate("pages", "Contacts (Ctrl+2)"),
            "console.ui.screens.contacts.screen",
        ),
        Page(
            "mentions",
            "at-sign",
            translate("pages", "Mentions (Ctrl+3)"),
            "console.ui.screens.mentions.screen",
        ),
        Page(
            "handover",
            "forward",
            translate("pages", "Hand over (Ctrl+Shift+G)"),
            "console.ui.screens.handover.screen",
            listed=False,
        ),
        Page(
            "reports",
            "chart-column",
            translate("pages", "Reports (Ctrl+4)"),
            "console.ui.screens.reports.screen",
        ),
        Page(
            "administration",
            "sliders-horizontal",
            translate("pages", "Administration (Ctrl+5)"),
            "console.ui.screens.administration.screen",
            (Role.SUPERVISOR, Role.ADMIN),
        ),
        Page(
            PREFERENCES,
            "settings",
            translate("pages", "Preferences"),
            "console.ui.screens.preferences.screen",
            listed=False,
        ),
    )


class Pages(QStackedWidget):
    """The inbox, which whoever makes this adds first, and the others as they are asked for.

    `shown` carries the name of a page.
    """

    shown = Signal(str)

    def __init__(self, workplace: Callable[[], Workplace], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workplace = workplace
        self._made: dict[str, QWidget] = {}
        self.current = INBOX

    def show_page(self, name: str) -> None:
        """KeyError names a page that does not exist."""
        if name == INBOX:
            self.setCurrentIndex(0)
        else:
            widget = self._made.get(name)
            if widget is None:
                widget = self._make(name)
            self.setCurrentWidget(widget)
            cast(PageScreen, widget).enter()
        self.current = name
        self.shown.emit(name)

    def screen_of(self, name: str) -> QWidget | None:
        """A page's widget, if it was ever visited."""
        return self._made.get(name)

    def close_tasks(self) -> None:
        """End what the pages still read."""
        for widget in self._made.values():
            cast(PageScreen, widget).close_tasks()

    async def settle(self) -> None:
        for widget in self._made.values():
            await cast(PageScreen, widget).settle()

    def _make(self, name: str) -> QWidget:
        page = {page.name: page for page in pages()}[name]
        made: QWidget = import_module(page.module).Screen(self._workplace())
        self._made[name] = made
        self.addWidget(made)
        return made

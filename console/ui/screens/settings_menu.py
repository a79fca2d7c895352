"""The settings that the window has so far, as a menu on the rail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from console.ui import language
from console.ui.language import translate
from console.ui.preferences import ENTER_SENDS, NOTIFY, NOTIFY_CONTENT, UNDO, Chosen
from console.ui.theme.theme import Scheme, Theme
from console.ui.theme.type import SCALES
from console.ui.widgets import menus

T = TypeVar("T")
UNDO_SPANS = (0, 5, 10, 20)


def settings_menu(
    parent: QWidget,
    theme: Theme,
    chosen: Chosen,
    code: str,
    choose_scheme: Callable[[Scheme], object],
    choose_scale: Callable[[int], object],
    choose_language: Callable[[str], object],
    choose_flag: Callable[[str, bool], object],
    choose_undo: Callable[[int], object],
) -> QMenu:
    """Show it with popup(); it deletes itself."""
    menu = menus.menu(parent)
    schemes = {
        Scheme.SYSTEM: translate("settings", "Like the system"),
        Scheme.LIGHT: translate("settings", "Light"),
        Scheme.DARK: translate("settings", "Dark"),
    }
    _choices(menu, translate("settings", "Appearance"), schemes, theme.scheme, choose_scheme)
    scales = {scale: f"{scale} %" for scale in SCALES}
    _choices(menu, translate("settings", "Text size"), scales, theme.scale, choose_scale)
    _choices(menu, translate("settings", "Language"), language.NAMES, code, choose_language)
    spans = {
        span: translate("settings", "{seconds} seconds").format(seconds=span)
        if span
        else translate("settings", "Off")
        for span in UNDO_SPANS
    }
    undo = chosen.number(UNDO, 5)
    _choices(menu, translate("settings", "Undo sending"), spans, undo, choose_undo)
    menu.addSeparator()
    for name, text in (
        (ENTER_SENDS, translate("settings", "Enter sends, Shift+Enter breaks the line")),
        (NOTIFY, translate("settings", "Notify of new messages")),
        (NOTIFY_CONTENT, translate("settings", "Show who and what in notifications")),
    ):
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(chosen.flag(name, True))
        action.toggled.connect(lambda on, name=name: choose_flag(name, on))
    return menu


def _choices(
    menu: QMenu,
    title: str,
    entries: Mapping[T, str],
    current: T,
    choose: Callable[[T], object],
) -> None:
    part = menus.rounded(menu.addMenu(title))
    group = QActionGroup(part)
    for value, text in entries.items():
        action = part.addAction(text)
        action.setCheckable(True)
        action.setChecked(value == current)
        group.addAction(action)
        action.triggered.connect(lambda _=False, value=value: choose(value))

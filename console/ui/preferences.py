"""What the window remembers of this agent's taste, wherever the program keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Preferences(Protocol):
    """Settings by their names in the registry. Reading costs nothing, writing is for good."""

    def get(self, name: str) -> object:
        """The value, or the setting's default."""

    def set(self, name: str, value: object) -> None:
        """Keep a value."""


class Chosen:
    """The window's settings, typed. The names are the registry's.

    Whoever shows what a setting says listens, so that a change holds at once.
    """

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences
        self._listeners: list[Callable[[str], object]] = []

    def listen(self, told: Callable[[str], object]) -> Callable[[], None]:
        """From here on `told` is called with the name of each setting that was kept anew.

        Call what it returns to end that.
        """
        self._listeners.append(told)

        def end() -> None:
            if told in self._listeners:
                self._listeners.remove(told)

        return end

    def text(self, name: str, default: str = "") -> str:
        value = self._preferences.get(name)
        return value if isinstance(value, str) else default

    def flag(self, name: str, default: bool) -> bool:
        value = self._preferences.get(name)
        return value if isinstance(value, bool) else default

    def number(self, name: str, default: int) -> int:
        value = self._preferences.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    def keep(self, name: str, value: object) -> None:
        if self._preferences.get(name) == value:
            return
        self._preferences.set(name, value)
        for told in tuple(self._listeners):
            told(name)


THEME = "theme"  # system, light, dark
TEXT_SCALE = "text_scale"  # per cent
LANGUAGE = "language"  # id, en, or empty for the system's
ENTER_SENDS = "enter_sends"
UNDO = "undo_seconds"  # 0, 5, 10, 20
RECENT_EMOJI = "recent_emoji"  # one after the other, apart by spaces
NOTIFY_CONTENT = "notification_content"  # show who and what, or only that
NOTIFY = "notifications"
SOUND = "alert_sound"
QUIET_FROM = "quiet_from"  # "22:00" on this machine's clock, or empty
QUIET_UNTIL = "quiet_until"
MUTED = "muted_conversations"  # ids, apart by spaces
CLOSE_TO_TRAY = "close_to_tray"
AT_LOGIN = "start_at_login"
LOCK_AFTER = "lock_minutes"  # 0 for never
LOCKED = "locked"  # so that a new start opens nothing either
PLACE = "last_place"  # JSON: the page, the open conversation, the windows of their own
SHORTCUTS = "shortcuts"  # JSON: {"search": ["Ctrl+K"]}; see `keys`
GEOMETRY = "window_geometry"  # base64 of Qt's own form
SPLIT = "list_width"  # px
PANEL = "contact_panel"
VIEW = "inbox_view"  # a value of Filter
SAVED_VIEWS = "saved_views"  # JSON; see `screens.inbox.saved`
ORDER = "inbox_order"  # a value of Sort

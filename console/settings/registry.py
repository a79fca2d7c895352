"""Every setting of the desktop: one entry each. The screen, the help and the table follow."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

Value = str | bool | int


# In the screen's order: a section's name, its title and its icon.
SECTIONS = (
    ("appearance", "Appearance and language", "palette"),
    ("writing", "Writing", "pencil"),
    ("alerts", "Alerts", "bell"),
    ("security", "Privacy and lock", "shield"),
    ("desktop", "This computer", "monitor"),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. Its type is the default's; `choices`, where given, are all it may be.

    A setting without a title is the window's own memory and is not shown to anyone. Everything in
    words here is English and a literal: the window's translations are collected from these
    entries. `text` explains what the title cannot, `names` are the words for `choices` one by one
    (without them the values stand for themselves), `least` and `most` bound a number, and `unit`
    stands behind it.
    """

    key: str
    default: Value
    title: str = ""
    choices: tuple[Value, ...] = ()
    section: str = "desktop"
    text: str = ""
    names: tuple[str, ...] = ()
    least: int = 0
    most: int = 1_000_000
    unit: str = ""

    def accepts(self, value: object) -> bool:
        """True when `value` may be kept here; a bool is no number."""
        if type(value) is not type(self.default):
            return False
        if self.choices:
            return value in self.choices
        return type(value) is not int or self.least <= value <= self.most


_ENTRIES = (
    Setting("project_url", ""),  # chosen while signing in
    Setting("publishable_key", ""),
    Setting("last_email", ""),
    Setting("last_user", ""),  # whose store opens at the start, before the network answers
    Setting(
        "theme",
        "system",
        "Appearance",
        ("system", "light", "dark"),
        "appearance",
        "Light, dark, or as the system is.",
        ("Like the system", "Light", "Dark"),
    ),
    Setting(
        "text_scale",
        100,
        "Text size",
        (90, 100, 110, 125, 150),
        "appearance",
        "Everything in the window grows with it.",
        ("90%", "100%", "110%", "125%", "150%"),
    ),
    Setting(
        "language",
        "",
        "Language",
        ("", "id", "en"),
        "appearance",
        "Of the window, of dates and of numbers. What customers write stays as it is.",
        ("Like the system", "Bahasa Indonesia", "English"),
    ),
    Setting(
        "enter_sends",
        True,
        "Enter sends",
        section="writing",
        text="Shift+Enter begins a new line. Without it Enter does, and Ctrl+Enter sends.",
    ),
    Setting(
        "undo_seconds",
        5,
        "Undo sending",
        (0, 5, 10, 20),
        "writing",
        "So long a reply waits here after Enter and can be taken back.",
        ("Off", "5 seconds", "10 seconds", "20 seconds"),
    ),
    Setting("recent_emoji", ""),
    Setting(
        "notifications",
        True,
        "Notify of new messages",
        section="alerts",
        text="While the window is not in front.",
    ),
    Setting(
        "notification_content",
        True,
        "Show who and what in notifications",
        section="alerts",
        text="Without it a notification says only that somebody wrote.",
    ),
    Setting(
        "alert_sound",
        True,
        "Sound",
        section="alerts",
        text="A short sound with each notification, where this computer has a speaker.",
    ),
    Setting(
        "quiet_from",
        "",
        "Quiet from",
        ("", "16:00", "17:00", "18:00", "19:00", "20:00", "21:00", "22:00", "23:00"),
        "alerts",
        "Nothing is shown and nothing sounds until the quiet hours end.",
        ("Never", "16:00", "17:00", "18:00", "19:00", "20:00", "21:00", "22:00", "23:00"),
    ),
    Setting(
        "quiet_until",
        "07:00",
        "Quiet until",
        ("05:00", "06:00", "07:00", "08:00", "09:00", "10:00"),
        "alerts",
        names=("05:00", "06:00", "07:00", "08:00", "09:00", "10:00"),
    ),
    Setting("muted_conversations", ""),
    Setting(
        "lock_minutes",
        0,
        "Lock when nobody is there",
        (0, 1, 5, 10, 15, 30, 60),
        "security",
        "After so long without mouse or keyboard the window asks for your password.",
        ("Never", "1 minute", "5 minutes", "10 minutes", "15 minutes", "30 minutes", "1 hour"),
    ),
    Setting(
        "close_to_tray",
        False,
        "Keep running when the window is closed",
        text="The window goes to the tray, where notifications still reach you. "
        "Quit from the tray's menu.",
    ),
    Setting(
        "start_at_login",
        False,
        "Start when you log in to this computer",
        text="For you alone, not for others who use it.",
    ),
    Setting("locked", False),
    Setting("saved_views", ""),  # JSON: name, filter, inbox, label, sort of each
    Setting("last_place", ""),  # JSON: the page, the open conversation, windows of their own
    Setting(
        "media_cache_mb",
        512,
        "Space for downloaded files",
        text="The oldest files go first when it is full; they can be fetched again. "
        "A change holds from the next start.",
        least=64,
        most=100_000,
        unit="MB",
    ),
    Setting("shortcuts", ""),  # those that were changed, as JSON: {"search": ["Ctrl+K"]}
    Setting("window_geometry", ""),
    Setting("list_width", 340),
    Setting("contact_panel", True),
    # All: nobody is assigned to anything on the first day, so that "mine" would greet a newcomer
    # with an empty list while customers wait.
    Setting("inbox_view", "all", choices=("mine", "unassigned", "all", "snoozed", "resolved")),
    Setting("inbox_order", "newest", choices=("newest", "waiting", "window")),
)

REGISTRY: MappingProxyType[str, Setting] = MappingProxyType(
    {setting.key: setting for setting in _ENTRIES}
)

"""Every setting of the desktop: one entry each. The screen, the help and the table follow."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

Value = str | bool | int


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. Its type is the default's; `choices`, where given, are all it may be.

    A setting without a title is the window's own memory and is not shown to anyone.
    """

    key: str
    default: Value
    title: str = ""
    choices: tuple[Value, ...] = ()

    def accepts(self, value: object) -> bool:
        """True when `value` may be kept here; a bool is no number."""
        return type(value) is type(self.default) and (not self.choices or value in self.choices)


_ENTRIES = (
    Setting("project_url", "", "Address of the Supabase project"),
    Setting("publishable_key", "", "Publishable key of the project"),
    Setting("last_email", ""),
    Setting("last_user", ""),  # whose store opens at the start, before the network answers
    Setting("theme", "system", "Light, dark, or as the system", ("system", "light", "dark")),
    Setting("text_scale", 100, "Size of text in per cent", (90, 100, 110, 125, 150)),
    Setting("language", "", "Language; empty for the system's", ("", "id", "en")),
    Setting("enter_sends", True, "Enter sends, Shift+Enter begins a new line"),
    Setting("undo_seconds", 5, "Seconds for which a sent reply can be taken back", (0, 5, 10, 20)),
    Setting("recent_emoji", ""),
    Setting("notifications", True, "Tell of new messages when the window is not in front"),
    Setting("notification_content", True, "Show who writes and what in notifications"),
    Setting("media_cache_mb", 512, "Largest size of downloaded files on this machine, in MB"),
    Setting("window_geometry", ""),
    Setting("list_width", 340),
    Setting("contact_panel", True, "Show the contact beside the conversation"),
    # All: nobody is assigned to anything on the first day, so that "mine" would greet a newcomer
    # with an empty list while customers wait.
    Setting("inbox_view", "all", choices=("mine", "unassigned", "all", "snoozed", "resolved")),
    Setting("inbox_order", "newest", choices=("newest", "waiting", "window")),
)

REGISTRY: MappingProxyType[str, Setting] = MappingProxyType(
    {setting.key: setting for setting in _ENTRIES}
)

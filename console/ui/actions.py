"""Every shortcut of the window, in one table that tooltips and help print from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from console.ui.language import translate


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A name, its keys, and what it does in words.

    `anywhere` is false for keys that work in a text alone. `fixed` ones cannot be given others:
    Escape goes one step back wherever one is, also in dialogs and lists.
    """

    name: str
    keys: tuple[str, ...]
    words: str
    anywhere: bool = True
    fixed: bool = False


def shortcuts() -> tuple[Shortcut, ...]:
    """In the window's language."""
    return (
        Shortcut("search", ("Ctrl+K",), translate("actions", "Search everything")),
        Shortcut("filter", ("/", "Ctrl+Shift+F"), translate("actions", "Search in the list")),
        Shortcut("find", ("Ctrl+F",), translate("actions", "Find in this conversation")),
        Shortcut("date", ("Ctrl+G",), translate("actions", "Go to a day")),
        Shortcut("reply", ("R", "Ctrl+R"), translate("actions", "Write a reply")),
        Shortcut("next", ("Ctrl+Down", "Alt+Down"), translate("actions", "Next conversation")),
        Shortcut("previous", ("Ctrl+Up", "Alt+Up"), translate("actions", "Previous conversation")),
        Shortcut("note", ("N",), translate("actions", "Write an internal note")),
        Shortcut("attach", ("Ctrl+Shift+A",), translate("actions", "Attach files")),
        Shortcut("emoji", ("Ctrl+Shift+E",), translate("actions", "Emoji")),
        Shortcut("voice", ("Ctrl+Shift+R",), translate("actions", "Record a voice message")),
        Shortcut("canned", ("Ctrl+/",), translate("actions", "Canned replies")),
        Shortcut("template", ("Ctrl+Shift+T",), translate("actions", "Send a template")),
        Shortcut("undo_send", ("Ctrl+Z",), translate("actions", "Take the last reply back")),
        Shortcut("bold", ("Ctrl+B",), translate("actions", "Bold"), anywhere=False),
        Shortcut(
            "italic", ("Ctrl+I",), translate("actions", "Italic, in the text"), anywhere=False
        ),
        Shortcut("strike", ("Ctrl+Shift+X",), translate("actions", "Struck out"), anywhere=False),
        Shortcut("mono", ("Ctrl+Shift+M",), translate("actions", "Typewriter"), anywhere=False),
        Shortcut("contact", ("Ctrl+I",), translate("actions", "Show or hide the contact")),
        Shortcut("inbox", ("Ctrl+1",), translate("actions", "Inbox")),
        Shortcut("contacts", ("Ctrl+2",), translate("actions", "Contacts")),
        Shortcut("mentions", ("Ctrl+3",), translate("actions", "Notes that mention you")),
        Shortcut("reports", ("Ctrl+4",), translate("actions", "Reports")),
        Shortcut("administration", ("Ctrl+5",), translate("actions", "Administration")),
        Shortcut("handover", ("Ctrl+Shift+G",), translate("actions", "Hand over conversations")),
        Shortcut("available", ("Ctrl+Shift+B",), translate("actions", "Be available or away")),
        Shortcut("start", ("Ctrl+N",), translate("actions", "New conversation")),
        Shortcut("mine", ("Alt+1",), translate("actions", "My conversations")),
        Shortcut("queue", ("Alt+2",), translate("actions", "The queue")),
        Shortcut("all", ("Alt+3",), translate("actions", "All conversations")),
        Shortcut("snoozed", ("Alt+4",), translate("actions", "Snoozed conversations")),
        Shortcut("resolved", ("Alt+5",), translate("actions", "Resolved conversations")),
        Shortcut("views", ("V",), translate("actions", "More views, and those saved")),
        Shortcut("order", ("O",), translate("actions", "Order of the list")),
        Shortcut("narrow", ("F",), translate("actions", "Show only one inbox or label")),
        Shortcut("assign", ("A",), translate("actions", "Assign")),
        Shortcut("take", ("Shift+A",), translate("actions", "Assign to me")),
        Shortcut("snooze", ("S",), translate("actions", "Snooze")),
        Shortcut("resolve", ("E",), translate("actions", "Resolve or reopen")),
        Shortcut("label", ("L",), translate("actions", "Labels")),
        Shortcut("priority", ("P",), translate("actions", "Priority")),
        Shortcut("unread", ("U",), translate("actions", "Mark as unread")),
        Shortcut("choose", ("X",), translate("actions", "Choose this conversation too")),
        Shortcut("own_window", ("Ctrl+Shift+O",), translate("actions", "Open in its own window")),
        Shortcut("copy_link", ("Ctrl+Shift+C",), translate("actions", "Copy a link to it")),
        Shortcut("mute", ("M",), translate("actions", "Mute or unmute")),
        Shortcut(
            "shield", ("Ctrl+Shift+H",), translate("actions", "Hide names and texts from others")
        ),
        Shortcut("lock", ("Ctrl+Shift+L",), translate("actions", "Lock now")),
        Shortcut("settings", ("Ctrl+,",), translate("actions", "Preferences")),
        Shortcut("larger", ("Ctrl++", "Ctrl+="), translate("actions", "Larger text")),
        Shortcut("smaller", ("Ctrl+-",), translate("actions", "Smaller text")),
        Shortcut(
            "back", ("Esc",), translate("actions", "Back to the list"), anywhere=False, fixed=True
        ),
    )


def install(parent: QWidget, slots: Mapping[str, Callable[[], object]]) -> dict[str, QAction]:
    """Make the shortcuts work in `parent`'s window; KeyError names one without a slot."""
    made = {}
    for entry in shortcuts():
        action = QAction(entry.words, parent)
        if entry.anywhere:
            action.setShortcuts([QKeySequence(keys) for keys in entry.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        slot = slots[entry.name]
        action.triggered.connect(lambda _=False, slot=slot: slot())
        parent.addAction(action)
        made[entry.name] = action
    return made

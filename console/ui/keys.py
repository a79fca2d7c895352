"""Which keys a person gave to which action: kept as a setting, checked for two with the same."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from console.ui import actions
from console.ui.actions import Shortcut

MOST = 3  # keys of one action
_IN_TIP = re.compile(r"\s*\(([^()]+)\)$")
_TIP = "made_tip"  # property: the tooltip as it was made
_NAMED = "keys_named"


def kept(text: str) -> dict[str, tuple[str, ...]]:
    """The changed shortcuts out of the setting; what cannot be read is as it was made."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        name: tuple(key for key in keys if isinstance(key, str) and key)[:MOST]
        for name, keys in found.items()
        if isinstance(name, str) and isinstance(keys, list)
    }


def written(changed: Mapping[str, tuple[str, ...]]) -> str:
    """The setting for these."""
    if not changed:
        return ""
    return json.dumps({name: list(keys) for name, keys in sorted(changed.items())})


def shortcuts(text: str) -> tuple[Shortcut, ...]:
    """The table as this person has it."""
    changed = kept(text)
    return tuple(
        entry if entry.fixed else replace(entry, keys=changed.get(entry.name, entry.keys))
        for entry in actions.shortcuts()
    )


def apply(made: Mapping[str, QAction], text: str) -> None:
    """Give the window's actions the keys of the setting."""
    for entry in shortcuts(text):
        if entry.anywhere and entry.name in made:
            made[entry.name].setShortcuts([QKeySequence(keys) for keys in entry.keys])


def name_keys(root: QWidget, text: str) -> None:
    """Let the tooltips inside `root` name the keys that hold: "Inbox (Ctrl+1)" as it was made.

    Nothing is looked through as long as no key was ever changed.
    """
    if not text and root.property(_NAMED) is None:
        return
    root.setProperty(_NAMED, True)
    # The first keys of an action are those a tooltip names; two actions may share some of a field.
    made = {shown(entry.keys[0]): entry.name for entry in actions.shortcuts() if entry.anywhere}
    now = {entry.name: entry.keys for entry in shortcuts(text)}
    for widget in root.findChildren(QWidget):
        first = widget.property(_TIP) or widget.toolTip()
        found = _IN_TIP.search(first) if first else None
        if found is None or found[1] not in made:
            continue
        held = now[made[found[1]]]
        before = widget.toolTip()
        tip = first[: found.start()] + (f" ({shown(held[0])})" if held else "")
        widget.setProperty(_TIP, first)
        widget.setToolTip(tip)
        if widget.accessibleName() == before:
            widget.setAccessibleName(tip)


def change(text: str, name: str, keys: Sequence[str]) -> str:
    """The setting with these keys for an action; the ones it was made with leave no trace."""
    changed = kept(text)
    made = {entry.name: entry.keys for entry in actions.shortcuts()}
    changed[name] = tuple(keys)
    if changed[name] == made.get(name):
        del changed[name]
    return written(changed)


def holder(text: str, keys: str, besides: str) -> Shortcut | None:
    """The other action that has these keys already; a text may give them a meaning of its own."""
    table = {entry.name: entry for entry in shortcuts(text)}
    anywhere = table.pop(besides).anywhere
    for entry in table.values():
        if entry.anywhere == anywhere and keys in entry.keys:
            return entry
    return None


def is_letter(event: QKeyEvent) -> bool:
    """Whether it types something, rather than commands."""
    commands = (
        Qt.KeyboardModifier.ControlModifier
        | Qt.KeyboardModifier.AltModifier
        | Qt.KeyboardModifier.MetaModifier
    )
    return bool(event.text()) and event.text().isprintable() and not event.modifiers() & commands


def keeps_letter(event: QEvent) -> bool:
    """In a widget's `event`: whether this was a letter that would be a shortcut of the window.

    It is kept from that, and comes to the widget as a key.
    """
    is_override = event.type() == QEvent.Type.ShortcutOverride
    if is_override and isinstance(event, QKeyEvent) and is_letter(event):
        event.accept()
        return True
    return False


def shown(keys: str) -> str:
    """Keys as this system writes them."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)

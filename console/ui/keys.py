"""Which keys a person gave to which action: kept as a setting, checked for two with the same."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtGui import QAction, QKeySequence

from console.ui import actions
from console.ui.actions import Shortcut

MOST = 3  # keys of one action


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
        replace(entry, keys=changed.get(entry.name, entry.keys)) if entry.anywhere else entry
        for entry in actions.shortcuts()
    )


def apply(made: Mapping[str, QAction], text: str) -> None:
    """Give the window's actions the keys of the setting."""
    for entry in shortcuts(text):
        if entry.anywhere and entry.name in made:
            made[entry.name].setShortcuts([QKeySequence(keys) for keys in entry.keys])


def change(text: str, name: str, keys: Sequence[str]) -> str:
    """The setting with these keys for an action; the ones it was made with leave no trace."""
    changed = kept(text)
    made = {entry.name: entry.keys for entry in actions.shortcuts()}
    changed[name] = tuple(keys)
    if changed[name] == made.get(name):
        del changed[name]
    return written(changed)


def holder(text: str, keys: str, besides: str) -> Shortcut | None:
    """The other action that has these keys already."""
    for entry in shortcuts(text):
        if entry.anywhere and entry.name != besides and keys in entry.keys:
            return entry
    return None


def shown(keys: str) -> str:
    """Keys as this system writes them."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)

"""Every dialog and popup by Tab alone: each stop once, as one reads, and the same way back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.ui.screens.inbox.saved import NameDialog
from console.ui.screens.question import Question
from console.ui.window import MainWindow
from tests.gallery.book import SCENES
from tests.gallery.samples import desk
from tests.gallery.scenes import opened
from tests.gallery.scenes_contacts import dialog, known, panel_of, served
from tests.gallery.stage import Scene, Stage, quiet
from tests.ui import access
from tests.waiting import eventually

MOST = 80  # stops of one window


async def naming(stage: Stage) -> QWidget:
    window = await opened(stage, desk())
    made = NameDialog(window, "Waiting", str)
    made.open()
    return made


async def blocking(stage: Stage) -> QWidget:
    store = known()
    served(stage, store)
    window = await panel_of(stage, store)
    contact = window.inbox.contact
    assert contact._contact is not None
    contact.acts.ask_block(contact._contact)
    return next(made for made in window.findChildren(Question) if made.isVisible())


def _merge(window: MainWindow) -> None:
    contact = window.inbox.contact
    assert contact._contact is not None
    contact.acts.merge(contact._contact)


def scene(name: str) -> Scene:
    return SCENES[name]


# What the keys are on when it opens.
OVER: dict[str, tuple[Scene, str]] = {
    "name": (naming, "Name of the view"),
    "block": (blocking, "Cancel"),
    "merge": (dialog(_merge, lambda made: True), "Name or number"),
    "merge-pair": (scene("contact-merge"), "Merge"),
    "erase": (scene("contact-erase"), "Type “Siti Rahmawati” to confirm"),
    "receipt": (scene("contact-receipt"), "Number of the receipt"),
    "start-whom": (
        dialog(
            lambda window: window.inbox.contact._write(),
            lambda made: made.other.isVisible() and not made.other.click(),  # type: ignore[attr-defined]
        ),
        "Name, or number with country code",
    ),
    "start": (scene("contact-start"), "From: Toko Sentosa"),
    "files": (scene("contact-files"), "Close"),
    "assign": (scene("inbox-assign"), "Assign to"),
    "snooze": (scene("inbox-snooze"), "Snooze until"),
    "labels": (scene("inbox-labels"), "Labels"),
    "order": (scene("inbox-order"), "First comes"),
    "narrow": (scene("inbox-narrow"), "Show only"),
    "calendar": (scene("calendar"), "November 2025"),
    "moment": (scene("calendar-with-time"), "November 2025"),
    "sign-in": (scene("sign-in"), "E-mail"),
    "first-run": (scene("sign-in-first-run"), "Supabase project URL"),
    "first-run-failed": (scene("sign-in-first-run-failed"), "Supabase project URL"),
    "code": (scene("sign-in-code"), "E-mail"),
    "passphrase": (scene("passphrase"), "Passphrase"),
    "sign-out": (scene("sign-out"), "Send and sign out"),
    "locked": (scene("locked"), "Your password"),
    "viewer": (scene("viewer"), "foto-a.jpg"),
    "film": (scene("viewer-film"), "unboxing.mp4"),
    "pages": (scene("viewer-pages"), "faktur.pdf"),
    "bench": (scene("composer-bench"), "Picture"),
    "palette": (scene("palette-found"), "Search"),
    "emoji": (scene("composer-emoji"), "Search emoji"),
}
# Forms within a page, which Tab goes on from.
WITHIN = (
    *("administration-people", "administration-hours", "administration-canned"),
    *("administration-auto", "administration-retention", "preferences"),
)


def holder() -> QWidget | None:
    return QApplication.focusWidget()


def said(stop: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(stop).text(QAccessible.Text.Name)


def round_of(qtbot: QtBot, key: Qt.Key) -> list[QWidget]:
    """Where it leads from where the keys are, until they are there again."""
    seen: list[QWidget] = []
    while len(seen) < MOST:
        now = holder()
        assert now is not None, f"after {access.told(seen[-1]) if seen else 'nothing'}"
        if seen and now is seen[0]:
            return seen
        assert now not in seen, f"met twice: {access.told(now)}"
        seen.append(now)
        qtbot.keyClick(now, key)
        if isinstance(now, QAbstractSpinBox) and holder() is now:  # from the hours to the minutes
            qtbot.keyClick(now, key)
    raise AssertionError(f"Tab never comes back to {access.told(seen[0])}")


@pytest.mark.parametrize("name", sorted(OVER))
async def test_tab_goes_round_what_opened_and_not_behind_it(
    stage: Stage, qtbot: QtBot, name: str
) -> None:
    stage.set(language="en")
    made, first = OVER[name]
    shown = await made(stage)
    shown.window().activateWindow()
    await eventually(holder)
    await quiet()
    shown = holder().window() if isinstance(shown, MainWindow) else shown  # type: ignore[union-attr]
    there = round_of(qtbot, Qt.Key.Key_Tab)
    assert first in said(there[0])
    assert [access.told(stop) for stop in there if not said(stop).strip()] == []
    assert all(stop is shown or shown.isAncestorOf(stop) for stop in there)
    assert access.backwards(shown, access.read(there, shown)) == []
    assert round_of(qtbot, Qt.Key.Key_Backtab) == [there[0], *reversed(there[1:])]


@pytest.mark.parametrize("name", WITHIN)
async def test_tab_comes_by_each_field_of_a_form_once(
    stage: Stage, qtbot: QtBot, name: str
) -> None:
    stage.set(language="en")
    shown = await SCENES[name](stage)
    await eventually(holder)
    there = round_of(qtbot, Qt.Key.Key_Tab)
    assert [access.told(stop) for stop in there if not said(stop).strip()] == []
    assert access.backwards(shown, [stop for stop in there if shown.isAncestorOf(stop)]) == []
    assert round_of(qtbot, Qt.Key.Key_Backtab) == [there[0], *reversed(there[1:])]

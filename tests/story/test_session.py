"""Signing in and out as people do it: typed, by a code, by a passphrase, without a network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.app import Desktop
from console.app.desktop import VERIFIER
from console.domain.changes import Link
from console.settings.secrets import AskPassphrase, StoreKeys, ThrowAwayKeys
from console.ui.screens.form import Form
from console.ui.screens.sign_in import PassphrasePrompt, SignInScreen
from tests.story.conftest import World, program, running, window_of
from tests.waiting import eventually


async def screen_of(desktop: Desktop) -> SignInScreen:
    await eventually(lambda: desktop.sign_in_screen is not None)
    assert desktop.sign_in_screen is not None
    return desktop.sign_in_screen


def fill(qtbot: QtBot, form: Form, **texts: str) -> None:
    """Type into the fields and press Enter in the last one."""
    for name, text in texts.items():
        form.field(name).clear()
        qtbot.keyClicks(form.field(name), text)
    qtbot.keyClick(form.field(list(texts)[-1]), Qt.Key.Key_Return)


async def test_a_wrong_password_is_said_in_the_form_and_the_right_one_opens_the_desk(
    world: World, tmp_path: Path, qtbot: QtBot
) -> None:
    email, password = world.facts["agent_email"], world.facts["agent_password"]
    async with running(program(world, tmp_path, ThrowAwayKeys())) as desktop:
        screen = await screen_of(desktop)
        fill(qtbot, screen.password, email=email, password=password + "x")
        await eventually(lambda: screen.password.message.text() != "")
        assert desktop.window is None

        fill(qtbot, screen.password, password=password)
        await window_of(desktop)
        await eventually(lambda: desktop.at_desk.store.link is Link.ONLINE)

        # The same password opens the lock; what is kept of it here, or else the server, says so.
        assert await desktop.unlock(password)
        assert not await desktop.unlock(password + "x")
        await desktop.at_desk.store.session.remove_item(VERIFIER)
        assert not await desktop.unlock(password + "x")
        assert await desktop.unlock(password)
        assert await desktop.at_desk.store.session.get_item(VERIFIER) is not None
        assert desktop.at_desk.store.link is Link.ONLINE  # the session itself went on


async def test_a_new_person_signs_in_with_the_administrators_code_and_a_password_of_their_own(
    world: World, tmp_path: Path, qtbot: QtBot
) -> None:
    added = subprocess.run(  # noqa: ASYNC221  ourselves, and nothing else runs meanwhile
        [sys.executable, "-m", "console", "user", "add", "baru@tokomakmur.id", "--role", "agent"],
        env=dict(world.environment),
        capture_output=True,
        text=True,
        check=True,
    )
    code = next(word for word in added.stdout.split() if word.isdigit() and len(word) >= 6)
    async with running(program(world, tmp_path, ThrowAwayKeys())) as desktop:
        screen = await screen_of(desktop)
        screen.show_page(screen.code)
        fill(qtbot, screen.code, email="baru@tokomakmur.id", code=code, new="sandi-baru-2231")
        await window_of(desktop)

    async with running(program(world, tmp_path / "again", ThrowAwayKeys())) as desktop:
        screen = await screen_of(desktop)
        fill(qtbot, screen.password, email="baru@tokomakmur.id", password="sandi-baru-2231")
        await window_of(desktop)


async def test_the_next_start_opens_the_desk_at_once_and_signing_out_closes_it(
    world: World, tmp_path: Path, qtbot: QtBot
) -> None:
    keys = ThrowAwayKeys()
    first = program(world, tmp_path, keys)
    await first.sign_in(world.facts["agent_email"], world.facts["agent_password"])
    async with running(first):
        await window_of(first)
        await eventually(lambda: first.at_desk.store.link is Link.ONLINE)

    second = program(world, tmp_path, keys)
    async with running(second):
        window = await window_of(second)
        await eventually(lambda: second.at_desk.store.link is Link.ONLINE)
        await second.sign_out("keep")
        window.signed_out.emit()
        screen = await screen_of(second)
        assert screen.password.text("email") == world.facts["agent_email"]
        assert second.window is None


async def test_without_a_keyring_a_passphrase_guards_the_store(
    world: World, tmp_path: Path, qtbot: QtBot
) -> None:
    def without_keyring(ask: AskPassphrase) -> StoreKeys:
        return StoreKeys(tmp_path / "salts", ask, None)

    def prompt() -> PassphrasePrompt | None:
        shown = [
            widget
            for widget in QApplication.topLevelWidgets()
            if isinstance(widget, PassphrasePrompt) and widget.isVisible()
        ]
        return shown[0] if shown else None

    async def answer(**texts: str) -> None:
        await eventually(lambda: prompt() is not None)
        shown = prompt()
        assert shown is not None
        fill(qtbot, shown.form, **texts)

    first = program(world, tmp_path, without_keyring)
    async with running(first):
        screen = await screen_of(first)
        email, password = world.facts["agent_email"], world.facts["agent_password"]
        fill(qtbot, screen.password, email=email, password=password)
        await answer(passphrase="kopi tubruk pagi", again="kopi tubruk pagi")
        await window_of(first)

    second = program(world, tmp_path, without_keyring)
    async with running(second):
        await answer(passphrase="kopi susu sore")
        await eventually(lambda: (shown := prompt()) is not None and shown.form.message.text())
        await answer(passphrase="kopi tubruk pagi")
        await window_of(second)

"""Attacks 23 and 24 at the door: keys without a safe place, servers without a good name."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.app import Desktop
from console.settings.paths import Paths
from console.settings.project import ProjectAddress
from console.settings.secrets import StoreKeys, ThrowAwayKeys
from console.settings.values import Values
from console.ui.screens.sign_in import PassphrasePrompt, SignInScreen
from tests.authority import NOW, Authority
from tests.remote.test_tls import authority, serving, trusted
from tests.story.conftest import program, running
from tests.trials.window.conftest import PASSWORD, Town
from tests.waiting import eventually

__all__ = ["authority", "trusted"]  # fixtures of another file

LONG = 60.0  # seconds


class LockedKeyring(KeyringBackend):
    """A keyring whose owner does not unlock it."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("locked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("locked")


async def sign_in(desktop: Desktop, qtbot: QtBot, email: str) -> SignInScreen:
    """Fill in the form and press Enter."""
    await eventually(lambda: desktop.sign_in_screen is not None)
    screen = desktop.sign_in_screen
    assert screen is not None
    for name, text in (("email", email), ("password", PASSWORD)):
        screen.password.field(name).setText(text)
    qtbot.keyClick(screen.password.field("password"), Qt.Key.Key_Return)
    return screen


def written(folder: Path) -> list[str]:
    """The stores and keys that lie there now."""
    return [path.name for path in folder.rglob("*") if path.suffix == ".db" or "key" in path.name]


@pytest.mark.trial("A23")
async def test_a_locked_keyring_keeps_the_desk_closed_and_nothing_is_written(
    town: Town, qtbot: QtBot, tmp_path: Path
) -> None:
    agent = town.agent("terkunci", town.shop)
    desktop = program(
        town, tmp_path, lambda ask: StoreKeys(tmp_path / "keys", ask, LockedKeyring())
    )
    async with running(desktop):
        screen = await sign_in(desktop, qtbot, agent.email)
        await eventually(lambda: "keyring" in screen.password.message.text(), within=LONG)
        assert desktop.window is None
    assert written(tmp_path) == []


@pytest.mark.trial("A23")
async def test_without_a_keyring_nothing_opens_before_a_passphrase_is_given(
    town: Town, qtbot: QtBot, tmp_path: Path
) -> None:
    agent = town.agent("tanpakunci", town.shop)

    def prompts() -> list[PassphrasePrompt]:
        tops = QApplication.topLevelWidgets()
        return [w for w in tops if isinstance(w, PassphrasePrompt) and w.isVisible()]

    async with running(
        program(town, tmp_path, lambda ask: StoreKeys(tmp_path / "keys", ask, None))
    ) as desktop:
        screen = await sign_in(desktop, qtbot, agent.email)
        await eventually(lambda: bool(prompts()), within=LONG)
        prompts()[0].close()
        await eventually(lambda: "locked" in screen.password.message.text(), within=LONG)
        assert desktop.window is None
    assert written(tmp_path) == []


@pytest.mark.trial("A24")
@pytest.mark.parametrize(
    ("host", "days", "words"),
    [("other.example", 1, "another address"), ("localhost", -1, "expired")],
    ids=["wrong host", "expired"],
)
async def test_a_server_without_a_good_certificate_is_refused_in_plain_words(
    trusted: Authority, qtbot: QtBot, tmp_path: Path, host: str, days: int, words: str
) -> None:
    async with serving(trusted.context(host, NOW + timedelta(days=days))) as address:
        said = await refusal_of(address, tmp_path, qtbot)
    assert "not safe" in said
    assert words in said


@pytest.mark.trial("A24")
async def test_a_self_signed_server_is_refused_in_plain_words(
    authority: Authority, qtbot: QtBot, tmp_path: Path
) -> None:
    async with serving(authority.context("localhost", NOW + timedelta(days=1))) as address:
        assert "self-signed" in await refusal_of(address, tmp_path, qtbot)


@pytest.mark.trial("A24")
async def test_plain_http_is_refused_before_anything_is_sent(qtbot: QtBot, tmp_path: Path) -> None:
    assert "not be encrypted" in await refusal_of("http://balas.example", tmp_path, qtbot)


async def refusal_of(address: str, folder: Path, qtbot: QtBot) -> str:
    """What the window says when somebody signs in there."""
    application, paths = QApplication.instance(), Paths.below(folder)
    assert isinstance(application, QApplication)
    project = ProjectAddress(address, "sb_publishable_x", fixed=True)
    desktop = Desktop(application, paths, Values(paths.settings_file), ThrowAwayKeys(), project)
    async with running(desktop):
        screen = await sign_in(desktop, qtbot, "sari@example.com")
        await eventually(lambda: screen.password.message.text() != "", within=LONG)
        assert desktop.window is None
        return screen.password.message.text()

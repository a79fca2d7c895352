"""A newer release is told once, in the window, when the house signed it; else nothing is said."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from console.app.updates import watch_for_updates
from console.domain.errors import OfflineError
from console.remote.updates import fetch_manifest
from console.settings.updates import Manifest, new_key, public_key_of, signed
from console.ui.language import Language
from console.ui.theme.theme import Theme
from console.ui.widgets.toast import Toast
from tests.authority import NOW, Authority
from tests.waiting import eventually

KEY = new_key()
NOTES = "https://balas.example.com/notes"


@asynccontextmanager
async def published(
    body: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, key: str = KEY
) -> AsyncIterator[str]:
    """A server with a certificate that this computer trusts; the build asks there."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    context: ssl.SSLContext = authority.context("localhost", NOW + timedelta(days=1))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "localhost", 0, ssl=context)
    async with server:
        address = f"https://localhost:{server.sockets[0].getsockname()[1]}"
        monkeypatch.setenv("BALAS_UPDATE_URL", address)
        monkeypatch.setenv("BALAS_UPDATE_KEY", public_key_of(key))
        yield address


@pytest.fixture
def toast(qtbot: QtBot) -> Toast:
    """The window's notice in English, nothing told yet."""
    Language("en")
    window = QWidget()
    window.resize(900, 600)
    qtbot.addWidget(window)
    window.show()
    return Toast(Theme(), window)


@pytest.mark.parametrize(
    ("running", "title"),
    [("1.3", "A new version of Balas is there"), ("1.1", "This version of Balas is too old")],
)
async def test_a_newer_release_is_told_with_a_way_to_read_of_it(
    running: str, title: str, toast: Toast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    body = signed(Manifest("1.4", NOTES, "1.2"), KEY)
    async with published(body, tmp_path, monkeypatch):
        watching = asyncio.create_task(watch_for_updates(lambda: toast, running=running, first=0))
        await eventually(lambda: toast.isVisible())
        assert toast.title.text() == title
        assert "1.4" in toast.text.text()
        assert not opened, "nothing is opened by itself"
        toast.step.click()
        assert opened == [QUrl(NOTES).toString()]
        watching.cancel()


async def test_what_somebody_else_signed_is_not_told(
    toast: Toast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    body = signed(Manifest("1.4", NOTES, "1.2"), new_key())
    with caplog.at_level(logging.WARNING):
        async with published(body, tmp_path, monkeypatch):
            watching = asyncio.create_task(watch_for_updates(lambda: toast, running="1.0", first=0))
            await eventually(lambda: "not believed" in caplog.text)
            watching.cancel()
    assert not toast.isVisible()


async def test_a_manifest_that_is_too_large_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with published(b"x" * 500_000, tmp_path, monkeypatch) as address:
        with pytest.raises(OfflineError):
            await fetch_manifest(address, 8_192)


async def test_a_build_that_names_no_address_asks_nobody(
    toast: Toast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BALAS_UPDATE_URL", raising=False)
    await watch_for_updates(lambda: toast, running="0.1", first=0)
    assert not toast.isVisible()

"""Files of strangers on our disk and in other programs: names, endings, programs. (Attack 12.)"""

from __future__ import annotations

import asyncio
import stat
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton

from console.domain.content import Content, Kind
from console.domain.message import Message
from console.ui.screens.inbox.saving import copy_to_open, is_program, name_to_save, write_whole
from console.ui.screens.question import Question
from console.ui.screens.viewer import Viewer
from console.ui.window import MainWindow
from tests.gallery.made import pdf
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import Thread, media, photo
from tests.waiting import eventually

PROGRAM = b"MZ\x90\x00" + bytes(300)
SCRIPT = b"#!/bin/sh\nrm -rf ~\n"
NAMES = [
    "../../etc/cron.d/x",
    "..\\..\\Startup\\x.exe",
    "CON",
    "nul.txt",
    "com1.jpg",
    "LPT9.pdf.exe",
    "laporan\u202efdp.exe",
    "a\x00b.exe",
    "x" * 300 + ".jpg.exe",
    ".bashrc",
    "~/.ssh/authorized_keys",
    "C:\\Windows\\x.dll",
    "file.jpg ",
    "file.jpg.",
    "a:b.jpg",
    "faktur.pdf.lnk",
    "x.desktop",
    "x.url",
    "x.html",
    "x.svg",
    "",
]


def docx() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<x/>")
    return buffer.getvalue()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("data", [PROGRAM, SCRIPT, b"<html>", photo("#000000", "#ffffff"), b""])
def test_a_file_is_saved_under_a_safe_name_with_the_ending_of_its_content(
    name: str, data: bytes, tmp_path: Path
) -> None:
    safe = name_to_save(media(name, "image/jpeg", 1), data)
    assert Path(safe).name == safe
    assert 0 < len(safe) <= 110
    assert safe.isascii()
    assert safe[0] not in ".~-"
    assert Path(safe).suffix in (".jpg", ".txt", ".bin")
    assert safe.split(".")[0].lower() not in ("con", "nul", "com1", "lpt9")
    write_whole(tmp_path / safe, data)
    assert (tmp_path / safe).read_bytes() == data
    assert [path.name for path in tmp_path.iterdir()] == [safe]
    if sys.platform != "win32":
        assert not (tmp_path / safe).stat().st_mode & 0o111


@pytest.mark.parametrize(
    "data",
    [
        PROGRAM,
        SCRIPT,
        b"\x7fELF" + bytes(99),
        b"\xca\xfe\xba\xbe" + bytes(99),
        b"L\x00\x00\x00\x01",
    ],
)
def test_a_program_is_never_handed_to_the_system(data: bytes) -> None:
    assert is_program(data)
    for name in ("x.pdf", "x.jpg", "x.docx", "x"):
        assert copy_to_open(media(name, "application/pdf", 1), data) is None


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04" + bytes(60),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        b"Rar!\x1a\x07",
        bytes(99),
    ],
)
def test_what_may_hold_macros_or_anything_is_only_saved(data: bytes) -> None:
    assert copy_to_open(media("x.docx", "application/pdf", 1), data) is None


def test_a_document_is_opened_as_a_copy_that_nobody_else_reads() -> None:
    path = copy_to_open(media("../Kontrak.pdf.exe", "application/pdf", 1), docx())
    assert path is not None
    assert path.name == "Kontrak.pdf.docx"
    assert path.read_bytes() == docx()
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o400
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_text_that_another_program_would_run_becomes_plain_text() -> None:
    for name in ("x.html", "x.svg", "x.desktop", "x.url", "x.bat", "x.vbs"):
        path = copy_to_open(media(name, "text/html", 1), b"<script>alert(1)</script>")
        assert path is not None
        assert path.suffix == ".txt"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the system was asked to open."""
    found: list[str] = []

    def opens(url: QUrl) -> bool:
        found.append(bytes(url.toEncoded().data()).decode())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", opens)
    return found


def with_file(store: MemoryStore, name: str, said: str, data: bytes) -> Message:
    item = media(name, said, len(data))
    assert item.path is not None
    store.media.files[item.path] = data
    return Thread().add(content=Content(Kind.DOCUMENT, "", (item,)))


async def test_a_click_on_a_program_says_so_and_opens_nothing(
    open_thread: MainWindow, store: MemoryStore, opened: list[str]
) -> None:
    told: list[str] = []
    open_thread.errors.told.connect(lambda title, text: told.append(title))
    message = with_file(store, "foto.jpg", "image/jpeg", PROGRAM)
    open_thread.inbox.thread_screen.files.open(message, 0)
    await eventually(lambda: told)
    assert opened == []
    assert not open_thread.findChildren(QFileDialog)


async def test_a_click_on_an_office_file_opens_a_safe_copy(
    open_thread: MainWindow, store: MemoryStore, opened: list[str]
) -> None:
    message = with_file(store, "Kontrak\u202excod.exe", "application/octet-stream", docx())
    open_thread.inbox.thread_screen.files.open(message, 0)
    await eventually(lambda: opened)
    assert opened[0].startswith("file:///")
    assert opened[0].endswith("/Kontrakxcod.docx")


@pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints", extend=True)
async def test_a_click_on_an_archive_asks_where_to_save_it(
    open_thread: MainWindow, store: MemoryStore, opened: list[str]
) -> None:
    message = with_file(store, "katalog.zip", "application/zip", b"PK\x05\x06" + bytes(18))
    open_thread.inbox.thread_screen.files.open(message, 0)
    await eventually(lambda: open_thread.findChildren(QFileDialog))
    for dialog in open_thread.findChildren(QFileDialog):
        dialog.reject()
    assert opened == []


async def test_a_pdf_is_read_here_by_what_it_is_and_not_by_its_name(
    open_thread: MainWindow, store: MemoryStore, opened: list[str]
) -> None:
    message = with_file(store, "faktur.exe", "application/octet-stream", pdf(2))
    open_thread.inbox.thread_screen.files.open(message, 0)
    await eventually(lambda: any(v.isVisible() for v in open_thread.findChildren(Viewer)))
    assert opened == []


def answer(window: MainWindow, words: str) -> None:
    """Press a button of the question that is open."""
    (question,) = [q for q in window.findChildren(Question) if q.isVisible()]
    next(b for b in question.findChildren(QPushButton) if b.text() == words).click()


async def test_the_host_is_shown_before_a_link_opens_and_then_is_known(
    open_thread: MainWindow, opened: list[str]
) -> None:
    files = open_thread.inbox.thread_screen.files
    files.open_link("https://toko.example/a")
    assert opened == []
    answer(open_thread, "Buka")
    assert opened == ["https://toko.example/a"]
    await asyncio.sleep(0)
    files.open_link("https://toko.example/b")
    assert opened[1:] == ["https://toko.example/b"]


async def test_a_deceptive_host_is_asked_about_each_time(
    open_thread: MainWindow, opened: list[str]
) -> None:
    files = open_thread.inbox.thread_screen.files
    for _ in range(2):
        files.open_link("https://аррӏе.com/masuk")
        (question,) = [q for q in open_thread.findChildren(Question) if q.isVisible()]
        said = " ".join(label.text() for label in question.findChildren(QLabel))
        assert "xn--80ak6aa92e.com" in said
        assert "аррӏе.com" in said
        answer(open_thread, "Buka")
        await eventually(lambda: not any(q.isVisible() for q in open_thread.findChildren(Question)))
    assert opened == ["https://xn--80ak6aa92e.com/masuk"] * 2


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "file:///etc/passwd", "smb://x/y", "http://a.example\\@b.example"],
)
async def test_nothing_but_the_web_is_opened(
    open_thread: MainWindow, opened: list[str], url: str
) -> None:
    open_thread.inbox.thread_screen.open_link(url)
    assert opened == []
    assert not [q for q in open_thread.findChildren(Question) if q.isVisible()]


async def test_a_number_of_a_contact_is_copied(open_thread: MainWindow) -> None:
    open_thread.inbox.thread_screen.files.copy_number("+62 812")
    assert QGuiApplication.clipboard().text() == "+62 812"

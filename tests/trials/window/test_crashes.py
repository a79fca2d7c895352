"""Faults 13, 15 and 16: killed after Enter, no room on the disk, a damaged or foreign cache."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace as Size

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.domain.changes import Link
from console.domain.errors import EnvironmentFaultError
from console.settings.secrets import ThrowAwayKeys
from console.store.store import Store
from tests.story.conftest import Seat, program, running
from tests.trials.proxy import Behaviour
from tests.trials.window.conftest import (
    Agent,
    Town,
    at_desk,
    nothing_waits,
    open_thread,
    whole_thread,
)
from tests.trials.window.typist import FixedKey
from tests.waiting import eventually

# When the process dies: as soon as the bubble stands there, or so many seconds after Enter.
MOMENTS = (None, 0.0, None, 0.03, 0.004, None, 0.2, 0.8)
ROOT = Path(__file__).resolve().parents[3]
LONG = 90.0  # seconds; a reply may wait for its undo, and the machine be busy


async def typed_and_killed(told: dict[str, object]) -> None:
    """One life of the program, from its start to its violent end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.trials.window.typist",
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    _, words = await process.communicate(json.dumps(told).encode() + b"\n")
    assert process.returncode == -signal.SIGKILL, words.decode()


@pytest.mark.trial("F13")
@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
async def test_what_stood_in_the_thread_when_the_program_was_killed_is_sent_once(
    town: Town,
    tmp_path: Path,
    size: Size,
    record_property: Callable[[str, object], None],
) -> None:
    address = "whatsapp:+6281310000013"
    thread = town.customer("Kartika", address)
    agent = town.agent("tergesa", town.shop)
    key = secrets.token_bytes(32)
    agent = Agent(agent.id, agent.email, FixedKey(key))
    folder = tmp_path / "desk"
    async with at_desk(town, agent, folder) as seat:
        await open_thread(seat, thread)
    told = {
        "folder": str(folder),
        "url": town.facts["supabase_url"],
        "publishable_key": town.facts["publishable_key"],
        "key": key.hex(),
        "conversation": thread,
    }
    shown: list[str] = []
    texts = [f"Balasan {number}" for number in range(size.kills)]
    for number, text in enumerate(texts):
        journal = tmp_path / f"{number}.journal"
        moment = MOMENTS[number % len(MOMENTS)]
        life = told | {"text": text, "delay": moment, "journal": str(journal)}
        await typed_and_killed(life)
        if b"shown" in journal.read_bytes():
            shown.append(text)

    async with at_desk(town, agent, folder, anew=False) as seat:
        await eventually(lambda: nothing_waits(seat), within=LONG)

        def sent() -> Counter[str]:
            return Counter(town.bodies_to(address))

        # Fifteen to one customer in half a minute is what the service's loop guard lets through.
        patience = LONG + 2.0 * len(texts)
        await eventually(lambda: set(shown) <= set(sent()), within=patience)
        kept = {message.content.text for message in await whole_thread(seat, thread)}
        await eventually(lambda: kept & set(texts) <= set(sent()), within=patience)
    assert set(sent().values()) <= {1}, "sent twice"
    assert shown, "nothing came as far as the thread"
    record_property(
        "figures", f"{len(texts)} typed, {len(shown)} shown, {len(sent())} sent, each once"
    )
    bodies = town.bodies_to(address)
    assert bodies == sorted(bodies, key=texts.index)


class Disk:
    """A folder whose room can be taken away: a small file system of its own where we may mount."""

    def __init__(self, folder: Path, *, mounted: bool) -> None:
        self.folder = folder
        self._ballast = folder / "ballast" if mounted else None

    async def fill(self, store: Store) -> None:
        """Not one page more fits."""
        if self._ballast is None:
            await _limit(store, "(select page_count from pragma_page_count)")
            return
        with self._ballast.open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
            while True:
                ballast.write(bytes(512))

    async def free(self, store: Store) -> None:
        """There is room again."""
        if self._ballast is None:
            await _limit(store, "1073741823")
        else:
            self._ballast.unlink()


async def _limit(store: Store, pages: str) -> None:
    """The most pages that SQLite gives the store: the disk's end, as the store sees it."""
    connection = store._database._connection
    assert connection is not None
    most = connection.execute(f"select {pages}").get
    await asyncio.wrap_future(
        store._database._writer.submit(connection.pragma, "max_page_count", most)
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of a few megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    may = sys.platform == "linux" and os.geteuid() == 0
    mounted = may and subprocess.run(mount, capture_output=True).returncode == 0
    yield Disk(folder, mounted=mounted)
    if mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.trial("F15")
async def test_without_room_on_the_disk_a_reply_comes_back_with_the_reason_and_goes_when_there_is(
    town: Town, qtbot: QtBot, small_disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    address = "whatsapp:+6281310000015"
    thread = town.customer("Penuh", address)
    agent = town.agent("penuh", town.shop)
    caplog.set_level("WARNING")
    async with at_desk(town, agent, small_disk.folder) as seat:
        await open_thread(seat, thread)
        composer = seat.window.inbox.thread_screen.composer
        await small_disk.fill(seat.store)
        with pytest.raises(EnvironmentFaultError, match="disk is full"):
            await seat.store.session.set_item("probe", "x" * 100_000)
        reply = "Tidak muat " + "panjang " * 150
        composer.editor.setPlainText(reply)
        qtbot.keyClick(composer.editor, Qt.Key.Key_Return)
        await eventually(lambda: "disk" in said(seat).casefold())
        await eventually(lambda: composer.editor.text() == reply)
        assert await nothing_waits(seat)
        town.customer_does("inbound", **{"from": address, "name": "Penuh", "body": "Ada?"})
        await small_disk.free(seat.store)
        ring(seat)
        await eventually(lambda: "Ada?" in shown_in(seat), within=LONG)
        await send_whatever(seat, qtbot)
        await eventually(lambda: town.bodies_to(address) == [reply.strip()], within=LONG)


def shown_in(seat: Seat) -> list[str]:
    """The texts of the open thread."""
    return [bubble.content.text for bubble in seat.bubbles()]


def said(seat: Seat) -> str:
    """What the window says went wrong."""
    composer, toast = seat.window.inbox.thread_screen.composer, seat.window.toast
    return f"{composer.notice.text()} {toast.title.text()} {toast.text.text()}"


async def send_whatever(seat: Seat, qtbot: QtBot) -> None:
    """Press Enter until the field is empty: the window may ask for a look first."""
    composer = seat.window.inbox.thread_screen.composer

    def is_gone() -> bool:
        if composer.editor.text():
            qtbot.keyClick(composer.editor, Qt.Key.Key_Return)
        return not composer.editor.text()

    await eventually(is_gone)


def truncated(path: Path, agent: Agent) -> Agent:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    return agent


def scribbled(path: Path, agent: Agent) -> Agent:
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(4096))
    return agent


def another_key(_: Path, agent: Agent) -> Agent:
    return Agent(agent.id, agent.email, ThrowAwayKeys())


HARMS = {"truncated": truncated, "scribbled": scribbled, "rekeyed": another_key}


@pytest.mark.trial("F16")
@pytest.mark.parametrize("name", HARMS)
async def test_a_cache_that_cannot_be_used_is_set_aside_said_and_filled_anew(
    town: Town, tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    address = f"whatsapp:+6281310016{sum(name.encode()):04d}"
    thread = town.customer(f"Rusak {name}", address)
    agent = town.agent(name, town.shop)
    async with at_desk(town, agent, tmp_path) as seat:
        await open_thread(seat, thread)
        path = seat.store._database.path
    with caplog.at_level("WARNING"):
        agent = HARMS[name](path, agent)
        async with at_desk(town, agent, tmp_path, anew=True) as seat:
            assert "set aside" in said(seat)
            await open_thread(seat, thread)
            await eventually(lambda: [each.content.text for each in seat.bubbles()] == ["Halo"])
    assert list(path.parent.glob("*.set-aside-*"))


@pytest.mark.trial("F16")
async def test_unsent_work_survives_a_damaged_cache_and_leaves_once(
    town: Town, qtbot: QtBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    address = "whatsapp:+6281310001600"
    thread = town.customer("Selamat", address)
    other = town.customer("Lainnya", "whatsapp:+6281310001601", "Halo " * 200)
    agent = town.agent("selamat", town.shop)
    folder = tmp_path / "desk"
    async with at_desk(town, agent, folder) as seat:
        await open_thread(seat, other)
        town.line.behave(Behaviour(refuse=True))
        await eventually(lambda: seat.store.link is not Link.ONLINE or ring(seat), within=LONG)
        await open_thread(seat, thread)
        composer = seat.window.inbox.thread_screen.composer
        qtbot.keyClicks(composer.editor, "Masih di sini")
        qtbot.keyClick(composer.editor, Qt.Key.Key_Return)
        await eventually(lambda: len(seat.bubbles()) == 2)
        path = seat.store._database.path
        page = await root_of(seat.store, "profiles")
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(secrets.token_bytes(4096))
    town.line.heal()
    with caplog.at_level("WARNING"):
        # The damage is found when it is met, and mended with the next start.
        while not list(folder.rglob("*.set-aside-*")):
            await started_and_closed(town, agent, folder)
        async with at_desk(town, agent, folder, anew=False):
            await eventually(lambda: town.bodies_to(address) != [], within=LONG)
    assert town.bodies_to(address) == ["Masih di sini"]


async def started_and_closed(town: Town, agent: Agent, folder: Path) -> None:
    """Open the program, at the desk or at its door, and close it."""
    desktop = program(town, folder, agent.keys)
    async with running(desktop):
        await eventually(lambda: desktop.window or desktop.sign_in_screen, within=LONG)


def ring(seat: Seat) -> bool:
    """Have sync look now; never true."""
    engine = seat.desktop.at_desk.engine
    if engine is not None:
        engine.ring()
    return False


async def root_of(store: Store, table: str) -> int:
    """The first page of a table."""
    query = "select rootpage from sqlite_schema where name = ?"
    return int(await store._database.read(lambda reading: reading.value(query, table)))

"""What a hurried agent does, done by the program to itself, each step timed until it is painted."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from console.app import Desktop
from console.domain.changes import Changes
from console.domain.conversation import ConversationRow, Filter, View
from console.domain.feed import ConversationFacts, MessageFacts, Page
from console.domain.ids import ConversationId, MessageId, new_message_id
from tests.bench.desk.fill import Size, long_thread
from tests.bench.desk.notes import Notes, Sample

ROUNDS = 60
FRAMES = 600
STEP = 120  # px a frame: a quick turn of the wheel
TYPED = ("pesanan 4", "garansi mesin", "terima kasih", "ongkos kirim", "teknisi datang", "resi 77")
NAMES = ("siti ra", "budi san", "+6280000", "dewi ku", "lestari", "agus wij")


class Paints(QObject):
    """Waits for the paint that shows something."""

    def __init__(self, viewport: QWidget) -> None:
        super().__init__()
        self._shows: Callable[[], bool] = lambda: False
        self._done = asyncio.Event()
        self._viewport = viewport
        viewport.installEventFilter(self)

    async def of(self, shows: Callable[[], bool], seconds: float = 30.0) -> None:
        """Until a paint has ended in which `shows` was true."""
        self.look_for(shows)
        await self.ended(seconds)

    def look_for(self, shows: Callable[[], bool]) -> None:
        """From now on; `ended` waits for it."""
        self._done.clear()
        self._shows = shows

    async def ended(self, seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            await self._done.wait()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and not self._done.is_set() and self._shows():
            self._shows = lambda: False
            QTimer.singleShot(0, self._done.set)  # runs when this paint is done
        return False


@contextmanager
def _timed(samples: list[Sample]) -> Iterator[None]:
    began, work = time.perf_counter(), time.process_time()
    yield
    samples.append(((time.perf_counter() - began) * 1000, (time.process_time() - work) * 1000))


def read_through(path: Path) -> None:
    """Have the system keep the file in memory: a virtual machine's may take idle pages back."""
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass


def pss() -> float:
    """This process's proportional share of memory, in MB."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


class Script:
    """The steps, each on the running desk."""

    def __init__(self, desktop: Desktop, facts: dict[str, Any], notes: Notes) -> None:
        self.desktop = desktop
        self.facts = facts
        self.notes = notes
        assert desktop.window is not None
        self.window = desktop.window
        self.inbox = desktop.window.inbox
        self.store = desktop.at_desk.store
        self.long = long_thread(Size(facts["messages"]))
        self.thread = Paints(self.inbox.thread_screen.timeline.viewport())
        self.chance = random.Random(1)

    def _shows(self, conversation_id: ConversationId) -> bool:
        messages = self.inbox.thread_screen.model.messages
        return bool(messages) and messages[-1].conversation_id == conversation_id

    async def rows(self, count: int) -> list[ConversationRow]:
        """Conversations from everywhere in the list."""
        found: list[ConversationRow] = []
        after = None
        while len(found) < 4 * count:
            page = await self.store.conversations.page(View(Filter.ALL), after=after)
            if not page:
                break
            found += page
            after = page[-1]
        return [self.chance.choice(found) for _ in range(count)]

    async def switching(self, count: int = ROUNDS) -> list[Sample]:
        samples: list[Sample] = []
        for row in await self.rows(count):
            shown = self.inbox.thread_screen.row
            if shown is not None and shown.id == row.id:
                continue
            with _timed(samples):
                self.inbox.show_conversation(row)
                await self.thread.of(lambda id=row.id: self._shows(id))  # type: ignore[misc]
            await asyncio.sleep(0.15)
        return samples

    async def open_long(self) -> ConversationRow:
        row = await self.store.conversations.get(self.long)
        assert row is not None
        self.inbox.show_conversation(row)
        await self.thread.of(lambda: self._shows(row.id))
        await asyncio.sleep(0.3)
        return row

    async def appending(self) -> list[Sample]:
        """From the store's announcement of a new message to its bubble."""
        row = await self.open_long()
        cursor = await self.store.feed.cursor()
        samples: list[Sample] = []
        for number in range(ROUNDS):
            now = datetime.now(UTC)
            message = MessageFacts(
                MessageId(str(new_message_id())), row.id, "inbound", "text",
                f"Pesan baru {number}", now, None, updated_at=now,
            )  # fmt: skip
            announced: list[Sample] = []

            def note(changes: Changes, announced: list[Sample] = announced) -> None:
                if changes.threads and not announced:
                    announced.append((time.perf_counter(), time.process_time()))

            stop = self.store.changes.subscribe(note)
            painted = asyncio.ensure_future(self.thread.of(lambda id=message.id: self._ends(id)))  # type: ignore[misc]
            await asyncio.sleep(0)
            await self.store.feed.apply(
                replace(Page(cursor, more=False, server_time=now), messages=(message,))
            )
            await painted
            stop()
            samples.append(
                (
                    (time.perf_counter() - announced[0][0]) * 1000,
                    (time.process_time() - announced[0][1]) * 1000,
                )
            )
            await asyncio.sleep(0.15)
        return samples

    def _ends(self, message_id: str) -> bool:
        messages = self.inbox.thread_screen.model.messages
        return any(message.id == message_id for message in messages[-3:])

    async def scrolling(self, frames: int = FRAMES) -> list[Sample]:
        """Each frame of reading upwards: the move, the measuring and the paint of it."""
        await self.open_long()
        timeline = self.inbox.thread_screen.timeline
        bar = timeline.verticalScrollBar()
        samples: list[Sample] = []
        for _ in range(frames):
            work = time.thread_time()
            began = time.perf_counter()
            bar.setValue(bar.value() - STEP)
            timeline.viewport().repaint()
            samples.append(
                ((time.perf_counter() - began) * 1000, (time.thread_time() - work) * 1000)
            )
            await asyncio.sleep(0.016)
        return samples

    async def searching(self, words: tuple[str, ...], *, messages: bool) -> list[Sample]:
        """Each letter: from the end of the pause after it to the list on screen."""
        panel = self.inbox.conversations
        samples: list[Sample] = []
        await asyncio.to_thread(read_through, self.store._database.path)
        model, shown = (panel.hits.found, panel.hits) if messages else (panel.model, panel.list)
        painted = Paints(shown.viewport())
        for text in words:
            for end in range(1, len(text) + 1):
                loaded = asyncio.Event()
                connection = model.loaded.connect(loaded.set)
                panel.search.setText(text[:end])
                painted.look_for(loaded.is_set)
                with _timed(samples):
                    panel._show()
                    await loaded.wait()
                    if shown.isVisibleTo(panel):  # else nothing was found, and nothing is painted
                        await painted.ended()
                model.loaded.disconnect(connection)
                await asyncio.sleep(0.1)
        panel.search.clear()
        panel._show()
        await asyncio.sleep(0.3)
        return samples

    async def _customer(self) -> ConversationRow:
        """Somebody who wrote just now and can be answered, whatever earlier runs have left."""
        row = (await self.store.conversations.page(View(Filter.ALL), limit=1))[0]
        now = datetime.now(UTC)
        message = MessageFacts(
            MessageId(str(new_message_id())), row.id, "inbound", "text", "Halo?", now, None,
            updated_at=now,
        )  # fmt: skip
        asks = ConversationFacts(
            id=row.id,
            inbox_id=row.inbox_id,
            contact_id=row.contact_id,
            status="open",
            assignee_id=row.assignee_id,
            priority=None,
            snoozed_until=None,
            last_message_at=now,
            last_inbound_at=now,
            waiting_since=now,
        )
        page = Page(await self.store.feed.cursor(), more=False, server_time=now)
        await self.store.feed.apply(replace(page, conversations=(asks,), messages=(message,)))
        found = await self.store.conversations.get(row.id)
        assert found is not None
        return found

    async def entering(self) -> list[Sample]:
        """From Enter to the own bubble."""
        row = await self._customer()
        self.inbox.show_conversation(row)
        await self.thread.of(lambda: self._shows(row.id))
        composer = self.inbox.thread_screen.composer
        async with asyncio.timeout(30):
            while not (composer.is_ready and composer.can_write):  # noqa: ASYNC110  nothing tells of it
                await asyncio.sleep(0.05)
        editor = composer.editor
        samples: list[Sample] = []
        for number in range(ROUNDS // 2):
            text = f"Baik kak, nomor {number}"
            editor.setPlainText(text)
            await asyncio.sleep(0.2)

            def shows(text: str = text) -> bool:
                messages = self.inbox.thread_screen.model.messages
                return any(message.content.text == text for message in messages[-3:])

            with _timed(samples):
                for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                    key = QKeyEvent(kind, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r")
                    QCoreApplication.sendEvent(editor, key)
                await self.thread.of(shows)
        return samples

    async def hearing(self) -> list[Sample]:
        """From the doorbell to the bubble, with the whole stack behind it on loopback."""
        import httpx

        from tests.bench.desk.hearing import NAME, Customer, hear

        samples: list[Sample] = []
        run = secrets.token_hex(3)  # earlier runs may have written to the same thread
        async with httpx.AsyncClient(timeout=30) as http:
            customer = Customer(self.facts, http)
            await customer.write("Halo")
            row = None
            async with asyncio.timeout(90):
                while row is None:
                    await asyncio.sleep(0.5)
                    view = View(Filter.ALL)
                    page = await self.store.conversations.page(view, search=NAME.lower())
                    row = page[0] if page else None
            self.inbox.show_conversation(row)
            await self.thread.of(lambda: self._shows(row.id))
            for number in range(ROUNDS // 2):
                await asyncio.sleep(2.0)
                told = (self.desktop, self.facts, self.notes, self.thread.of, row, customer)
                sample = await hear(*told, f"Bel {run} nomor {number}")
                if sample is not None:
                    samples.append(sample)
        assert samples, "no bell was heard"
        return samples

    async def using(self, seconds: float) -> None:
        """Read, scroll, search and write, over and over."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await self.switching(10)
            await self.scrolling(120)
            await self.searching(TYPED[:2], messages=True)
            await self.searching(NAMES[:2], messages=False)

    async def resting(self, seconds: float) -> float:
        """The processor's share while nobody does anything, in per cent."""
        await asyncio.sleep(5)
        began, work = time.monotonic(), time.process_time()
        await asyncio.sleep(seconds)
        return (time.process_time() - work) / (time.monotonic() - began) * 100


async def play(desktop: Desktop, wanted: str) -> dict[str, Any]:
    """Do what is wanted: "all", or names with commas between. Results by name."""
    began = time.monotonic()
    notes = Notes()
    notes.take()
    while desktop.window is None:  # noqa: ASYNC110  nothing tells of it
        await asyncio.sleep(0.05)
    await desktop.window.inbox.is_whole.wait()
    facts = desktop.bench_facts  # type: ignore[attr-defined]
    desktop.window.inbox.choose_view(Filter.ALL)
    await asyncio.sleep(0.5)
    script = Script(desktop, facts, notes)
    await asyncio.sleep(max(0.0, began + 10 - time.monotonic()))
    found: dict[str, Any] = {"memory after 10 s": pss()}
    steps: dict[str, Callable[[], Awaitable[Any]]] = {
        "idle": lambda: script.resting(facts.get("rest", 60)),
        "switch": script.switching,
        "append": script.appending,
        "scroll": script.scrolling,
        "find conversations": lambda: script.searching(NAMES, messages=False),
        "find messages": lambda: script.searching(TYPED, messages=True),
        "enter": script.entering,
        "doorbell": script.hearing,
        "use": lambda: script.using(facts.get("use", 60)),
    }
    for name, step in steps.items():
        if wanted != "all" and name not in wanted.split(","):
            continue
        found[name] = await step()
        found[f"memory after {name}"] = pss()
    found["seconds"] = time.monotonic() - began
    found["pid"] = os.getpid()
    return found

"""The hands of a demo that has no screen: opens threads, types answers, saves pictures."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from console.domain.conversation import ConversationRow, Filter, View
from console.domain.delivery import Direction, Status
from console.domain.ids import ConversationId
from console.domain.message import Message
from console.domain.window import window_of
from console.ui.theme.theme import Scheme, Theme

if TYPE_CHECKING:
    from console.store.store import Store
    from console.ui.window import MainWindow

log = logging.getLogger("balas.tour")

ANSWERS = (
    "Selamat pagi kak, terima kasih sudah menghubungi kami. Kami cek dulu ya 🙏",
    "Baik, pesanannya sudah kami teruskan ke gudang. Hari ini dikirim.",
    "Siap kak, mohon ditunggu sebentar ya.",
)
_ENDS = {Status.READ, Status.FAILED, Status.UNDELIVERED}
_PATIENCE = 45.0  # seconds until it goes on with what there is
_LOOK = 0.2  # seconds between two looks


class Album:
    """Numbered pictures in one folder."""

    def __init__(self, folder: Path, tell: Callable[[str], object]) -> None:
        self._folder = folder
        self._tell = tell
        self._count = 0
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, window: QWidget, name: str) -> Path:
        """Save what `window` shows now and say where."""
        self._count += 1
        path = self._folder / f"{self._count:02}-{name}.png"
        window.grab().save(str(path))
        self._tell(f"picture: {path}")
        return path


class Tour:
    """One walk through a running story; what it types goes through the window's own keys."""

    def __init__(self, window: MainWindow, store: Store, theme: Theme, album: Album) -> None:
        self._window = window
        self._store = store
        self._theme = theme
        self._album = album

    async def run(self) -> None:
        """Answer customers as they write, with a picture of each step."""
        self._window.inbox.choose_view(Filter.ALL)
        self._album.take(self._window, "empty")
        await self._until(self._has_conversations, "the first customer")
        await self._painted()
        self._album.take(self._window, "first-customer")
        answered: set[ConversationId] = set()
        for answer in ANSWERS:
            row = await self._next(answered)
            if row is None:
                break
            answered.add(row.id)
            await self._answer(row, answer)
        await self._look_at("automatic-reply", lambda _, said: any(one.automatic for one in said))
        await self._look_at(
            "template", lambda _, said: any(one.content.template_name for one in said)
        )
        await self._look_at("window-closing", lambda row, _: self._is_closing(row))
        scheme = self._theme.scheme
        for shown in (Scheme.LIGHT, Scheme.DARK):
            self._theme.choose(scheme=shown)
            await self._painted()
            self._album.take(self._window, f"inbox-{shown.value}")
        self._theme.choose(scheme=scheme)

    async def _look_at(
        self, name: str, wanted: Callable[[ConversationRow, list[Message]], bool]
    ) -> None:
        """Open the first conversation, done ones too, that is wanted, and take its picture."""
        found: list[ConversationRow] = []

        async def is_there() -> bool:
            for view in (Filter.ALL, Filter.RESOLVED):
                for row in await self._store.conversations.page(View(view)):
                    if wanted(row, await self._store.messages.latest(row.id)):
                        found.append(row)
                        return True
            return False

        await self._until(is_there, name)
        if found:
            await self._open(found[0])
            self._album.take(self._window, name)

    def _is_closing(self, row: ConversationRow) -> bool:
        now = self._store.server_now()
        return window_of(row.channel, row.last_inbound_at, now).is_closing

    async def _open(self, row: ConversationRow) -> None:
        thread = self._window.inbox.thread_screen
        self._window.open_conversation(row.id)

        async def is_open() -> bool:
            return thread.row is not None and thread.row.id == row.id

        await self._until(is_open, "the thread")
        await self._painted()

    async def _answer(self, row: ConversationRow, answer: str) -> None:
        thread = self._window.inbox.thread_screen

        async def has_ended() -> bool:
            messages = await self._store.messages.latest(row.id)
            sent = [each for each in messages if each.direction is Direction.OUTBOUND]
            return bool(sent) and sent[-1].status in _ENDS

        await self._open(row)
        if not thread.composer.can_write:
            self._album.take(self._window, "window-closed")
            return
        for letter in answer:
            _press(thread.composer.editor, 0, letter)
        await self._painted()
        self._album.take(self._window, "writing")
        _press(thread.composer.editor, Qt.Key.Key_Return, "\r")
        await self._painted()
        if thread.composer.editor.toPlainText():
            # The customer wrote meanwhile, so the window asks for one look.
            self._album.take(self._window, "wrote-meanwhile")
            _press(thread.composer.editor, Qt.Key.Key_Return, "\r")
        await self._until(has_ended, "the answer's last tick")
        await self._painted()
        self._album.take(self._window, "answered")

    async def _next(self, answered: set[ConversationId]) -> ConversationRow | None:
        """The longest waiting customer that nobody answered yet; None when none comes."""
        found: list[ConversationRow] = []

        async def somebody_waits() -> bool:
            rows = await self._store.conversations.page(View(Filter.ALL))
            found[:] = [
                row
                for row in rows
                # Who is running out of time is shown as such.
                if row.id not in answered and row.waiting_since and not self._is_closing(row)
            ]
            return bool(found)

        await self._until(somebody_waits, "another customer")
        return min(found, key=lambda row: str(row.waiting_since), default=None)

    async def _has_conversations(self) -> bool:
        return bool(await self._store.conversations.page(View(Filter.ALL), limit=1))

    async def _painted(self) -> None:
        """Let the window take in what the store has announced: its signals are gathered."""
        for _ in range(3):
            await asyncio.sleep(_LOOK)

    async def _until(self, condition: Callable[[], Awaitable[bool]], what: str) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                while not await condition():  # noqa: ASYNC110  no event says when it holds
                    await asyncio.sleep(_LOOK)
        except TimeoutError:
            log.warning("the tour waited in vain for %s", what)


def _press(widget: QWidget, key: int, text: str) -> None:
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text)
        QCoreApplication.sendEvent(widget, event)

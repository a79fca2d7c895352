"""What the administration's sections show and change: one answer of the server, kept up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from console.domain.administration import Administration as Everything
from console.domain.conversation import Label
from console.domain.desk import CannedReply, Template
from console.domain.errors import BalasError
from console.ui.screens.administration.wording import refusal
from console.ui.server.administration import Administration
from console.ui.tasks import TaskScope
from console.ui.workplace import Workplace

T = TypeVar("T")
PAUSE = 0.7  # seconds after the last stroke until a typed number is sent


class Model(QObject):
    """`changed` follows what was read or changed, also a refusal: controls show what is true."""

    changed = Signal()
    shared = Signal()  # canned replies, labels, templates
    failed = Signal(object)  # the first reading did not work

    def __init__(self, workplace: Workplace) -> None:
        super().__init__()
        self.work = workplace
        self.theme = workplace.theme
        self._tasks = TaskScope(workplace.errors)
        self.state: Everything | None = None
        self.canned: list[CannedReply] = []
        self.labels: list[Label] = []
        self.templates: list[Template] = []
        workplace.bridge.team_changed.connect(self.read_shared)

    @property
    def server(self) -> Administration:
        return self.work.server.administration

    @property
    def now(self) -> Everything:
        """What was read. Only for sections, which exist after it was."""
        if self.state is None:
            raise LookupError("nothing was read yet")
        return self.state

    def read(self) -> None:
        """Everything anew."""
        self._tasks.start(self._read(), "read")
        self.read_shared()

    def read_shared(self) -> None:
        """What the team shares, as the store has it."""
        self._tasks.start(self._read_shared(), "shared")

    def do(
        self,
        call: Callable[[Administration], Awaitable[T]],
        take: Callable[[Everything, T], Everything],
        done: Callable[[], object] | None = None,
    ) -> None:
        """Ask for a change and show what is answered; it is finished also after leaving."""
        self.work.writes.start(self._do(call, take, done))

    def later(
        self,
        name: str,
        call: Callable[[Administration], Awaitable[T]],
        take: Callable[[Everything, T], Everything],
    ) -> None:
        """As `do`, a moment after the last of several changes of the same thing, by its `name`."""
        self.work.writes.start(self._do(call, take, None, PAUSE), f"administration {name}")

    def share(
        self, call: Callable[[Administration], Awaitable[None]], done: Callable[[], object]
    ) -> None:
        """Change what the team shares; the change comes to this machine as to every other."""
        self.work.writes.start(self._do(call, lambda state, _: state, done))

    def run(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        """Read something that ends with the page."""

        async def running() -> None:
            await work()

        self._tasks.start(running(), name)

    def close(self) -> None:
        """End what still reads."""
        self._tasks.close()

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        await self._tasks.settle()

    async def _read(self) -> None:
        try:
            self.state = await self.server.read()
        except BalasError as error:
            self.failed.emit(error)
            return
        self.changed.emit()

    async def _read_shared(self) -> None:
        desk = self.work.store.desk
        self.canned = await desk.canned()
        self.labels = await desk.labels()
        self.templates = await desk.templates()
        self.shared.emit()

    async def _do(
        self,
        call: Callable[[Administration], Awaitable[T]],
        take: Callable[[Everything, T], Everything],
        done: Callable[[], object] | None,
        pause: float = 0.0,
    ) -> None:
        if pause:
            await asyncio.sleep(pause)
        try:
            answer = await call(self.server)
        except BalasError as error:
            self.work.tell(*refusal(error))
            self.changed.emit()
            return
        if self.state is not None:
            self.state = take(self.state, answer)
        self.changed.emit()
        if done is not None:
            done()

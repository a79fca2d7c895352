"""What the administration's sections show and change: one answer of the server, kept up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar, cast

from PySide6.QtCore import QObject, Signal

from console.domain.administration import Administration as Everything
from console.domain.conversation import Label
from console.domain.desk import CannedReply, Template
from console.domain.errors import BalasError, ChangedSinceError
from console.ui.language import translate
from console.ui.screens.administration.wording import refusal, spoken
from console.ui.server.administration import Administration
from console.ui.tasks import TaskScope
from console.ui.workplace import Workplace

T = TypeVar("T")
Values = Mapping[str, Any]
PAUSE = 0.7  # seconds after the last stroke until a typed number is sent


class Model(QObject):
    """`changed` follows what was read or changed, also a refusal: controls show what is true."""

    changed = Signal()
    shared = Signal()  # canned replies, labels, templates
    failed = Signal(object)  # the first reading did not work

    def __init__(self, workplace: Workplace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.work = workplace
        self.theme = workplace.theme
        self._tasks = TaskScope(workplace.errors)
        self.state: Everything | None = None
        self.canned: list[CannedReply] = []
        self.labels: list[Label] = []
        self.templates: list[Template] = []
        self.is_shown = False
        workplace.bridge.team_changed.connect(self._on_team)

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
        stale: Callable[[ChangedSinceError], object] | None = None,
        refused: Callable[[BalasError], bool] | None = None,
    ) -> None:
        """Ask for a change and show what is answered; it is finished also after leaving.

        `stale` is told instead where somebody else changed the same thing meanwhile. `refused` says
        whether it shows by itself why something did not go.
        """
        self.work.writes.start(self._do(call, take, done, stale, refused=refused))

    def put(
        self,
        name: str,
        call: Callable[[Administration, Values | None], Awaitable[T]],
        take: Callable[[Everything, T], Everything],
        change: tuple[Values, Values],
        show: Callable[[], object],
        *,
        later: bool = False,
    ) -> None:
        """Send new values in the place of those seen, the two of `change`, at once or `later`.

        Where somebody else was there first, theirs are shown, by `show`, and ours are offered.
        `name` says what is changed, so that of several strokes only the last is sent.
        """
        wanted, seen = change

        def stale(error: ChangedSinceError) -> None:
            if self.state is not None and error.now is not None:
                self.state = take(self.state, cast("T", error.now))
            self.changed.emit()
            show()
            self.work.offer(
                translate("administration", "Somebody else changed this meanwhile"),
                translate("administration", "Theirs is shown now. You wanted: {values}").format(
                    values=", ".join(spoken(value) for value in wanted.values())
                ),
                translate("administration", "Put mine in its place"),
                lambda: self.do(lambda server: call(server, None), take),
            )

        self.work.writes.start(
            self._do(lambda server: call(server, seen), take, None, stale, PAUSE if later else 0.0),
            f"administration {name}" if later else None,
        )

    def later(
        self,
        name: str,
        call: Callable[[Administration], Awaitable[T]],
        take: Callable[[Everything, T], Everything],
    ) -> None:
        """As `do`, a moment after the last of several changes of the same thing, by its `name`."""
        self.work.writes.start(self._do(call, take, None, None, PAUSE), f"administration {name}")

    def share(
        self,
        call: Callable[[Administration], Awaitable[None]],
        done: Callable[[], object],
        stale: Callable[[ChangedSinceError], object] | None = None,
    ) -> None:
        """Change what the team shares; the change comes to this machine as to every other."""
        self.work.writes.start(self._do(call, lambda state, _: state, done, stale))

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

    def _on_team(self) -> None:
        self.read_shared()
        if self.is_shown and self.state is not None:
            self._tasks.start(self._read(quiet=True), "read")

    async def _read(self, *, quiet: bool = False) -> None:
        try:
            self.state = await self.server.read()
        except BalasError as error:
            if not quiet:
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
        stale: Callable[[ChangedSinceError], object] | None = None,
        pause: float = 0.0,
        refused: Callable[[BalasError], bool] | None = None,
    ) -> None:
        if pause:
            await asyncio.sleep(pause)
        try:
            answer = await call(self.server)
        except BalasError as error:
            if stale is not None and isinstance(error, ChangedSinceError):
                stale(error)
                return
            if refused is None or not refused(error):
                self.work.tell(*refusal(error))
            self.changed.emit()
            return
        if self.state is not None:
            self.state = take(self.state, answer)
        self.changed.emit()
        if done is not None:
            done()

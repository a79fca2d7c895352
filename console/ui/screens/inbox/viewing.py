"""What the viewer shows: one file of the thread after the other, or the pages of one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, SignalInstance
from PySide6.QtWidgets import QWidget

from console.domain.errors import ExpectedError
from console.domain.media_rules import sniff
from console.domain.message import Message
from console.ui import words
from console.ui.language import translate
from console.ui.models.gallery import Spot, neighbour
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.timeline.decoding import MOST_PIXELS, decoded, excess
from console.ui.timeline.pictures import Pictures, key_of
from console.ui.times import clock, pixels, short_day

if TYPE_CHECKING:  # with Qt's players and PDF, once something is opened
    from console.ui.screens.viewer import Viewer

LARGEST = 8000  # px of the longer side shown; more than any screen, less than any bomb
PDF = "application/pdf"


def is_viewable(kind: str) -> bool:
    """Whether the viewer shows a content type, told by content."""
    return kind in MOST_PIXELS or kind.startswith("video/") or kind == PDF


class Viewing(QObject):
    """One viewer at a time; closing it ends what it reads."""

    save_wanted = Signal(object, int)  # Message, the file's place
    copy_wanted = Signal(object, int)

    def __init__(self, parent: QWidget, theme: Theme, tasks: TaskScope, pictures: Pictures) -> None:
        super().__init__(parent)
        self._parent = parent
        self._theme = theme
        self._tasks = tasks
        self._pictures = pictures
        self._viewer: Viewer | None = None
        self._spot: Spot | None = None
        self._pdf: tuple[bytes, int, int] | None = None  # bytes, page, count
        pictures.loaded.connect(self._on_loaded)

    async def show(self, message: Message, index: int, data: bytes) -> None:
        """Open the viewer at a file; ExpectedError when its bytes cannot be shown."""
        viewer = self._viewer or self._made()
        try:
            await self._fill(viewer, (message, index), data)
        except ExpectedError:
            if not viewer.isVisible():
                self._viewer = None
                viewer.deleteLater()
            raise
        viewer.show()
        viewer.raise_()
        viewer.activateWindow()
        viewer.setFocus()

    def _made(self) -> Viewer:
        from console.ui.screens.viewer import Viewer

        viewer = self._viewer = Viewer(self._theme, self._parent.window())
        viewer.step_wanted.connect(self._on_step_wanted)
        viewer.save_wanted.connect(lambda: self._pass_on(self.save_wanted))
        viewer.copy_wanted.connect(lambda: self._pass_on(self.copy_wanted))
        viewer.film.failed.connect(lambda: viewer.show_words(_cannot()))
        viewer.closed.connect(self._on_closed)
        return viewer

    def _pass_on(self, signal: SignalInstance) -> None:
        if self._spot is not None:
            signal.emit(*self._spot)

    async def _fill(self, viewer: Viewer, spot: Spot, data: bytes) -> None:
        message, index = spot
        item = message.content.media[index]
        kind = await asyncio.to_thread(sniff, data, item.name or "")
        self._spot, self._pdf = spot, None
        said = f"{words.sender(message)} · {_moment(message)}"
        name = words.file_name(item.name, words.kind(message.content.kind))
        if kind == PDF:
            await self._show_page(viewer, data, 0, name, said)
            return
        if kind.startswith("video/"):
            viewer.show_film(data)
        else:
            image = await decoded(data, LARGEST)
            if image is None:
                size = await asyncio.to_thread(excess, data)
                raise ExpectedError(
                    translate("viewer", "This picture cannot be shown")
                    if size is None
                    else f"{translate('timeline', 'Too large to show')}: "
                    + pixels(size.width(), size.height()),
                    translate("viewer", "Save it and open it in another program."),
                )
            viewer.show_image(image)
        viewer.show_names(name, said)
        self._show_ends(viewer, spot)

    def on_threads(self, ids: frozenset[str]) -> None:
        """There may be a next one now."""
        if self._viewer is None or self._spot is None or self._pdf is not None:
            return
        if self._spot[0].conversation_id in ids:
            self._tasks.start(self._look_for_ends(self._viewer, self._spot), "viewer:ends")

    def _show_ends(self, viewer: Viewer, spot: Spot) -> None:
        """Both arrows until one knows; a long thread may take a while to look through."""
        viewer.show_ends(previous=True, next=True)
        self._tasks.start(self._look_for_ends(viewer, spot), "viewer:ends")

    async def _look_for_ends(self, viewer: Viewer, spot: Spot) -> None:
        after = await neighbour(self._pictures.store, spot, 1)
        before = await neighbour(self._pictures.store, spot, -1)
        if self._spot is spot and self._pdf is None:
            viewer.show_ends(previous=before is not None, next=after is not None)

    async def _show_page(
        self, viewer: Viewer, data: bytes, page: int, name: str, said: str
    ) -> None:
        from console.ui.timeline.pages import READING, page_of

        found = await page_of(data, page, READING)
        if found is None or found.image is None:
            locked = found is not None and found.locked
            raise ExpectedError(
                translate("viewer", "This document is locked with a password")
                if locked
                else translate("viewer", "This document cannot be shown"),
                translate("viewer", "Save it and open it in another program."),
            )
        self._pdf = data, page, found.count
        of = translate("viewer", "Page {number} of {count}").format(
            number=page + 1, count=found.count
        )
        viewer.show_names(name, f"{of} · {said}")
        viewer.show_image(found.image)
        viewer.copy.setEnabled(False)
        viewer.show_ends(previous=page > 0, next=page + 1 < found.count)

    def _on_step_wanted(self, step: int) -> None:
        self._tasks.start(self._step(step), "viewer")

    async def _step(self, step: int) -> None:
        viewer, spot = self._viewer, self._spot
        if viewer is None or spot is None:
            return
        message, index = spot
        if self._pdf is not None:
            data, page, count = self._pdf
            if 0 <= page + step < count:
                item = message.content.media[index]
                said = f"{words.sender(message)} · {_moment(message)}"
                name = words.file_name(item.name, words.kind(message.content.kind))
                await self._show_page(viewer, data, page + step, name, said)
            return
        found = await neighbour(self._pictures.store, spot, step)
        if found is None:
            (viewer.next if step > 0 else viewer.previous).setEnabled(False)
            return
        await self._go(viewer, found)

    async def _go(self, viewer: Viewer, spot: Spot) -> None:
        message, index = spot
        item = message.content.media[index]
        self._spot, self._pdf = spot, None
        viewer.film.stop()
        name = words.file_name(item.name, words.kind(message.content.kind))
        viewer.show_names(name, f"{words.sender(message)} · {_moment(message)}")
        self._show_ends(viewer, spot)
        data = await self._pictures.read(item)
        if data is None:
            viewer.show_words(translate("files", "The file is on its way"))
            return
        try:
            await self._fill(viewer, spot, data)
        except ExpectedError:
            viewer.show_words(_cannot())

    def _on_loaded(self, key: str) -> None:
        """What the viewer waits for has come, or failed."""
        viewer, spot = self._viewer, self._spot
        if viewer is None or spot is None or not viewer.canvas.is_empty:
            return
        if not viewer.isVisible():
            return  # it is being opened, with the bytes at hand: the thread's own picture came
        item = spot[0].content.media[spot[1]]
        if viewer.film.isVisible() or key_of(item) != key:
            return
        problem = self._pictures.problem_of(item)
        if problem is not None:
            viewer.show_words(words.download_problem(problem))
        else:
            self._tasks.start(self._go(viewer, spot), "viewer")

    def _on_closed(self) -> None:
        self._viewer = self._spot = self._pdf = None
        self._tasks.cancel("viewer")
        self._tasks.cancel("viewer:ends")


def _cannot() -> str:
    return translate("viewer", "This file cannot be shown here")


def _moment(message: Message) -> str:
    local = message.timestamp.astimezone()
    return f"{short_day(local.date(), datetime.now(UTC).astimezone().date())} {clock(local)}"

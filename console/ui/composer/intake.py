"""Files on their way into a reply: read, made fit, copied into the store; each can be cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from console.domain.changes import Link
from console.domain.conversation import ConversationRow
from console.domain.desk import CannedFile
from console.domain.errors import BalasError
from console.domain.ids import ConversationId
from console.domain.intents import Attachment
from console.domain.media_rules import HEAD, MB, sniff
from console.ui import words
from console.ui.composer.attachments import Attachments
from console.ui.composer.bench import pictures
from console.ui.composer.bench.convert import converted, wants_work
from console.ui.composer.bench.sound import RAW
from console.ui.composer.bench.window import Bench, Worked
from console.ui.composer.card import Entry, Stage
from console.ui.errors import in_one
from console.ui.language import translate
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme

if TYPE_CHECKING:
    from console.store.store import Store

WHOLE = 20 * MB  # read whole up to here, as zip-based documents end with their index
PASTED = 5 * MB  # what both networks take of a picture
THUMB = 160  # px
BUCKET = "attachments"

Bytes = Callable[[Entry], Awaitable[bytes | None]]


@dataclass(frozen=True, slots=True)
class Coming:
    """Where a file comes from, so that it can be tried again. `read` gives its bytes, if wanted,
    and says of the entry what only they tell."""

    row: ConversationRow
    found: Attachment
    path: str = ""
    read: Bytes | None = None


def examine(path: str) -> Attachment:
    """A file as it will be sent: its type told by content. Raises OSError. Blocks: not for the
    loop's thread."""
    place = Path(path)
    length = place.stat().st_size
    with place.open("rb") as file:
        data = file.read(length if length <= WHOLE else HEAD)
    return Attachment(str(place), place.name, sniff(data, place.name), length)


def pasted(image: QImage, stem: str) -> tuple[Attachment, bytes]:
    """A pasted picture as a file: PNG, or JPEG where PNG would be too large. Blocks."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG", -1)  # type: ignore[call-overload]
    content, kind = bytes(buffer.data().data()), "image/png"
    if len(content) > PASTED:
        content, kind = pictures.encode(image, PASTED)
    name = f"{stem}.{'png' if kind == 'image/png' else 'jpg'}"
    return Attachment("", name, kind, len(content)), content


class Intake(QObject):
    """Brings files into `attachments`. `refused` carries a sentence, `settled` follows the last."""

    refused = Signal(str)
    settled = Signal()

    def __init__(
        self, store: Store, theme: Theme, tasks: TaskScope, attachments: Attachments
    ) -> None:
        super().__init__(attachments)
        self._store = store
        self._theme = theme
        self._tasks = tasks
        self._attachments = attachments
        self._row: ConversationRow | None = None
        self._coming: dict[int, Coming] = {}
        self._left: dict[ConversationId, list[Coming]] = {}  # failed, and their customer not shown
        self._under_way: dict[int, tuple[Entry, Coming]] = {}
        self._cancelled: set[int] = set()  # keys of cards that were taken away meanwhile
        self._arrived = asyncio.Event()  # a download ended, well or not
        attachments.cancelled.connect(self._on_cancelled)
        attachments.retried.connect(self._on_retried)
        attachments.appeared.connect(self._on_appeared)

    def open(self, row: ConversationRow) -> None:
        """Files from now on are for this conversation; those under way go where they were meant.

        Those that failed are tried again with `take_left` when their conversation is back: what was
        said or pasted is nowhere else.
        """
        for entry in self._attachments.entries():
            coming = self._coming.get(entry.key)
            if entry.stage is Stage.FAILED and coming is not None and coming.found.kept is None:
                self._leave(entry, coming)
                del self._coming[entry.key]
        self._row = row

    def take_left(self) -> None:
        """What failed here before somebody went on to another customer is on its way again, and
        what is still under way has a card again. What the draft could name has one by now."""
        if self._row is None:
            return
        self._call_back(self._row.id)
        for coming in self._left.pop(self._row.id, []):
            here = {entry.attachment.path for entry in self._attachments.entries()}
            if not coming.path or coming.path not in here:
                self._attachments.give_way(coming.found.name)
                self._begin(coming.found, coming.path, coming.read)

    def _call_back(self, id: ConversationId) -> None:
        """End what has no card any more here: it begins anew, with one."""
        for entry, coming in list(self._under_way.values()):
            if coming.row.id == id and not self._attachments.has(entry):
                self._tasks.cancel(f"take:{entry.key}")
                if coming.found.kept is None:
                    self._leave(entry, coming)

    def keep_for(self, row: ConversationRow, found: Attachment, data: bytes) -> None:
        """A file that could not be kept, for a conversation that is not shown now."""

        async def content(_: Entry) -> bytes | None:
            return data

        self._left.setdefault(row.id, []).append(Coming(row, found, read=content))

    def take_paths(self, paths: list[str]) -> None:
        """Chosen, dropped or pasted files."""
        for path in paths:
            self._begin(Attachment(path, Path(path).name, "", 0), path=path)

    def take_again(self, entry: Entry, path: str) -> None:
        """A chosen file in the place of one that is missing."""
        if (
            self._row is None
            or entry.stage is not Stage.MISSING
            or not self._attachments.has(entry)
        ):
            return
        found = Attachment(path, Path(path).name, "", 0)
        self._coming[entry.key] = Coming(self._row, found, path)
        self._attachments.restart(entry)
        self._start(entry)

    def take_image(self, image: QImage) -> None:
        """A picture from the clipboard, named after the moment."""
        moment = self._store.server_now().astimezone()
        # The same digits in every language: so the files of a folder stand in their order.
        stem = f"{translate('composer', 'screenshot')} {moment:%Y-%m-%d %H.%M.%S}"
        stems = {entry.attachment.name.rpartition(".")[0] for entry in self._attachments.entries()}
        if stem in stems:
            stem = next(more for more in (f"{stem} ({n})" for n in count(2)) if more not in stems)

        async def content(entry: Entry) -> bytes | None:
            found, data = await asyncio.to_thread(pasted, image, stem)
            self._attachments.describe(entry, found.name, entry.attachment.caption)
            entry.attachment = replace(found, caption=entry.attachment.caption)
            return data

        self._begin(Attachment("", f"{stem}.png", "image/png", 0), read=content)

    def take_bytes(self, name: str, content_type: str, data: bytes) -> None:
        """A file made here, such as a voice note."""

        async def content(_: Entry) -> bytes | None:
            return data

        self._begin(Attachment("", name, content_type, len(data)), read=content)

    def take_canned(self, files: tuple[CannedFile, ...]) -> None:
        """The files of a canned reply; those not on this machine are fetched first."""
        for file in files:
            found = Attachment("", file.name, file.content_type, file.size)
            self._begin(found, read=partial(self._fetched, file.path))

    def edit(self, entry: Entry, parent: QWidget) -> None:
        """Put a file on the bench."""
        if self._row is not None:
            self._tasks.start(self._edit(self._row, entry, parent), "bench:open")

    def on_media(self) -> None:
        """Downloads ended: the files of canned replies that wait for them go on."""
        self._arrived.set()
        self._arrived = asyncio.Event()

    async def _fetched(self, path: str, entry: Entry) -> bytes | None:
        """A file of our storage, waited for as long as it takes (it can be cancelled)."""
        media = self._store.media
        asked = False
        while (data := await media.read(BUCKET, path)) is None:
            problem = await media.problem(BUCKET, path)
            if problem and asked:
                raise OSError(problem)
            if not asked:
                self._attachments.explain(entry, self._why_it_waits())
                media.want(BUCKET, path)
                asked = True
            await self._arrived.wait()
        self._attachments.explain(entry, "")
        return data

    def _why_it_waits(self) -> str:
        if self._store.link is Link.OFFLINE:
            return translate("composer", "Waits for the network")
        return translate("composer", "Being downloaded")

    def _leave(self, entry: Entry, coming: Coming) -> None:
        """Try it again where its conversation is shown again."""
        left = replace(coming, found=replace(coming.found, caption=entry.attachment.caption))
        self._left.setdefault(coming.row.id, []).append(left)

    def _begin(self, found: Attachment, path: str = "", read: Bytes | None = None) -> Entry:
        if self._row is None:
            raise LookupError("no conversation is open")
        entry = self._attachments.begin(found)
        self._coming[entry.key] = Coming(self._row, found, path, read)
        self._start(entry)
        return entry

    def _start(self, entry: Entry) -> None:
        self._tasks.start(self._take(entry, self._coming[entry.key]), f"take:{entry.key}")

    async def _take(self, entry: Entry, coming: Coming) -> None:
        self._under_way[entry.key] = entry, coming
        try:
            await self._bring(entry, coming)
        except OSError:
            said = translate("composer", "{name} could not be read.")
            self._fail(entry, coming, said.format(name=words.file_name(coming.found.name)))
        except BalasError as error:
            self._fail(entry, coming, in_one(error))
        finally:
            self._under_way.pop(entry.key, None)
        self.settled.emit()

    async def _bring(self, entry: Entry, coming: Coming) -> None:
        found, data = coming.found, None
        if coming.path:
            found = await asyncio.to_thread(examine, coming.path)
        elif coming.read is not None:
            data = await coming.read(entry)
            found = replace(entry.attachment, size=len(data or b""))
        is_raw = coming.found.kept is not None  # in the draft already, and stays until it is made
        if is_raw or wants_work(found, coming.row.channel):
            if data is None:
                data = await asyncio.to_thread(Path(coming.path).read_bytes)
            made = await converted(
                data, found, coming.row.channel, lambda done: self._advance(entry, done)
            )
            if made is not None:
                found, data = made
        if self._attachments.has(entry):
            problem = self._attachments.why_not(found, beside=self._attachments.place(entry))
            if problem and (is_raw or entry.lost is not None):
                self._fail(entry, coming, problem)
                return
            if problem:
                self._attachments.remove(entry)
                self.refused.emit(problem)
                return
        kept = await self._store.drafts.take(found, data)
        if self._attachments.has(entry):
            self._attachments.finish(entry, replace(kept, caption=entry.attachment.caption))
            await self._show_thumb(entry, data)
        elif entry.key not in self._cancelled and not is_raw:
            # the agent has gone on to another customer, who must not get this file
            kept = replace(kept, caption=entry.attachment.caption)
            known = coming.found.name, entry.attachment.name
            await self._store.drafts.add(coming.row.id, kept, known)

    async def _show_thumb(self, entry: Entry, data: bytes | None) -> None:
        item = entry.attachment
        if not item.content_type.startswith("image/"):
            return
        data = data if data is not None else await self._store.drafts.read(item)
        if data is not None:
            image = await asyncio.to_thread(pictures.read, data, item.content_type, THUMB)
            if image is not None:
                self._attachments.show_thumb(entry, image)

    async def _edit(self, row: ConversationRow, entry: Entry, parent: QWidget) -> None:
        data = await self._store.drafts.read(entry.attachment)
        if data is None:
            return
        bench = Bench(self._theme, self._tasks, entry.attachment, row.channel, parent)
        bench.done.connect(lambda worked: self._on_worked(entry, worked))
        await bench.show_bytes(data)

    def _on_worked(self, entry: Entry, worked: Worked) -> None:
        if not self._attachments.has(entry):
            return
        self._attachments.describe(entry, worked.name, worked.caption)
        if worked.content is not None and self._row is not None:
            made, kind = worked.content, worked.content_type

            async def content(_: Entry) -> bytes | None:
                return made

            entry.attachment = replace(
                entry.attachment, path="", content_type=kind, size=len(made), kept=None
            )
            self._attachments.restart(entry)
            self._coming[entry.key] = Coming(self._row, entry.attachment, read=content)
            self._start(entry)

    def _advance(self, entry: Entry, done: float) -> None:
        if self._attachments.has(entry):
            self._attachments.advance(entry, done)

    def _fail(self, entry: Entry, coming: Coming, why: str) -> None:
        if self._attachments.has(entry):
            self._attachments.fail(entry, why)
            self.refused.emit(why)
        elif entry.key not in self._cancelled and coming.found.kept is None:
            self._leave(entry, coming)

    def _on_cancelled(self, entry: Entry) -> None:
        self._cancelled.add(entry.key)
        self._coming.pop(entry.key, None)
        self._tasks.cancel(f"take:{entry.key}")
        self.settled.emit()

    def _on_retried(self, entry: Entry) -> None:
        if entry.key in self._coming:
            self._attachments.restart(entry)
            self._start(entry)

    def _on_appeared(self, entry: Entry) -> None:
        """A file of the draft: sound as it was heard is made what can be sent, and what was not
        read before the program ended is read."""
        item = entry.attachment
        if self._row is not None and item.kept is None:
            self._coming[entry.key] = Coming(self._row, item, item.path)
            self._start(entry)
            return
        if self._row is not None and item.content_type == RAW:

            async def heard(_: Entry) -> bytes | None:
                return await self._store.drafts.read(item)

            self._attachments.restart(entry)
            self._coming[entry.key] = Coming(self._row, item, read=heard)
            self._start(entry)
            return
        self._tasks.start(self._show_thumb(entry, None))

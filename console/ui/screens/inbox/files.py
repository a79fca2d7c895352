"""What can be done with a message's files and links: look, listen, save, open."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from console.domain.content import MediaItem, MediaState
from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.domain.files import safe_name
from console.domain.media_rules import sniff
from console.domain.message import Message
from console.ui.errors import Errors
from console.ui.language import translate
from console.ui.screens.question import Question
from console.ui.screens.viewer import Viewer
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.timeline.links import host_of, is_deceptive
from console.ui.timeline.pictures import Pictures, key_of
from console.ui.timeline.player import Player
from console.ui.words import file_fault, file_name

VIEWABLE = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp"})
# The ending that a file gets when saved: by its content, whatever name it came with.
ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/aac": ".aac",
    "audio/amr": ".amr",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    "text/vcard": ".vcf",
    "text/plain": ".txt",
    "application/zip": ".zip",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-powerpoint": ".ppt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
}


def name_to_save(item: MediaItem, data: bytes) -> str:
    """A safe name whose ending tells what the bytes are; `.bin` for what nothing recognises."""
    name = safe_name(item.name)
    ending = ENDINGS.get(sniff(data, item.name or ""), ".bin")
    if name.lower().endswith(ending) or (ending == ".jpg" and name.lower().endswith(".jpeg")):
        return name
    return f"{name.rsplit('.', 1)[0]}{ending}"


class FileActions:
    """Every failure is told; nothing is executed, links lead only to http(s)."""

    def __init__(
        self,
        parent: QWidget,
        theme: Theme,
        tasks: TaskScope,
        pictures: Pictures,
        player: Player,
        errors: Errors,
    ) -> None:
        self._parent = parent
        self._theme = theme
        self._tasks = tasks
        self._pictures = pictures
        self._player = player
        player.failed.connect(
            lambda: errors.tell(
                ExpectedError(
                    translate("files", "This recording cannot be played here"),
                    translate("files", "Save it and open it in another program."),
                )
            )
        )

    def open(self, message: Message, index: int) -> None:
        """A picture in the viewer; any other file is saved where the agent says."""
        item = message.content.media[index]
        if item.content_type.partition(";")[0] in VIEWABLE:
            self._tasks.start(self._view(item), "viewer")
        else:
            self.save_as(message, index)

    def play(self, message: Message, index: int) -> None:
        """Play or pause a recording."""
        item = message.content.media[index]
        if not self._player.toggle(key_of(item)):
            self._tasks.start(self._play(item), "player")

    def fetch(self, message: Message, index: int) -> None:
        """Try again to bring a file here."""
        self._pictures.want_again(message.content.media[index])

    def save_as(self, message: Message, index: int) -> None:
        """Ask where, then save."""
        self._tasks.start(self._ask_where(message.content.media[index]), "save")

    def open_link(self, url: str) -> None:
        """Open in the browser; a host that is not what it seems is shown first."""
        host = host_of(url)
        if host is None:
            return
        if not is_deceptive(url):
            QDesktopServices.openUrl(QUrl(url))
            return
        question = Question(
            self._parent,
            translate("files", "Open this address?"),
            translate(
                "files", "It leads to {host}. The name may be made to look like another one."
            ).format(host=host),
        )
        question.add(
            translate("files", "Open"), lambda: QDesktopServices.openUrl(QUrl(url)), "danger"
        )
        question.add(translate("files", "Cancel"), None, "primary")
        question.open()

    async def _bytes(self, item: MediaItem) -> bytes:
        if item.state is MediaState.FAILED:
            raise ExpectedError(
                translate("files", "The file could not be fetched"),
                file_fault(item.error),
            )
        data = await self._pictures.read(item)
        if data is None:
            raise ExpectedError(
                translate("files", "The file is on its way"),
                translate("files", "Try again in a moment."),
            )
        return data

    async def _view(self, item: MediaItem) -> None:
        data = await self._bytes(item)
        viewer = Viewer(self._theme, file_name(item.name), self._parent.window())
        viewer.save_wanted.connect(lambda: self._tasks.start(self._ask_where(item), "save"))
        await viewer.show_bytes(data)

    async def _play(self, item: MediaItem) -> None:
        self._player.play(key_of(item), await self._bytes(item))

    async def _ask_where(self, item: MediaItem) -> None:
        data = await self._bytes(item)
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        dialog = QFileDialog(
            self._parent,
            translate("files", "Save file"),
            os.path.join(folder, name_to_save(item, data)),
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(lambda path: self._tasks.start(self._write(path, data)))
        dialog.open()

    async def _write(self, path: str, data: bytes) -> None:
        try:
            await asyncio.to_thread(write_whole, Path(path), data)
        except OSError as error:
            raise EnvironmentFaultError(
                translate("files", "The file could not be saved"), error.strerror or ""
            ) from error


def write_whole(path: Path, data: bytes) -> None:
    """All of `data` or nothing: written beside the place and moved there."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)

"""What can be done with a message's files and links: look, listen, save, copy, open."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, QUrl
from PySide6.QtGui import QCursor, QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QToolTip, QWidget

from console.domain.content import MediaItem, MediaState
from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.domain.media_rules import sniff
from console.domain.message import Message
from console.ui.errors import Errors
from console.ui.failures import file_fault
from console.ui.language import translate
from console.ui.screens.inbox.saving import copy_to_open, is_program, name_to_save, write_whole
from console.ui.screens.inbox.viewing import Viewing, is_viewable
from console.ui.screens.question import Question
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.timeline.context import Hit, Target
from console.ui.timeline.decoding import decoded
from console.ui.timeline.links import address_of, host_of, is_deceptive, written_host
from console.ui.timeline.pictures import Pictures, key_of
from console.ui.timeline.player import Player


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
        self._tasks = tasks
        self._pictures = pictures
        self._player = player
        self._known_hosts: set[str] = set()  # the agent has agreed to open them
        self.viewing = Viewing(parent, theme, tasks, pictures)
        self.viewing.save_wanted.connect(self.save_as)
        self.viewing.copy_wanted.connect(self.copy_picture)
        player.failed.connect(
            lambda: errors.tell(
                ExpectedError(
                    translate("files", "This recording cannot be played here"),
                    translate("files", "Save it and open it in another program."),
                )
            )
        )

    def act(self, message: Message, hit: Hit) -> bool:
        """Do what a click on a file means; False when the click was about something else."""
        message = hit.message or message
        place, _, part = hit.value.partition(":")
        match hit.target:
            case Target.MEDIA:
                self.open(message, int(place))
            case Target.PLAY:
                self.play(message, int(place))
            case Target.SEEK:
                self.seek(message, int(place), float(part))
            case Target.SPEED:
                self._player.next_rate()
            case Target.FETCH:
                self.fetch(message, int(place))
            case Target.NUMBER:
                self.copy_number(hit.value)
            case _:
                return False
        return True

    def open(self, message: Message, index: int) -> None:
        """Pictures, videos and PDFs in the viewer; other safe files in their own programs.

        What neither can show is saved where the agent says; a program is never opened.
        """
        self._tasks.start(self._open(message, index), "viewer")

    def play(self, message: Message, index: int) -> None:
        """Play or pause a recording."""
        item = message.content.media[index]
        if not self._player.toggle(key_of(item)):
            self._tasks.start(self._play(item, 0.0), "player")

    def seek(self, message: Message, index: int, part: float) -> None:
        """Play a recording from a part (0..1) of it."""
        item = message.content.media[index]
        if not self._player.seek(key_of(item), part):
            self._tasks.start(self._play(item, part), "player")

    def fetch(self, message: Message, index: int) -> None:
        """Try again to bring a file here."""
        self._pictures.want_again(message.content.media[index])

    def save_as(self, message: Message, index: int) -> None:
        """Ask where, then save."""
        self._tasks.start(self._ask_where(message.content.media[index]), "save")

    def copy_picture(self, message: Message, index: int) -> None:
        """The whole picture onto the clipboard."""
        self._tasks.start(self._copy_picture(message.content.media[index]), "copy")

    def copy_number(self, number: str) -> None:
        """A contact's number onto the clipboard, and a word that it is there."""
        QGuiApplication.clipboard().setText(number)
        QToolTip.showText(QCursor.pos(), translate("files", "Copied"), self._parent)

    def open_link(self, url: str) -> None:
        """Open in the browser; a host that is new here, or not what it seems, is shown first."""
        address, host = address_of(url), host_of(url)
        if address is None or host is None:
            return
        deceptive = is_deceptive(url)
        if host in self._known_hosts and not deceptive:
            QDesktopServices.openUrl(address)
            return
        text = translate("files", "It leads to {host}.").format(host=host)
        if deceptive:
            seen = written_host(url)
            if seen:
                text += " " + translate("files", "It is written like {name}.").format(name=seen)
            text += " " + translate("files", "The name may be made to look like another one.")
        question = Question(self._parent, translate("files", "Open this address?"), text)
        if deceptive:
            question.add(translate("files", "Open"), lambda: self._go(address, ""), "danger")
            question.add(translate("files", "Cancel"), None, "primary")
        else:
            question.add(translate("files", "Cancel"), None)
            question.add(translate("files", "Open"), lambda: self._go(address, host), "primary")
        question.open()

    def _go(self, address: QUrl, host: str) -> None:
        if host:
            self._known_hosts.add(host)
        QDesktopServices.openUrl(address)

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

    async def _open(self, message: Message, index: int) -> None:
        item = message.content.media[index]
        data = await self._bytes(item)
        kind = await asyncio.to_thread(sniff, data, item.name or "")
        if is_program(data):
            raise ExpectedError(
                translate("files", "This file is a program"),
                translate("files", "Balas opens no programs that strangers send."),
            )
        if is_viewable(kind):
            await self.viewing.show(message, index, data)
            return
        path = await asyncio.to_thread(copy_to_open, item, data)
        if path is None:
            await self._ask_where(item)
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    async def _play(self, item: MediaItem, part: float) -> None:
        self._player.play(key_of(item), await self._bytes(item), part)

    async def _copy_picture(self, item: MediaItem) -> None:
        image = await decoded(await self._bytes(item), None)
        if image is None:
            raise ExpectedError(
                translate("viewer", "This picture cannot be shown"),
                translate("viewer", "Save it and open it in another program."),
            )
        QGuiApplication.clipboard().setImage(image)

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

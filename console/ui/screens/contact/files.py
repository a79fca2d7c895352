"""All pictures and files that were exchanged with one contact, over the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from console.domain.contact import Contact
from console.domain.content import Kind
from console.domain.message import Message
from console.ui import words
from console.ui.language import translate
from console.ui.screens.contact.acts import called
from console.ui.screens.contact.dialog import Dialog
from console.ui.screens.contact.fields import section
from console.ui.screens.contact.parts import emptied, wide
from console.ui.screens.contact.shared import SharedPictures
from console.ui.timeline.pictures import Pictures
from console.ui.times import list_time, size
from console.ui.widgets.labels import ElidedLabel, label
from console.ui.workplace import Workplace

MOST = 240  # messages with files: the newest


class FilesDialog(Dialog):
    """Pictures as a grid, everything else as lines; a click opens one."""

    def __init__(
        self,
        parent: QWidget,
        workplace: Workplace,
        pictures: Pictures,
        contact: Contact,
        opened: Callable[[Message], None],
    ) -> None:
        super().__init__(
            parent,
            workplace,
            translate("contact", "Shared with {name}").format(name=called(contact)),
            translate("contact", "Close"),
            "",
        )
        self._contact = contact
        self._opened = opened
        self.cancel.hide()
        self.pictures_title = section(translate("contact", "Pictures"))
        self.pictures = SharedPictures(workplace.theme, pictures, most=MOST)
        self.pictures.chosen.connect(opened)
        self.files_title = section(translate("contact", "Files"))
        self._files = QVBoxLayout()
        self._files.setSpacing(2)
        self.nothing = label(translate("contact", "Reading…"), "", "muted")
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(6)
        for part in (self.nothing, self.pictures_title, self.pictures, self.files_title):
            layout.addWidget(part)
        layout.addLayout(self._files)
        layout.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName(translate("contact", "Files"))
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        area.setMinimumHeight(workplace.theme.px(440))
        self.body.addWidget(area)
        for part in (self.pictures_title, self.pictures, self.files_title):
            part.hide()
        self.tasks.start(self._read(), "files")

    async def _read(self) -> None:
        found = await self.workplace.store.contacts.files(self._contact.id, MOST)
        some = self.pictures.show_messages(found)
        self.pictures.setVisible(some)
        self.pictures_title.setVisible(some)
        others = [message for message in found if message.content.kind is not Kind.IMAGE]
        emptied(self._files)
        for message in others:
            self._files.addWidget(self._line(message))
        self.files_title.setVisible(bool(others))
        self.nothing.setVisible(not found)
        self.nothing.setText(translate("contact", "No file is on this computer yet."))

    def _line(self, message: Message) -> QWidget:
        item = message.content.media[0]
        theme = self.workplace.theme
        made = QPushButton()
        made.setProperty("kind", "row")
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        name = words.file_name(item.name, words.kind(message.content.kind))
        when = list_time(message.timestamp, self.workplace.now())
        about = [words.sender(message), when]
        if item.size:
            about.insert(0, size(item.size))
        row = QHBoxLayout(made)
        row.setContentsMargins(8, 3, 8, 3)
        row.setSpacing(10)
        icon = label()
        picture = words.KIND_ICONS.get(message.content.kind, "file-text")
        icon.setPixmap(theme.qicon(picture or "file-text", "muted", 18).pixmap(18, 18))
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(wide(ElidedLabel(name, "small-strong")))
        texts.addWidget(wide(ElidedLabel(" · ".join(about), "small", "muted")))
        row.addWidget(icon)
        row.addLayout(texts, 1)
        for part in made.findChildren(QWidget):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        made.setAccessibleName(", ".join([name, *about]))
        made.clicked.connect(lambda: self._opened(message))
        return made

    def go_on(self) -> None:
        self.accept()


def show_files(
    parent: QWidget,
    workplace: Workplace,
    pictures: Pictures,
    contact: Contact,
    opened: Callable[[Message], None],
) -> FilesDialog:
    """Open it over the window."""
    made = FilesDialog(parent, workplace, pictures, contact, opened)
    made.open()
    return made

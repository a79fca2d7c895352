"""The right column: who the customer is, and what was shared with them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from console.domain.conversation import ConversationRow
from console.domain.message import Message
from console.domain.window import window_of
from console.ui import words
from console.ui.language import translate
from console.ui.screens.contact.shared import SharedPictures
from console.ui.tasks import TaskScope
from console.ui.theme.tokens import PANEL_WIDTH
from console.ui.timeline.pictures import Pictures
from console.ui.times import left, list_time
from console.ui.widgets.avatar import Avatar, channel_token
from console.ui.widgets.buttons import button
from console.ui.widgets.label_pills import LabelPills
from console.ui.widgets.labels import label
from console.ui.workplace import Workplace


class ContactPanel(QScrollArea):
    """Facts that this machine knows; nothing here asks the network."""

    picture_chosen = Signal(object)
    labels_wanted = Signal()

    def __init__(self, workplace: Workplace, tasks: TaskScope, pictures: Pictures) -> None:
        super().__init__()
        self._workplace = workplace
        self._tasks = tasks
        self._now = workplace.now
        self._theme = theme = workplace.theme
        self._row: ConversationRow | None = None
        self.setFixedWidth(PANEL_WIDTH)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.avatar = Avatar(theme, 64)
        self.name = label("", "header", wrap=True)
        self.number = label("", "", "muted")
        self.number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.labels = LabelPills(theme)
        self.add_label = button(translate("contact", "+ add"), "tag")
        self.facts = QGridLayout()
        self.shared_title = _section(translate("contact", "Shared pictures"))
        self.shared = SharedPictures(theme, pictures)
        self.shared.chosen.connect(self.picture_chosen)
        self._shown: tuple[tuple[str, str], ...] = ()
        self._build()

    def refresh(self) -> None:
        """Something of the conversation or its contact changed."""
        if self._row is not None:
            self._tasks.start(self._read(self._row), "contact")

    async def _read(self, row: ConversationRow) -> None:
        found = await self._workplace.store.conversations.get(row.id)
        if found is not None and self._row is not None and self._row.id == found.id:
            self.show_conversation(found)

    def show_conversation(self, row: ConversationRow) -> None:
        self._row = row
        name = words.title(row)
        self.avatar.show_person(name, channel_token(row.channel))
        self.name.setText(name)
        number = words.phone(row.address)
        self.number.setText(number)
        self.number.setVisible(number != name)
        self.labels.show_labels(row.labels)
        self._show_facts(self._facts_of(row))

    def show_messages(self, messages: Sequence[Message]) -> None:
        self.shared_title.setVisible(self.shared.show_messages(messages[::-1]))

    def _facts_of(self, row: ConversationRow) -> tuple[tuple[str, str], ...]:
        now = self._now()
        facts = [(translate("contact", "Channel"), words.channel(row.channel))]
        window = window_of(row.channel, row.last_inbound_at, now)
        if window.left is not None:
            value = (
                translate("contact", "open, {time} left").format(time=left(window.left))
                if window.is_open
                else translate("contact", "closed")
            )
            facts.append((translate("contact", "Window"), value))
        facts.append((translate("contact", "Status"), words.conversation_status(row.status)))
        assignee = words.one_line(row.assignee_name or "", 40) or translate("contact", "nobody yet")
        facts.append((translate("contact", "Assigned to"), assignee))
        if row.waiting_since is not None:
            facts.append((translate("contact", "Waiting since"), list_time(row.waiting_since, now)))
        if row.last_inbound_at is not None:
            facts.append((translate("contact", "Last wrote"), list_time(row.last_inbound_at, now)))
        return tuple(facts)

    def _show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        if facts == self._shown:
            return
        self._shown = facts
        while (item := self.facts.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for place, (name, value) in enumerate(facts):
            self.facts.addWidget(label(name, "", "muted"), place, 0, Qt.AlignmentFlag.AlignTop)
            self.facts.addWidget(label(value, wrap=True), place, 1)

    def _build(self) -> None:
        inside = QWidget()
        inside.setProperty("kind", "surface")
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(18, 20, 18, 20)
        layout.setSpacing(4)
        layout.addWidget(self.avatar, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(8)
        for text in (self.name, self.number):
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(text)
        layout.addSpacing(16)
        layout.addWidget(_section(translate("contact", "Labels")))
        layout.addSpacing(4)
        self.add_label.setToolTip(translate("contact", "Labels (L)"))
        self.add_label.clicked.connect(self.labels_wanted)
        self.labels.add_last(self.add_label)
        layout.addWidget(self.labels)
        layout.addSpacing(16)
        layout.addWidget(_section(translate("contact", "Contact")))
        self.facts.setColumnMinimumWidth(0, self._theme.px(88))
        self.facts.setColumnStretch(1, 1)
        self.facts.setHorizontalSpacing(8)
        self.facts.setVerticalSpacing(8)
        self.facts.setContentsMargins(0, 6, 0, 0)
        layout.addLayout(self.facts)
        layout.addSpacing(18)
        layout.addWidget(self.shared_title)
        layout.addSpacing(4)
        layout.addWidget(self.shared)
        layout.addStretch(1)
        self.shared_title.hide()
        self.setWidget(inside)

    def sizeHint(self) -> QSize:
        return QSize(PANEL_WIDTH, 400)


def _section(text: str) -> QWidget:
    made = label(text.upper(), "caption", "muted")
    return made

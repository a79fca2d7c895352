"""Parts of the contact panel: numbers, attributes, and the other conversations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from console.domain.contact import Address
from console.domain.conversation import Channel, ConversationRow
from console.domain.ids import ConversationId
from console.ui import words
from console.ui.language import translate
from console.ui.screens.contact.facts import TITLES, is_narrow
from console.ui.screens.contact.fields import LineField
from console.ui.theme.theme import Theme
from console.ui.times import list_time
from console.ui.widgets.avatar import channel_token
from console.ui.widgets.buttons import IconButton, button
from console.ui.widgets.chooser import Line
from console.ui.widgets.labels import ElidedLabel, label
from console.ui.widgets.select import Select

CROSS = 22  # px of the button that takes a number away


def emptied(layout: QVBoxLayout | QGridLayout | QHBoxLayout) -> None:
    """Take every widget out, for good."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def wide(made: ElidedLabel) -> ElidedLabel:
    """Takes the room there is, so that what stands behind it stands at the edge."""
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return made


class _Dot(QWidget):
    """The channel's colour."""

    def __init__(self, theme: Theme, channel: Channel, tall: int) -> None:
        super().__init__()
        self._theme = theme
        self._token = channel_token(channel)
        self.setToolTip(words.channel(channel))
        self.setFixedSize(10, tall)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(self._token))
            painter.drawEllipse(QRectF(1, self.height() / 2 - 4, 8, 8))


class AddressRows(QWidget):
    """Every address with its channel; one that opted out says so and stays."""

    added = Signal(str, str)  # a channel, and what was typed
    removed = Signal(object)  # an Address
    written_to = Signal(object)  # an Address

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: Sequence[Address] | None = None
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2)
        self.add = button(translate("contact", "+ number"), "tag")
        self.add.setToolTip(translate("contact", "Add a number of this contact"))
        self.new = LineField(
            translate("contact", "New number"), translate("contact", "+62 812 3456 7890")
        )
        channels = [Line(each.value, words.channel(each)) for each in Channel]
        self.channel = Select(theme, translate("contact", "Channel"), channels, channels[0].key)
        self._new = QWidget()
        new = QVBoxLayout(self._new)
        new.setContentsMargins(0, 2, 0, 2)
        new.setSpacing(4)
        new.addWidget(self.channel)
        new.addWidget(self.new)
        self._new.hide()
        self.new.committed.connect(lambda typed: self.added.emit(self.channel.current, typed))
        self.add.clicked.connect(self._begin)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._rows)
        layout.addWidget(self._new)
        layout.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeading)

    def show_addresses(self, addresses: Sequence[Address], now: datetime, *, anew: bool) -> None:
        if anew or (self._shown is not None and len(addresses) > len(self._shown)):
            self.new.show_value("", anew=True)
            self._new.hide()
            self.add.show()
        if addresses == self._shown:
            return
        self._shown = tuple(addresses)
        emptied(self._rows)
        for address in addresses:
            self._rows.addWidget(self._row(address, now, alone=len(addresses) == 1))

    def _row(self, address: Address, now: datetime, *, alone: bool) -> QWidget:
        made = QWidget()
        layout = QHBoxLayout(made)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(7)
        may_go = address.opted_out_at is None and not alone
        tall = max(CROSS if may_go else 0, self._theme.px(17))
        layout.addWidget(_Dot(self._theme, address.channel, tall), 0, Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        number = wide(ElidedLabel(words.phone(address.address)))
        number.setToolTip(words.tip(words.phone(address.address)))
        spoken = f"{words.channel(address.channel)} {words.phone(address.address)}"
        texts.addWidget(number)
        if address.opted_out_at is not None:
            said = translate("contact", "opted out · {time}").format(
                time=list_time(address.opted_out_at, now)
            )
            texts.addWidget(label(said, "small", "warning", wrap=True))
            spoken = f"{spoken}, {said}"
        number.setAccessibleName(spoken)
        layout.addLayout(texts, 1)
        if may_go:
            cross = IconButton(
                self._theme, "x", translate("contact", "Remove this number"), side=CROSS, size=13
            )
            which = translate("contact", "Remove the number {number}")
            cross.setAccessibleName(which.format(number=words.phone(address.address)))
            cross.clicked.connect(partial(self.removed.emit, address))
            layout.addWidget(cross, 0, Qt.AlignmentFlag.AlignTop)
        return made

    def _begin(self) -> None:
        self._new.show()
        self.add.hide()
        self.new.setFocus()

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._new.isVisible():
            self._new.hide()
            self.add.show()
            self.add.setFocus()
        else:
            super().keyPressEvent(event)


class AttributeRows(QWidget):
    """Names and values; an emptied value takes the attribute away."""

    changed = Signal(str, str, object)  # name, value, the field that says what came of it
    left = Signal(str, str)  # name, and what stood against what somebody else wrote

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._fields: dict[str, LineField] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(0)  # the field has an edge: in line with the facts
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        theme.changed.connect(self._arrange_anew)
        self.add = button(translate("contact", "+ attribute"), "tag")
        self.add.setToolTip(translate("contact", "Note something else about this contact"))
        self.name = QLineEdit()
        self.name.setProperty("kind", "inplace")
        self.name.setPlaceholderText(translate("contact", "Name"))
        self.name.setAccessibleName(translate("contact", "Name of the attribute"))
        self.name.setMaxLength(60)
        self.value = LineField(
            translate("contact", "Value of the attribute"), translate("contact", "Value")
        )
        self._new = QWidget()
        new = QHBoxLayout(self._new)
        new.setContentsMargins(0, 0, 0, 0)
        new.setSpacing(4)
        new.addWidget(self.name, 2)
        new.addWidget(self.value, 3)
        self._new.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._grid)
        layout.addWidget(self._new)
        layout.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeading)
        self.add.clicked.connect(self._begin)
        self.name.returnPressed.connect(self.value.setFocus)
        self.value.committed.connect(self._on_new)
        self.value.left.connect(lambda text: self.left.emit(self._new_name(), text))

    def flush(self) -> None:
        """Hand on what was written, before somebody else is shown."""
        for field in (*self._fields.values(), self.value):
            field.flush()

    def show_attributes(self, attributes: Mapping[str, str], *, anew: bool) -> None:
        named = self._new_name()
        if anew or (named in attributes and self.value.text in ("", attributes[named])):
            self._end()
        kept = {} if anew else dict(self._fields)
        wanted = [*attributes, *(n for n, f in kept.items() if n not in attributes and f.is_busy)]
        if anew or wanted != list(self._fields):
            self._arrange(wanted, kept, attributes)
        for name in wanted:
            self._fields[name].show_value(attributes.get(name, ""))

    def _arrange(
        self, wanted: Sequence[str], kept: Mapping[str, LineField], values: Mapping[str, str]
    ) -> None:
        """Rows of these names; in those that are there already one may be writing."""
        for name in wanted:
            if name in kept:
                self._grid.removeWidget(kept[name])
        emptied(self._grid)
        self._fields = {}
        narrow = is_narrow(self._theme)
        self._grid.setColumnMinimumWidth(0, 0 if narrow else self._theme.px(TITLES))
        for place, name in enumerate(wanted):
            field = kept.get(name) or self._field(name, values[name])
            title = ElidedLabel(name, "", "muted")
            title.setToolTip(words.tip(name))
            title.setContentsMargins(0, 1, 0, 0)  # on the line of what stands in the field
            if narrow:  # the name above, as with the facts
                self._grid.addWidget(wide(title), 2 * place, 0, 1, 2)
                self._grid.addWidget(field, 2 * place + 1, 0, 1, 2)
            else:
                title.setFixedWidth(self._theme.px(TITLES))
                self._grid.addWidget(title, place, 0, Qt.AlignmentFlag.AlignVCenter)
                self._grid.addWidget(field, place, 1)
            self._fields[name] = field

    def _arrange_anew(self) -> None:
        """The texts have another size."""
        self._arrange(list(self._fields), dict(self._fields), {})

    def _field(self, name: str, value: str) -> LineField:
        made = LineField(name)
        made.show_value(value, anew=True)
        made.committed.connect(partial(self._on_value, name, made))
        made.left.connect(partial(self.left.emit, name))
        return made

    def _new_name(self) -> str:
        return " ".join(self.name.text().split())

    def _on_value(self, name: str, field: LineField, value: str) -> None:
        self.changed.emit(name, value, field)

    def _on_new(self, value: str) -> None:
        name = self._new_name()
        if name and value:
            self.changed.emit(name, value, self.value)

    def _begin(self) -> None:
        self._new.show()
        self.add.hide()
        self.name.setFocus()

    def _end(self) -> None:
        self.name.clear()
        self.value.show_value("", anew=True)
        self._new.hide()
        self.add.show()

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._new.isVisible():
            self._end()
            self.add.setFocus()
        else:
            super().keyPressEvent(event)


class OtherConversations(QWidget):
    """A line for each other conversation; a click opens it."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._theme = theme
        self._now = now
        self._shown: Sequence[ConversationRow] | None = None
        self.lines: list[QPushButton] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(3)

    def show_conversations(
        self, rows: Sequence[ConversationRow], but: ConversationId | None
    ) -> bool:
        """All `rows` but one; False when there is none."""
        shown = [row for row in rows if row.id != but]
        if shown != self._shown:
            self._shown = shown
            emptied(self._layout)
            self.lines = [self._line(row) for row in shown]
            for line in self.lines:
                self._layout.addWidget(line)
        return bool(shown)

    def _line(self, row: ConversationRow) -> QPushButton:
        made = QPushButton()
        made.setProperty("kind", "row")
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        inbox = row.inbox_name or words.channel(row.channel)
        when = list_time(row.last_message_at, self._now()) or "–"
        state = words.conversation_status(row.status)
        layout = QVBoxLayout(made)
        layout.setContentsMargins(5, 3, 5, 3)
        layout.setSpacing(0)
        top = QHBoxLayout()
        top.setSpacing(6)
        name = wide(ElidedLabel(f"{inbox} · {state}", "small-strong"))
        stamp = label(when, "stamp", "muted")
        text = wide(ElidedLabel(words.preview(row), "small", "muted"))
        for part in (name, stamp, text):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        top.addWidget(name, 1)
        top.addWidget(stamp)
        layout.addLayout(top)
        layout.addWidget(text)
        made.setAccessibleName(f"{inbox}, {state}, {when}, {words.preview(row)}")
        made.setToolTip(translate("contact", "Open this conversation"))
        made.clicked.connect(lambda: self.chosen.emit(row.id))
        return made

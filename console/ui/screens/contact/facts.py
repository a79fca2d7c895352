"""Names and values of a contact that one reads: their time, language, window, status."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, QTime, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from console.domain.contact import Contact
from console.domain.conversation import ConversationRow
from console.domain.window import window_of
from console.ui import words
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import PANEL_WIDTH
from console.ui.times import left, list_time, short_day, unbroken
from console.ui.widgets import popups
from console.ui.widgets.buttons import button
from console.ui.widgets.chooser import Line, choose
from console.ui.widgets.labels import label
from console.ui.workplace import Workplace

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

# What customers of an Indonesian business speak; any other code that is set shows by its name.
TONGUES = ("id", "en", "ms", "jv", "su", "zh", "ar", "ja", "ko", "nl", "pt-BR", "th", "vi")

TITLES = 102  # px to the values: as wide as the widest of these names in Indonesian
LEAST = 80  # px for the values, which else stand below their names
AIR = (0, 2, 0, 3)  # px around a fact's words: as tall as a fact that is a button
LONG = 20  # letters of a value that may not be there whole
SIDE = 16  # px of the panel's margins


def is_narrow(theme: Theme) -> bool:
    """Whether the texts are too large for names and values side by side."""
    return theme.px(TITLES + LEAST) > PANEL_WIDTH - 2 * SIDE - 8


def tongue(code: str) -> str:
    """A language by its own name: "Indonesia", "English"."""
    if code.casefold() == "en":
        return "English"  # of nowhere: Qt would say American
    locale = QLocale(code.replace("-", "_"))
    if locale.language() is QLocale.Language.C:
        return code
    name = locale.nativeLanguageName() or code
    return name[:1].upper() + name[1:]


def time_there(now: datetime, zone: ZoneInfo) -> str:
    """ "10.43 WIB", with the weekday where it is another one than here."""
    there = now.astimezone(zone)
    clock = QLocale().toString(QTime(there.hour, there.minute), QLocale.FormatType.ShortFormat)
    name = there.tzname() or ""
    if not name or name[0] in "+-":  # a zone without letters of its own
        name = zone.key.rpartition("/")[2].replace("_", " ")
    day = ""
    if there.date() != now.astimezone().date():
        day = QLocale().dayName(there.isoweekday(), QLocale.FormatType.ShortFormat) + " "
    return f"{day}{clock} {name}"


class ContactFacts(QWidget):
    """A grid; a fact that is not known takes no room. `language_chosen` carries a code."""

    language_chosen = Signal(str)

    def __init__(self, workplace: Workplace) -> None:
        super().__init__()
        self._workplace = workplace
        self._zone: ZoneInfo | None = None
        self._row: ConversationRow | None = None
        self._code = ""
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 2, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._rows: dict[str, tuple[QLabel, QWidget]] = {}
        self.language = button("", "value")
        self.language.setToolTip(translate("contact", "Choose the customer's language"))
        self.language.clicked.connect(self._ask_language)
        for key, title in (
            ("time", translate("contact", "Local time")),
            ("language", translate("contact", "Language")),
            ("channel", translate("contact", "Channel")),
            ("window", translate("contact", "Window")),
            ("status", translate("contact", "Status")),
            ("assigned", translate("contact", "Assigned to")),
            ("waiting", translate("contact", "Waiting since")),
            ("wrote", translate("contact", "Last wrote")),
            ("known", translate("contact", "Known since")),
        ):
            self._add(key, title, self.language if key == "language" else label(wrap=True))
        workplace.theme.changed.connect(self._arrange)
        self._arrange()

    def begin(self) -> None:
        """Another contact. The places stay: what is said of them follows in a moment."""
        self._zone = self._row = None
        for key in self._rows:
            self._say(key, "")

    def show_row(self, row: ConversationRow) -> None:
        """What the conversation says."""
        self._row = row
        now = self._workplace.now()
        inbox = words.channel(row.channel)
        if row.inbox_name:
            inbox = f"{inbox} · {words.one_line(row.inbox_name, 40)}"
        self._put("channel", inbox)
        window = window_of(row.channel, row.last_inbound_at, now)
        said = ""
        if window.left is not None:
            said = (
                translate("contact", "open, {time} left").format(time=unbroken(left(window.left)))
                if window.is_open
                else translate("contact", "closed")
            )
        self._put("window", said)
        self._put("status", words.conversation_status(row.status))
        nobody = translate("contact", "nobody yet")
        self._put("assigned", words.one_line(row.assignee_name or "", 40) or nobody)
        waits, wrote = row.waiting_since, row.last_inbound_at
        self._put("waiting", list_time(waits, now))
        self._put("wrote", list_time(wrote, now))

    def show_contact(self, contact: Contact) -> None:
        """What the contact says."""
        self._code = contact.locale or ""
        known = tongue(self._code) if self._code else translate("contact", "not known")
        self._put("language", known)
        since = contact.created_at
        today = self._workplace.now().astimezone().date()
        self._put("known", short_day(since.astimezone().date(), today) if since else "")

    async def read_zone(self, contact: Contact) -> None:
        """Find out where they live; its tables are read beside the window's thread."""
        from console.domain.local_time import local_zone

        number = contact.phone or contact.address.removeprefix("whatsapp:")
        now = self._workplace.now()
        self._zone = await asyncio.to_thread(local_zone, number, contact.attributes, now)
        self.tick()

    def tick(self) -> None:
        """Time went by."""
        zone = self._zone
        self._put("time", "" if zone is None else time_there(self._workplace.now(), zone))
        if self._row is not None:
            self.show_row(self._row)

    def value(self, key: str) -> str:
        """What a fact says now; for the tests and for who reads it aloud."""
        widget = self._rows[key][1]
        if isinstance(widget, QLabel):
            return widget.text()
        return self.language.text()

    def _add(self, key: str, title: str, value: QWidget) -> None:
        value.setMinimumWidth(1)  # a long word makes no other value wider than the panel
        self._rows[key] = (label(title, "", "muted"), value)
        self._put(key, "")

    def _arrange(self) -> None:
        """Names beside their values, or above them where the texts are large."""
        theme, grid = self._workplace.theme, self._grid
        narrow = is_narrow(theme)
        name_air, value_air = ((0, 6, 0, 0), (0, 0, 0, 0)) if narrow else (AIR, AIR)
        grid.setVerticalSpacing(0 if narrow else 4)
        grid.setColumnMinimumWidth(0, 0 if narrow else theme.px(TITLES))
        for place, row in enumerate(self._rows.values()):
            for part, (widget, air) in enumerate(zip(row, (name_air, value_air), strict=True)):
                grid.removeWidget(widget)
                if isinstance(widget, QLabel):
                    widget.setContentsMargins(*air)
                if narrow:
                    grid.addWidget(widget, 2 * place + part, 0, 1, 2)
                else:
                    grid.addWidget(widget, place, part)
            if not narrow:
                grid.setAlignment(row[0], Qt.AlignmentFlag.AlignTop)

    def _put(self, key: str, text: str) -> None:
        self._say(key, text)
        for widget in self._rows[key]:
            if widget.isHidden() is bool(text):
                widget.setVisible(bool(text))

    def _say(self, key: str, text: str) -> None:
        head, value = self._rows[key]
        if isinstance(value, QLabel):
            value.setText(text)
            value.setToolTip(words.tip(text) if len(text) > LONG else "")
        else:
            self.language.setText(text.replace("&", "&&"))
        value.setAccessibleName(f"{head.text()}: {text}")

    def _ask_language(self) -> None:
        codes = dict.fromkeys((*TONGUES, self._code) if self._code else TONGUES)
        lines = [Line(code, tongue(code), checked=code == self._code) for code in codes]
        title = translate("contact", "The customer's language")
        popup = choose(self, self._workplace.theme, title, lines, self.language_chosen.emit)
        popups.open_below(popup, self.language)

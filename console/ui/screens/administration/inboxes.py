"""The inboxes: what each is, when it is open, whom it goes to, when an answer is due."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.domain.administration import Hours, InboxSettings
from console.domain.conversation import Channel
from console.domain.errors import ChangedSinceError
from console.domain.ids import InboxId
from console.ui import words
from console.ui.language import translate
from console.ui.screens.administration.meanwhile import Meanwhile
from console.ui.screens.administration.model import Model
from console.ui.screens.administration.week import WeekEditor
from console.ui.screens.administration.wording import hours as words_of_hours
from console.ui.widgets.avatar import channel_token
from console.ui.widgets.buttons import button
from console.ui.widgets.card import Card, CardRow, heading
from console.ui.widgets.fold import Fold
from console.ui.widgets.labels import label
from console.ui.widgets.number import NumberField
from console.ui.widgets.switch import Switch

MONTH_MINUTES = 43_200
# What is the inbox's own and not a rule: for administrators.
OF_THE_INBOX = frozenset(
    {
        "name",
        "flagged",
        "messaging_service_sid",
        "messages_per_second",
        "replies_per_half_minute",
    }
)


class Inboxes(QWidget):
    """One row for each; supervisors set the rules, administrators also the inbox itself."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model
        self.card = Card()
        self.folds: dict[InboxId, Fold] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(heading(translate("administration", "Inboxes and hours")))
        layout.addWidget(
            label(
                translate(
                    "administration",
                    "An inbox comes by itself with the first message to a new number of yours.",
                ),
                "small",
                "muted",
                wrap=True,
            )
        )
        layout.addWidget(self.card)
        layout.addStretch(1)
        model.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is true; what is open stays open."""
        inboxes = self._model.now.inboxes
        if list(self.folds) != [inbox.id for inbox in inboxes]:
            self.card.clear()
            self.folds = {}
            for inbox in inboxes:
                fold = Fold(self._model.theme, partial(InboxForm, self._model, inbox.id))
                self.folds[inbox.id] = fold
                self.card.add(fold)
            if len(inboxes) == 1:
                self.folds[inboxes[0].id].open()
        for inbox in inboxes:
            fold = self.folds[inbox.id]
            channel = Channel.SMS if inbox.channel == "sms" else Channel.WHATSAPP
            people = sum(one == inbox.id for one, _ in self._model.now.members)
            parts = [
                words.channel(channel),
                words.phone(inbox.address) if inbox.address else "",
                translate("administration", "%n agent(s)", "", people),
                translate("administration", "always open") if inbox.hours is None else "",
            ]
            fold.head.show_words(
                inbox.name,
                " · ".join(part for part in parts if part),
                dot=channel_token(channel),
                pill=translate("administration", "Needs a look") if inbox.flagged else "",
                tokens=("label_amber", "on_label_amber"),
            )
            if isinstance(fold.inside, InboxForm):
                fold.inside.refresh()


class InboxForm(QWidget):
    """One inbox's values. Numbers and switches are sent at once, the hours when they are saved."""

    def __init__(self, model: Model, id: InboxId) -> None:
        super().__init__()
        self._model = model
        self._id = id
        inbox = self._inbox
        self.fields: dict[str, NumberField] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(34, 0, 4, 10)
        self._column.setSpacing(0)
        self._flag: QFrame | None = None
        self.name: QLineEdit | None = None
        self.service: QLineEdit | None = None
        if model.now.is_admin:
            self._add_identity(inbox)
        self._caption(translate("administration", "Hours"))
        self.week = WeekEditor(model.theme, inbox.hours, model.work.now().astimezone().date())
        self.week.saved.connect(self._on_hours)
        self._column.addWidget(self.week)
        self._hours = inbox.hours
        self.meanwhile = Meanwhile()
        self.meanwhile.theirs_wanted.connect(lambda: self.week.show_hours(self._hours))
        self._column.addWidget(self.meanwhile)
        self._caption(translate("administration", "Who gets whom"))
        self.routing = Switch(
            model.theme, translate("administration", "Give waiting customers to people")
        )
        self.routing.clicked.connect(lambda: self._put({"routing": self.routing.isChecked()}))
        self._column.addWidget(
            CardRow(
                translate("administration", "Give waiting customers to people"),
                translate(
                    "administration",
                    "In turn, to who is available and has room. Without it they wait in the queue.",
                ),
                self.routing,
            )
        )
        never = translate("administration", "never")
        self._add_number(
            "take_back_minutes",
            translate("administration", "Take back from who is away"),
            translate("administration", "So long after somebody went away; 0 is at once."),
            0,
            10_080,
            empty=never,
        )
        self._caption(translate("administration", "When an answer is due"))
        for name, title, text in (
            (
                "first_response_minutes",
                translate("administration", "First answer"),
                translate("administration", "Counted within the hours."),
            ),
            (
                "next_response_minutes",
                translate("administration", "Every further answer"),
                translate("administration", "Counted within the hours."),
            ),
        ):
            self._add_number(name, title, text, 1, MONTH_MINUTES, empty=never)
        self._add_number(
            "reminder_minutes",
            translate("administration", "Remind before the 24-hour window closes"),
            translate("administration", "Who has the conversation is told so long before."),
            1,
            1439,
            empty=never,
        )
        if model.now.is_admin:
            self._add_pace()
        self._caption(translate("administration", "Automatic replies"))
        self._add_number(
            "auto_replies_per_hour",
            translate("administration", "At most to one customer in an hour"),
            translate("administration", "So that two machines never talk to each other for long."),
            0,
            60,
            unit="",
        )
        self.refresh()

    @property
    def _inbox(self) -> InboxSettings:
        return next(inbox for inbox in self._model.now.inboxes if inbox.id == self._id)

    def refresh(self, *, anew: bool = False) -> None:
        """Show what is true; what is being typed stays, unless `anew`, and so do hours."""
        if not isValid(self):
            return
        inbox = self._inbox
        if self._flag is not None:
            self._flag.setVisible(inbox.flagged)
        if self.name is not None and (anew or not self.name.hasFocus()):
            self.name.setText(inbox.name)
        if self.service is not None and (anew or not self.service.hasFocus()):
            self.service.setText(inbox.messaging_service_sid or "")
        self.routing.setChecked(inbox.routing)
        for name, field in self.fields.items():
            if anew or not field.field.hasFocus():
                field.show_value(getattr(inbox, name))
        self._show_hours(inbox.hours)

    def _show_hours(self, hours: Hours | None) -> None:
        """Where nobody is changing them; else say that somebody else did."""
        if hours == self._hours and not self.meanwhile.stands:
            return
        typed = self.week.save.isEnabled() and not self.week.is_showing(hours)
        self._hours = hours
        if typed:
            self.meanwhile.show_theirs(words_of_hours(hours))
        else:
            self.meanwhile.hide()
            self.week.show_hours(hours)

    def _caption(self, text: str) -> None:
        made = label(text, "caption", "muted")
        made.setContentsMargins(18, 14, 0, 2)
        self._column.addWidget(made)

    def _add_identity(self, inbox: InboxSettings) -> None:
        self._flag = QFrame()
        self._flag.setProperty("kind", "guard")
        row = QHBoxLayout(self._flag)
        row.setContentsMargins(14, 8, 10, 8)
        said = translate(
            "administration",
            "This inbox was made when a customer wrote to a number that nobody had set up. Give it "
            "a name, put people into it, then say that it is right.",
        )
        row.addWidget(label(said, "small", "warning", wrap=True), 1)
        right = button(translate("administration", "It is right"), "strip")
        right.clicked.connect(lambda: self._put({"flagged": False}))
        row.addWidget(right)
        self._column.addWidget(self._flag)
        self.name = _line(
            translate("administration", "Name"), inbox.name, self._model.theme.px(240)
        )
        self.name.editingFinished.connect(self._on_name)
        self._column.addWidget(CardRow(translate("administration", "Name"), "", self.name))
        title = translate("administration", "Messaging service")
        self.service = _line(title, inbox.messaging_service_sid or "", self._model.theme.px(320))
        self.service.setPlaceholderText("MG…")
        self.service.editingFinished.connect(self._on_service)
        text = translate("administration", "Its SID at Twilio, where this number belongs to one.")
        self._column.addWidget(CardRow(title, text, self.service))

    def _add_number(
        self,
        name: str,
        title: str,
        text: str,
        least: int,
        most: int,
        *,
        empty: str = "",
        unit: str | None = None,
    ) -> None:
        said = translate("administration", "minutes") if unit is None else unit
        value = getattr(self._inbox, name)
        made = NumberField(self._model.theme, title, value, least, most, said, empty=empty)
        made.changed.connect(partial(self._on_number, name))
        self.fields[name] = made
        self._column.addWidget(CardRow(title, text, made))

    def _add_pace(self) -> None:
        self._caption(translate("administration", "How fast it sends"))
        for name, title, text in (
            (
                "messages_per_second",
                translate("administration", "Messages in a second, to all together"),
                translate(
                    "administration",
                    "WhatsApp takes 80 from most numbers; a number for SMS often one. More than "
                    "Twilio allows only waits there.",
                ),
            ),
            (
                "replies_per_half_minute",
                translate("administration", "Messages to one customer in half a minute"),
                translate(
                    "administration",
                    "The next one waits. It stops machines that answer each other: Twilio refuses "
                    "the fifteenth.",
                ),
            ),
        ):
            self._add_number(name, title, text, 1, 1000, unit="")

    def _on_number(self, name: str, value: int | None) -> None:
        self._put({name: value}, later=True)

    def _on_hours(self, hours: Hours | None) -> None:
        if self.meanwhile.stands:
            self.meanwhile.mine.setFocus()  # first say whose are to stand
            return
        seen = self._hours

        def done() -> None:
            if isValid(self):
                self._hours = self._inbox.hours
                self.week.show_hours(self._hours)

        def stale(error: ChangedSinceError) -> None:
            if isValid(self) and isinstance(error.now, InboxSettings):
                self._show_hours(error.now.hours)

        self._model.do(
            lambda server: server.set_rules(self._id, {"hours": hours}, {"hours": seen}),
            lambda state, inbox: state.with_inbox(inbox),
            done,
            stale,
        )

    def _on_name(self) -> None:
        text = self.name.text().strip() if self.name is not None else ""
        if text and text != self._inbox.name:
            self._put({"name": text})

    def _on_service(self) -> None:
        text = self.service.text().strip() if self.service is not None else ""
        if text != (self._inbox.messaging_service_sid or ""):
            self._put({"messaging_service_sid": text or None})

    def _put(self, changes: Mapping[str, Any], *, later: bool = False) -> None:
        """Send what is set, each value in the place of the one shown."""
        itself = all(name in OF_THE_INBOX for name in changes)
        self._model.put(
            f"{' '.join(changes)} {self._id}",
            lambda server, seen: (
                server.save_inbox(self._id, changes, seen)
                if itself
                else server.set_rules(self._id, changes, seen)
            ),
            lambda state, inbox: state.with_inbox(inbox),
            (changes, {name: getattr(self._inbox, name) for name in changes}),
            lambda: self.refresh(anew=True),
            later=later,
        )


def _line(name: str, text: str, wide: int) -> QLineEdit:
    made = QLineEdit(text)
    made.setAccessibleName(name)
    made.setFixedWidth(wide)
    made.setMaxLength(100)
    return made

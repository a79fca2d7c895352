"""How long each kind of data is kept, and what that means."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.domain.administration import LEAST_DAYS, MOST_DAYS, Retention
from console.domain.errors import ChangedSinceError
from console.ui.language import translate
from console.ui.screens.administration.meanwhile import Meanwhile
from console.ui.screens.administration.model import Model
from console.ui.screens.question import Question
from console.ui.widgets.buttons import button
from console.ui.widgets.card import Card, heading
from console.ui.widgets.labels import label
from console.ui.widgets.number import NumberField


class RetentionForm(QWidget):
    """All four are sent together, after a question where something would go sooner."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model
        self._kept = model.now.retention or Retention()
        self._wanted = self._kept
        self.fields: dict[str, NumberField] = {}
        self.meanwhile = Meanwhile()
        self.meanwhile.theirs_wanted.connect(self._take_theirs)
        self.meanwhile.mine_wanted.connect(self._check)
        card = Card()
        for kind, title, text in (
            (
                "messages",
                translate("administration", "Messages"),
                translate(
                    "administration",
                    "With their notes, deliveries and files. Contacts and the numbers of the "
                    "reports stay.",
                ),
            ),
            (
                "media",
                translate("administration", "Files"),
                translate(
                    "administration",
                    "Pictures, recordings and documents; the message stays and says that its file "
                    "is gone.",
                ),
            ),
            (
                "requests",
                translate("administration", "Raw requests of Twilio"),
                translate(
                    "administration",
                    "They repeat what the messages say, and help to find out what went wrong.",
                ),
            ),
            (
                "audit",
                translate("administration", "Audit log"),
                translate("administration", "Who did what."),
            ),
        ):
            field = NumberField(
                model.theme,
                title,
                getattr(self._kept, kind),
                LEAST_DAYS[kind],
                MOST_DAYS,
                translate("administration", "days"),
                empty=translate("administration", "for ever"),
            )
            field.changed.connect(lambda days, kind=kind: self._on_days(kind, days))
            least = translate("administration", "{days} days at least, or empty: for ever.")
            card.add_row(title, f"{text} {least.format(days=LEAST_DAYS[kind])}", field)
            self.fields[kind] = field
        self.save = button(translate("administration", "Save"), "primary")
        self.save.clicked.connect(self._on_save)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(heading(translate("administration", "What is kept, and for how long")))
        layout.addWidget(
            label(
                translate(
                    "administration",
                    "The service deletes what is older, every hour, from the project and from "
                    "every desktop. It cannot be brought back.",
                ),
                "small",
                "muted",
                wrap=True,
            )
        )
        layout.addWidget(self.meanwhile)
        layout.addWidget(card)
        layout.addLayout(foot)
        layout.addStretch(1)
        model.changed.connect(self.refresh)
        self._check()

    def refresh(self) -> None:
        """Show what is kept; where somebody is changing it, say so."""
        kept = self._model.now.retention
        if kept is not None and self._wanted in (self._kept, kept):
            self._kept = kept
            self.meanwhile.hide()
            self._take_theirs()
        elif kept is not None and kept != self._kept:
            self._show_theirs(kept)
        self._check()

    def _show_theirs(self, kept: Retention) -> None:
        self._kept = kept
        never = translate("administration", "for ever")
        values = ((field, getattr(kept, kind)) for kind, field in self.fields.items())
        said = (f"{f.accessibleName()}: {never if days is None else days}" for f, days in values)
        self.meanwhile.show_theirs(", ".join(said))
        self._check()

    def _take_theirs(self) -> None:
        self._wanted = self._kept
        for kind, field in self.fields.items():
            field.show_value(getattr(self._kept, kind))
        self._check()

    def _on_days(self, kind: str, days: int | None) -> None:
        self._wanted = replace(self._wanted, **{kind: days})
        self._check()

    def _check(self) -> None:
        self.save.setEnabled(self._wanted != self._kept and not self.meanwhile.stands)

    def _on_save(self) -> None:
        sooner = [kind for kind in self.fields if _is_sooner(self._kept, self._wanted, kind)]
        if not sooner:
            self._save()
            return
        question = Question(
            self,
            translate("administration", "Delete older data for good?"),
            translate(
                "administration",
                "What is older than you say now goes within the hour and cannot be brought back.",
            ),
        )
        question.add(translate("administration", "Save and delete"), self._save, "danger")
        question.add(translate("administration", "Cancel"), None)
        question.open()

    def _save(self) -> None:
        wanted, seen = self._wanted, self._kept

        def stale(error: ChangedSinceError) -> None:
            if isValid(self) and isinstance(error.now, Retention):
                self._show_theirs(error.now)

        def done() -> None:
            if isValid(self):
                self._kept = self._wanted = self._model.now.retention or wanted
                self._check()
            self._model.work.tell(translate("administration", "Saved"), "")

        self._model.do(
            lambda server: server.save_retention(wanted, seen),
            lambda state, kept: replace(state, retention=kept),
            done,
            stale,
        )


def _is_sooner(kept: Retention, wanted: Retention, kind: str) -> bool:
    before, after = getattr(kept, kind), getattr(wanted, kind)
    return after is not None and (before is None or after < before)

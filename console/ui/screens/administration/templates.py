"""The templates as WhatsApp has them: state, language, text; read only."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.desk import Template
from console.domain.placeholders import fill
from console.ui.language import translate
from console.ui.screens.administration.model import Model
from console.ui.widgets.card import Card, heading
from console.ui.widgets.empty import EmptyState
from console.ui.widgets.fold import Fold
from console.ui.widgets.labels import label


class Templates(QWidget):
    """They are written and sent for approval at Twilio; the service keeps them here up to date."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model
        self.card = Card()
        self.folds: dict[str, Fold] = {}
        self._shown: list[Template] = []
        self.empty = EmptyState(model.theme)
        self.empty.show_state(
            "layout-template",
            translate("administration", "No templates yet"),
            translate(
                "administration",
                "Write one in Twilio's Content Template Builder; it appears here by itself.",
            ),
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(heading(translate("administration", "Templates")))
        layout.addWidget(
            label(
                translate(
                    "administration",
                    "After 24 hours WhatsApp takes only approved templates. They are written at "
                    "Twilio; this is their state there.",
                ),
                "small",
                "muted",
                wrap=True,
            )
        )
        layout.addWidget(self.card)
        layout.addWidget(self.empty)
        layout.addStretch(1)
        model.shared.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what the store has."""
        found = self._model.templates
        if found != self._shown or not self.folds:
            self._shown = list(found)
            self.card.clear()
            self.folds = {}
            for template in found:
                fold = Fold(self._model.theme, partial(self._preview, template))
                pill, tokens = state(template.status)
                note = " ".join(template.body.split())
                fold.head.show_words(
                    f"{template.name} · {template.language}", note, pill=pill, tokens=tokens
                )
                self.folds[template.content_sid] = fold
                self.card.add(fold)
        self.card.setVisible(bool(found))
        self.empty.setVisible(not found)

    def _preview(self, template: Template) -> QWidget:
        made = QWidget()
        layout = QVBoxLayout(made)
        layout.setContentsMargins(18, 0, 16, 14)
        layout.setSpacing(6)
        filled = fill(template.body, template.variables).text
        layout.addWidget(label(filled, "", "", wrap=True))
        if template.buttons:
            layout.addWidget(
                label(" · ".join(template.buttons), "small-strong", "accent", wrap=True)
            )
        layout.addWidget(label(template.content_sid, "small", "muted"))
        return made


def state(status: str) -> tuple[str, tuple[str, str]]:
    """The approval in a word, and its colours."""
    words = {
        "approved": (translate("administration", "Approved"), "green"),
        "pending": (translate("administration", "Waiting for WhatsApp"), "amber"),
        "received": (translate("administration", "Waiting for WhatsApp"), "amber"),
        "rejected": (translate("administration", "Rejected"), "red"),
        "paused": (translate("administration", "Paused by WhatsApp"), "red"),
        "disabled": (translate("administration", "Disabled by WhatsApp"), "red"),
        "unsubmitted": (translate("administration", "Not sent for approval"), "grey"),
    }
    said, color = words.get(status, (status or translate("administration", "Not known"), "grey"))
    return said, (f"label_{color}", f"on_label_{color}")

"""A template for somebody: in the language that fits them, its values, and what they will read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from console.domain.desk import Template
from console.domain.errors import BalasError, EnvironmentFaultError
from console.domain.ids import ContactId, InboxId
from console.domain.placeholders import fill, variables
from console.ui.language import translate
from console.ui.screens.contact.facts import tongue
from console.ui.screens.contact.parts import emptied
from console.ui.screens.contact.refusals import refused
from console.ui.tasks import TaskScope
from console.ui.widgets.chooser import Line
from console.ui.widgets.labels import label
from console.ui.widgets.select import Select
from console.ui.workplace import Workplace

PAUSE = 0.25  # s after the last letter before the server fills the template anew


class TemplateForm(QWidget):
    """`changed` follows whatever decides whether it can be sent."""

    changed = Signal()

    def __init__(self, workplace: Workplace, tasks: TaskScope) -> None:
        super().__init__()
        self._workplace = workplace
        self._tasks = tasks
        self._inbox: InboxId | None = None
        self._contact: ContactId | None = None
        self._templates: Sequence[Template] = ()
        self._shown: Template | None = None
        self._is_whole = False
        self.select = Select(workplace.theme, translate("starting", "Template"))
        self.language = label("", "small", "muted")
        self._form = QGridLayout()
        self._form.setHorizontalSpacing(10)
        self._form.setVerticalSpacing(6)
        self._form.setColumnStretch(1, 1)
        self.fields: dict[str, QLineEdit] = {}
        self.preview = label("", wrap=True)
        self._bubble = QFrame()
        self._bubble.setProperty("kind", "preview")
        self.state = label("", "small", "muted", wrap=True)
        bubble = QVBoxLayout(self._bubble)
        bubble.setContentsMargins(13, 9, 13, 10)
        bubble.addWidget(self.preview)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(label(translate("starting", "Template"), "small-strong", "muted"))
        layout.addWidget(self.select)
        layout.addLayout(self._form)
        layout.addWidget(self._bubble)
        layout.addWidget(self.language)
        layout.addWidget(self.state)
        self._bubble.hide()
        self.select.chosen.connect(lambda _: self._begin())

    @property
    def is_whole(self) -> bool:
        """Whether it is chosen and every value is there."""
        return self._is_whole

    @property
    def chosen(self) -> dict[str, Any]:
        """As `start_conversation` takes it: by name, so that the server chooses the language."""
        return {"name": self.select.current, "variables": self._values()}

    def show_inbox(self, inbox_id: InboxId) -> None:
        """Templates go out from here."""
        self._inbox = inbox_id
        self._tasks.start(self._read(), "templates")

    def show_contact(self, contact_id: ContactId | None) -> None:
        """They go to this contact; None for a number that is new."""
        if contact_id != self._contact:
            self._contact = contact_id
            self._begin()

    async def _read(self) -> None:
        found = await self._workplace.store.desk.templates()
        self._templates = [template for template in found if template.is_approved]
        names = sorted({template.name for template in self._templates}, key=str.casefold)
        tongues = {
            name: ", ".join(sorted(tongue(t.language) for t in self._templates if t.name == name))
            for name in names
        }
        lines = [Line(name, name, tongues[name]) for name in names]
        current = self.select.current if self.select.current in names else ""
        self.select.show_lines(lines, current or (names[0] if names else ""))
        self.select.setVisible(bool(names))
        if not names:
            self.state.setText(
                translate("starting", "No template is approved yet: WhatsApp takes nothing else.")
            )
        self._begin()

    def _begin(self) -> None:
        """Another template, or another person: other values."""
        self._shown = None
        self._is_whole = False
        self._tasks.start(self._show(anew=True), "preview")

    def _values(self) -> dict[str, str]:
        typed = {name: " ".join(field.text().split()) for name, field in self.fields.items()}
        return {name: value for name, value in typed.items() if value}

    async def _show(self, *, anew: bool = False) -> None:
        name = self.select.current
        if self._inbox is None or not name:
            self.changed.emit()
            return
        if not anew:
            await asyncio.sleep(PAUSE)
        asked = {"name": name, "variables": {} if anew else self._values()}
        told = ""
        try:
            found = await self._workplace.server.contacts.preview(self._inbox, asked, self._contact)
        except EnvironmentFaultError as error:
            # What is known here says nearly the same.
            template = next((t for t in self._templates if t.name == name), None)
            if template is None:
                return
            filled = fill(template.body, {} if anew else self._values())
            text, missing, values = filled.text, filled.missing, dict[str, str]()
            told = refused(error)
        except BalasError as error:
            self._bubble.hide()
            self.state.setText(refused(error))
            self.changed.emit()
            return
        else:
            template = next(
                (t for t in self._templates if t.content_sid == found.content_sid), None
            )
            text, missing, values = found.text, found.missing, dict(found.variables)
        if template is not None and (anew or self._shown is not template):
            self._make_fields(template, values)
        self._shown = template
        body = template.body if template is not None else ""
        self.preview.setText(text or fill(body, {**values, **self._values()}).text)
        self._bubble.show()
        self.language.setText(
            translate("starting", "Language: {language}").format(language=tongue(template.language))
            if template is not None
            else ""
        )
        self._is_whole = not missing and not told
        count = len(missing)
        self.state.setText(
            told or (translate("starting", "%n value(s) to fill in", "", count) if count else "")
        )
        self.state.setVisible(bool(self.state.text()))
        self.changed.emit()

    def _make_fields(self, template: Template, values: dict[str, str]) -> None:
        before = self._values()
        emptied(self._form)
        self.fields = {}
        for place, name in enumerate(variables(template.body)):
            field = QLineEdit(before.get(name) or values.get(name, ""))
            field.setProperty("kind", "search")
            field.setAccessibleName(translate("starting", "Value of {name}").format(name=name))
            example = template.variables.get(name, "")
            if example:
                field.setPlaceholderText(
                    translate("starting", "such as {example}").format(example=example)
                )
            field.textEdited.connect(lambda _: self._on_typed())
            self._form.addWidget(label(f"{{{{{name}}}}}", "small-strong", "muted"), place, 0)
            self._form.addWidget(field, place, 1)
            self.fields[name] = field

    def _on_typed(self) -> None:
        self._is_whole = False
        self.changed.emit()
        self._tasks.start(self._show(), "preview")

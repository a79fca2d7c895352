"""The page of the administration: its sections by role, and what it says while there are none."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from console.domain.errors import OfflineError, RefusedError
from console.ui.errors import sentence
from console.ui.language import translate
from console.ui.screens.administration.audit import Audit
from console.ui.screens.administration.auto_replies import AutoReplies
from console.ui.screens.administration.canned import CannedReplies
from console.ui.screens.administration.inboxes import Inboxes
from console.ui.screens.administration.labels import Labels
from console.ui.screens.administration.model import Model
from console.ui.screens.administration.people import People
from console.ui.screens.administration.retention import RetentionForm
from console.ui.screens.administration.templates import Templates
from console.ui.screens.reports.cards import Skeleton
from console.ui.widgets.empty import EmptyState
from console.ui.widgets.sections import Sections, scrolled
from console.ui.workplace import Workplace


class Screen(QWidget):
    """Everything is read once on entering; sections are made when they are looked at."""

    def __init__(self, workplace: Workplace) -> None:
        super().__init__()
        self.model = Model(workplace, self)
        self._theme = workplace.theme
        self.setProperty("kind", "background")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.sections: Sections | None = None
        self.empty = EmptyState(self._theme)
        self.stack = QStackedWidget()
        self.loading = scrolled(Skeleton(self._theme))
        self.stack.addWidget(self.loading)
        self.stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)
        self.model.changed.connect(self._on_changed)
        self.model.failed.connect(self._on_failed)

    # What the window asks of a page

    def enter(self) -> None:
        """Read what is true now."""
        if self.sections is not None:
            self.sections.focus_name()
        self.model.is_shown = True
        self.model.read()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.model.is_shown = False

    def close_tasks(self) -> None:
        """End what still reads."""
        self.model.close()

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        await self.model.settle()

    def _on_changed(self) -> None:
        if self.sections is None and self.model.state is not None:
            self.sections = self._make()
            self.stack.addWidget(self.sections)
            self.sections.show_section("people")
            self.sections.focus_name()
        if self.sections is not None:
            self.stack.setCurrentWidget(self.sections)

    def _make(self) -> Sections:
        model = self.model
        made = Sections(self._theme, translate("administration", "Administration"))
        made.add("people", translate("administration", "People"), "users", lambda: People(model))
        made.add(
            "inboxes",
            translate("administration", "Inboxes and hours"),
            "inbox",
            lambda: Inboxes(model),
        )
        made.add(
            "canned",
            translate("administration", "Canned replies"),
            "message-square-text",
            lambda: CannedReplies(model),
        )
        made.add(
            "auto",
            translate("administration", "Automatic replies"),
            "bot",
            lambda: AutoReplies(model),
        )
        made.add(
            "templates",
            translate("administration", "Templates"),
            "layout-template",
            lambda: Templates(model),
        )
        made.add("labels", translate("administration", "Labels"), "tag", lambda: Labels(model))
        if model.now.is_admin:
            made.add(
                "retention",
                translate("administration", "What is kept"),
                "archive",
                lambda: RetentionForm(model),
            )
            made.add(
                "audit",
                translate("administration", "Audit log"),
                "scroll-text",
                lambda: Audit(model),
            )
        return made

    def _on_failed(self, error: Exception) -> None:
        title, text = sentence(error)
        again = translate("administration", "Try again")
        if self.sections is not None:  # what was read stays on screen
            self.model.work.tell(title, text)
            return
        if isinstance(error, RefusedError) and error.code == "not_allowed":
            self.empty.show_state(
                "lock",
                translate("administration", "This is for supervisors and administrators"),
                translate("administration", "Ask an administrator for another role."),
            )
        else:
            icon = "wifi-off" if isinstance(error, OfflineError) else "triangle-alert"
            self.empty.show_state(icon, title, text, again, self._again)
            self.empty.step.setFocus()
        self.stack.setCurrentWidget(self.empty)

    def _again(self) -> None:
        self.stack.setCurrentWidget(self.loading)
        self.model.read()

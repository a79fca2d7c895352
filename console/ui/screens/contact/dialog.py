"""A dialog over the window: title, what it asks, one button; it says itself what went wrong."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from console.domain.errors import BalasError
from console.ui.language import translate
from console.ui.screens.contact.refusals import refused
from console.ui.tasks import TaskScope
from console.ui.widgets.buttons import button
from console.ui.widgets.labels import label
from console.ui.widgets.stops import ReadingOrder
from console.ui.workplace import Workplace

WIDTH = 460


class Dialog(QDialog):
    """Put what it is about into `body`; its tasks end with it."""

    def __init__(
        self, parent: QWidget, workplace: Workplace, title: str, step: str, kind: str = "primary"
    ) -> None:
        super().__init__(parent.window())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.workplace = workplace
        self.tasks = TaskScope(workplace.errors)
        self.setMinimumWidth(workplace.theme.px(WIDTH))
        self.title = label(title, "header", wrap=True)
        self.body = QVBoxLayout()
        self.body.setSpacing(6)
        self.why = label("", "small", "danger", wrap=True)
        self.why.hide()
        self.cancel = button(translate("contact", "Cancel"))
        self.cancel.clicked.connect(self.reject)
        self.step = button(step, kind)
        self.step.clicked.connect(self.go_on)
        feet = QHBoxLayout()
        feet.setSpacing(8)
        feet.addStretch(1)
        feet.addWidget(self.cancel)
        feet.addWidget(self.step)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 18)
        layout.setSpacing(8)
        layout.addWidget(self.title)
        layout.addLayout(self.body, 1)
        layout.addWidget(self.why)
        layout.addSpacing(4)
        layout.addLayout(feet)
        ReadingOrder(self)
        self.finished.connect(lambda _: self.tasks.close())

    def go_on(self) -> None:
        """The button was taken."""
        raise NotImplementedError

    def say(self, why: str) -> None:
        """What went wrong; empty to take it away."""
        self.why.setText(why)
        self.why.setVisible(bool(why))

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it; what fails is said here, and the button can be taken again."""
        self.say("")
        self.step.setEnabled(False)
        self.tasks.start(self._run(work), "step")

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except BalasError as error:
            self.say(self.explained(error))
            self.step.setEnabled(True)

    def explained(self, error: BalasError) -> str:
        """What failed, in words."""
        return refused(error)

    # Qt

    def sizeHint(self) -> QSize:
        """At least as wide as it may be, so that it is as tall as its words are at that width."""
        return super().sizeHint().expandedTo(QSize(self.minimumWidth(), 0))

    def closeEvent(self, event: QCloseEvent) -> None:
        self.tasks.close()
        super().closeEvent(event)

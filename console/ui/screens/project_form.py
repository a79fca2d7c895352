"""The first step of the first run: which project, a test of the connection, one fix if it fails."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from console.ui.errors import sentence
from console.ui.language import translate
from console.ui.screens.form import Form
from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import button
from console.ui.widgets.labels import label

_DASHBOARD = re.compile(r"^https://supabase\.com/dashboard/project/([a-z0-9]{16,40})(?:[/?#]|$)")
_BARE = re.compile(r"^[a-z0-9.-]+\.[a-z]{2,}(:\d+)?$", re.IGNORECASE)


def tidy_address(text: str) -> str:
    """The project's URL where its dashboard's was pasted, or one without https:// was typed."""
    text = text.strip()
    found = _DASHBOARD.match(text)
    if found:
        return f"https://{found[1]}.supabase.co"
    if _BARE.match(text.rstrip("/")):
        return f"https://{text}"
    # What is copied from the API settings may carry the path of one of its services.
    return re.sub(r"/(rest|auth|storage|realtime)/v1/?$", "", text)


class ProblemBox(QFrame):
    """What is wrong, why, and the one thing to do."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "problem")
        self.title = label("", "strong", "danger", wrap=True)
        self.text = label("", "small", "", wrap=True)
        self.fix = label("", "small-strong", "", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 11, 14, 12)
        layout.setSpacing(4)
        for part in (self.title, self.text, self.fix):
            layout.addWidget(part)
        self.hide()

    def show_error(self, error: BaseException) -> None:
        """In the window's language."""
        title, said = sentence(error)
        fix = _translated(getattr(error, "fix", ""))
        self.title.setText(title)
        self.text.setText(said.removesuffix(fix).strip() if fix else said)
        self.text.setVisible(bool(self.text.text()))
        self.fix.setText(fix)
        self.fix.setVisible(bool(fix))
        self.setAccessibleName(f"{title}. {said}")
        self.show()


class ProjectForm(Form):
    """`stopped` asks to end a test that takes long."""

    stopped = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme,
            translate("sign_in", "Connect to your project"),
            translate("sign_in", "Test and continue"),
        )
        self.add("url", translate("sign_in", "Supabase project URL"), "https://….supabase.co")
        self.add("key", translate("sign_in", "Publishable key"), "sb_publishable_…")
        self.problem = ProblemBox()
        self.stop = button(translate("sign_in", "Cancel"), "link")
        self.stop.clicked.connect(self.stopped)
        self.stop.hide()
        row = QHBoxLayout()
        row.addWidget(self.stop)
        row.addStretch(1)
        self._lower.addWidget(self.problem)
        self._lower.addLayout(row)
        self._lower.addSpacing(8)
        self.note(
            translate(
                "sign_in",
                "Your administrator has both. The publishable key is not a secret; "
                "never type the secret key here.",
            )
        )

    def address(self) -> str:
        """What was typed, tidied; the field shows it so."""
        tidied = tidy_address(self.text("url"))
        if tidied != self.text("url"):
            self.field("url").setText(tidied)
        return tidied

    def show_trying(self) -> None:
        """The test runs."""
        self.problem.hide()
        self.set_busy(True)
        self.say(translate("sign_in", "Testing the connection…"))
        self.stop.show()

    def show_ready(self) -> None:
        """Nothing runs, nothing is wrong."""
        self.set_busy(False)
        self.say("")
        self.stop.hide()
        self.problem.hide()

    def show_problem(self, error: BaseException) -> None:
        """The test has failed; the field that is most likely wrong has the keyboard."""
        self.show_ready()
        self.problem.show_error(error)
        by_key = "key" in getattr(error, "title", "").lower()
        field = self.field("key" if by_key else "url")
        field.setFocus()
        field.selectAll()


def _translated(text: str) -> str:
    return QCoreApplication.translate("errors", text) if text else ""

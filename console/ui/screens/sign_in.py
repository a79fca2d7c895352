"""Signing in: the project on the first run, e-mail and password, or a one-time code."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from console.settings.secrets import SHORTEST_PASSPHRASE
from console.ui.errors import Errors, in_one
from console.ui.language import translate
from console.ui.screens.form import Form
from console.ui.screens.project_form import ProjectForm
from console.ui.session import SessionActions
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.widgets.emblem import Emblem, app_icon

SIZE = (520, 640)
LEAST = (380, 480)
WIDTH = 340


class SignInScreen(QWidget):
    """A window of its own until `signed_in`; every failure is said in the form."""

    signed_in = Signal()

    def __init__(self, session: SessionActions, theme: Theme, errors: Errors) -> None:
        super().__init__()
        self._session = session
        self._tasks = TaskScope(errors)
        self.setProperty("kind", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("Balas")
        self.setWindowIcon(app_icon())
        self.resize(*SIZE)
        self.setMinimumSize(*LEAST)
        self.pages = QStackedWidget()
        self.project = self._project_page(theme)
        self.password = self._password_page(theme)
        self.code = self._code_page(theme)
        for page in (self.project, self.password, self.code):
            self.pages.addWidget(page)
        _center(self, self.pages)
        self.show_page(self.password if session.project_url else self.project)

    def show_page(self, form: Form) -> None:
        """Change to another form; its first empty field has the focus."""
        form.say("")
        form.caption.setText(host_of(self._session.project_url))
        form.caption.setVisible(bool(form.caption.text()) and form is not self.project)
        self.pages.setCurrentWidget(form)
        form.focus_first()

    def fill_email(self, email: str) -> None:
        """Spare the agent typing what they typed last time."""
        self.password.field("email").setText(email)
        if self.pages.currentWidget() is self.password:
            self.password.focus_first()

    def explain(self, text: str) -> None:
        """Say why this screen is here."""
        form = self.pages.currentWidget()
        if isinstance(form, Form):
            form.say(text, wrong=True)

    def close_tasks(self) -> None:
        self._tasks.close()

    def _project_page(self, theme: Theme) -> ProjectForm:
        form = ProjectForm(theme)
        form.submitted.connect(self._try_project)
        form.stopped.connect(self._stop_trial)
        return form

    def _password_page(self, theme: Theme) -> Form:
        form = Form(theme, translate("sign_in", "Welcome back"), translate("sign_in", "Sign in"))
        form.add("email", translate("sign_in", "E-mail"), translate("sign_in", "name@company.com"))
        form.add("password", translate("sign_in", "Password"), secret=True)
        form.submitted.connect(lambda: self._run(form, self._sign_in))
        form.link(translate("sign_in", "Use a one-time code"), self._to_code)
        if not self._session.project_fixed:
            form.link(translate("sign_in", "Another project"), lambda: self.show_page(self.project))
        return form

    def _code_page(self, theme: Theme) -> Form:
        form = Form(
            theme,
            translate("sign_in", "Sign in with a code"),
            translate("sign_in", "Set password and sign in"),
        )
        form.add("email", translate("sign_in", "E-mail"), translate("sign_in", "name@company.com"))
        form.add("code", translate("sign_in", "One-time code"))
        form.add("new", translate("sign_in", "New password, 8 characters or more"), secret=True)
        form.note(translate("sign_in", "Your administrator gives you the code, or ask for one:"))
        form.link(
            translate("sign_in", "Send me a code by e-mail"),
            lambda: self._run(form, self._request_code),
        )
        form.link(translate("sign_in", "Use my password"), lambda: self.show_page(self.password))
        form.submitted.connect(lambda: self._run(form, self._verify_code))
        return form

    def _to_code(self) -> None:
        self.code.field("email").setText(self.password.text("email"))
        self.show_page(self.code)

    def _run(self, form: Form, work: Callable[[Form], Awaitable[None]]) -> None:
        self._tasks.start(self._tried(form, work), "sign in")

    async def _tried(self, form: Form, work: Callable[[Form], Awaitable[None]]) -> None:
        form.say("")
        form.set_busy(True)
        try:
            await work(form)
        except Exception as error:
            form.say(in_one(error), wrong=True)
            form.set_busy(False)
            form.focus_last()
            return
        form.set_busy(False)

    def _try_project(self) -> None:
        if self.project.demand("url", "key"):
            self._tasks.start(self._connect_project(self.project), "project")

    def _stop_trial(self) -> None:
        self._tasks.cancel("project")
        self.project.show_ready()

    async def _connect_project(self, form: ProjectForm) -> None:
        form.show_trying()
        try:
            await self._session.connect_project(form.address(), form.text("key"))
        except Exception as error:
            form.show_problem(error)
            return
        form.show_ready()
        self.show_page(self.password)
        self.password.say(translate("sign_in", "The project answers. Now sign in."))

    async def _sign_in(self, form: Form) -> None:
        if not form.demand("email", "password"):
            return
        await self._session.sign_in(form.text("email"), form.field("password").text())
        form.field("password").clear()
        self.signed_in.emit()

    async def _request_code(self, form: Form) -> None:
        if not form.demand("email"):
            return
        await self._session.request_code(form.text("email"))
        form.say(
            translate("sign_in", "The code is on its way to {email}.").format(
                email=form.text("email")
            )
        )
        form.field("code").setFocus()

    async def _verify_code(self, form: Form) -> None:
        if not form.demand("email", "code", "new"):
            return
        if len(form.field("new").text()) < 8:
            form.say(
                translate("sign_in", "The new password needs 8 characters or more."), wrong=True
            )
            form.field("new").setFocus()
            return
        await self._session.verify_code(
            form.text("email"), form.text("code"), form.field("new").text()
        )
        form.field("new").clear()
        self.signed_in.emit()


def host_of(url: str) -> str:
    """The host of the project's URL, as people know it."""
    return urlsplit(url).netloc or url


class PassphrasePrompt(QWidget):
    """Asks for the passphrase of the local store where the system has no keyring.

    `given` carries it, `given_up` follows closing the window; `explain` shows why it is asked
    again.
    """

    given = Signal(str)
    given_up = Signal()

    def __init__(self, theme: Theme, *, is_new: bool) -> None:
        super().__init__()
        self.setProperty("kind", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("Balas")
        self.setWindowIcon(app_icon())
        self.resize(*SIZE)
        self.setMinimumSize(*LEAST)
        self._is_new = is_new
        title = (
            translate("sign_in", "Choose a passphrase")
            if is_new
            else translate("sign_in", "Unlock Balas")
        )
        self.form = Form(theme, title, translate("sign_in", "Continue"))
        self.form.add("passphrase", translate("sign_in", "Passphrase"), secret=True)
        if is_new:
            self.form.add("again", translate("sign_in", "Once more"), secret=True)
            self.form.note(_long_enough())
        self.form.note(
            translate(
                "sign_in",
                "This system has no keyring, so the passphrase protects what Balas keeps on "
                "this machine. Without it the local copy cannot be read; what is on the server "
                "stays safe.",
            )
        )
        _center(self, self.form)
        self.form.submitted.connect(self._on_submitted)
        self.form.focus_first()

    def explain(self, text: str) -> None:
        self.form.say(text, wrong=True)
        self.form.focus_last()

    def _on_submitted(self) -> None:
        given = self.form.field("passphrase").text()
        if self._is_new and len(given) < SHORTEST_PASSPHRASE:
            self.explain(_long_enough())
        elif self._is_new and given != self.form.field("again").text():
            self.explain(translate("sign_in", "The two are not the same."))
        elif given:
            self.given.emit(given)

    # Qt

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.given_up.emit()


def _long_enough() -> str:
    return translate("sign_in", "Use {count} characters or more.").format(count=SHORTEST_PASSPHRASE)


async def ask_passphrase(theme: Theme, *, is_new: bool, problem: str) -> str | None:
    """What the person gives, or None when they close the prompt."""
    prompt = PassphrasePrompt(theme, is_new=is_new)
    answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    def answered(text: str | None = None) -> None:
        if not answer.done():
            answer.set_result(text)

    prompt.given.connect(answered)
    prompt.given_up.connect(answered)
    if problem:
        prompt.explain(problem)
    prompt.show()
    try:
        return await answer
    finally:
        prompt.hide()
        prompt.deleteLater()


def _center(window: QWidget, form: QWidget) -> None:
    """The mark above the form, in the middle of the window."""
    column = QWidget()
    column.setFixedWidth(WIDTH)
    inside = QVBoxLayout(column)
    inside.setContentsMargins(0, 0, 0, 0)
    inside.addStretch(2)
    inside.addWidget(Emblem(36), 0, Qt.AlignmentFlag.AlignLeft)
    inside.addSpacing(18)
    inside.addWidget(form)
    inside.addStretch(3)
    layout = QHBoxLayout(window)
    layout.addStretch(1)
    layout.addWidget(column)
    layout.addStretch(1)

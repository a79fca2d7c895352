"""What a locked window shows: a field for the password, and nothing of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.errors import BalasError
from console.ui.errors import in_one
from console.ui.language import translate
from console.ui.screens.form import Form
from console.ui.tasks import TaskScope
from console.ui.widgets.emblem import Emblem
from console.ui.workplace import Workplace

if TYPE_CHECKING:
    from console.ui.lock import Locker

WIDTH = 340


class LockScreen(QWidget):
    """Asks for the password. It knows nothing of what lies behind it."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.setProperty("kind", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._place = place
        self._tasks = TaskScope(place.errors)
        me = place.store.me
        self.form = Form(
            place.theme, translate("lock", "Balas is locked"), translate("lock", "Unlock")
        )
        self.form.caption.setText(me.name if me is not None else "")
        self.form.caption.setVisible(bool(me is not None and me.name))
        self.field = self.form.add("password", translate("lock", "Your password"), secret=True)
        column = QVBoxLayout()
        column.addStretch(2)
        column.addWidget(Emblem(44), 0, Qt.AlignmentFlag.AlignLeading)
        column.addSpacing(14)
        self.form.setFixedWidth(place.theme.px(WIDTH))
        column.addWidget(self.form)
        column.addStretch(3)
        layout = QHBoxLayout(self)
        layout.addStretch(1)
        layout.addLayout(column)
        layout.addStretch(1)

    def end(self) -> None:
        """Ask no more."""
        self._tasks.close()

    def ask(self, locker: Locker) -> None:
        """Let the right password through to `locker`."""
        self.form.submitted.connect(lambda: self._tasks.start(self._try(locker), "try"))
        self.form.link(translate("lock", "Sign out…"), locker.sign_out)
        self.field.setFocus()

    async def _try(self, locker: Locker) -> None:
        if not self.form.demand("password"):
            return
        self.form.set_busy(True)
        self.form.say("")
        try:
            is_right = await self._place.session.unlock(self.field.text())
        except BalasError as error:
            self.form.say(in_one(error), wrong=True)
            return
        finally:
            self.form.set_busy(False)
        if is_right:
            locker.unlock()
        else:
            self.form.say(translate("lock", "This is not the password."), wrong=True)
            self.form.focus_last()

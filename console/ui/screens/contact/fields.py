"""Fields that look like text until one writes in them, and say in place what did not go."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QStyle,
    QStyleOptionFrame,
    QVBoxLayout,
    QWidget,
)

from console.ui import words
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.widgets.labels import label

LONGEST_SHOWN = 240  # letters of what somebody else wrote; Escape shows all of it


class _Field(QWidget):
    """What a line and a text have in common. `committed` carries what was written.

    The text stands as it was written, as if it were saved already; `refuse` says why it is not and
    leaves it there, so that nothing must be written twice. So does `conflict`, where somebody else
    wrote here meanwhile: what they wrote is shown beside it, and only Enter writes over it.
    `left` carries what stood in a conflict when somebody else is shown.
    """

    committed = Signal(str)
    left = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._base = ""  # as the server last had it
        self._rest = ""  # what Escape goes back to
        self._past: str | None = None  # what this machine may still have, older than an answer
        self._awaited: str | None = None
        self._conflict = False
        self.why = label("", "small", "danger", wrap=True)
        self.why.hide()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self._edit: QLineEdit | QPlainTextEdit
        self._name = name

    @property
    def text(self) -> str:
        raise NotImplementedError

    def _put(self, text: str) -> None:
        raise NotImplementedError

    @property
    def is_dirty(self) -> bool:
        """Whether something was written that nobody has been told."""
        return self.text != self._rest and self.text != self._awaited

    @property
    def is_unsaved(self) -> bool:
        """Whether what was written stands here alone: it was refused, or is in a conflict."""
        return self._conflict or (self.why.isVisibleTo(self) and self.text != self._rest)

    @property
    def seen(self) -> str:
        """What stood here before it was written in."""
        return self._rest

    @property
    def is_busy(self) -> bool:
        """Whether something stands here that is nowhere else."""
        return self._edit.hasFocus() or self.is_dirty or self.why.isVisibleTo(self)

    def focusInEvent(self, event: QFocusEvent) -> None:
        # No focus proxy: Tab comes to one that has it too, wherever that stands in the order.
        self._edit.setFocus(event.reason())

    def show_value(self, value: str, *, anew: bool = False) -> None:
        """What the server has; does not touch what is being written. `anew` is for another one."""
        if not anew and value == self._past:
            return  # the server's answer was quicker than the change feed
        self._past = None
        if not anew and value == self._base:
            return
        self._base = value
        if not anew and self._awaited is not None:
            return  # the answer to what was sent says what that means
        waits = self._conflict or (self.is_dirty and not self.why.isVisibleTo(self))
        if not anew and waits and value != self.text:
            self.conflict(value)
        elif not anew and not waits and self.why.isVisibleTo(self):
            self._rest = value  # refused for another reason, which stands
        else:
            self._awaited = None
            self._rest = value
            self._tell("")
            if self.text != value:
                self._put(value)

    def flush(self) -> None:
        """Hand on what was written, before something else is shown here."""
        if self._conflict:
            self.left.emit(self.text)
        elif self.is_dirty:
            self._commit()

    def accept(self) -> None:
        """It is saved."""
        before, known = self._rest, self._base
        self._rest = self._base = self.text if self._awaited is None else self._awaited
        self._past = before if known == before != self._rest else None
        self._awaited = None
        self._tell("")
        if known not in (before, self._rest):  # and somebody wrote over it since
            self.show_value(known)

    def conflict(self, theirs: str) -> None:
        """Somebody else wrote here meanwhile: both stand, until one of them is chosen."""
        self._awaited = None
        if theirs != self._base:
            self._past = self._base
        self._rest = self._base = theirs
        if self.text == theirs:
            self._tell("")
            return
        said = (
            translate("contact", "Meanwhile somebody else wrote: “{text}”").format(
                text=words.one_line(theirs, LONGEST_SHOWN)
            )
            if theirs
            else translate("contact", "Meanwhile somebody else emptied this.")
        )
        self._tell(f"{said}\n{self._choose()}")
        self._conflict = True

    def _choose(self) -> str:
        return translate("contact", "Enter puts yours in its place, Esc takes theirs.")

    def refuse(self, why: str) -> None:
        """It is not saved: the text stays, with the reason under it."""
        self._awaited = None
        self._tell(f"{why} {self._again()}")

    def _again(self) -> str:
        return translate("contact", "Enter tries again, Esc takes it back.")

    def restore(self) -> None:
        """Back to what was there before."""
        self._awaited = None
        self._tell("")
        self._put(self._rest)

    def _commit(self) -> None:
        self._awaited = self.text
        self._tell("")
        self.committed.emit(self.text)

    def _tell(self, why: str) -> None:
        self._conflict = False
        self.why.setText(why)
        self.why.setVisible(bool(why))
        wrong = "true" if why else "false"
        if self._edit.property("wrong") != wrong:
            self._edit.setProperty("wrong", wrong)
            self._edit.style().unpolish(self._edit)
            self._edit.style().polish(self._edit)
        self._edit.setAccessibleDescription(why)

    def _retry(self) -> None:
        """Enter: what is new, or what was refused."""
        if self.is_dirty or self.why.isVisibleTo(self):
            self._commit()

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape and (self.is_dirty or self.why.isVisibleTo(self)):
                self.restore()
                return True
        elif event.type() == QEvent.Type.FocusOut:
            self._on_focus_out(event)
        return False

    def _on_focus_out(self, event: QEvent) -> None:
        popup = isinstance(event, QFocusEvent) and event.reason() in (
            Qt.FocusReason.PopupFocusReason,
            Qt.FocusReason.ActiveWindowFocusReason,
        )
        if not popup and self.is_dirty and not self.why.isVisibleTo(self):
            self._commit()


class _Line(QLineEdit):
    """Ends in an ellipsis while nobody writes in it and there is no room for all."""

    def paintEvent(self, event: QPaintEvent) -> None:
        room = self.contentsRect().adjusted(7, 0, -7, 0)
        shown = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, room.width()
        )
        if self.hasFocus() or shown == self.text():
            super().paintEvent(event)
            return
        with QPainter(self) as painter:
            option = QStyleOptionFrame()
            self.initStyleOption(option)
            self.style().drawPrimitive(
                QStyle.PrimitiveElement.PE_PanelLineEdit, option, painter, self
            )
            painter.setPen(self.palette().color(self.foregroundRole()))
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | self.alignment()), shown)


class LineField(_Field):
    """One line; Enter or leaving it commits."""

    def __init__(self, name: str, hint: str = "", *, kind: str = "inplace") -> None:
        super().__init__(name)
        self.edit = _Line()
        self._edit = self.edit
        self.edit.setProperty("kind", kind)
        self.edit.setAccessibleName(name)
        self.edit.setPlaceholderText(hint)
        self.edit.returnPressed.connect(self._retry)
        self.edit.editingFinished.connect(self._to_start)
        self.edit.installEventFilter(self)
        self._layout.addWidget(self.edit)
        self._layout.addWidget(self.why)

    @property
    def text(self) -> str:
        return " ".join(self.edit.text().split())

    def _put(self, text: str) -> None:
        self.edit.setText(text)
        self.edit.setToolTip(words.tip(text) if len(text) > 24 else "")
        self._to_start()

    def _to_start(self) -> None:
        if not self.edit.hasFocus():
            self.edit.setCursorPosition(0)


class _Growing(QPlainTextEdit):
    """As tall as its text, up to a limit."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(5)
        self.textChanged.connect(self.fit)
        theme.changed.connect(self.fit)

    def fit(self) -> None:
        line = self.fontMetrics().lineSpacing()
        lines = sum(
            max(1, block.layout().lineCount())
            for place in range(self.document().blockCount())
            if (block := self.document().findBlockByNumber(place)).isValid()
        )
        self.setFixedHeight(min(12, max(2, lines)) * line + 16)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()


class TextField(_Field):
    """Several lines; Ctrl+Enter or leaving them commits."""

    def __init__(self, theme: Theme, name: str, hint: str = "") -> None:
        super().__init__(name)
        self.edit = _Growing(theme)
        self._edit = self.edit
        self.edit.setProperty("kind", "inplace")
        self.edit.setAccessibleName(name)
        self.edit.setPlaceholderText(hint)
        self.edit.setToolTip(translate("contact", "Ctrl+Enter saves, Esc takes it back"))
        self.edit.installEventFilter(self)
        self._layout.addWidget(self.edit)
        self._layout.addWidget(self.why)

    @property
    def text(self) -> str:
        return self.edit.toPlainText().strip()

    def _put(self, text: str) -> None:
        self.edit.setPlainText(text)

    def _again(self) -> str:
        return translate("contact", "Ctrl+Enter tries again, Esc takes it back.")

    def _choose(self) -> str:
        return translate("contact", "Ctrl+Enter puts yours in its place, Esc takes theirs.")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self._retry()
            return True
        return super().eventFilter(watched, event)


def section(text: str) -> QLabel:
    """A heading within the panel."""
    return label(text.upper(), "caption", "muted")

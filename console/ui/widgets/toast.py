"""A short notice that goes by itself, or by its cross; it never stands where one writes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from console.ui.announcing import announce
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import button
from console.ui.widgets.labels import label

SHOWN = 8000  # ms: long enough for two sentences
WIDTH = 420
GAP = 12
BELOW = 24  # px to the lower edge
_MOVES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)


class Toast(QFrame):
    """One notice at a time; a new one replaces the old.

    `thread` finds what one reads and answers: while that is shown the notice stands at its upper
    edge, far from the newest message and the composer; else at the window's lower edge.
    """

    def __init__(
        self, theme: Theme, parent: QWidget, thread: Callable[[], QWidget | None] = lambda: None
    ) -> None:
        super().__init__(parent)
        self._parent = parent
        self._thread = thread
        self._theme = theme
        self.setProperty("kind", "toast")
        self.title = label("", "strong", wrap=True)
        self.text = label("", "small", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.text)
        self.step = button("")
        self.step.clicked.connect(self._on_step)
        self._action: Callable[[], object] | None = None
        close = button(translate("toast", "Close"))
        close.clicked.connect(self.hide)
        layout = self._inside = QHBoxLayout(self)
        layout.setContentsMargins(14, 10, 10, 11)
        layout.addLayout(words, 1)
        layout.addWidget(self.step, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    def tell(self, title: str, text: str = "") -> None:
        self.offer(title, text, "", None)

    def offer(self, title: str, text: str, step: str, action: Callable[[], object] | None) -> None:
        """A notice with one thing to do about it, such as to undo."""
        self._action = action
        self.step.setText(step.replace("&", "&&"))
        self.step.setVisible(bool(step))
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.setAccessibleName(f"{title}. {text}")
        self.show()  # first: only what is shown has its fonts, and so its size
        self.place()
        self.raise_()
        self._timer.start()
        announce(self, self.accessibleName())

    def _on_step(self) -> None:
        self.hide()
        if self._action is not None:
            self._action()

    def place(self) -> None:
        """Stand where it belongs now; only what is shown has a size."""
        if not self.isVisible():
            return
        parent, thread = self._parent, self._thread()
        is_over = thread is not None and thread.isVisible()
        free = parent.rect()
        if thread is not None:
            thread.installEventFilter(self)  # another time changes nothing
            if is_over:
                free = QRect(thread.mapTo(parent, QPoint()), thread.size())
        wide = min(self._theme.px(WIDTH), free.width() - 2 * GAP)
        self.setFixedWidth(wide)
        self._inside.activate()
        self.setFixedHeight(self._inside.totalHeightForWidth(wide))
        top = free.y() + GAP if is_over else free.height() - self.height() - BELOW
        self.move(free.x() + (free.width() - wide) // 2, top)

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES:
            self.place()
        return False

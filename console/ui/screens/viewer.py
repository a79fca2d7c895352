"""The viewer: a window for pictures, videos and pages, with all that one does with them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QCloseEvent, QImage, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.ui.language import translate
from console.ui.screens.canvas import STEP, Canvas
from console.ui.screens.film import Film
from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import IconButton
from console.ui.widgets.labels import ElidedLabel, label
from console.ui.widgets.spoken import speak_as


class Viewer(QWidget):
    """Escape closes, arrows leaf, wheel and + - zoom, 0 fits, R turns, Ctrl+C and Ctrl+S take it.

    Space stops a video and lets it go on; Shift with an arrow moves it by seconds.
    """

    save_wanted = Signal()
    copy_wanted = Signal()
    step_wanted = Signal(int)  # 1: the next one, -1: the previous one
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        speak_as(self, QAccessible.Role.Dialog)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("kind", "surface")
        self.resize(960, 720)
        self.setMinimumSize(480, 320)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.canvas = Canvas()
        self.film = Film(theme)
        self.name = ElidedLabel("", "strong")
        self.detail = ElidedLabel("", "small", "muted")
        self.percent = label("", "small", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._bar(theme))
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.film)
        self.canvas.zoom_changed.connect(self._on_zoom_changed)
        self.canvas.clicked.connect(self.film.toggle)
        self.film.frame.connect(self._on_frame)

    def show_names(self, name: str, detail: str) -> None:
        """What is shown, by its name, and who sent it when."""
        self.setWindowTitle(name)
        self.canvas.setAccessibleName(name)
        self.name.setText(name)
        self.detail.setText(detail)

    def show_ends(self, *, previous: bool, next: bool) -> None:
        """Whether there is more in either direction, as far as one knows."""
        self.previous.setEnabled(previous)
        self.next.setEnabled(next)

    def show_image(self, image: QImage) -> None:
        self.film.stop()
        self.copy.setEnabled(True)
        self.canvas.show_image(image)

    def show_film(self, data: bytes) -> None:
        """Play a video."""
        self.copy.setEnabled(False)
        self.canvas.show_words("")
        self.film.play(data)

    def show_words(self, text: str) -> None:
        """Why there is nothing to see."""
        self.film.stop()
        self.copy.setEnabled(False)
        self.canvas.show_words(text)

    def _bar(self, theme: Theme) -> QHBoxLayout:
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self.name)
        names.addWidget(self.detail)
        bar = QHBoxLayout()
        bar.setContentsMargins(16, 7, 10, 7)
        bar.setSpacing(4)
        bar.addLayout(names)
        bar.addStretch(1)
        bar.addWidget(self.percent)
        bar.addSpacing(6)

        def add(icon: str, tip: str) -> IconButton:
            made = IconButton(theme, icon, tip)
            bar.addWidget(made)
            return made

        left, right = translate("viewer", "Left"), translate("viewer", "Right")
        if self.isRightToLeft():
            left, right = right, left
        self.previous = add(
            "chevron-left", translate("viewer", "Previous ({key})").format(key=left)
        )
        self.next = add("chevron-right", translate("viewer", "Next ({key})").format(key=right))
        bar.addSpacing(10)
        smaller = add("zoom-out", translate("viewer", "Smaller (-)"))
        larger = add("zoom-in", translate("viewer", "Larger (+)"))
        fit = add("maximize", translate("viewer", "Fit the window (0)"))
        turn = add("rotate-cw", translate("viewer", "Turn (R)"))
        bar.addSpacing(10)
        self.copy = add("copy", translate("viewer", "Copy (Ctrl+C)"))
        save = add("download", translate("viewer", "Save as (Ctrl+S)"))
        self.previous.clicked.connect(lambda: self.step_wanted.emit(-1))
        self.next.clicked.connect(lambda: self.step_wanted.emit(1))
        smaller.clicked.connect(lambda: self.canvas.zoom(1 / STEP))
        larger.clicked.connect(lambda: self.canvas.zoom(STEP))
        fit.clicked.connect(self.canvas.fit)
        turn.clicked.connect(lambda: self.canvas.turn(1))
        self.copy.clicked.connect(self.copy_wanted.emit)
        save.clicked.connect(self.save_wanted.emit)
        return bar

    def _on_zoom_changed(self) -> None:
        self.percent.setText("" if self.canvas.is_empty else f"{round(self.canvas.scale() * 100)}%")

    def _on_frame(self, image: QImage, first: bool) -> None:
        self.canvas.show_image(image, anew=first, grows=True)

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, shift = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        back, onward = Qt.Key.Key_Left, Qt.Key.Key_Right
        if self.isRightToLeft():
            back, onward = onward, back
        if key == Qt.Key.Key_Escape:
            self.close()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and shift:
            self.film.leap(1 if key == Qt.Key.Key_Right else -1)
        elif key in (back, Qt.Key.Key_PageUp) and self.previous.isEnabled():
            self.step_wanted.emit(-1)
        elif key in (onward, Qt.Key.Key_PageDown) and self.next.isEnabled():
            self.step_wanted.emit(1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.canvas.zoom(STEP)
        elif key == Qt.Key.Key_Minus:
            self.canvas.zoom(1 / STEP)
        elif key == Qt.Key.Key_0:
            self.canvas.fit()
        elif key == Qt.Key.Key_R:
            self.canvas.turn(-1 if shift else 1)
        elif key == Qt.Key.Key_Space:
            self.film.toggle()
        elif event.matches(QKeySequence.StandardKey.Copy):
            if self.copy.isEnabled():
                self.copy_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Save):
            self.save_wanted.emit()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.film.stop()
        self.closed.emit()
        super().closeEvent(event)

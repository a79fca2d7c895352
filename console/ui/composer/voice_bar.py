"""The voice recorder in the composer's place: level, time, cancel, listen, send."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from console.domain.errors import BalasError
from console.ui.composer.bench.sound import encoded
from console.ui.composer.voice import SHORTEST, Recording, Source, wave
from console.ui.errors import in_one
from console.ui.keys import keeps_letter
from console.ui.language import translate
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.timeline.player import Player
from console.ui.times import length
from console.ui.widgets.buttons import IconButton, button, put_icon_behind
from console.ui.widgets.flow import FlowLayout
from console.ui.widgets.labels import label

KEY = "composer:voice"  # names the note for the player
BAR, GAP = 3, 2  # px


class Wave(QWidget):
    """The newest levels while one speaks; afterwards all of it, and how far it has played."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._levels: list[float] = []
        self._played = -1.0
        self.setMinimumSize(60, 30)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_levels(self, levels: list[float], played: float = -1.0) -> None:
        """`played` is 0..1, negative while it is being recorded."""
        self._levels, self._played = levels, played
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, count = self._theme, max(1, self.width() // (BAR + GAP))
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            live = self._played < 0
            shown = self._levels[-count:] if live else wave(self._levels, count)
            start = count - len(shown) if live else 0
            for place in range(count):
                loud = shown[place - start] if place >= start else 0.0
                tall = max(3.0, loud * (self.height() - 4))
                done = place < self._played * count
                painter.setBrush(
                    theme.color("accent" if (live and place >= start) or done else "scroll")
                )
                x = place * (BAR + GAP)
                painter.drawRoundedRect(QRectF(x, (self.height() - tall) / 2, BAR, tall), 1.5, 1.5)


class VoiceBar(QFrame):
    """`finished` carries the note as an M4A file; `left` follows a cancel.

    Space stops and listens, Enter sends, Escape asks whether to throw it away. Meanwhile one may
    speak on.
    """

    finished = Signal(bytes)
    left = Signal()

    def __init__(
        self, theme: Theme, tasks: TaskScope, player: Player, source: Callable[[], Source]
    ) -> None:
        super().__init__()
        self.setAccessibleName(translate("voice", "Voice message"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._theme = theme
        self._tasks = tasks
        self._player = player
        self._source = source
        self._recording: Recording | None = None
        self._note = b""
        self._is_sending = False
        self.drop = IconButton(
            theme, "trash-2", translate("voice", "Throw away (Esc)"), kind="composer", ink="danger"
        )
        self.dot = QLabel()
        self.time = label("0:00", "strong")
        self.wave = Wave(theme)
        self.play = IconButton(theme, "play", translate("voice", "Listen (Space)"), kind="composer")
        self.stop = IconButton(
            theme, "circle-stop", translate("voice", "Stop and listen (Space)"), kind="composer"
        )
        self.again = button(translate("voice", "Try again"))
        self.send = button(translate("voice", "Send") + " ", "primary")
        self.send.setToolTip(translate("voice", "Send the voice message (Enter)"))
        put_icon_behind(self.send)
        self.said = label("", "small", "danger", wrap=True)
        self.question = label(
            translate("voice", "Your voice message is not sent."),
            "small-strong",
            "warning",
            wrap=True,
        )
        self.discard = button(translate("voice", "Throw it away"), "danger")
        self.back = button(translate("voice", "Go on (Esc)"))
        answers = FlowLayout(8)
        answers.addWidget(self.discard)
        answers.addWidget(self.back)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.drop)
        row.addWidget(self.dot)
        row.addWidget(self.time)
        row.addWidget(self.wave, 1)
        row.addStretch(0)
        for part in (self.play, self.stop, self.again, self.send):
            row.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.addWidget(self.said)
        layout.addLayout(row)
        layout.addWidget(self.question)
        layout.addLayout(answers)
        self.discard.clicked.connect(self.cancel)
        self.back.clicked.connect(self._go_on)
        self.drop.clicked.connect(self.cancel)
        self.stop.clicked.connect(self._listen)
        self.play.clicked.connect(self._listen)
        self.again.clicked.connect(self.start)
        self.send.clicked.connect(self._send)
        player.changed.connect(self._on_played)
        theme.changed.connect(self._refresh_icons)
        self._refresh_icons()
        self._ask(False)
        self.hide()

    @property
    def is_open(self) -> bool:
        return not self.isHidden()

    @property
    def is_asking(self) -> bool:
        """Whether to throw it away is open."""
        return not self.question.isHidden()

    def take_from(self, source: Callable[[], Source]) -> None:
        """Record from somewhere else from now on."""
        self._source = source

    def start(self) -> None:
        """Record, at once."""
        self._note, self._is_sending = b"", False
        made = Recording(self._source())
        made.grown.connect(self._on_grown)
        made.failed.connect(self._on_failed)
        made.full.connect(self._refresh)
        self._recording = made
        self.said.hide()
        self.wave.show_levels([])
        self.time.setText(length(0))
        self.show()
        self.setFocus()
        made.start()
        self._refresh()

    def stop_recording(self) -> None:
        """No more is heard; what was said can be listened to."""
        if self._recording is not None:
            self._recording.stop()
            self._refresh()

    def cancel(self) -> None:
        """Throw everything away."""
        self._end()
        self.left.emit()

    def take(self) -> Recording | None:
        """End, as when another conversation is opened: what was said, if anything, for keeping."""
        said = self._recording if self._has_said else None
        if self.is_open:
            self._end()
        return said

    @property
    def _has_said(self) -> bool:
        return bool(self._recording and self._recording.length >= SHORTEST)

    def _ask(self, on: bool) -> None:
        """Whether it may go: the safe answer has the focus."""
        for part in (self.question, self.discard, self.back):
            part.setVisible(on)
        self._refresh()
        if on:
            self.back.setFocus()

    def _go_on(self) -> None:
        self._ask(False)
        self.setFocus()

    def _on_escape(self) -> None:
        if self.is_asking:
            self._go_on()
        elif self._has_said:
            self._ask(True)
        else:  # a slip of the finger
            self.cancel()

    def _end(self) -> None:
        self._ask(False)
        self._player.stop()
        self._tasks.cancel("voice")
        if self._recording is not None:
            self._recording.stop()
            self._recording = None
        self._note = b""
        self.hide()

    def _on_grown(self) -> None:
        if self._recording is not None:
            self.time.setText(length(self._recording.length))
            self.wave.show_levels(self._recording.levels)

    def _on_failed(self, words: str) -> None:
        self.said.setText(words)
        self.said.show()
        self._refresh()

    def _refresh(self) -> None:
        running = bool(self._recording and self._recording.is_running)
        has = self._has_said
        failed = not self.said.isHidden()
        self.dot.setVisible(running)
        asks = self.is_asking
        self.drop.setVisible(not asks)
        self.stop.setVisible(running and not asks)
        self.play.setVisible(not running and has and not asks)
        self.again.setVisible(failed and not has)
        self.time.setVisible(not failed or has)
        self.wave.setVisible(not failed or has)
        self.send.setVisible((running or has) and not asks)
        self.send.setEnabled(not self._is_sending)
        playing = self._player.is_playing(KEY)
        self.play.show_icon("pause" if playing else "play")
        if not running and has and self._recording is not None:
            total = self._player.length(KEY) or self._recording.length
            at = self._player.position(KEY) / total if total else 0.0
            self.wave.show_levels(self._recording.levels, at)

    def _refresh_icons(self) -> None:
        self.send.setIcon(self._theme.qicon("corner-down-left", "on_accent", 15))
        self.dot.setPixmap(self._theme.qicon("mic", "danger", 16).pixmap(QSize(16, 16)))

    def _listen(self) -> None:
        if self._recording is None:
            return
        self.stop_recording()
        if not self._player.toggle(KEY) or not self._note:
            self._tasks.start(self._make_and_play(), "voice")

    def _send(self) -> None:
        if self._recording is None or self._is_sending:
            return
        self._recording.stop()
        if self._recording.length < SHORTEST:
            self.cancel()
            return
        self._is_sending = True
        self._refresh()
        self._tasks.start(self._make_and_send(), "voice")

    async def _make(self) -> bytes:
        recording = self._recording
        if recording is not None and not self._note:
            try:
                self._note = await encoded(recording.pcm(), form=recording.form)
            except BalasError as error:
                self._is_sending = False
                self._on_failed(in_one(error))
        return self._note

    async def _make_and_play(self) -> None:
        note = await self._make()
        if note:
            self._player.play(KEY, note)

    async def _make_and_send(self) -> None:
        note = await self._make()
        if note:
            self._end()
            self.finished.emit(note)

    def _on_played(self, key: str) -> None:
        if key == KEY and self.is_open:
            self._refresh()

    # Qt

    def event(self, event: QEvent) -> bool:
        # A letter does not resolve what one is speaking to.
        return keeps_letter(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self._on_escape()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self.again.hasFocus():
                self.start()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self.discard.hasFocus():
                self.cancel()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self.is_asking:
                self._go_on()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._send()
            case Qt.Key.Key_Space:
                self._listen()
            case _:
                super().keyPressEvent(event)

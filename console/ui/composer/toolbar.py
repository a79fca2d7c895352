"""The row under the text field: files, emoji, voice, canned replies, templates, length, send."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.domain.conversation import Channel
from console.domain.media_rules import MAX_TEXT
from console.domain.segments import segments
from console.ui.composer.tabs import Mode
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import IconButton, button, put_icon_behind
from console.ui.widgets.labels import label

WORDS_FROM = 560  # px of width from which canned replies and templates have words
COUNT_FROM = 1  # characters from which the counter shows


class Toolbar(QWidget):
    """Buttons only; the composer knows what they do."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._mode = Mode.REPLY
        self._channel = Channel.WHATSAPP
        self._enter = True

        def icon(name: str, tip: str) -> IconButton:
            return IconButton(theme, name, tip, kind="composer")

        self.attach = icon("paperclip", translate("composer", "Attach files (Ctrl+Shift+A)"))
        self.emoji = icon("smile", translate("composer", "Emoji (Ctrl+Shift+E)"))
        self.voice = icon("mic", translate("composer", "Record a voice message (Ctrl+Shift+R)"))
        self.mention = icon("at-sign", translate("composer", "Mention a colleague (@)"))
        self.canned = button(translate("composer", "/ Canned replies"), "tool")
        self.canned.setAccessibleName(translate("composer", "Canned replies"))
        self.canned.setToolTip(translate("composer", "Canned replies (Ctrl+/)"))
        self.template = button(translate("composer", "Template"), "tool")
        self.template.setToolTip(translate("composer", "Send a template (Ctrl+Shift+T)"))
        self.layout_icon = icon("layout-template", self.template.toolTip())
        self.counter = label("", "stamp", "muted")
        self.send = button("", "primary")
        put_icon_behind(self.send)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for part in (
            self.attach,
            self.emoji,
            self.voice,
            self.mention,
            self.canned,
            self.template,
            self.layout_icon,
        ):
            part.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            layout.addWidget(part)
        layout.addStretch(1)
        layout.addWidget(self.counter)
        layout.addSpacing(8)
        layout.addWidget(self.send)
        theme.changed.connect(self._refresh)
        self.show_mode(Mode.REPLY, Channel.WHATSAPP)

    def show_mode(self, mode: Mode, channel: Channel) -> None:
        """What can be done in a reply on this channel, or in a note."""
        self._mode, self._channel = mode, channel
        self._refresh()

    def show_enter(self, sends: bool) -> None:
        self._enter = sends
        self._refresh()

    def show_length(self, text: str, *, sendable: bool) -> None:
        """Count the text as its channel does; a note has no limit worth counting."""
        length = len(text)
        over = self._mode is Mode.REPLY and length > MAX_TEXT
        shown, tip = "", ""
        if self._mode is Mode.REPLY and length >= COUNT_FROM:
            shown = f"{length} / {MAX_TEXT}"
            if self._channel is Channel.SMS:
                found = segments(text)
                shown = translate("composer", "{length} / {most} · {count} SMS").format(
                    length=length, most=MAX_TEXT, count=found.count
                )
                tip = translate(
                    "composer", "%n more character(s) fit into this part.", "", found.left
                )
                if found.unicode:
                    why = translate("composer", "“{culprit}” makes every part 70 characters short.")
                    tip = f"{why.format(culprit=found.culprit)}\n{tip}"
        self.counter.setText(shown)
        self.counter.setToolTip(tip)
        tone = "danger" if over else "muted"
        if self.counter.property("tone") != tone:
            self.counter.setProperty("tone", tone)
            self.counter.style().unpolish(self.counter)
            self.counter.style().polish(self.counter)
        self.send.setEnabled(sendable and not over)

    def _refresh(self) -> None:
        reply = self._mode is Mode.REPLY
        roomy = self.width() >= WORDS_FROM
        whatsapp = self._channel is Channel.WHATSAPP
        self.attach.setVisible(reply)
        self.voice.setVisible(reply)
        self.mention.setVisible(not reply)
        self.canned.setVisible(reply)
        self.canned.setText(translate("composer", "/ Canned replies") if roomy else "/")
        self.template.setVisible(reply and roomy and whatsapp)
        self.layout_icon.setVisible(reply and not roomy and whatsapp)
        words = translate("composer", "Send") if reply else translate("composer", "Add note")
        self.send.setText(f"{words} ")  # a space before the icon
        self.send.setAccessibleName(words)
        self.send.setIcon(self._theme.qicon("corner-down-left", "on_accent", 15))
        keys = "Enter" if self._enter else "Ctrl+Enter"
        tip = (
            translate("composer", "Send ({keys})")
            if reply
            else translate("composer", "Add note ({keys})")
        )
        self.send.setToolTip(tip.format(keys=keys))

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refresh()

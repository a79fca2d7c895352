"""The quiet line below the list: up to when everything is here, checked against Twilio."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel

from console.domain.changes import Link
from console.domain.errors import BalasError
from console.domain.finding import Completeness
from console.ui.language import translate
from console.ui.tasks import TaskScope
from console.ui.times import clock, list_time
from console.ui.workplace import Workplace

EVERY = 120_000  # ms between two questions


def sentence(known: Completeness, link: Link, now: datetime) -> str:
    """What is proven, in plain words; empty where nothing is known."""
    if known.complete_to is None:
        return ""
    at = known.complete_to
    is_today = at.astimezone().date() == now.astimezone().date()
    time = clock(at) if is_today else f"{list_time(at, now)}, {clock(at)}"
    if link is not Link.ONLINE:
        return translate("completeness", "Offline. Everything up to {time} is here").format(
            time=time
        )
    if known.failing_since is not None:
        return translate(
            "completeness", "Everything up to {time} is here; newer cannot be checked now"
        ).format(time=time)
    if known.is_late(now):
        return translate(
            "completeness", "Everything up to {time} is here; newer is not checked yet"
        ).format(time=time)
    return translate("completeness", "Everything up to {time} is here").format(time=time)


class CompletenessLine(QLabel):
    """Asks the server now and then while there is one; hidden until it has answered."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("role", "stamp")
        self.setProperty("tone", "faint")
        self.setContentsMargins(16, 6, 16, 8)
        self.setToolTip(
            translate("completeness", "Compared with Twilio's own list of messages, all the time")
        )
        self.hide()
        self._place = place
        self._known: Completeness | None = None
        self._tasks = TaskScope(place.errors)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.ask)
        self._timer.start(EVERY)
        place.bridge.link_changed.connect(self._on_link_changed)

    def ask(self) -> None:
        """What is proven now."""
        if self._place.store.link is Link.ONLINE:
            self._tasks.start(self._read(), "completeness")
        else:
            self._show()

    def end(self) -> None:
        """Ask no more."""
        self._timer.stop()
        self._tasks.close()

    async def _read(self) -> None:
        try:
            self._known = await self._place.server.search.completeness()
        except BalasError:
            return  # what was known stays; the strip above says that the line is down
        self._show()

    def _show(self) -> None:
        known = self._known
        text = sentence(known, self._place.store.link, self._place.now()) if known else ""
        self.setText(text)
        self.setVisible(bool(text))

    def _on_link_changed(self, _link: Link) -> None:
        self.ask()

"""The store's announcements as Qt signals, gathered so that a burst repaints once."""

from __future__ import annotations

from dataclasses import fields, replace
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal

from console.domain.changes import Changes
from console.store.bus import ChangeBus

GAP = 0.03  # seconds between two rounds of signals; the first one comes at once
# ms that all else waits for an open thread: a message is read where it is written about, and the
# list beside it, its counters and the rail would have their rows read and painted first.
A_FRAME = 16


class Bridge(QObject):
    """Signals carry frozen sets of ids, never rows: views reload what they show.

    `threads_changed` comes first, all else a frame later.
    """

    conversations_changed = Signal(object)
    threads_changed = Signal(object)
    arrived = Signal(object)
    media_changed = Signal(object)
    outbox_changed = Signal()
    drafts_changed = Signal()
    sending_changed = Signal()
    team_changed = Signal()
    refused = Signal(object)  # one Refusal, to be told
    link_changed = Signal(object)
    everything_changed = Signal()

    def __init__(self, bus: ChangeBus, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pending = Changes()
        self._rest = Changes()
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._flush)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(A_FRAME)
        self._later.timeout.connect(self._tell_rest)
        self._unsubscribe = bus.subscribe(self._on_changes)

    def close(self) -> None:
        """Stop listening."""
        self._unsubscribe()
        self._timer.stop()
        self._later.stop()

    def _on_changes(self, changes: Changes) -> None:
        self._pending = merge(self._pending, changes)
        if not self._timer.isActive():
            wait = max(0.0, GAP - (monotonic() - self._last))
            self._timer.start(round(wait * 1000))

    def _flush(self) -> None:
        changes, self._pending = self._pending, Changes()
        self._last = monotonic()
        self._rest = merge(self._rest, replace(changes, threads=frozenset()))
        if changes.threads and not changes.everything:
            self.threads_changed.emit(changes.threads)
            self._later.start()
            return
        self._tell_rest()
        if changes.threads:
            self.threads_changed.emit(changes.threads)

    def _tell_rest(self) -> None:
        changes, self._rest = self._rest, Changes()
        self._later.stop()
        if changes.link is not None:
            self.link_changed.emit(changes.link)
        if changes.everything:
            self.everything_changed.emit()
        for ids, signal in (
            (changes.conversations, self.conversations_changed),
            (changes.media, self.media_changed),
            (changes.arrived, self.arrived),
        ):
            if ids:
                signal.emit(ids)
        if changes.outbox:
            self.outbox_changed.emit()
        if changes.drafts:
            self.drafts_changed.emit()
        if changes.sending:
            self.sending_changed.emit()
        if changes.team:
            self.team_changed.emit()
        for refusal in changes.refusals:
            self.refused.emit(refusal)


def merge(first: Changes, second: Changes) -> Changes:
    """Both announcements as one; the later link wins."""
    values: dict[str, object] = {}
    for field in fields(Changes):
        a, b = getattr(first, field.name), getattr(second, field.name)
        if field.name == "link":
            values[field.name] = a if b is None else b
        else:
            values[field.name] = a + b if isinstance(a, tuple) else a | b
    return Changes(**values)  # type: ignore[arg-type]

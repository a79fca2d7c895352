"""The files chosen for a reply, in their order, until they are sent."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from console.domain.conversation import Channel
from console.domain.intents import Attachment
from console.domain.media_rules import MAX_FILES, Refusal, refusal
from console.ui import failures
from console.ui.composer.card import Card, Entry, Stage
from console.ui.theme.theme import Theme
from console.ui.widgets.flow import FlowLayout
from console.ui.widgets.stops import chain


class Attachments(QWidget):
    """The cards in rows. `changed` follows every change of what will be sent."""

    changed = Signal()
    cancelled = Signal(object)  # Entry: nobody waits for it any more
    retried = Signal(object)  # Entry
    opened = Signal(object)  # Entry
    missed = Signal(object)  # Entry of a file that is not here, to be attached again
    appeared = Signal(object)  # Entry of a draft, which has no thumbnail yet
    left = Signal()  # the last one is gone, and it had the focus

    def __init__(self, theme: Theme, before: QWidget) -> None:
        super().__init__()
        self._theme = theme
        self._before = before  # where Tab comes from
        self._channel = Channel.WHATSAPP
        self._entries: list[tuple[Entry, Card]] = []
        self._count = 0
        self.flow = FlowLayout(6)
        self.setLayout(self.flow)
        self.hide()

    def items(self) -> tuple[Attachment, ...]:
        """The files that are ready, in the order in which they will leave."""
        return tuple(e.attachment for e, _ in self._entries if e.stage is Stage.READY)

    def kept(self) -> tuple[Attachment, ...]:
        """Those that the draft holds: all. One on its way is in it by where it comes from, or by
        name alone, so that a window closed meanwhile forgets none."""
        return tuple(e.lost or e.attachment for e, _ in self._entries)

    def missing(self) -> tuple[Attachment, ...]:
        """Those that were attached elsewhere and are known by name alone."""
        return tuple(e.attachment for e, _ in self._entries if e.stage is Stage.MISSING)

    def entries(self) -> tuple[Entry, ...]:
        return tuple(entry for entry, _ in self._entries)

    def has(self, entry: Entry) -> bool:
        return any(known is entry for known, _ in self._entries)

    def place(self, entry: Entry) -> int:
        """How many that can leave stand before it. ValueError where it is no longer here."""
        here = [known for known, _ in self._entries if known.stage is not Stage.MISSING]
        return [known.key for known in here].index(entry.key)

    def card(self, entry: Entry) -> Card:
        """KeyError where the entry is no longer here."""
        for known, card in self._entries:
            if known is entry:
                return card
        raise KeyError(entry.key)

    @property
    def is_busy(self) -> bool:
        return any(entry.stage is Stage.BUSY for entry, _ in self._entries)

    @property
    def has_failed(self) -> bool:
        return any(entry.stage is Stage.FAILED for entry, _ in self._entries)

    def show_items(self, items: tuple[Attachment, ...], channel: Channel) -> None:
        """Show a draft's files for a conversation on `channel`."""
        self._channel = channel
        self.clear()
        for item in items:
            self.show_item(item)

    def show_before(self, items: tuple[Attachment, ...], channel: Channel) -> None:
        """Show a draft's files, which were there first, before those that stand here already."""
        self._channel = channel
        here = self.kept()
        kept = {item.kept for item in here} - {None}
        come = {(item.path, item.name) for item in here}  # the draft may not know it yet
        fresh = [
            item
            for item in items
            if item.kept not in kept
            and (item.kept is not None or (item.path, item.name) not in come)
        ]
        for place, item in enumerate(fresh):
            self.put_at(self.show_item(item), place)

    def show_item(self, item: Attachment) -> Entry:
        """Show one more file of the draft; one that has yet to be read is on its way again."""
        if item.is_missing:
            return self._append(Entry(0, item, Stage.MISSING, lost=item))
        entry = self._append(Entry(0, item, Stage.BUSY if item.kept is None else Stage.READY))
        self.appeared.emit(entry)
        return entry

    def clear(self) -> None:
        for _, card in self._entries:
            self._drop(card)
        self._entries.clear()
        self.hide()

    def why_not(self, attachment: Attachment, *, beside: int | None = None) -> str:
        """Why this file cannot be one of them, in words; empty where it can.

        `beside` is how many stand before it, where it is one of these already.
        """
        found = refusal(self._channel, attachment.content_type, attachment.size)
        most = MAX_FILES[self._channel]
        here = len(self._entries) - len(self.missing())
        others = here if beside is None else beside
        if found is None and others >= most:
            found = Refusal("count", limit=most)
        return failures.refusal(found, attachment.name, self._channel) if found else ""

    def begin(self, attachment: Attachment) -> Entry:
        """A card for a file that is on its way."""
        entry = self._append(Entry(0, attachment))
        self.changed.emit()
        return entry

    def advance(self, entry: Entry, progress: float | None) -> None:
        entry.progress = progress
        self._refresh(entry)

    def finish(self, entry: Entry, attachment: Attachment) -> None:
        """The file is in the store and will be sent; a missing one of its name is back with it."""
        was_lost, entry.lost = entry.lost is not None, None
        entry.attachment, entry.stage, entry.why = attachment, Stage.READY, ""
        if not was_lost:
            self._stand_in(entry)
        self._refresh(entry)
        self.changed.emit()

    def fail(self, entry: Entry, why: str) -> None:
        """The file did not come; it can be tried again. One that was missing still is."""
        stage = Stage.FAILED if entry.lost is None else Stage.MISSING
        entry.stage, entry.why, entry.progress = stage, why, None
        self._refresh(entry)
        self.changed.emit()

    def explain(self, entry: Entry, why: str) -> None:
        """Say why a file on its way takes long."""
        entry.why = why
        self._refresh(entry)

    def restart(self, entry: Entry) -> None:
        entry.stage, entry.why, entry.progress = Stage.BUSY, "", None
        self._refresh(entry)

    def give_way(self, name: str) -> None:
        """Take away one missing file of this name: it is on its way again."""
        for place, (known, card) in enumerate(self._entries):
            if known.stage is Stage.MISSING and known.attachment.name == name:
                del self._entries[place]
                self._drop(card)
                return

    def describe(self, entry: Entry, name: str, caption: str) -> None:
        """Another name, another caption."""
        entry.attachment = replace(entry.attachment, name=name, caption=caption)
        self._refresh(entry)
        self.changed.emit()

    def show_thumb(self, entry: Entry, image: QImage) -> None:
        if self.has(entry):
            self.card(entry).show_thumb(image)

    def remove(self, entry: Entry) -> None:
        """Take a file away; what is under way for it is cancelled."""
        for place, (known, card) in enumerate(self._entries):
            if known is entry:
                here = self.window().focusWidget()
                had = here is card or card.isAncestorOf(here)
                del self._entries[place]
                if had:
                    self._focus_near(place)
                self._drop(card)
                break
        self.setVisible(bool(self._entries))
        self.cancelled.emit(entry)
        self.changed.emit()

    def put_at(self, entry: Entry, to: int) -> None:
        """Put a file to another place in the order."""
        place = next(i for i, (known, _) in enumerate(self._entries) if known is entry)
        to = max(0, min(len(self._entries) - 1, to))
        if to == place:
            return
        self._entries.insert(to, self._entries.pop(place))
        for _, card in self._entries:
            self.flow.removeWidget(card)
        for _, card in self._entries:
            self.flow.addWidget(card)
        self._chain()
        self.flow.invalidate()
        self.flow.activate()
        self.changed.emit()

    def _append(self, entry: Entry) -> Entry:
        self._count += 1
        entry.key = self._count
        card = Card(self._theme, entry)
        self._entries.append((entry, card))
        self.flow.addWidget(card)
        self._chain()
        card.removed.connect(lambda: self.remove(entry))
        card.retried.connect(lambda: self._retry(entry))
        card.opened.connect(lambda: self._open(entry))
        card.moved.connect(lambda step: self._step(entry, step))
        card.dragged.connect(lambda point: self._drag(entry, point))
        self.show()
        return entry

    def _chain(self) -> None:
        """Tab goes through them in their order, before the text."""
        cards = [card for _, card in self._entries]
        chain((self._before, *(s for card in cards for s in (card, card.retry, card.cross))))

    def _focus_near(self, place: int) -> None:
        """Who removes one by a key goes on from the next."""
        if self._entries:
            self._entries[min(place, len(self._entries) - 1)][1].setFocus()
        else:
            self.left.emit()

    def _open(self, entry: Entry) -> None:
        if entry.stage is Stage.READY:
            self.opened.emit(entry)
        elif entry.stage is Stage.MISSING:
            self.missed.emit(entry)

    def _retry(self, entry: Entry) -> None:
        (self.missed if entry.stage is Stage.MISSING else self.retried).emit(entry)

    def _stand_in(self, entry: Entry) -> None:
        """Take the place and the caption of a missing file that has the same name."""
        name = entry.attachment.name
        for place, (known, card) in enumerate(self._entries):
            if known.stage is Stage.MISSING and known.attachment.name == name:
                caption = entry.attachment.caption or known.attachment.caption
                entry.attachment = replace(entry.attachment, caption=caption)
                del self._entries[place]
                self._drop(card)
                self.put_at(entry, place)
                return

    def _step(self, entry: Entry, step: int) -> None:
        place = next(i for i, (known, _) in enumerate(self._entries) if known is entry)
        self.put_at(entry, place + step)
        self.card(entry).setFocus()

    def _drag(self, entry: Entry, point: QPoint) -> None:
        for place, (known, card) in enumerate(self._entries):
            if known is not entry and card.geometry().contains(point):
                self.put_at(entry, place)
                return

    def _refresh(self, entry: Entry) -> None:
        if self.has(entry):
            self.card(entry).refresh()
            self.flow.invalidate()
            self.updateGeometry()

    def _drop(self, card: Card) -> None:
        self.flow.removeWidget(card)
        card.hide()
        card.deleteLater()

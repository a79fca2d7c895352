"""What menus offer, kept at hand so that they open at once: people, labels, replies, templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from console.ui.tasks import TaskScope

if TYPE_CHECKING:
    from console.domain.conversation import Inbox, Label
    from console.domain.desk import CannedReply, Template
    from console.domain.profile import Profile
    from console.store.store import Store


class Team(QObject):
    """A few dozen rows in memory; `changed` follows each reading."""

    changed = Signal()

    def __init__(self, store: Store, tasks: TaskScope, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._tasks = tasks
        self.people: tuple[Profile, ...] = ()
        self.labels: tuple[Label, ...] = ()
        self.inboxes: tuple[Inbox, ...] = ()
        self.canned: tuple[CannedReply, ...] = ()
        self.templates: tuple[Template, ...] = ()

    def reload(self) -> None:
        """Read everything again."""
        self._tasks.start(self._read(), "team")

    async def _read(self) -> None:
        desk = self._store.desk
        people = await desk.people()
        self.people = tuple(person for person in people if person.active)
        self.labels = tuple(await desk.labels())
        self.inboxes = tuple(await desk.inboxes())
        self.canned = tuple(await desk.canned())
        self.templates = tuple(await desk.templates())
        self.changed.emit()

"""The open conversation beside the list: its thread, its contact, the files of both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from console.domain.conversation import ConversationRow
from console.ui.errors import Errors
from console.ui.models.team import Team
from console.ui.preferences import Chosen
from console.ui.screens.contact.panel import ContactPanel
from console.ui.screens.inbox.company import Company
from console.ui.screens.inbox.thread import ThreadScreen
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.timeline.pictures import Pictures
from console.ui.workplace import Workplace

if TYPE_CHECKING:
    from console.store.store import Store


class Reading:
    """Made once the list is on screen: it takes longer than everything before it."""

    def __init__(
        self,
        store: Store,
        theme: Theme,
        tasks: TaskScope,
        writes: TaskScope,
        errors: Errors,
        now: Callable[[], datetime],
        team: Team,
        chosen: Chosen,
        workplace: Callable[[], Workplace],
    ) -> None:
        self.pictures = Pictures(store, tasks)
        self.thread_screen = ThreadScreen(
            store, theme, tasks, writes, errors, self.pictures, now, team, chosen
        )
        self.pictures.setParent(self.thread_screen)  # to go with it, and its connections
        self.contact = ContactPanel(workplace(), tasks, self.pictures)
        thread = self.thread_screen
        self.company = Company(workplace().server.presence, thread, team)
        thread.messages_changed.connect(
            lambda: self.contact.show_messages(self.thread_screen.model.messages)
        )
        thread.unblock_wanted.connect(self.contact.unblock)
        thread.write_wanted.connect(self.contact.acts.write_to)
        self.contact.picture_chosen.connect(lambda message: thread.files.open(message, 0))

    def show(self, row: ConversationRow) -> None:
        """Open a conversation on both sides."""
        self.thread_screen.open(row)
        self.contact.show_conversation(row)
        self.contact.show_messages(())

    def keep(self) -> None:
        """Keep the draft and what was noted about the contact, and fall silent."""
        self.contact.flush()
        self.thread_screen.composer.end()
        self.thread_screen.player.stop()

"""A server in memory: what each group of calls answers, for pictures and window tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from console.domain.finding import Completeness, Found
from console.ui.server import Server
from tests.gallery.memory import MemoryStore
from tests.gallery.memory_administration import MemoryAdministration
from tests.gallery.memory_contacts import MemoryContactsServer
from tests.gallery.memory_desk import NOW
from tests.gallery.memory_presence import MemoryPresence
from tests.gallery.memory_reports import MemoryReports
from tests.gallery.memory_shift import MemoryShift


class MemorySearchServer:
    """Says what it was told to say, page by page; `failure` is raised instead."""

    def __init__(self) -> None:
        self.pages: list[Found] = []
        self.asked: list[str] = []
        self.complete = Completeness(complete_to=NOW)
        self.failure: Exception | None = None

    async def messages(
        self, text: str, *, cursor: Mapping[str, Any] | None = None, page_size: int = 50
    ) -> Found:
        self.asked.append(text)
        if self.failure is not None:
            raise self.failure
        place = int(cursor["page"]) if cursor else 0
        return self.pages[place] if place < len(self.pages) else Found()

    async def completeness(self) -> Completeness:
        if self.failure is not None:
            raise self.failure
        return self.complete


class MemoryServer:
    """Each group under its name."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self.search = MemorySearchServer()
        self.contacts = MemoryContactsServer(store or MemoryStore())
        self.administration = MemoryAdministration()
        self.presence = MemoryPresence()
        self.reports = MemoryReports()
        self.shift = MemoryShift()

    def as_server(self) -> Server:
        """As the window knows it."""
        return cast(Server, self)

"""Scenes of the team: who else is at a conversation, handover, mentions."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from console.domain.company import Companion
from tests.gallery.memory_server import MemoryServer
from tests.gallery.samples import desk
from tests.gallery.scenes import opened
from tests.gallery.stage import Scene, Stage
from tests.waiting import eventually as until


async def company(stage: Stage) -> QWidget:
    """One colleague writes in the open conversation, another looks; a third is elsewhere."""
    store = desk()
    server = MemoryServer()
    stage.server.connect(server.as_server())
    window = await opened(stage, store)
    row = window.inbox.thread_screen.row
    assert row is not None
    await until(lambda: len(window.inbox.team.people) > 2)
    others = [person.id for person in window.inbox.team.people if person != store.me]
    elsewhere = next(each for each in store.conversations.rows if each.id != row.id)
    server.presence.come(row.id, Companion(others[0], typing=True), Companion(others[1]))
    server.presence.come(elsewhere.id, Companion(others[1]))
    await until(lambda: window.inbox.thread_screen.header.company.isVisible())
    return window


SCENES: dict[str, Scene] = {
    "team-company": company,
}

"""The line below the list that says up to when everything is here."""

from __future__ import annotations

from datetime import timedelta

from console.domain.changes import Link
from console.domain.errors import OfflineError
from console.domain.finding import LATE, Completeness
from console.ui.completeness import sentence
from tests.gallery.memory import NOW, MemoryStore
from tests.gallery.memory_server import MemoryServer
from tests.gallery.stage import Stage
from tests.waiting import eventually


async def test_what_is_proven_stands_below_the_list_and_stays_while_the_line_is_down(
    stage: Stage, store: MemoryStore
) -> None:
    server = MemoryServer()
    stage.server.connect(server.as_server())
    window = stage.window(store)
    stage.show(window, 1200, 800)
    line = window.around.complete
    await eventually(line.isVisible)
    assert "10.43" in line.text()

    server.search.failure = OfflineError("No connection to the server", "")
    store.set_link(Link.OFFLINE)
    await eventually(lambda: line.text().startswith("Luring. Semua sampai "))
    assert "10.43" in line.text()


async def test_an_old_proof_and_a_failing_check_are_said_in_plain_words(stage: Stage) -> None:
    now = NOW
    fresh = sentence(Completeness(now), Link.ONLINE, now)
    old = sentence(Completeness(now - LATE - timedelta(minutes=1)), Link.ONLINE, now)
    failing = sentence(Completeness(now, failing_since=now), Link.ONLINE, now)
    assert len({fresh, old, failing}) == 3
    assert "Kemarin" in sentence(Completeness(now - timedelta(days=1)), Link.ONLINE, now)
    assert sentence(Completeness(None), Link.ONLINE, now) == ""


async def test_before_the_server_has_answered_nothing_is_claimed(
    stage: Stage, store: MemoryStore
) -> None:
    window = stage.window(store)
    stage.show(window, 1200, 800)
    await eventually(lambda: window.inbox.conversations.model.is_loaded)
    assert not window.around.complete.isVisible()

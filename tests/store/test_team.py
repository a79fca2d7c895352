"""The team's work as the store tells it: notes that ask for this agent, and who holds what."""

from __future__ import annotations

from datetime import timedelta

from console.domain.feed import Record
from console.domain.ids import ConversationId, ProfileId
from console.domain.profile import Profile
from tests.store.conftest import ME, Desk, new_id

RAKA = ProfileId("00000000-0000-4000-8000-000000000009")


async def note(desk: Desk, thread: ConversationId, body: str, author: str, *mentions: str) -> None:
    id, at = new_id(), desk.server.tick() + timedelta(minutes=1)
    data: dict[str, object] = {"id": id, "conversation_id": thread, "body": body}
    data |= {"author_id": author, "mentions": list(mentions), "created_at": at.isoformat()}
    await desk.apply(records=(Record("notes", id, thread, data),))


async def test_notes_that_mention_this_agent_gather_newest_first_until_they_are_seen(
    desk: Desk,
) -> None:
    budi = await desk.customer("Budi", "halo")
    siti = await desk.customer("Siti", "halo")
    await desk.apply(profiles=(Profile(RAKA, "Raka"),))
    team = desk.store.team
    await note(desk, budi, "tolong cek resi", RAKA, ME)
    await note(desk, budi, "untuk yang lain", RAKA, new_id())
    await note(desk, siti, "punyaku sendiri", ME, ME)
    await note(desk, siti, "dan ini", RAKA, ME)
    found = await team.mentions()
    assert [(m.body, m.author, m.customer, m.unread) for m in found] == [
        ("dan ini", "Raka", "Siti", True),
        ("tolong cek resi", "Raka", "Budi", True),
    ]
    assert await team.unread_mentions() == 2
    await team.see_mentions(found[1])
    assert await team.unread_mentions() == 1
    await team.see_mentions(found[0])
    assert [m.unread for m in await team.mentions()] == [False, False]


async def test_what_somebody_holds_is_open_or_snoozed_as_asked(desk: Desk) -> None:
    await desk.customer("Budi", "halo", assignee_id=RAKA)
    await desk.customer("Siti", "halo", assignee_id=RAKA, status="resolved")
    await desk.customer("Tono", "halo", assignee_id=RAKA, status="snoozed")
    await desk.customer("Ani", "halo")
    team = desk.store.team
    assert [row.name for row in await team.held_by(RAKA)] == ["Budi"]
    assert {row.name for row in await team.held_by(RAKA, snoozed=True)} == {"Budi", "Tono"}

"""What a desktop forgets of a person whom the server has erased."""

from __future__ import annotations

from console.domain.ids import ConversationId
from console.domain.intents import Draft
from console.store.database import Reading
from tests.store.conftest import Desk

CANARY, DIGITS = "kenari7f3a9q", "628129990041"


def _tables_with(reading: Reading, *words: str) -> list[str]:
    names = reading.all("select name from sqlite_master where type = 'table' order by name")
    found = []
    for (name,) in names:
        for row in reading.all(f'select * from "{name}"'):
            if any(word in str(row) for word in words):
                found.append(str(name))
                break
    return found


async def test_an_erased_person_is_in_no_table_and_in_no_search(desk: Desk) -> None:
    contact, facts = desk.server.customer(CANARY, f"+{DIGITS}")
    message = desk.server.inbound(facts.id, f"halo {CANARY}")
    await desk.apply(contacts=(contact,), conversations=(facts,), messages=(message,))
    other: ConversationId = await desk.customer("Budi", "lain")
    await desk.store.drafts.save(Draft(facts.id, f"maaf {CANARY}"))
    database = desk.store.feed._database
    assert len(await database.read(lambda reading: _tables_with(reading, CANARY, DIGITS))) > 3
    assert await desk.store.search.messages(CANARY)

    await desk.apply(deleted={"conversations": (facts.id,), "contacts": (contact.id,)})
    assert await database.read(lambda reading: _tables_with(reading, CANARY, DIGITS)) == []
    assert await desk.store.search.messages(CANARY) == []
    assert await desk.texts(other) == ["lain"]

"""What the service says about itself, and why a queued reply waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from console.domain.delivery import Status
from console.domain.feed import AttemptRow, Record
from console.domain.ids import AttemptId, new_message_id
from console.domain.intents import SendMessage
from console.remote import rows
from tests.store.conftest import NOON, Desk, new_id


def state(now: str, **facts: object) -> Record:
    """The row as `pull_changes` brings it."""
    row = {
        "id": "5d1f7f2e-0000-4000-8000-000000000001",
        "part": "sending",
        "state": now,
        "since": "2026-03-02T12:00:00+00:00",
        **facts,
    }
    wire = {"cursor": "c", "service_state": [row]}
    (record,) = rows.page(wire).records
    return record


async def test_a_stop_is_announced_and_kept(desk: Desk) -> None:
    assert await desk.store.sending() is None
    why = "Our Twilio key was refused."
    next_try = "2026-03-02T12:00:10+00:00"
    await desk.apply(
        records=(state("stopped", error_code=20003, error_text=why, next_try_at=next_try),)
    )
    assert desk.heard[-1].sending
    found = await desk.store.sending()
    assert found is not None
    assert found.is_stopped
    assert (found.error_code, found.error_text, found.since) == (20003, why, NOON)
    assert found.next_try_at == NOON + timedelta(seconds=10)
    await desk.apply(records=(state("running"),))
    again = await desk.store.sending()
    assert again is not None
    assert not again.is_stopped
    # whoever is no staff any more does not keep it
    await desk.apply(deleted={"service_state": ("5d1f7f2e-0000-4000-8000-000000000001",)})
    assert desk.heard[-1].sending
    assert await desk.store.sending() is None


async def test_other_changes_do_not_announce_it(desk: Desk) -> None:
    await desk.customer("Budi", "halo")
    assert not any(changes.sending for changes in desk.heard)


async def test_a_queued_reply_carries_the_attempt_that_came_back(desk: Desk) -> None:
    conversation = await desk.customer("Budi", "halo")
    id = new_message_id()
    await desk.apply(messages=(desk.server.outbound(id, conversation, Status.QUEUED),))
    before = await desk.store.messages.get(id)
    assert before is not None
    assert before.last_try is None
    words = "Twilio cannot be reached. We try again by ourselves. (ConnectError)"
    attempts = [
        AttemptRow(
            AttemptId(new_id()), id, NOON + timedelta(seconds=n), NOON, "retry", None, None, words
        )
        for n in range(2)
    ]
    await desk.apply(attempts=tuple(attempts))
    waiting = await desk.store.messages.get(id)
    assert waiting is not None
    assert waiting.last_try is not None
    assert waiting.last_try.id == attempts[1].id
    assert waiting.last_try.words == words
    assert waiting.version > before.version  # its bubble is measured anew
    await desk.apply(messages=(desk.server.outbound(id, conversation, Status.ACCEPTED),))
    gone = await desk.store.messages.get(id)
    assert gone is not None
    assert gone.last_try is None


async def test_what_waits_stays_below_a_reply_that_the_server_took_later(
    desk: Desk,
) -> None:
    """On a slow line the text is through while its files are still uploading."""
    budi = await desk.customer("Budi", "halo")
    first, second, third = [new_message_id() for _ in range(3)]
    for id, text in ((first, "satu"), (second, "dua"), (third, "tiga")):
        await desk.store.outbox.send(SendMessage(id, budi, text))
    last = (await desk.store.messages.latest(budi))[-1].timestamp
    taken = replace(
        desk.server.outbound(first, budi, "sent"),
        content="satu",
        timestamp=last + timedelta(seconds=20),
    )
    await desk.apply(messages=(taken,))
    assert (await desk.texts(budi))[-3:] == ["satu", "dua", "tiga"]
    later = replace(
        desk.server.outbound(second, budi, "sent"),
        content="dua",
        timestamp=last + timedelta(seconds=40),
    )
    await desk.apply(messages=(later,))
    assert (await desk.texts(budi))[-3:] == ["satu", "dua", "tiga"]

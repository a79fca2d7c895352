"""Faults on the way out: at most one create for each reply, and in order."""

from __future__ import annotations

import asyncio
import bisect
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from types import SimpleNamespace

import pytest

from tests.trials.listeners import listening
from tests.trials.proxy import Behaviour
from tests.trials.world import WORKERS, World
from tests.waiting import eventually

Size = SimpleNamespace

GONE_OUT = ("accepted", "sent", "delivered", "read")


def some_text() -> str:
    return f"balasan {uuid.uuid4().hex}"


async def kill_sender(world: World, size: Size) -> None:
    """Kill both workers, one of which is sending; a while later both are back."""
    before = {name: world.kill(name) for name in WORKERS}
    for proxy in (world.twilio, world.database):
        proxy.cut()
        proxy.heal()
    if not size.wait:
        world.let_time_pass()
    for name, pid in before.items():
        await world.back(name, pid)


async def settled(world: World, replies: Sequence[uuid.UUID]) -> None:
    """Wait until each is out or its agent was asked, who then answers; none is left hanging."""
    for reply in replies:
        if await world.reaches(reply, *GONE_OUT, "uncertain") == "uncertain":
            with world.agent() as desk:
                desk.execute("select public.settle_message(%s, 'failed')", [reply])
    await eventually(
        lambda: {world.status(reply) for reply in replies} <= {*GONE_OUT, "failed"}, within=30
    )


def calls(world: World, text: str) -> list[dict[str, object]]:
    """The create calls that Twilio saw of a reply."""
    return [entry for entry in world.creates() if entry["body"] == text]


@pytest.mark.trial("F7")
async def test_a_worker_killed_before_its_call_leaves_one_create(world: World, size: Size) -> None:
    for _ in range(size.rounds):
        address, text = world.customer(), some_text()
        world.twilio.behave(Behaviour(hold_requests=True))
        (reply,) = world.reply(address, text)
        await world.reaches(reply, "sending")
        await kill_sender(world, size)
        # The bytes may have left for all we know: it is looked up, and then the agent is asked.
        await settled(world, [reply])
        assert len(calls(world, text)) <= 1


@pytest.mark.trial("F7")
async def test_a_worker_killed_while_twilio_works_leaves_one_create(
    world: World, size: Size
) -> None:
    for _ in range(size.rounds):
        address, text = world.customer(), some_text()
        world.twilio.behave(Behaviour(hold_answers=True))
        (reply,) = world.reply(address, text)
        await eventually(lambda text=text: calls(world, text))  # type: ignore[misc]
        await kill_sender(world, size)
        await world.reaches(reply, *GONE_OUT)
        assert len(calls(world, text)) == 1


@pytest.mark.trial("F7")
async def test_a_worker_killed_with_the_sid_in_its_hands_leaves_one_create(
    world: World, size: Size
) -> None:
    for _ in range(size.rounds):
        address, text = world.customer(), some_text()
        created = world.twilio.answers["201"]
        world.twilio.behave(Behaviour(hold_answers=True))
        (reply,) = world.reply(address, text)
        await eventually(lambda text=text: calls(world, text))  # type: ignore[misc]
        world.database.behave(Behaviour(hold_requests=True))
        world.twilio.heal()
        await eventually(lambda created=created: world.twilio.answers["201"] > created)  # type: ignore[misc]
        await kill_sender(world, size)
        await world.reaches(reply, *GONE_OUT)
        assert len(calls(world, text)) == 1


@pytest.mark.trial("F7")
async def test_workers_killed_at_any_moment_leave_one_create_each(world: World, size: Size) -> None:
    replies: list[tuple[str, str]] = []
    ids: list[uuid.UUID] = []
    for _ in range(size.rounds):
        address = world.customer()
        texts = [some_text() for _ in range(6)]
        replies += [(address, text) for text in texts]
        ids += world.reply(address, *texts)
        await asyncio.sleep(random.uniform(0.0, 0.3))
        await kill_sender(world, size)
    await settled(world, ids)
    counted = Counter(entry["body"] for entry in world.creates())
    assert all(counted[text] <= 1 for _, text in replies)
    # What went out went out in order.
    for address in {address for address, _ in replies}:
        sent = [entry["body"] for entry in world.creates(address) if entry["sid"]]
        assert sent == [text for who, text in replies if who == address and text in sent]


@pytest.mark.trial("F8")
@pytest.mark.parametrize(
    ("fault", "goes_out"),
    [
        ("server_error_500", False),
        ("server_error_502", True),
        ("server_error_503", False),
        ("reset_half_way", True),
        ("truncated_json", True),
        ("html_201", True),
    ],
)
async def test_a_broken_answer_is_never_a_second_create(
    world: World, size: Size, fault: str, goes_out: bool
) -> None:
    address = world.customer(world.facts["fault_numbers"][fault])
    for _ in range(size.times):
        text = some_text()
        (reply,) = world.reply(address, text)
        await world.reaches(reply, *(GONE_OUT if goes_out else ("uncertain",)))
        assert len(calls(world, text)) == 1
        if not goes_out:  # the agent is asked, and answers
            await settled(world, [reply])
            assert len(calls(world, text)) == 1


@pytest.mark.trial("F8")
@pytest.mark.parametrize(
    "behaviour",
    [Behaviour(reset_after=0), Behaviour(reset_after=60), Behaviour(truncate_after=300)],
    ids=["reset", "reset in its head", "cut off"],
)
async def test_an_answer_lost_on_the_way_is_never_a_second_create(
    world: World, size: Size, behaviour: Behaviour
) -> None:
    for _ in range(size.times):
        address, text = world.customer(), some_text()
        world.twilio.behave(behaviour)
        (reply,) = world.reply(address, text)
        await eventually(lambda text=text: calls(world, text))  # type: ignore[misc]
        await world.reaches(reply, *GONE_OUT)
        world.twilio.heal()
        assert len(calls(world, text)) == 1


@pytest.mark.trial("F8")
@pytest.mark.parametrize(
    ("fault", "found"), [("timeout_callbacks_lost", True), ("timeout_not_sent", False)]
)
async def test_an_answer_waited_for_in_vain_is_looked_up_in_twilios_list(
    world: World, size: Size, fault: str, found: bool
) -> None:
    if not size.patience:
        pytest.skip("waits for the whole time of a call; at full size only")
    text = some_text()
    (reply,) = world.reply(world.customer(world.facts["fault_numbers"][fault]), text)
    await world.reaches(reply, *(GONE_OUT if found else ("uncertain",)), within=180)
    await settled(world, [reply])
    assert len(calls(world, text)) == 1


@pytest.mark.trial("F8")
async def test_an_answer_that_never_comes_is_never_a_second_create(
    world: World, size: Size
) -> None:
    for _ in range(size.times):
        address, text = world.customer(), some_text()
        world.twilio.behave(Behaviour(hold_answers=True))
        (reply,) = world.reply(address, text)
        # The signed callback names the attempt: it settles what the answer would have told.
        await world.reaches(reply, *GONE_OUT)
        world.twilio.cut()
        world.twilio.heal()
        (after,) = world.reply(address, some_text())
        await world.reaches(after, *GONE_OUT)
        assert len(calls(world, text)) == 1


@pytest.mark.trial("F9")
@pytest.mark.parametrize("fault", ["rate_limited", "rate_limited_no_retry_after"])
async def test_refused_for_a_while_all_go_out_once_in_order(
    world: World, size: Size, fault: str
) -> None:
    address = world.customer()
    world.tell_sim("faults", number=address, fault=fault, times=size.refusals)
    texts = [some_text() for _ in range(3)]
    ids = world.reply(address, *texts)
    await world.reaches(ids[-1], *GONE_OUT, within=600)
    world.ledger.check_outbound(world.creates(address), [(address, text) for text in texts])
    refused = [entry for entry in world.creates(address) if entry["status"] == 429]
    assert len(refused) == size.refusals


def refuse(world: World) -> None:
    world.twilio.behave(Behaviour(refuse=True))


def show_a_wrong_certificate(world: World) -> None:
    world.twilio.behave(Behaviour(untrusted=True))


@pytest.mark.trial("F10")
@pytest.mark.parametrize("go_away", [refuse, World.lose_twilios_name, show_a_wrong_certificate])
async def test_while_twilio_is_out_of_reach_replies_wait_and_say_why(
    world: World, size: Size, go_away: Callable[[World], None]
) -> None:
    addresses = [world.customer() for _ in range(size.replies)]
    go_away(world)
    replies = [(address, some_text()) for address in addresses]
    ids = world.write(replies)
    until = time.monotonic() + size.seconds
    await eventually(lambda: time.monotonic() > until, within=size.seconds + 5)
    await eventually(
        lambda: world.ledger.rows(
            "select from public.delivery_attempts where message_id = %s and words <> ''", ids[0]
        )
    )
    assert {world.status(reply) for reply in ids} <= {"queued", "sending"}
    world.heal()
    for reply in ids:
        await world.reaches(reply, *GONE_OUT, within=120)
    world.ledger.check_outbound(world.creates(), replies)


@pytest.mark.trial("F12")
async def test_two_workers_keep_the_order_of_every_conversation(world: World, size: Size) -> None:
    addresses = [world.customer() for _ in range(size.conversations)]
    replies = [  # all conversations side by side
        (address, f"{number} {some_text()}") for number in range(size.each) for address in addresses
    ]
    ids = world.write(replies)
    await eventually(lambda: world.are_out(ids), within=3600)
    world.ledger.check_outbound(world.creates(), replies)


@pytest.mark.trial("F28")
async def test_a_burst_of_replies_rings_few_bells(world: World, size: Size) -> None:
    addresses = [world.customer() for _ in range(10)]
    ids: list[uuid.UUID] = []
    async with listening(world, size.listeners) as heard:
        for _ in range(size.seconds):
            until = time.monotonic() + 1
            for address in addresses:
                texts = [some_text() for _ in range(size.rate // len(addresses))]
                ids += await asyncio.to_thread(world.reply, address, *texts)
            await eventually(lambda until=until: time.monotonic() > until)  # type: ignore[misc]
        await eventually(lambda: world.are_past_sent(ids), within=900)
        await eventually(lambda: len({one.ear for one in heard}) == size.listeners)
    # The limit of a small plan counts what all listeners receive together; a second of theirs may
    # begin at any moment, so look at each.
    times = sorted(one.at for one in heard)
    most = max(bisect.bisect_left(times, at + 1.0) - i for i, at in enumerate(times))
    assert most <= 100, f"{most} within a second, {len(times)} in {times[-1] - times[0]:.0f} s"

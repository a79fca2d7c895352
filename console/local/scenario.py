"""The demo's story: customers write by themselves, read what the agent answers, and react."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg

from console.local.cast import (
    ANSWERS,
    CAST,
    GONE,
    OTHERWISE,
    SCENES,
    SILENT_FOR,
    THANKS,
    Actor,
    Answer,
    Scene,
)
from console.local.colleagues import DEEDS, Deed, perform

log = logging.getLogger("balas.scenario")

_HUSH = 2.5  # seconds without a new message of the agent before a customer answers
_REPLIES = 4  # after so many answers a customer says thanks and only reads
_PER_LETTER = 0.05  # seconds of typing
_RECONNECT = 1.0
_DELIVERY_TRIES = 30


class Scenario:
    """Plays the cast against a running simulator, in the order and words of `cast`.

    `speed` 10 plays ten times faster. The same `seed` gives the same choices of words. `db_url`
    (role postgres) is needed to put old conversations a day into the past: the service stamps
    messages with its own clock, so nothing less can make them old. And the colleagues of `DEEDS`
    work with it.
    """

    def __init__(
        self, sim_url: str, *, db_url: str | None = None, speed: float = 1.0, seed: int = 2
    ) -> None:
        self._sim_url = sim_url.rstrip("/")
        self._db_url = db_url
        self._speed = speed
        self._seed = seed
        self._marks: dict[str, str] = {}
        self._talks = {actor.address: _Talk(actor, seed) for actor in CAST.values()}
        # Set once every scene has been told.
        self.told = asyncio.Event()

    async def run(self) -> None:
        """Tell the story and react to the agent until cancelled."""
        timeout = httpx.Timeout(30.0, read=60.0)
        async with (
            httpx.AsyncClient(base_url=self._sim_url, timeout=timeout, trust_env=False) as client,
            asyncio.TaskGroup() as group,
        ):
            fresh = await self._enter(client)
            group.create_task(self._listen(client, group))
            if fresh:
                await self._tell(client)
            self.told.set()

    async def _enter(self, client: httpx.AsyncClient) -> bool:
        """Introduce the cast. False when they wrote before (a demo started again on its data)."""
        fresh = True
        for actor in CAST.values():
            known = await self._ask(client, "GET", "/sim/messages", customer=actor.address)
            fresh = fresh and not known["messages"]
        if fresh:
            for actor in CAST.values():
                fields = {"address": actor.address, "name": actor.name, "player": "scenario"}
                await self._ask(client, "POST", "/sim/customers", fields)
            gone = {"number": CAST[GONE].address, "fault": "not_on_whatsapp"}
            await self._ask(client, "POST", "/sim/faults", gone)
        return fresh

    async def _tell(self, client: httpx.AsyncClient) -> None:
        begun = asyncio.get_running_loop().time()
        # Without the database the colleagues have nothing to work with.
        deeds = DEEDS if self._db_url is not None else ()
        for step in sorted((*SCENES, *deeds), key=lambda step: step.at):
            late = asyncio.get_running_loop().time() - begun
            await asyncio.sleep(max(step.at / self._speed - late, 0))
            if isinstance(step, Deed):
                await self._do(step)
                continue
            with _away_is_no_harm():
                await self._play(client, step)

    async def _do(self, deed: Deed) -> None:
        """Let a colleague act. A database that is away for a moment costs one deed."""
        try:
            await asyncio.to_thread(perform, self._db_url or "", deed)
        except psycopg.OperationalError as problem:
            log.info("a colleague of the story has no line: %s", type(problem).__name__)

    async def _play(self, client: httpx.AsyncClient, scene: Scene) -> None:
        address = CAST[scene.actor].address
        if not await self._played(client, address):
            return
        sid = await self._write(client, address, self._fields(scene))
        if scene.mark:
            self._marks[scene.mark] = sid
        if scene.actor in SILENT_FOR:
            await self._make_old(client, sid, address, SILENT_FOR[scene.actor])

    def _fields(self, scene: Scene) -> dict[str, Any]:
        quoted = self._marks.get(scene.quotes or "")
        return {**scene.fields, **({"quoted": quoted} if quoted else {})}

    async def _write(self, client: httpx.AsyncClient, address: str, fields: dict[str, Any]) -> str:
        """Send as a customer; while the webhook is away, the phone tries again like a person."""
        answer = await self._ask(client, "POST", "/sim/inbound", {"from": address, **fields})
        sid = str(answer["sid"])
        for _ in range(_DELIVERY_TRIES):
            if answer["answer"] is not None and answer["answer"] < 500:
                break
            await asyncio.sleep(1.0 / self._speed)
            answer = await self._ask(client, "POST", f"/sim/inbound/{sid}/deliver")
        return sid

    async def _make_old(
        self, client: httpx.AsyncClient, sid: str, address: str, ago: timedelta
    ) -> None:
        """Let the conversation of this message lie so far in the past."""
        then = datetime.now(UTC) - ago
        fields = {"address": address, "last_inbound": then.isoformat()}
        await self._ask(client, "POST", "/sim/customers", fields)
        if self._db_url is not None:
            await asyncio.to_thread(_shift, self._db_url, sid, ago)

    async def _played(self, client: httpx.AsyncClient, address: str) -> bool:
        """Whether the customer is still ours: a person may have taken over their phone."""
        customers = (await self._ask(client, "GET", "/sim/customers"))["customers"]
        return any(one["address"] == address and one["player"] == "scenario" for one in customers)

    # reacting

    async def _listen(self, client: httpx.AsyncClient, group: asyncio.TaskGroup) -> None:
        """Follow the simulator's events for ever; a lost line is taken up again."""
        while True:
            with contextlib.suppress(httpx.HTTPError):
                async for event in _events(client):
                    message = event.get("message")
                    talk = self._talks.get(event.get("customer", ""))
                    if event["event"] != "message" or talk is None or not message:
                        continue
                    if not message["mine"] and message["status"] == "delivered":
                        talk.heard.append(message)
                        if talk.task is not None and not talk.answering:
                            talk.task.cancel()
                        talk.task = group.create_task(self._react(client, talk))
            await asyncio.sleep(_RECONNECT)

    async def _react(self, client: httpx.AsyncClient, talk: _Talk) -> None:
        """Read after a moment, wait whether more comes, type, answer."""
        with _away_is_no_harm():
            await self._answer(client, talk)

    async def _answer(self, client: httpx.AsyncClient, talk: _Talk) -> None:
        choice = talk.choice
        await asyncio.sleep(choice.uniform(0.8, 2.2) / self._speed)
        if not await self._played(client, talk.actor.address):
            return
        await self._ask(client, "POST", "/sim/read", {"address": talk.actor.address})
        await asyncio.sleep(_HUSH / self._speed)
        fields = talk.next()
        if fields is None:
            return
        talk.answering = True
        try:
            typing = 0.6 + _PER_LETTER * len(str(fields.get("body") or ""))
            await asyncio.sleep(typing / self._speed)
            if await self._played(client, talk.actor.address):
                await self._write(client, talk.actor.address, fields)
        finally:
            talk.answering = False

    async def _ask(
        self,
        client: httpx.AsyncClient,
        method: str,
        path: str,
        fields: dict[str, Any] | None = None,
        **query: str,
    ) -> dict[str, Any]:
        response = await client.request(method, path, json=fields, params=query)
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
        return answer


@contextlib.contextmanager
def _away_is_no_harm() -> Iterator[None]:
    """A simulator that was killed comes back; until then the customers have no signal."""
    try:
        yield
    except httpx.HTTPError as problem:
        log.info("a customer of the story has no signal: %s", problem)


class _Talk:
    """One customer's side of the conversation: what was heard, how often they answered."""

    def __init__(self, actor: Actor, seed: int) -> None:
        self.actor = actor
        # Words of a play, chosen alike each time: no secret depends on it.
        self.choice = random.Random(f"{seed}:{actor.address}")  # noqa: S311
        self.heard: list[dict[str, Any]] = []
        self.task: asyncio.Task[None] | None = None
        self.answering = False
        self._answers = 0
        self._closed = False

    def next(self) -> dict[str, Any] | None:
        """What to send for everything heard since the last answer; None is silence."""
        heard, self.heard = self.heard, []
        if not heard or self._closed:
            return None
        self._answers += 1
        buttons = heard[-1].get("buttons") or []
        if buttons:
            pressed = self.choice.choice(buttons)
            return {"button": pressed, "quoted": heard[-1]["sid"]}
        if self._answers >= _REPLIES:
            self._closed = True
            return {"body": THANKS[self.actor.mood]}
        text = " ".join(str(message.get("body") or "") for message in heard).lower()
        answer = answer_to(text)
        if answer is None:
            return {"body": self.choice.choice(OTHERWISE[self.actor.mood])}
        self._closed = answer.closes
        fields = dict(answer.fields)
        fields["body"] = self.choice.choice(answer.says)
        if self.choice.random() < 0.25 and not answer.fields:
            fields["quoted"] = heard[-1]["sid"]
        return fields


def answer_to(text: str) -> Answer | None:
    """The first answer that hears one of its words in the (lower-case) text."""
    for answer in ANSWERS:
        if any(word in text for word in answer.hears):
            return answer
    return None


async def _events(client: httpx.AsyncClient) -> AsyncIterator[dict[str, Any]]:
    async with client.stream("GET", "/phone/events") as response:
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def _shift(db_url: str, sid: str, ago: timedelta) -> None:
    """Move a conversation and its messages back in time, keeping their order."""
    with psycopg.connect(db_url) as connection:
        found = connection.execute(
            "select conversation_id from public.messages where message_sid = %s", (sid,)
        ).fetchone()
        if found is None:
            log.warning("the story's old conversation is not in the database; it stays new")
            return
        connection.execute(
            'update public.messages set "timestamp" = "timestamp" - %(ago)s, '
            "created_at = created_at - %(ago)s where conversation_id = %(id)s",
            {"ago": ago, "id": found[0]},
        )
        connection.execute(
            "update public.conversations set last_message_at = last_message_at - %(ago)s, "
            "last_inbound_at = last_inbound_at - %(ago)s, "
            "waiting_since = waiting_since - %(ago)s, "
            "created_at = created_at - %(ago)s where id = %(id)s",
            {"ago": ago, "id": found[0]},
        )

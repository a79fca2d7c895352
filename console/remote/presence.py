"""Who is at which conversation: Realtime Presence and broadcasts on the doorbell's own line.

One channel for each inbox, not for each conversation: the list marks every conversation that a
colleague is at, and a connection may have 100 channels. Presence says where somebody is; a change
of it costs one of the few calls that a channel has (5 in 30 s), so calls are counted and the last
wish wins. Writing comes and goes faster: it is broadcast, and forgotten when nobody repeats it.

The channels are private: the policies on `realtime.messages` let an inbox's people in, and nobody
else. They are not the doorbell's, where nobody but the database speaks.

What is heard there is what somebody's window says of itself: one of the inbox's own people can
claim to be another of them. So nothing but a mark comes of it, and only for who works in that inbox
as the server's tables say. What came on one inbox's channel counts for that inbox.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from realtime import (
    AsyncRealtimeChannel,
    AsyncRealtimeClient,
    RealtimeChannelOptions,
    RealtimeSubscribeStates,
)

from console.domain.company import Companion
from console.domain.ids import ConversationId, InboxId, ProfileId

log = logging.getLogger(__name__)

EVENT = "typing"
MOST_CHANNELS = 40  # of the connection's 100; the doorbell has as many again
CALLS, SPAN = 4, 31.0  # presence calls of one channel in so many seconds; the limit is 5 in 30
REPEAT = 5.0  # seconds between two broadcasts of somebody who goes on writing
FORGET = 9.0  # seconds after which nobody writes any more who has not said so again
MOST_PLACES = 20  # that one person's windows may be at, of an inbox; the rest is not looked at
MOST_WRITERS = 500  # kept at a time, so that nobody fills the memory of others
MOST_STRANGERS = 100  # whom one asks about, on one line
_KNOWN_FOR, _ASK_AFTER = 600.0, 30.0  # seconds: the people of an inbox; with a stranger there
_SETTLED = 0.3  # seconds a conversation is shown before it is told: walking past is no visit
_JOIN_TIMEOUT = 20.0
_AGAIN = 30.0  # seconds until a channel that was closed is joined again
_REFUSED = 600.0  # seconds until a refused one is


def topic_of(inbox_id: InboxId) -> str:
    """The channel's name, as the policies know it."""
    return f"desk:{inbox_id}"


@dataclass(slots=True)
class _Place:
    """Where one window is, and since when."""

    inbox_id: InboxId
    conversation_id: ConversationId
    at: float
    typing: bool = False


class Presence:
    """Whatever fails here is logged and costs nobody more than the marks of colleagues."""

    def __init__(
        self,
        me: Callable[[], ProfileId | None],
        people_of: Callable[[InboxId], Awaitable[frozenset[ProfileId]]],
    ) -> None:
        self._me = me
        self._people_of = people_of
        self._people: dict[InboxId, frozenset[ProfileId]] = {}
        self._ask_at: dict[InboxId, float] = {}
        self._strangers: set[tuple[InboxId, ProfileId]] = set()
        self._inboxes: frozenset[InboxId] = frozenset()
        self._listeners: list[Callable[[], None]] = []
        self._client: AsyncRealtimeClient | None = None
        self._task: asyncio.Task[None] | None = None
        self._stirred = asyncio.Event()
        self._channels: dict[InboxId, AsyncRealtimeChannel] = {}
        self._joined: set[InboxId] = set()
        self._not_before: dict[InboxId, float] = {}
        self._calls: dict[InboxId, deque[float]] = {}
        # what each channel has been told of us
        self._told: dict[InboxId, frozenset[ConversationId]] = {}
        self._seats: dict[Hashable, _Place] = {}
        self._typing_told: dict[tuple[InboxId, ConversationId], float] = {}
        self._writers: dict[tuple[InboxId, ConversationId, ProfileId], float] = {}

    # What the window says and asks

    def listen(self, told: Callable[[], None]) -> Callable[[], None]:
        """See `console.ui.server.presence`."""
        self._listeners.append(told)

        def end() -> None:
            if told in self._listeners:
                self._listeners.remove(told)

        return end

    def company(self) -> dict[ConversationId, tuple[Companion, ...]]:
        """See `console.ui.server.presence`."""
        me, now = self._me(), time.monotonic()
        found: dict[ConversationId, dict[ProfileId, bool]] = {}
        for inbox_id in self._joined:
            people = self._people.get(inbox_id, frozenset())
            for key, metas in self._channels[inbox_id].presence_state().items():
                person = ProfileId(key)
                if person == me:
                    continue
                if person not in people:
                    self._note_stranger(inbox_id, person)
                    continue
                for conversation in _places(metas):
                    writes = self._writers.get((inbox_id, conversation, person), 0.0) > now
                    there = found.setdefault(conversation, {})
                    there[person] = there.get(person, False) or writes
        return {
            conversation: tuple(Companion(person, there[person]) for person in sorted(there))
            for conversation, there in found.items()
        }

    def look(
        self, seat: Hashable, inbox_id: InboxId | None, conversation_id: ConversationId | None
    ) -> None:
        """See `console.ui.server.presence`."""
        was = self._seats.get(seat)
        if not inbox_id or not conversation_id:
            if self._seats.pop(seat, None) is not None:
                self._stirred.set()
        elif was is None or (was.inbox_id, was.conversation_id) != (inbox_id, conversation_id):
            self._seats[seat] = _Place(inbox_id, conversation_id, time.monotonic())
            self._stirred.set()

    def typing(self, seat: Hashable, on: bool) -> None:
        """See `console.ui.server.presence`."""
        place = self._seats.get(seat)
        if place is not None:
            place.typing = on
            self._stirred.set()

    # What the line says

    def want(self, inboxes: Iterable[InboxId]) -> None:
        """These are the inboxes of this agent."""
        self._inboxes = frozenset(sorted(inboxes)[:MOST_CHANNELS])
        self._stirred.set()

    def on_line(self, client: AsyncRealtimeClient | None) -> None:
        """A new line, or none: the channels of the one before are gone with it."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._client = client
        self._channels.clear()
        self._joined.clear()
        self._told.clear()
        self._typing_told.clear()
        self._writers.clear()
        self._ask_at.clear()
        self._strangers.clear()
        self._tell()
        if client is not None:
            self._task = asyncio.get_running_loop().create_task(self._run(client), name="presence")

    async def _run(self, client: AsyncRealtimeClient) -> None:
        while True:
            self._stirred.clear()
            try:
                await self._join_wanted(client)
                wait = min(
                    await self._say_where(),
                    await self._say_typing(),
                    await self._learn(),
                    self._forget(),
                )
            except Exception as error:  # the library's own, of any kind
                log.info("presence failed: %s", type(error).__name__)
                wait = _AGAIN
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(wait, 0.05)):
                    await self._stirred.wait()

    async def _join_wanted(self, client: AsyncRealtimeClient) -> None:
        for inbox_id in self._channels.keys() - self._inboxes:
            await self._leave(client, inbox_id)
        now = time.monotonic()
        for inbox_id in sorted(self._inboxes - self._channels.keys()):
            if self._not_before.get(inbox_id, 0.0) <= now:
                await self._join(client, inbox_id)

    async def _join(self, client: AsyncRealtimeClient, inbox_id: InboxId) -> None:
        options: RealtimeChannelOptions = {
            "config": {
                "broadcast": {"ack": False, "self": False},
                "presence": {"key": self._me() or "", "enabled": True},
                "private": True,
            }
        }
        channel = client.channel(topic_of(inbox_id), options)
        refused = False

        # Called by the listener: an exception here would end it while all looks connected.
        def on_state(state: RealtimeSubscribeStates, _: Exception | None) -> None:
            nonlocal refused
            if state is RealtimeSubscribeStates.SUBSCRIBED:
                self._joined.add(inbox_id)
            else:
                refused = state is RealtimeSubscribeStates.CHANNEL_ERROR
                self._joined.discard(inbox_id)
                self._told.pop(inbox_id, None)
                if self._channels.get(inbox_id) is channel and not refused:
                    del self._channels[inbox_id]  # this object is dead
                    self._not_before[inbox_id] = time.monotonic() + _AGAIN
            self._stirred.set()
            self._tell()

        channel.on_broadcast(EVENT, partial(self._on_typing, inbox_id))
        channel.on_presence_sync(self._tell)
        self._channels[inbox_id] = channel
        async with asyncio.timeout(_JOIN_TIMEOUT):
            await channel.subscribe(on_state)
        if refused:
            # The library would ask for ever.
            log.info("the server does not let colleagues see each other")
            self._not_before[inbox_id] = time.monotonic() + _REFUSED
            await self._leave(client, inbox_id)

    async def _leave(self, client: AsyncRealtimeClient, inbox_id: InboxId) -> None:
        channel = self._channels.pop(inbox_id)
        self._joined.discard(inbox_id)
        self._told.pop(inbox_id, None)
        try:
            async with asyncio.timeout(_JOIN_TIMEOUT):
                await channel.unsubscribe()
        finally:
            client.channels.pop(channel.topic, None)

    async def _say_where(self) -> float:
        """Bring each channel up to date; how many seconds until there is more to say."""
        wait = _AGAIN
        if self._seats:
            early = max(place.at for place in self._seats.values()) + _SETTLED - time.monotonic()
            if early > 0:
                return early
        for inbox_id in sorted(self._joined):
            places = [place for place in self._seats.values() if place.inbox_id == inbox_id]
            places.sort(key=lambda place: place.at, reverse=True)
            here = list(dict.fromkeys(place.conversation_id for place in places))
            if self._told.get(inbox_id, frozenset()) == frozenset(here):
                continue
            free = self._free_in(inbox_id)
            if free > 0:
                wait = min(wait, free)
                continue
            self._calls[inbox_id].append(time.monotonic())
            if here:
                said = {"conversation": here[0]} | ({"also": here[1:]} if here[1:] else {})
                await self._channels[inbox_id].track(said)
            else:
                await self._channels[inbox_id].untrack()
            self._told[inbox_id] = frozenset(here)
        return wait

    def _free_in(self, inbox_id: InboxId) -> float:
        """Seconds until this channel may make a presence call."""
        calls, now = self._calls.setdefault(inbox_id, deque()), time.monotonic()
        while calls and calls[0] <= now - SPAN:
            calls.popleft()
        return calls[0] + SPAN - now if len(calls) >= CALLS else 0.0

    async def _say_typing(self) -> float:
        """Tell where this agent writes, or has stopped; seconds until it is to be repeated."""
        now, wait = time.monotonic(), _AGAIN
        here = {(p.inbox_id, p.conversation_id) for p in self._seats.values() if p.typing}
        for place in self._typing_told.keys() - here:
            del self._typing_told[place]
            await self._broadcast(*place, on=False)
        for place in sorted(here):
            due = self._typing_told.get(place, -REPEAT) + REPEAT - now
            if place not in self._typing_told or due <= 0:
                self._typing_told[place] = now
                await self._broadcast(*place, on=True)
                due = REPEAT
            wait = min(wait, due)
        return wait

    async def _broadcast(
        self, inbox_id: InboxId, conversation_id: ConversationId, *, on: bool
    ) -> None:
        if inbox_id in self._joined:
            said = {"person": self._me(), "conversation": conversation_id, "on": on}
            await self._channels[inbox_id].send_broadcast(EVENT, said)

    async def _learn(self) -> float:
        """Ask who works in the inboxes; seconds until that is to be asked again."""
        now, wait = time.monotonic(), _AGAIN
        for inbox_id in sorted(self._joined):
            if self._ask_at.get(inbox_id, 0.0) <= now:
                self._ask_at[inbox_id] = now + _ASK_AFTER
                self._people[inbox_id] = await self._people_of(inbox_id)
                self._ask_at[inbox_id] = time.monotonic() + _KNOWN_FOR
                self._tell()
            wait = min(wait, max(self._ask_at[inbox_id] - now, 1.0))
        return wait

    def _note_stranger(self, inbox_id: InboxId, person: ProfileId) -> None:
        """Somebody who does not work here, or does since a moment ago: ask once about each."""
        stranger = (inbox_id, person)
        if inbox_id not in self._people or len(self._strangers) >= MOST_STRANGERS:
            return
        if stranger not in self._strangers:
            self._strangers.add(stranger)
            soon = time.monotonic() + _ASK_AFTER
            self._ask_at[inbox_id] = min(self._ask_at.get(inbox_id, soon), soon)
            self._stirred.set()

    def _on_typing(self, inbox_id: InboxId, heard: Any) -> None:
        try:
            said = heard["payload"]
            place = (inbox_id, ConversationId(said["conversation"]), ProfileId(said["person"]))
            on = said["on"] is True
            known = place[2] in self._people.get(inbox_id, frozenset())
        except (KeyError, TypeError):
            return  # not from a window of ours
        if on and known and (place in self._writers or len(self._writers) < MOST_WRITERS):
            self._writers[place] = time.monotonic() + FORGET
        elif not on:
            self._writers.pop(place, None)
        self._stirred.set()
        self._tell()

    def _forget(self) -> float:
        """Let go of those who stopped without a word; seconds until the next may have."""
        now = time.monotonic()
        over = [key for key, until in self._writers.items() if until <= now]
        for key in over:
            del self._writers[key]
        if over:
            self._tell()
        return min((until - now for until in self._writers.values()), default=_AGAIN)

    def _tell(self) -> None:
        for told in tuple(self._listeners):
            try:
                told()
            except Exception:  # a view's bug must not end the line's listener
                log.exception("a listener of presence failed")


def _places(metas: Sequence[Mapping[str, Any]]) -> list[ConversationId]:
    """Where somebody's windows are, as they say it."""
    found: list[ConversationId] = []
    for meta in metas[:MOST_PLACES]:
        also = meta.get("also")
        for said in (meta.get("conversation"), *(also if isinstance(also, list) else ())):
            if isinstance(said, str) and said:
                found.append(ConversationId(said))
    return found[:MOST_PLACES]

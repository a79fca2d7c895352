"""Who is at which conversation: Realtime Presence and broadcasts on the doorbell's own line.

One channel for each inbox, not for each conversation: the list marks every conversation that a
colleague is at, and a connection may have 100 channels. Presence says where somebody is; a change
of it costs one of the few calls that a channel has (5 in 30 s), so calls are counted and the last
wish wins. Writing comes and goes faster: it is broadcast, and forgotten when nobody repeats it.

The channels are private: the policies on `realtime.messages` let an inbox's people in, and nobody
else. They are not the doorbell's, where nobody but the database speaks.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
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
_SETTLED = 0.3  # seconds a conversation is shown before it is told: walking past is no visit
_JOIN_TIMEOUT = 20.0
_AGAIN = 30.0  # seconds until a channel that was closed is joined again
_REFUSED = 600.0  # seconds until a refused one is


def topic_of(inbox_id: InboxId) -> str:
    """The channel's name, as the policies know it."""
    return f"desk:{inbox_id}"


class Presence:
    """Whatever fails here is logged and costs nobody more than the marks of colleagues."""

    def __init__(self, me: Callable[[], ProfileId | None]) -> None:
        self._me = me
        self._inboxes: frozenset[InboxId] = frozenset()
        self._listeners: list[Callable[[], None]] = []
        self._client: AsyncRealtimeClient | None = None
        self._task: asyncio.Task[None] | None = None
        self._stirred = asyncio.Event()
        self._channels: dict[InboxId, AsyncRealtimeChannel] = {}
        self._joined: set[InboxId] = set()
        self._not_before: dict[InboxId, float] = {}
        self._calls: dict[InboxId, deque[float]] = {}
        self._told: dict[InboxId, ConversationId] = {}  # what each channel has been told of us
        self._shown: tuple[InboxId, ConversationId] | None = None
        self._shown_at = 0.0
        self._typing = False
        self._typing_told: tuple[ConversationId, float] | None = None
        self._writers: dict[tuple[ConversationId, ProfileId], float] = {}

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
        found: dict[ConversationId, set[ProfileId]] = {}
        for inbox_id in self._joined:
            for person, metas in self._channels[inbox_id].presence_state().items():
                for meta in metas:
                    conversation = _text(meta, "conversation")
                    if conversation and person != me:
                        found.setdefault(ConversationId(conversation), set()).add(ProfileId(person))
        return {
            conversation: tuple(
                Companion(person, self._writers.get((conversation, person), 0.0) > now)
                for person in sorted(people)
            )
            for conversation, people in found.items()
        }

    def look(self, inbox_id: InboxId | None, conversation_id: ConversationId | None) -> None:
        """See `console.ui.server.presence`."""
        shown = (inbox_id, conversation_id) if inbox_id and conversation_id else None
        if shown != self._shown:
            self._shown, self._shown_at = shown, time.monotonic()
            self._typing = False
            self._stirred.set()

    def typing(self, on: bool) -> None:
        """See `console.ui.server.presence`."""
        self._typing = on and self._shown is not None
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
        self._typing_told = None
        self._writers.clear()
        self._tell()
        if client is not None:
            self._task = asyncio.get_running_loop().create_task(self._run(client), name="presence")

    async def _run(self, client: AsyncRealtimeClient) -> None:
        while True:
            self._stirred.clear()
            try:
                await self._join_wanted(client)
                wait = min(await self._say_where(), await self._say_typing(), self._forget())
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

        channel.on_broadcast(EVENT, self._on_typing)
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
        shown = self._shown
        if shown is not None:
            early = self._shown_at + _SETTLED - time.monotonic()
            if early > 0:
                return early
        for inbox_id in sorted(self._joined):
            here = shown[1] if shown is not None and shown[0] == inbox_id else None
            if self._told.get(inbox_id) == here:
                continue
            free = self._free_in(inbox_id)
            if free > 0:
                wait = min(wait, free)
                continue
            self._calls[inbox_id].append(time.monotonic())
            if here is None:
                await self._channels[inbox_id].untrack()
                self._told.pop(inbox_id, None)
            else:
                await self._channels[inbox_id].track({"conversation": here})
                self._told[inbox_id] = here
        return wait

    def _free_in(self, inbox_id: InboxId) -> float:
        """Seconds until this channel may make a presence call."""
        calls, now = self._calls.setdefault(inbox_id, deque()), time.monotonic()
        while calls and calls[0] <= now - SPAN:
            calls.popleft()
        return calls[0] + SPAN - now if len(calls) >= CALLS else 0.0

    async def _say_typing(self) -> float:
        """Tell that this agent writes, or has stopped; seconds until it is to be repeated."""
        shown, told, now = self._shown, self._typing_told, time.monotonic()
        if told is not None and (not self._typing or shown is None or shown[1] != told[0]):
            self._typing_told = None
            await self._broadcast(told[0], on=False)
        if not self._typing or shown is None:
            return _AGAIN
        told = self._typing_told
        if told is not None and told[1] + REPEAT > now:
            return told[1] + REPEAT - now
        self._typing_told = (shown[1], now)
        await self._broadcast(shown[1], on=True)
        return REPEAT

    async def _broadcast(self, conversation_id: ConversationId, *, on: bool) -> None:
        here = [
            inbox_id
            for inbox_id in sorted(self._joined)
            if self._told.get(inbox_id) == conversation_id
            or (self._shown is not None and self._shown == (inbox_id, conversation_id))
        ]
        for inbox_id in here:
            said = {"person": self._me(), "conversation": conversation_id, "on": on}
            await self._channels[inbox_id].send_broadcast(EVENT, said)

    def _on_typing(self, heard: Any) -> None:
        try:
            said = heard["payload"]
            key = (ConversationId(said["conversation"]), ProfileId(said["person"]))
            on = said["on"] is True
        except (KeyError, TypeError):
            return  # not from a window of ours
        if on:
            self._writers[key] = time.monotonic() + FORGET
        else:
            self._writers.pop(key, None)
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


def _text(meta: Mapping[str, Any], name: str) -> str:
    value = meta.get(name)
    return value if isinstance(value, str) else ""

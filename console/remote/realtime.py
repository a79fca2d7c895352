"""The doorbell: private channels that say "look", kept alive whatever happens to them."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from realtime import (
    AsyncRealtimeChannel,
    AsyncRealtimeClient,
    RealtimeChannelOptions,
    RealtimeSubscribeStates,
)
from websockets.exceptions import WebSocketException

from console.domain.errors import BalasError, RefusedError, SignedOutError
from console.remote.auth import Auth

log = logging.getLogger(__name__)

# Every failure below is handled and told here; the library would report each as an error too.
logging.getLogger("realtime").setLevel(logging.CRITICAL)
logging.getLogger("websockets.client").setLevel(logging.CRITICAL)

EVENT = "changed"
SILENCE = 75.0  # seconds without a frame, heartbeat answers included, until all is built anew
CONNECT_TIMEOUT = 20.0
_LEAVE_TIMEOUT = 5.0
_HEARTBEAT = 25  # seconds
_LONGEST_WAIT = 30.0  # seconds between two tries; the timer of pulls covers what is missed
_REFUSED_WAIT = 60.0  # seconds until a refused channel is tried again
_TICK = 5.0


@dataclass(frozen=True, slots=True)
class Ring:
    """Somebody should pull. `bell` is true for a broadcast, false for a (re)joined channel, and
    without a topic when we were refused a token. `messages` are ids that a bell named.
    """

    topic: str
    bell: bool
    messages: tuple[str, ...] = ()


class _Heard(dict[str, AsyncRealtimeChannel]):
    """The client's channels; each frame looks its channel up here, so this knows of every one.

    WORKAROUND: the client drops heartbeat answers unseen, so that a socket whose peer is gone or
    deaf looks alive; this is the only place that every frame passes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.last = time.monotonic()

    def get(self, key: str, default: Any = None) -> Any:
        self.last = time.monotonic()
        return super().get(key, default)


@dataclass(frozen=True, slots=True)
class _News:
    """What a callback of the library reports to our own loop."""

    line: int
    topic: str
    channel: AsyncRealtimeChannel
    state: RealtimeSubscribeStates
    refused: bool


class Doorbell:
    """Listens on the wanted topics. Lost bells are harmless: every (re)join rings too."""

    def __init__(self, url: str, key: str, auth: Auth) -> None:
        self._url = url
        self._key = key
        self._auth = auth
        self._wanted: frozenset[str] = frozenset()
        self._client: AsyncRealtimeClient | None = None
        self._heard = _Heard()
        self._line = 0  # grows with each rebuilt client: news of an older one is ignored
        self._token: str | None = None
        self._channels: dict[str, AsyncRealtimeChannel] = {}
        self._not_before: dict[str, float] = {}
        self._news: asyncio.Queue[_News | None] = asyncio.Queue()
        self._ring: Callable[[Ring], None] = lambda _: None
        self._joined: set[str] = set()
        self._rebuild = False
        # Who else speaks on this line: told of each new one, and of none when it is gone.
        self.guest: Callable[[AsyncRealtimeClient | None], None] = lambda _: None

    @property
    def joined(self) -> frozenset[str]:
        """The topics that the server has let us into."""
        return frozenset(self._joined)

    def want(self, topics: Iterable[str]) -> None:
        """Listen on exactly these topics from now on."""
        self._wanted = frozenset(topics)
        self._news.put_nowait(None)

    def rebuild(self) -> None:
        """Distrust the line: after sleep, or when news came that no bell told of."""
        self._rebuild = True
        self._news.put_nowait(None)

    async def run(self, ring: Callable[[Ring], None]) -> None:
        """Listen until cancelled; never ends by itself. Raises SignedOutError when that happens."""
        tries = 0
        self._ring = ring
        try:
            while True:
                try:
                    await self._connect()
                    tries = 0
                    await self._attend()
                except SignedOutError:
                    raise
                except (BalasError, OSError, TimeoutError, WebSocketException) as error:
                    log.info("the doorbell's line is down: %s", type(error).__name__)
                    if isinstance(error, RefusedError):
                        # Perhaps this person was let go: a pull tells, now and not at its time.
                        ring(Ring("", bell=False))
                except Exception:  # the library's own, of any kind
                    log.warning("the doorbell failed and is built anew", exc_info=True)
                await self._drop()
                tries += 1
                longest = min(_LONGEST_WAIT, 2.0 ** min(tries - 1, 5))
                await asyncio.sleep(longest * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
        finally:
            await asyncio.shield(self._drop())

    async def _connect(self) -> None:
        """A new socket with a fresh token, before any channel is joined."""
        token = await self._auth.token()
        self._line += 1
        self._rebuild = False
        client = AsyncRealtimeClient(
            self._url,
            token=self._key,
            # One path for every trouble: ours. The library gives up after some, and repeats a
            # refused join for ever.
            auto_reconnect=False,
            hb_interval=_HEARTBEAT,
            max_retries=10**6,
            initial_backoff=1,
            timeout=int(CONNECT_TIMEOUT),
        )
        self._heard = _Heard()
        client.channels = self._heard
        self._client = client
        self._token = token
        # Without this the first join may carry the API key in the token's place.
        await client.set_auth(token)
        async with asyncio.timeout(CONNECT_TIMEOUT):
            await client.connect()
        self._heard.last = time.monotonic()
        self.guest(client)

    async def _attend(self) -> None:
        """Serve one line until it is lost."""
        while True:
            await self._join_wanted()
            try:
                async with asyncio.timeout(_TICK):
                    news = await self._news.get()
            except TimeoutError:
                news = None
            if news is not None and news.line == self._line:
                await self._take(news)
            if self._rebuild:
                log.info("the doorbell's line is built anew")
                return
            if time.monotonic() - self._heard.last > SILENCE:
                log.info("the doorbell's line has been silent for too long")
                return
            if self._is_dead():
                return
            await self._renew_token()

    def _is_dead(self) -> bool:
        """The socket is gone, or the library's listener ended without saying so."""
        client = self._client
        if client is None or not client.is_connected:
            return True
        listener = client._listen_task  # no public way to learn that it died
        return listener is None or listener.done()

    async def _renew_token(self) -> None:
        """Channels end with their token: hand over the next one in time."""
        token = await self._auth.token()
        if token != self._token and self._client is not None:
            self._token = token
            async with asyncio.timeout(CONNECT_TIMEOUT):
                await self._client.set_auth(token)

    async def _join_wanted(self) -> None:
        for topic in self._channels.keys() - self._wanted:
            await self._leave(topic)
        now = time.monotonic()
        for topic in sorted(self._wanted - self._channels.keys()):
            if self._not_before.get(topic, 0.0) <= now:
                await self._join(topic)

    async def _join(self, topic: str) -> None:
        client = self._client
        if client is None:
            return
        line = self._line
        options: RealtimeChannelOptions = {
            "config": {
                "broadcast": {"ack": False, "self": False},
                "presence": {"key": "", "enabled": False},
                "private": True,
            }
        }
        channel = client.channel(topic, options)

        # Called by the listener: an exception here would end it while all looks connected. A bell
        # waits for nothing of ours: another channel's join and a new token may take 20 s each.
        def on_bell(heard: Any) -> None:
            try:
                self._ring(Ring(topic, bell=True, messages=_messages_in(heard)))
            except Exception:
                log.exception("a bell could not be passed on")

        def on_state(state: RealtimeSubscribeStates, error: Exception | None) -> None:
            refused = error is not None and "unauthorized" in str(error).lower()
            self._news.put_nowait(_News(line, topic, channel, state, refused))

        channel.on_broadcast(EVENT, on_bell)
        self._channels[topic] = channel
        # It waits for the answer; a refusal does not raise but comes as a state.
        async with asyncio.timeout(CONNECT_TIMEOUT):
            await channel.subscribe(on_state)

    async def _leave(self, topic: str) -> None:
        channel = self._channels.pop(topic)
        self._joined.discard(topic)
        client = self._client
        if client is None:
            return
        try:
            async with asyncio.timeout(_LEAVE_TIMEOUT):
                await channel.unsubscribe()
        finally:
            client.channels.pop(channel.topic, None)

    async def _take(self, news: _News) -> None:
        topic, ring = news.topic, self._ring
        if self._channels.get(topic) is not news.channel:
            return  # an echo of a channel that we have left
        elif news.state is RealtimeSubscribeStates.SUBSCRIBED:
            self._joined.add(topic)
            self._not_before.pop(topic, None)
            ring(Ring(topic, bell=False))
        elif news.refused:
            # The library would ask for ever. A pull tells whether the inbox is still ours.
            log.info("the server does not let us listen to one of the channels")
            self._not_before[topic] = time.monotonic() + _REFUSED_WAIT
            await self._leave(topic)
            ring(Ring(topic, bell=False))
        elif news.state is RealtimeSubscribeStates.CLOSED:
            # Expired token, rate limit, lost right, or a duplicate join: this object is dead.
            self._channels.pop(topic)
            self._joined.discard(topic)
            self._not_before[topic] = time.monotonic() + random.uniform(0.2, 1.5)  # noqa: S311
            self._token = await self._auth.token(stale=self._token)
            if self._client is not None:
                await self._client.set_auth(self._token)
            ring(Ring(topic, bell=False))
        else:  # CHANNEL_ERROR or TIMED_OUT: the line as a whole cannot be trusted
            self._rebuild = True

    async def _drop(self) -> None:
        """Close the line without waiting for a peer that may be gone."""
        client, self._client = self._client, None
        self.guest(None)
        self._channels.clear()
        self._joined.clear()
        if client is None:
            return
        for channel in list(client.channels.values()):
            # WORKAROUND: `close()` leaves their timers running.
            channel.rejoin_timer.reset()
            channel.join_push.destroy()
        client.channels.clear()
        line = client._ws_connection  # no public way to end it without the peer
        try:
            async with asyncio.timeout(_LEAVE_TIMEOUT):
                await client.close()
        except Exception:  # it is gone either way
            log.debug("closing the doorbell's line failed", exc_info=True)
        finally:
            if line is not None:
                # Its peer may never say goodbye, and the socket would stay open with each sleep.
                line.transport.abort()

    async def close(self) -> None:
        """Leave every channel at once: rights stay on a socket until its token ends."""
        self._wanted = frozenset()
        await self._drop()


def _messages_in(heard: Any) -> tuple[str, ...]:
    """The messages that a bell names; it names none where there are too many."""
    said = heard.get("payload") if isinstance(heard, Mapping) else None
    named = said.get("messages") if isinstance(said, Mapping) else None
    return tuple(id for id in named if isinstance(id, str)) if isinstance(named, list) else ()

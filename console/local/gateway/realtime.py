"""Realtime: Phoenix channels over a WebSocket; row security on realtime.messages guards them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import Any

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from console.local.gateway.database import Database, DatabaseAwayError
from console.local.gateway.misbehaviour import Misbehaviour
from console.local.gateway.realtime_hub import Channel, Hub, Payload
from console.local.gateway.realtime_rules import Rights, rights
from console.local.gateway.tokens import Caller, KeyRefusedError, TokenError, Tokens

_FRAME_LIMIT = 1024 * 1024  # bytes; longer frames are never sent, the client would hang up
_IDLE_LIMIT = 60.0  # seconds without a frame from the client, then Phoenix closes
_CHANNEL_LIMIT = 100  # per socket, as on the smallest hosted plans
# Calls of one channel in so many seconds; one more and hosted Realtime closes it.
# Source: supabase/realtime, presence_handler.ex
_PRESENCE_CALLS, _PRESENCE_SPAN = 5, 30.0
_PREFIX = "realtime:"


class Realtime:
    """Accepts sockets; each is a `Socket` with its channels."""

    def __init__(
        self, database: Database, tokens: Tokens, hub: Hub, misbehaviour: Misbehaviour
    ) -> None:
        self.database = database
        self.tokens = tokens
        self.hub = hub
        self.misbehaviour = misbehaviour

    def routes(self) -> list[WebSocketRoute]:
        """Mounted under `/realtime/v1`."""
        return [WebSocketRoute("/websocket", self._connect)]

    async def _connect(self, websocket: WebSocket) -> None:
        try:
            key = self.tokens.knock(websocket)
        except KeyRefusedError:
            await websocket.close(1008)
            return
        await websocket.accept()
        socket = Socket(self, websocket, key)
        self.hub.lines.add(socket)
        try:
            await socket.run()
        finally:
            self.hub.lines.discard(socket)
            socket.forget_all()


class Socket:
    """One client: reads its frames in order, writes through a queue."""

    def __init__(self, realtime: Realtime, websocket: WebSocket, key: str) -> None:
        self._realtime = realtime
        self._websocket = websocket
        self._key = key
        self._channels: dict[str, Channel] = {}
        self._outgoing: asyncio.Queue[str | int] = asyncio.Queue()

    def push(self, topic: str, event: str, payload: Payload, **more: object) -> None:
        """Queue one frame; `ref` is there even when it is null, clients insist."""
        if self._realtime.misbehaviour.silent:
            return
        frame = {"topic": topic, "event": event, "payload": payload, "ref": None} | more
        text = json.dumps(frame, ensure_ascii=False)
        if len(text.encode()) <= _FRAME_LIMIT:
            self._outgoing.put_nowait(text)

    def shut(self, code: int) -> None:
        """Close after what is queued."""
        self._outgoing.put_nowait(code)

    def forget_all(self) -> None:
        """Leave every channel, when the socket is gone."""
        for channel in self._channels.values():
            self._realtime.hub.remove(channel)
        self._channels.clear()

    async def run(self) -> None:
        """Until either side closes."""
        writer = asyncio.create_task(self._write())
        reader = asyncio.create_task(self._read())
        done, pending = await asyncio.wait({writer, reader}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for task in done:
            with contextlib.suppress(WebSocketDisconnect, TimeoutError, RuntimeError):
                task.result()

    async def _write(self) -> None:
        while True:
            item = await self._outgoing.get()
            if isinstance(item, int):
                await self._websocket.close(item)
                return
            await self._websocket.send_text(item)

    async def _read(self) -> None:
        while True:
            try:
                async with asyncio.timeout(_IDLE_LIMIT):
                    text = await self._websocket.receive_text()
            except TimeoutError:
                self.shut(1000)
                return
            try:
                frame = json.loads(text)
                topic, event = str(frame["topic"]), str(frame["event"])
                payload = frame.get("payload") or {}
            except (ValueError, KeyError, TypeError, AttributeError):
                self.shut(1011)
                return
            await self._take(topic, event, payload, frame)

    async def _take(self, topic: str, event: str, payload: Payload, frame: Payload) -> None:
        ref = frame.get("ref")
        if topic == "phoenix":
            self._reply(topic, ref, "ok", {})
        elif event == "phx_join":
            await self._join(topic, ref, frame.get("join_ref"), payload)
        elif channel := self._channels.get(topic):
            await self._channel_event(channel, event, payload, ref)
        else:
            self._reply(topic, ref, "error", {"reason": "unmatched topic"})

    async def _channel_event(
        self, channel: Channel, event: str, payload: Payload, ref: str | None
    ) -> None:
        hub = self._realtime.hub
        match event:
            case "phx_leave":
                self._drop(channel)
                self._reply(channel.wire, ref, "ok", {})
                self.push(channel.wire, "phx_close", {}, ref=channel.join_ref)
            case "access_token":
                await self._new_token(channel, payload.get("access_token"))
            case "broadcast":
                if channel.may_write and isinstance(payload.get("payload"), dict):
                    hub.broadcast(
                        channel.topic,
                        str(payload.get("event")),
                        payload["payload"],
                        private=channel.private,
                        sender=channel,
                    )
                if channel.acknowledges:
                    self._reply(channel.wire, ref, "ok", {})
            case "presence":
                self._presence(channel, payload, ref)

    def _presence(self, channel: Channel, payload: Payload, ref: str | None) -> None:
        hub, now = self._realtime.hub, time.monotonic()
        calls = channel.presence_calls
        # As hosted: the span begins with its first call, and all of it ends at once.
        if calls and now - calls[0] > _PRESENCE_SPAN:
            calls.clear()
        if len(calls) >= _PRESENCE_CALLS:
            self.take_away(channel, "Client presence rate limit exceeded")
            return
        calls.append(now)
        about = payload.get("payload") or {}
        match payload.get("event"):
            case "untrack":
                hub.untrack(channel)
            case "track" if not isinstance(about, dict):
                reason = "Presence track payload must be a map"
                self._reply(channel.wire, ref, "error", {"reason": reason})
                return
            case "track" if channel.may_be_present:
                hub.track(channel, about)
                if not channel.presence_enabled:
                    channel.presence_enabled = True
                    self._show_presence(channel)
            case _:
                reason = "Unauthorized: You do not have permissions to write to this Channel topic"
                self._reply(channel.wire, ref, "error", {"reason": reason})
                return
        self._reply(channel.wire, ref, "ok", {})

    def _show_presence(self, channel: Channel) -> None:
        if channel.presence_enabled and channel.may_see:
            present = self._realtime.hub.present(channel.topic, private=channel.private)
            channel.push("presence_state", present)

    # Joining -----------------------------------------------------------------------------------

    async def _join(
        self, wire: str, ref: str | None, join_ref: str | None, payload: Payload
    ) -> None:
        config = payload.get("config") or {}
        topic = wire.removeprefix(_PREFIX)
        try:
            caller, allowed = await self._admit(wire, topic, config, payload.get("access_token"))
        except Refusal as refusal:
            self._reply(wire, ref, "error", {"reason": refusal.reason})
            return
        if old := self._channels.get(wire):
            # Phoenix closes the older join of a topic when a second one comes.
            self._drop(old)
            self.push(wire, "phx_close", {}, ref=old.join_ref)
        presence = config.get("presence") or {}
        broadcast = config.get("broadcast") or {}
        channel = Channel(
            self,
            topic,
            join_ref or ref,
            caller,
            private=bool(config.get("private")),
            may_write=allowed.write,
            may_see=allowed.see,
            may_be_present=allowed.present,
            hears_itself=bool(broadcast.get("self")),
            acknowledges=bool(broadcast.get("ack")),
            presence_key=str(presence.get("key") or ""),
            presence_enabled=bool(presence.get("enabled")),
        )
        self._channels[wire] = channel
        self._realtime.hub.add(channel)
        self._watch_expiry(channel)
        self._reply(wire, ref, "ok", {"postgres_changes": []})
        self._show_presence(channel)

    async def _admit(
        self, wire: str, topic: str, config: Payload, token: Any
    ) -> tuple[Caller, Rights]:
        if reason := self._realtime.misbehaviour.refuse_joins:
            raise Refusal(reason)
        if not wire.startswith(_PREFIX) or not topic:
            raise Refusal("TopicNameRequired: You must provide a topic name")
        if wire not in self._channels and len(self._channels) >= _CHANNEL_LIMIT:
            raise Refusal("ChannelRateLimitReached: Too many channels")
        if config.get("postgres_changes"):
            raise Refusal("NotSupported: the local gateway has no postgres_changes, use broadcast")
        try:
            caller = self._realtime.tokens.caller(token if isinstance(token, str) else self._key)
        except TokenError as error:
            raise Refusal(_token_reason(error)) from None
        if not config.get("private"):
            return caller, Rights(read=True, write=True, see=True, present=True)
        return caller, await self._ask(caller, topic)

    async def _ask(self, caller: Caller, topic: str) -> Rights:
        try:
            allowed = await rights(self._realtime.database, caller, topic)
        except DatabaseAwayError:
            raise Refusal("UnableToConnectToProject: Realtime was unable to connect") from None
        if not allowed.read:
            raise Refusal(
                "Unauthorized: You do not have permissions to read from this Channel topic: "
                + topic
            )
        return allowed

    async def _new_token(self, channel: Channel, token: Any) -> None:
        if not isinstance(token, str) or token.startswith("sb_"):
            return  # as hosted: an opaque key says nothing new
        try:
            channel.caller = self._realtime.tokens.caller(token)
            if channel.private:
                allowed = await self._ask(channel.caller, channel.topic)
                channel.may_write, channel.may_see = allowed.write, allowed.see
                channel.may_be_present = allowed.present
        except TokenError as error:
            self.take_away(channel, _token_reason(error))
        except Refusal as refusal:
            self.take_away(channel, refusal.reason)
        else:
            self._watch_expiry(channel)

    def _watch_expiry(self, channel: Channel) -> None:
        if channel.expiry:
            channel.expiry.cancel()
            channel.expiry = None
        if channel.caller.expires_at is not None:
            left = max(channel.caller.expires_at - time.time(), 0)
            loop = asyncio.get_running_loop()
            reason = "InvalidJWTToken: Token has expired 0 seconds ago"
            channel.expiry = loop.call_later(left, self.take_away, channel, reason)

    def take_away(self, channel: Channel, reason: str) -> None:
        """Close a channel from this side: the client is told why, and does not rejoin."""
        if self._channels.get(channel.wire) is channel:
            self._drop(channel)
            channel.close(reason)

    def _drop(self, channel: Channel) -> None:
        self._channels.pop(channel.wire, None)
        self._realtime.hub.remove(channel)

    def _reply(self, topic: str, ref: str | None, status: str, response: Payload) -> None:
        self.push(topic, "phx_reply", {"status": status, "response": response}, ref=ref)


class Refusal(Exception):
    """A join that is not granted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _token_reason(error: TokenError) -> str:
    if error.expired:
        return "InvalidJWTToken: Token has expired 1 seconds ago"
    return f"MalformedJWT: {error.message}"

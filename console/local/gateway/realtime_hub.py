"""Who listens to which topic, who is present there, and the delivery of broadcasts to them."""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any, Protocol

from console.local.gateway.misbehaviour import Misbehaviour
from console.local.gateway.tokens import Caller

Payload = dict[str, Any]


class Line(Protocol):
    """One open socket, as far as the hub needs it."""

    def push(self, topic: str, event: str, payload: Payload, **more: object) -> None:
        """Queue a frame for the client."""

    def shut(self, code: int) -> None:
        """Close the socket."""


@dataclass(eq=False)
class Channel:
    """One join: a topic on one socket. `topic` has no `realtime:` prefix, `wire` has it."""

    line: Line
    topic: str
    join_ref: str | None
    caller: Caller
    private: bool
    may_write: bool
    may_see: bool
    may_be_present: bool
    hears_itself: bool = False
    acknowledges: bool = False
    presence_key: str = ""
    presence_enabled: bool = False
    presence: Payload | None = None
    presence_calls: deque[float] = field(default_factory=deque)  # when, monotonic
    expiry: asyncio.TimerHandle | None = None
    held: Payload | None = None  # a broadcast kept back, to be overtaken by the next
    wire: str = field(init=False)

    def __post_init__(self) -> None:
        self.wire = f"realtime:{self.topic}"
        self.presence_key = self.presence_key or secrets.token_hex(8)

    def push(self, event: str, payload: Payload) -> None:
        """A frame that answers nothing."""
        self.line.push(self.wire, event, payload)

    def close(self, message: str) -> None:
        """What Realtime says when it takes a channel away: a reason, then the close."""
        about = {"extension": "system", "status": "error", "message": message}
        self.push("system", about | {"channel": self.topic})
        self.line.push(self.wire, "phx_close", {}, ref=self.join_ref)


class Hub:
    """All joined channels of the process."""

    def __init__(self, misbehaviour: Misbehaviour) -> None:
        self._channels: dict[str, set[Channel]] = defaultdict(set)
        self._misbehaviour = misbehaviour
        self.lines: set[Line] = set()

    def channels(self) -> list[Channel]:
        """Every joined channel."""
        return [one for listeners in self._channels.values() for one in listeners]

    def add(self, channel: Channel) -> None:
        """From now on this channel hears its topic."""
        self._channels[channel.topic].add(channel)

    def remove(self, channel: Channel) -> None:
        """The channel hears no more, and is no longer present."""
        if channel.expiry:
            channel.expiry.cancel()
        self.untrack(channel)
        listeners = self._channels.get(channel.topic)
        if listeners:
            listeners.discard(channel)
            if not listeners:
                del self._channels[channel.topic]

    def broadcast(
        self,
        topic: str,
        event: str,
        payload: Payload,
        *,
        private: bool,
        message_id: str | None = None,
        sender: Channel | None = None,
    ) -> None:
        """Send to all listeners of a topic; private messages only to private channels."""
        body: Payload = {"type": "broadcast", "event": event, "payload": payload}
        if message_id:
            body["meta"] = {"id": message_id}
        for channel in list(self._channels.get(topic, ())):
            if channel.private is private and (channel is not sender or channel.hears_itself):
                self._deliver(channel, body)

    def _deliver(self, channel: Channel, body: Payload) -> None:
        faults = self._misbehaviour
        if faults.happens(faults.drop):
            return
        if channel.held is None and faults.happens(faults.reorder):
            channel.held = body
            return
        channel.push("broadcast", body)
        if faults.happens(faults.repeat):
            channel.push("broadcast", body)
        if channel.held is not None:
            channel.push("broadcast", channel.held)
            channel.held = None

    # Presence ----------------------------------------------------------------------------------

    def track(self, channel: Channel, about: Payload) -> None:
        """Announce this client, or what it now says of itself."""
        leaves = self._metas(channel)
        channel.presence = about | {"phx_ref": secrets.token_urlsafe(8)}
        self._differ(channel, self._metas(channel), leaves)

    def untrack(self, channel: Channel) -> None:
        """The client is no longer there."""
        leaves = self._metas(channel)
        if leaves:
            channel.presence = None
            self._differ(channel, {}, leaves)

    def present(self, topic: str, *, private: bool) -> Payload:
        """Everybody who is there, as a presence_state payload.

        As hosted, a private channel and a public one of the same name are two places.
        """
        state: Payload = {}
        for channel in self._channels.get(topic, ()):
            if channel.presence is not None and channel.private is private:
                entry = state.setdefault(channel.presence_key, {"metas": []})
                entry["metas"].append(channel.presence)
        return state

    def _metas(self, channel: Channel) -> Payload:
        if channel.presence is None:
            return {}
        return {channel.presence_key: {"metas": [channel.presence]}}

    def _differ(self, channel: Channel, joins: Payload, leaves: Payload) -> None:
        for listener in list(self._channels.get(channel.topic, ())):
            if listener.may_see and listener.private is channel.private:
                listener.push("presence_diff", {"joins": joins, "leaves": leaves})

"""The look before sending: what came while the agent wrote and was not before their eyes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from console.domain.content import Kind
from console.domain.delivery import Direction
from console.domain.ids import MessageId, ProfileId
from console.domain.message import Message

LOOK = 1.5  # seconds on screen after which a message counts as seen
_ASIDE = (Kind.NOTE, Kind.EVENT)


class Guard:
    """Knows the newest messages of one thread and which of them came while a reply was written.

    `show` is told the thread whenever it or its place on screen changes. What was there when
    writing began was seen; what came later was seen once it stood on screen for `LOOK` seconds
    in which the agent did not type: who types looks at their own words.
    """

    def __init__(self, me: ProfileId | None, clock: Callable[[], float] = monotonic) -> None:
        self._me = me
        self._clock = clock
        self._is_writing = False
        self._fresh: dict[MessageId, Message] = {}  # came while writing, not seen yet
        self._since: dict[MessageId, float] = {}  # on screen since
        self._newest: Message | None = None

    def open(self) -> None:
        """Another conversation: nothing is known of it."""
        self._is_writing = False
        self._newest = None
        self.accept()

    def begin(self, writing: bool) -> None:
        """Writing began, or the field is empty again: what is there counts as seen."""
        if writing == self._is_writing:
            return
        self._is_writing = writing
        self.accept()

    def typed(self) -> None:
        """A look that was too short begins anew after this key."""
        now = self._clock()
        for message_id, since in tuple(self._since.items()):
            if now - since < LOOK:
                self._since[message_id] = now
            else:
                del self._since[message_id]
                self._fresh.pop(message_id, None)

    def accept(self) -> None:
        """The agent has had their look at everything."""
        self._fresh.clear()
        self._since.clear()

    def show(self, messages: Sequence[Message], in_view: bool) -> None:
        """The newest page of the thread, oldest first, and whether its end is on screen."""
        now = self._clock()
        before = self._newest
        for message in messages:
            if message.local or message.content.kind in _ASIDE:
                continue
            if before is not None and message.timestamp <= before.timestamp:
                continue
            self._newest = message
            if before is not None and self._is_writing and self._is_theirs(message):
                self._fresh[message.id] = message
        for message_id in self._fresh:
            if not in_view:
                self._since.pop(message_id, None)
            else:
                self._since.setdefault(message_id, now)

    def unseen(self) -> tuple[Message, ...]:
        """What the agent should look at before the reply leaves, oldest first."""
        now = self._clock()
        return tuple(
            message
            for message in self._fresh.values()
            if now - self._since.get(message.id, now) < LOOK
        )

    def seen(self) -> MessageId | None:
        """The newest message of the server that the agent has had before them."""
        return self._newest.id if self._newest else None

    def _is_theirs(self, message: Message) -> bool:
        """From the customer, or from a colleague; not what answered by itself."""
        if message.automatic:
            return False
        if message.direction is Direction.INBOUND:
            return True
        return message.sent_by is not None and message.sent_by != self._me

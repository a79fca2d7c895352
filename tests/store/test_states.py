"""Whatever order sends, answers, refusals and statuses come in: each reply shows once, truly."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from console.domain.delivery import RANK, Status
from console.domain.feed import MessageFacts
from console.domain.ids import ConversationId, MessageId, new_message_id, part_id
from console.domain.intents import Attachment, RetryMessage, SendMessage
from console.domain.message import Message
from console.store.dispatch import Intent
from tests.store.conftest import Desk, open_desk

REPORTED = [
    Status.QUEUED,
    Status.SENDING,
    Status.ACCEPTED,
    Status.SENT,
    Status.DELIVERED,
    Status.READ,
    Status.FAILED,
]


class Outbox(RuleBasedStateMachine):
    """The store against a model of it: which bubbles there are, and the best status of each."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.file = self.folder / "foto.jpg"
        self.file.write_bytes(b"jpeg")
        self.desk: Desk = self.run(open_desk(self.folder / "store.db"))
        self.conversation: ConversationId = self.run(self.desk.customer("Budi", "halo"))
        self.parts: dict[MessageId, list[MessageId]] = {}  # replies that are not discarded
        self.on_server: dict[MessageId, Status | None] = {}  # None: not yet
        self.shown: dict[MessageId, Status] = {}

    def run(self, awaitable: Any) -> Any:
        return self.runner.run(awaitable)

    replies = Bundle("replies")

    @rule(target=replies, files=st.integers(0, 3))
    def the_agent_sends(self, files: int) -> MessageId:
        id = new_message_id()
        attachment = Attachment(str(self.file), "foto.jpg", "image/jpeg", 4)
        intent = SendMessage(id, self.conversation, "balas", (attachment,) * files)
        self.run(self.desk.store.outbox.send(intent))
        self.run(self.desk.store.outbox.send(intent))  # a double Enter
        self.parts[id] = [part_id(id, index) for index in range(max(1, files))]
        return id

    def rows(self, id: MessageId, status: Status) -> list[MessageFacts]:
        return [
            self.desk.server.outbound(
                part, self.conversation, status.value, metadata={"part": index}
            )
            for index, part in enumerate(self.parts[id])
        ]

    def know(self, rows: list[MessageFacts]) -> None:
        for row in rows:
            before, now = self.on_server.get(row.id), Status(row.status or "")
            self.on_server[row.id] = now if before is None or RANK[now] > RANK[before] else before

    def next_intent(self) -> Intent | None:
        for lane in self.run(self.desk.store.dispatch.lanes()):
            intent: Intent | None = self.run(self.desk.store.dispatch.next(lane))
            if intent is not None:
                return intent
        return None

    @rule()
    def the_server_answers_the_next_call(self) -> None:
        intent = self.next_intent()
        if intent is not None:
            # Repeated calls are answered with the rows as they are by now.
            rows = [
                replace(row, status=(self.on_server.get(row.id) or Status.QUEUED).value)
                for row in self.rows(MessageId(intent.target), Status.QUEUED)
            ]
            self.run(self.desk.store.dispatch.confirm(intent, rows))
            self.know(rows)

    @rule()
    def the_server_refuses_the_next_call(self) -> None:
        intent = self.next_intent()
        if intent is not None:
            self.run(self.desk.store.dispatch.refuse(intent, "window_closed", "No", "Closed"))

    @rule()
    def the_line_breaks(self) -> None:
        intent = self.next_intent()
        if intent is not None:
            self.run(self.desk.store.dispatch.postpone(intent, timedelta(hours=1)))
            self.run(self.desk.store.dispatch.hurry())

    @rule(
        id=replies, status=st.sampled_from(REPORTED), older=st.booleans(), only_first=st.booleans()
    )
    def a_pull_brings_it(
        self, id: MessageId, status: Status, older: bool, only_first: bool
    ) -> None:
        """Also before its own call is answered, in part, or late: an old answer overtaken."""
        if id not in self.parts:
            return
        rows = self.rows(id, status)[: 1 if only_first else None]
        known = self.on_server.get(id)
        # The server itself only moves forward; what is behind is an older answer.
        behind = known is not None and (older or RANK[status] <= RANK[known])
        if behind:
            age = timedelta(days=1)
            rows = [
                replace(row, updated_at=row.timestamp - age) if row.id in self.on_server else row
                for row in rows
            ]
        self.run(self.desk.apply(messages=tuple(rows)))
        self.know([row for row in rows if not behind or self.on_server.get(row.id) is None])

    @rule(id=replies)
    def the_agent_retries(self, id: MessageId) -> None:
        if id in self.parts and self.on_server.get(id) is None:
            self.run(self.desk.store.outbox.retry(RetryMessage(id, new_message_id())))

    @rule(id=replies)
    def the_agent_discards(self, id: MessageId) -> None:
        if id not in self.parts:
            return
        self.run(self.desk.store.outbox.discard(id))
        if all(part not in self.on_server for part in self.parts[id]):
            del self.parts[id]

    @invariant()
    def each_bubble_shows_exactly_once(self) -> None:
        shown: list[Message] = self.run(self.desk.store.messages.latest(self.conversation, 500))
        ids = [message.id for message in shown[1:]]
        assert len(ids) == len(set(ids))
        missing = {p for parts in self.parts.values() for p in parts} - set(ids)
        # A part may be gone only if it was discarded while the server had another of its send.
        assert not {part for part in missing if part in self.on_server}
        for message in shown[1:]:
            assert message.local is (message.id not in self.on_server)
            if not message.local:
                assert message.status is self.on_server[message.id]

    @invariant()
    def ticks_never_jump_back(self) -> None:
        for message in self.run(self.desk.store.messages.latest(self.conversation, 500))[1:]:
            if message.local or message.status is None:
                continue
            before = self.shown.get(message.id)
            assert before is None or RANK[message.status] >= RANK[before]
            self.shown[message.id] = message.status

    @invariant()
    def the_list_tells_of_the_newest_bubble(self) -> None:
        row = self.run(self.desk.store.conversations.get(self.conversation))
        newest = self.run(self.desk.store.messages.latest(self.conversation, 1))[0]
        assert row.preview.status is newest.status
        assert row.last_message_at == newest.timestamp

    def teardown(self) -> None:
        self.run(self.desk.store.close())
        self.runner.close()
        shutil.rmtree(self.folder)


# Opening an encrypted file for each example makes shrinking a matter of minutes; the steps of the
# first failure are short enough to read.
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)

TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, phases=UNSHRUNK
)

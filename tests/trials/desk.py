"""What agents do and see, as the Data API would let them: replies, their fates, the feed."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from console.local.stack import Stack
from tests.trials.ledger import Ledger
from tests.waiting import eventually


class Desk:
    """The agents' side of a world."""

    stack: Stack
    ledger: Ledger
    facts: dict[str, Any]

    @contextlib.contextmanager
    def agent(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection with an agent's rights, as the Data API holds it."""
        with psycopg.connect(self.stack.postgres.dsn("authenticator"), autocommit=True) as line:
            claims = {"role": "authenticated", "sub": str(self._agent_id())}
            line.execute("select set_config('request.jwt.claims', %s, false)", [json.dumps(claims)])
            line.execute("set role authenticated")
            yield line

    @contextlib.contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A transaction that stays open until the block ends."""
        with psycopg.connect(self.facts["db_url"]) as line:
            yield line

    @contextlib.contextmanager
    def administrator(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection whose every statement is a transaction, and which no policy binds."""
        with psycopg.connect(self.facts["db_url"], autocommit=True) as line:
            yield line

    def _agent_id(self) -> uuid.UUID:
        found: uuid.UUID = self.ledger.value(
            "select id from auth.users where email = %s", self.facts["agent_email"]
        )
        return found

    def conversation(self, address: str) -> uuid.UUID:
        """The thread of a customer."""
        found: uuid.UUID = self.ledger.value(
            "select c.id from public.conversations c"
            " join public.contact_addresses a using (contact_id) where a.address = %s",
            address,
        )
        return found

    def reply(self, address: str, *texts: str) -> list[uuid.UUID]:
        """Answer a customer as an agent does; the ids of the replies."""
        return self.write([(address, text) for text in texts])

    def write(self, replies: Sequence[tuple[str, str]]) -> list[uuid.UUID]:
        """Answer these customers with these texts, one after the other; the ids of the replies."""
        threads = {address: self.conversation(address) for address in {to for to, _ in replies}}
        made = [uuid.uuid4() for _ in replies]
        with self.agent() as line:
            for id, (address, text) in zip(made, replies, strict=True):
                line.execute(
                    "select public.send_message(id => %s, conversation_id => %s, content => %s)",
                    [id, threads[address], text],
                )
        return made

    def status(self, message: uuid.UUID) -> str:
        """Where a message stands."""
        return str(self.ledger.value("select status from public.messages where id = %s", message))

    def sid(self, message: uuid.UUID) -> str | None:
        """Twilio's name of a reply, once we know it."""
        found: str | None = self.ledger.value(
            "select message_sid from public.messages where id = %s", message
        )
        return found

    def are_out(self, messages: Sequence[uuid.UUID]) -> bool:
        """Whether Twilio has taken all of these."""
        return self._all(messages, "message_sid is not null")

    def are_past_sent(self, messages: Sequence[uuid.UUID]) -> bool:
        """Whether all of these have reached their customers."""
        return self._all(messages, "status in ('delivered', 'read')")

    def _all(self, messages: Sequence[uuid.UUID], condition: str) -> bool:
        left = self.ledger.rows(
            f"select from public.messages where id = any(%s) and ({condition}) is not true limit 1",
            list(messages),
        )
        return not left

    async def reaches(self, message: uuid.UUID, *words: str, within: float = 60.0) -> str:
        """Wait until a message stands at one of these; at which."""
        await eventually(lambda: self.status(message) in words, within=within)
        return self.status(message)

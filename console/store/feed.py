"""Server rows into the store: a page of the feed and its cursor in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from console.domain.delivery import Direction
from console.domain.ids import ConversationId, InboxId, MessageId
from console.domain.profile import Profile
from console.store import erasure, listing, people
from console.store.clock import Clock
from console.store.contacts import put_contact
from console.store.database import Database, Writing
from console.store.drafts import adopt_draft
from console.store.joining import follow_joined
from console.store.records import put_records
from console.store.threads import put_messages
from console.store.times import micros, position_of

if TYPE_CHECKING:
    from console.domain.feed import (
        ContactRow,
        ConversationFacts,
        InboxRow,
        MessageFacts,
        OlderPage,
        Page,
    )


def _put_profiles(writing: Writing, profiles: Sequence[Profile]) -> None:
    for profile in profiles:
        name = writing.value("select name from profiles where id = ?", profile.id)
        if name is not None and name != profile.name:
            writing.everything = True  # the name stands in any thread and any row of the list
        writing.team = True
        writing.run(
            "insert or replace into profiles values (?, ?, ?, ?, ?, ?)",
            profile.id,
            profile.name,
            profile.role.value,
            profile.active,
            profile.available,
            profile.locale,
        )


def _put_inboxes(writing: Writing, inboxes: Sequence[InboxRow], now: int) -> set[ConversationId]:
    touched: set[ConversationId] = set()
    for inbox in inboxes:
        writing.team = True
        channel = writing.value("select channel from inboxes where id = ?", inbox.id)
        if channel is not None and channel != inbox.channel:
            rows = writing.all("select id from conversations where inbox_id = ?", inbox.id)
            touched.update(row[0] for row in rows)
        writing.run(
            "insert into inboxes values (?, ?, ?, ?, ?, ?) on conflict (id) do update set"
            " name = excluded.name, channel = excluded.channel, address = excluded.address,"
            " flagged = excluded.flagged",
            inbox.id,
            inbox.name,
            inbox.channel,
            inbox.address,
            inbox.flagged,
            now,
        )
    return touched


def _put_contacts(writing: Writing, contacts: Sequence[ContactRow]) -> set[ConversationId]:
    touched: set[ConversationId] = set()
    for contact in contacts:
        is_news = put_contact(writing, contact)
        rows = writing.all("select id from conversations where contact_id = ?", contact.id)
        touched.update(row[0] for row in rows)
        if is_news:  # also what the list does not show: the panel beside it does
            writing.conversations.update(row[0] for row in rows)
    return touched


def put_conversations(writing: Writing, rows: Sequence[ConversationFacts]) -> None:
    """Conversations as the server has them; the list's rows are the caller's to refresh."""
    writing.many(
        "insert or replace into conversations values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                row.id,
                row.inbox_id,
                row.contact_id,
                row.status,
                row.assignee_id,
                row.priority,
                micros(row.snoozed_until),
                micros(row.last_message_at),
                micros(row.last_inbound_at),
                micros(row.waiting_since),
                row.adopted,
            )
            for row in rows
        ),
    )


def _arrivals(writing: Writing, fresh: Sequence[MessageFacts]) -> None:
    """Who wrote while this machine already watched the inbox: the rest is history, not news."""
    for row in fresh:
        if row.direction != Direction.INBOUND:
            continue
        since = writing.value(
            "select i.since from conversations c join inboxes i on i.id = c.inbox_id"
            " where c.id = ?",
            row.conversation_id,
        )
        if since is not None and micros(row.timestamp) > since:
            read = listing.read_up_to(writing, row.conversation_id)
            if position_of(micros(row.timestamp)) > read:
                writing.arrived.add(row.conversation_id)


# Between the answer to a call and a page that was made before it, by the server's clock.
_SLACK = timedelta(seconds=2) // timedelta(microseconds=1)


def _put_own(writing: Writing, page: Page, now: int) -> set[ConversationId]:
    """This agent's reads and drafts, unless this machine holds something newer."""
    touched: set[ConversationId] = set()
    for read in page.reads:
        writing.run(
            # Backwards only where the page is newer than what this machine did itself.
            "insert into reads (conversation_id, read_at, message_id) values (?, ?, ?)"
            " on conflict (conversation_id) do update set"
            " read_at = excluded.read_at, message_id = excluded.message_id"
            " where excluded.read_at > read_at or confirmed_at < ?",
            read.conversation_id,
            micros(read.read_at),
            read.message_id,
            now - _SLACK,
        )
        touched.add(read.conversation_id)
    for row in page.drafts:
        unsent = "select 1 from intents where kind = 'draft' and target = ?"
        if writing.value(unsent, row.conversation_id) is not None:
            continue
        if adopt_draft(writing, row):
            touched.add(row.conversation_id)
    return touched


def _put_small(writing: Writing, page: Page) -> None:
    writing.many(
        "insert or replace into attempts values (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                row.id,
                row.message_id,
                micros(row.started_at),
                micros(row.finished_at),
                row.outcome,
                row.http_status,
                row.error_code,
                row.words,
            )
            for row in page.attempts
        ),
    )
    for row in page.attempts:
        owner = "select conversation_id from messages where id = ?"
        conversation_id = writing.value(owner, row.message_id)
        if conversation_id is not None:
            writing.threads.add(conversation_id)
        waits = "select 1 from messages where id = ? and status = 'queued'"
        if row.outcome == "retry" and writing.value(waits, row.message_id) is not None:
            # Its bubble says why it waits.
            writing.run(
                "update messages set version = ? where id = ?", writing.version, row.message_id
            )


class Feed:
    """What sync writes: pages of the feed, older pages, and where the feed stands."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def cursor(self) -> str:
        """Where to go on; empty before the first page."""
        return await self._database.read(
            lambda reading: reading.value("select value from meta where key = 'cursor'") or ""
        )

    async def apply(self, page: Page, offset: timedelta | None = None) -> None:
        """Write one page and its cursor, or nothing at all.

        `offset` is the server's clock minus ours, as the call that brought the page showed it.
        """
        if offset is not None:
            self._clock.offset = offset
        now = micros(page.server_time or self._clock.now())

        def work(writing: Writing) -> None:
            touched = erasure.forget_inboxes(writing, page.forget)
            touched |= follow_joined(writing, page.records, now)
            touched |= erasure.delete_rows(writing, page.deleted)
            _put_profiles(writing, page.profiles)
            touched |= _put_inboxes(writing, page.inboxes, now)
            touched |= _put_contacts(writing, page.contacts)
            put_conversations(writing, page.conversations)
            touched.update(row.id for row in page.conversations)
            fresh = put_messages(writing, page.messages)
            for row in page.messages:
                if any(item.get("error") == "expired" for item in row.media):
                    erasure.erase_media(writing, f"{row.conversation_id}/{row.id}/")
            _arrivals(writing, fresh)
            touched |= _put_own(writing, page, now)
            _put_small(writing, page)
            touched |= put_records(writing, page.records)
            listing.refresh(writing, touched | writing.threads)
            put_meta = "insert or replace into meta values (?, ?)"
            writing.run(put_meta, "cursor", page.cursor)
            if offset is not None:
                writing.run(put_meta, "offset", str(offset // timedelta(microseconds=1)))

        await self._database.write(work)

    async def apply_older(self, conversation_id: ConversationId, page: OlderPage) -> None:
        """Write older messages of one thread, and whether its start is reached."""

        def work(writing: Writing) -> None:
            touched = _put_contacts(writing, page.contacts)
            put_messages(writing, page.messages)
            touched |= put_records(writing, page.records)
            writing.run(
                "insert or replace into history values (?, ?)", conversation_id, not page.more
            )
            writing.threads.add(conversation_id)
            listing.refresh(writing, touched | writing.threads)

        await self._database.write(work)

    async def apply_newest(self, rows: Sequence[ConversationFacts], page: OlderPage) -> None:
        """Write one conversation as it stands now, ahead of the feed, which says it again."""

        def work(writing: Writing) -> None:
            put_conversations(writing, rows)
            _arrivals(writing, put_messages(writing, page.messages))
            touched = put_records(writing, page.records)
            listing.refresh(writing, touched | {row.id for row in rows} | writing.threads)

        await self._database.write(work)

    async def add_unknown(
        self, conversations: Sequence[ConversationFacts], contacts: Sequence[ContactRow]
    ) -> None:
        """Keep conversations that a search brought, where the feed has not told of them.

        Their messages come as older pages do, without a gap.
        """

        def work(writing: Writing) -> None:
            known = "select 1 from conversations where id = ?"
            fresh = [row for row in conversations if writing.value(known, row.id) is None]
            wanted = {row.contact_id for row in fresh}
            held = "select 1 from contacts where id = ?"
            missing = [
                contact
                for contact in contacts
                if contact.id in wanted and writing.value(held, contact.id) is None
            ]
            touched = _put_contacts(writing, missing)
            put_conversations(writing, fresh)
            listing.refresh(writing, touched | {row.id for row in fresh})

        await self._database.write(work)

    async def missing(self, messages: Sequence[MessageId]) -> frozenset[MessageId]:
        """Those of the messages that are not here."""
        held = "select 1 from messages where id = ?"
        return await self._database.read(
            lambda reading: frozenset(id for id in messages if reading.value(held, id) is None)
        )

    async def start_over(self) -> None:
        """Forget where the feed stands: the next pull is a first pull. Nothing is deleted."""
        await self._database.write(
            lambda writing: writing.run("delete from meta where key = 'cursor'")
        )

    async def forget_everything(self) -> None:
        """This agent was let go: nothing of the team's stays on this machine, unsent or not."""

        def work(writing: Writing) -> None:
            inboxes = [InboxId(row[0]) for row in writing.all("select id from inboxes")]
            touched = erasure.forget_inboxes(writing, inboxes)
            # Of conversations that stand in no inbox we know, and what the team shares.
            rest = [ConversationId(row[0]) for row in writing.all("select id from conversations")]
            touched |= erasure.erase_conversations(writing, rest)
            people.drop_all(writing)
            for table in ("addresses", "contacts", "records", "profiles", "session"):
                writing.run(f"delete from {table}")  # noqa: S608 - our own words only
            writing.run("delete from meta where key = 'cursor'")
            listing.refresh(writing, touched)
            writing.everything = writing.team = writing.outbox = True

        await self._database.write(work)

    async def inboxes(self) -> list[InboxId]:
        """The inboxes whose doorbell is ours to hear."""
        return await self._database.read(
            lambda reading: [row[0] for row in reading.all("select id from inboxes order by id")]
        )

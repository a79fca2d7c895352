"""The store as a whole: what the window reads and writes, and what sync keeps true."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.domain.changes import Changes, Link
from console.domain.ids import ConversationId, MessageId, ProfileId
from console.domain.profile import Profile, Role
from console.store import places
from console.store.aside import SetAsideError
from console.store.bus import ChangeBus, Wishes
from console.store.clock import Clock
from console.store.conversations import Conversations
from console.store.database import Database, Reading, Writing
from console.store.files import DEFAULT_LIMIT, Media, sweep
from console.store.filling import Filling
from console.store.salvage import salvage
from console.store.session import SessionRecords

if TYPE_CHECKING:  # parts are made when first asked for: the first screen needs few of them
    from console.domain.sending import SendingState
    from console.store.contacts import Contacts
    from console.store.desk import DeskLists
    from console.store.dispatch import Dispatch
    from console.store.drafts import Drafts
    from console.store.feed import Feed
    from console.store.messages import Messages
    from console.store.outbox import Outbox
    from console.store.search import Search
    from console.store.team import TeamWork

__all__ = ["ChangeBus", "SetAsideError", "Store"]


class Store:
    """One agent's encrypted copy of one project.

    The window uses `conversations`, `contacts`, `messages`, `search`, `desk`, `outbox`, `drafts`,
    `media` and `changes`; sync uses `feed`, `dispatch`, `wishes` and `set_link`. `me`, `link` and
    `server_now()` cost nothing.
    """

    def __init__(
        self,
        database: Database,
        changes: ChangeBus,
        clock: Clock,
        me: Profile | None,
        media_limit: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._filling: asyncio.Task[None] | None = None
        self.changes = changes
        self.wishes = Wishes()
        self.me = me
        self.link = Link.SIGNED_OUT
        self.conversations = Conversations(database, clock)
        self.media = Media(database, self.wishes, clock, media_limit)
        self.session = SessionRecords(database)

    @cached_property
    def contacts(self) -> Contacts:
        from console.store.contacts import Contacts

        return Contacts(self._database)

    @cached_property
    def messages(self) -> Messages:
        from console.store.messages import Messages

        return Messages(self._database, self.wishes)

    @cached_property
    def search(self) -> Search:
        from console.store.search import Search

        return Search(self._database)

    @cached_property
    def desk(self) -> DeskLists:
        from console.store.desk import DeskLists

        return DeskLists(self._database)

    @cached_property
    def team(self) -> TeamWork:
        from console.store.team import TeamWork

        return TeamWork(self._database, self.conversations)

    @cached_property
    def outbox(self) -> Outbox:
        from console.store.outbox import Outbox

        return Outbox(self._database, self._clock, lambda: self.link is Link.OFFLINE)

    @cached_property
    def drafts(self) -> Drafts:
        from console.store.drafts import Drafts

        return Drafts(self._database, self._clock)

    @cached_property
    def feed(self) -> Feed:
        from console.store.feed import Feed

        return Feed(self._database, self._clock)

    @cached_property
    def dispatch(self) -> Dispatch:
        from console.store.dispatch import Dispatch

        return Dispatch(self._database, self._clock)

    @classmethod
    async def open(cls, path: Path, key: bytes, *, media_limit: int = DEFAULT_LIMIT) -> Store:
        """Open or create the store; `key` is 32 bytes, `media_limit` bytes of cached files.

        Raises SetAsideError when the key does not fit or the file is damaged (the file has then
        been moved away, and opening again starts an empty store), EnvironmentFaultError when the
        disk refuses.
        """
        changes = ChangeBus()
        database = await Database.open(path, key, changes, salvage)

        def work(reading: Reading) -> tuple[int, Profile | None]:
            offset = reading.value("select value from meta where key = 'offset'")
            return int(offset or 0), _me(reading)

        await database.write(sweep)
        filling = Filling(database)
        await filling.start()
        offset, me = await database.read(work)
        store = cls(database, changes, Clock(timedelta(microseconds=offset)), me, media_limit)
        await store._fill(filling)
        return store

    async def _fill(self, filling: Filling) -> None:
        """Let what an older version left be filled in the background, from the start."""
        if self._filling is not None:
            self._filling.cancel()
            with suppress(asyncio.CancelledError):
                await self._filling
        self._filling = asyncio.create_task(filling.run(), name="filling")

    async def set_me(self, profile_id: ProfileId) -> None:
        """Whose store this is; their profile's details follow with the feed."""

        def work(writing: Writing) -> None:
            if writing.value("select value from meta where key = 'me'") != profile_id:
                writing.run("insert or replace into meta values ('me', ?)", profile_id)
                places.start_over(writing)

        await self._database.write(work)
        await self._fill(Filling(self._database))
        await self.refresh_me()

    async def refresh_me(self) -> None:
        """Read `me` anew, after the feed may have changed it."""
        self.me = await self._database.read(_me)

    def set_link(self, link: Link) -> None:
        """Say how the line to the server is; announced when that is news."""
        if link is not self.link:
            self.link = link
            self.changes.publish(Changes(link=link))

    def server_now(self) -> datetime:
        """The server's time (UTC), by which windows are judged."""
        return self._clock.now()

    async def sending(self) -> SendingState | None:
        """Whether replies leave at all, as the service said last; None before it said anything.

        Announced as `Changes.sending`.
        """
        return await self._database.read(_sending)

    async def asking(self) -> list[tuple[ConversationId, MessageId]]:
        """The replies that wait for the agent's word, those written first coming first.

        Not the outbox's: the first screen asks for them, and needs no outbox until one writes.
        """
        return await self._database.read(_asking)

    async def close(self) -> None:
        """Finish what was asked for and close the file."""
        if self._filling is not None:
            self._filling.cancel()
            with suppress(asyncio.CancelledError):
                await self._filling
        await self._database.close()


def _me(reading: Reading) -> Profile | None:
    row = reading.one(
        "select m.value, p.name, p.role, p.active, p.available, p.locale"
        " from meta m left join profiles p on p.id = m.value where m.key = 'me'"
    )
    if row is None:
        return None
    if row[1] is None:
        return Profile(ProfileId(row[0]), "")
    return Profile(ProfileId(row[0]), row[1], Role(row[2]), bool(row[3]), bool(row[4]), row[5])


def _sending(reading: Reading) -> SendingState | None:
    for row in reading.each("select data from records where kind = 'service_state'"):
        data: Mapping[str, Any] = json.loads(row[0])
        if data.get("part") == "sending":
            from console.domain.sending import SendingState

            return SendingState(
                state=str(data.get("state") or "running"),
                error_code=data.get("error_code"),
                error_text=data.get("error_text"),
                since=_moment(data.get("since")),
                next_try_at=_moment(data.get("next_try_at")),
            )
    return None


def _asking(reading: Reading) -> list[tuple[ConversationId, MessageId]]:
    rows = reading.each(
        "select conversation_id, target from intents where state = 'asking' order by seq"
    )
    return [(ConversationId(row[0]), MessageId(row[1])) for row in rows]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

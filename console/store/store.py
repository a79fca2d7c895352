"""The store as a whole: what the window reads and writes, and what sync keeps true."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from console.domain.changes import Changes, Link
from console.domain.ids import ProfileId
from console.domain.profile import Profile, Role
from console.domain.sending import SendingState
from console.store.bus import ChangeBus, Wishes
from console.store.clock import Clock
from console.store.conversations import Conversations
from console.store.database import Database, Reading, SetAsideError
from console.store.dispatch import Dispatch
from console.store.drafts import Drafts
from console.store.feed import Feed
from console.store.files import DEFAULT_LIMIT, Media, sweep
from console.store.messages import Messages
from console.store.outbox import Outbox
from console.store.salvage import salvage
from console.store.session import SessionRecords

__all__ = ["ChangeBus", "SetAsideError", "Store"]


class Store:
    """One agent's encrypted copy of one project.

    The window uses `conversations`, `messages`, `outbox`, `drafts`, `media` and `changes`; sync
    uses `feed`, `dispatch`, `wishes` and `set_link`. `me`, `link` and `server_now()` cost nothing.
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
        self.changes = changes
        self.wishes = Wishes()
        self.me = me
        self.link = Link.SIGNED_OUT
        self.conversations = Conversations(database)
        self.messages = Messages(database, self.wishes)
        self.outbox = Outbox(database, clock)
        self.drafts = Drafts(database, clock)
        self.media = Media(database, self.wishes, clock, media_limit)
        self.feed = Feed(database, clock)
        self.dispatch = Dispatch(database, clock)
        self.session = SessionRecords(database)

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
        offset, me = await database.read(work)
        return cls(database, changes, Clock(timedelta(microseconds=offset)), me, media_limit)

    async def set_me(self, profile_id: ProfileId) -> None:
        """Whose store this is; their profile's details follow with the feed."""
        await self._database.write(
            lambda writing: writing.run("insert or replace into meta values ('me', ?)", profile_id)
        )
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

    async def close(self) -> None:
        """Finish what was asked for and close the file."""
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
            return SendingState(
                state=str(data.get("state") or "running"),
                error_code=data.get("error_code"),
                error_text=data.get("error_text"),
                since=_moment(data.get("since")),
                next_try_at=_moment(data.get("next_try_at")),
            )
    return None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

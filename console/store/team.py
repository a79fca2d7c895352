"""What concerns the team's work: who holds what, and the notes that ask for this agent."""

from __future__ import annotations

from console.domain.conversation import ConversationRow, ConversationStatus
from console.domain.ids import ConversationId, MessageId, ProfileId
from console.domain.shifts import Mention
from console.store.conversations import Conversations
from console.store.database import Database, Reading, Writing
from console.store.times import PARTS, moment_of

_READ = "mentions_read"  # in `meta`: the position up to which they were seen on this machine
_MOST_HELD = 500
_WHO = (ConversationStatus.OPEN.value, ConversationStatus.SNOOZED.value)


class TeamWork:
    """Read by the pages of handover and mentions."""

    def __init__(self, database: Database, conversations: Conversations) -> None:
        self._database = database
        self._conversations = conversations

    async def held_by(self, person: ProfileId, *, snoozed: bool = False) -> list[ConversationRow]:
        """Somebody's open conversations, and the snoozed ones if asked: the latest first."""
        statuses = _WHO if snoozed else _WHO[:1]

        def work(reading: Reading) -> list[ConversationId]:
            return [
                ConversationId(row[0])
                for row in reading.each(
                    "select conversation_id from listing where assignee_id = ? and status in"
                    " (?, ?) order by sort_at desc limit ?",
                    person,
                    statuses[0],
                    statuses[-1],
                    _MOST_HELD,
                )
            ]

        ids = await self._database.read(work)
        rows = [await self._conversations.get(id) for id in ids]
        return [row for row in rows if row is not None]

    async def mentions(self, limit: int = 100) -> list[Mention]:
        """The notes of colleagues that mention this agent, newest first."""

        def work(reading: Reading) -> list[Mention]:
            read = _mark(reading)
            return [
                Mention(
                    id=MessageId(row[0]),
                    conversation_id=ConversationId(row[1]),
                    author_id=None if row[2] is None else ProfileId(row[2]),
                    author=row[3] or "",
                    customer=row[4] or (row[5] or "").removeprefix("whatsapp:"),
                    body=row[6] or "",
                    at=moment_of(int(row[7])),
                    unread=row[8] > read,
                )
                for row in reading.all(
                    _MENTIONS,
                    limit,
                )
            ]

        return await self._database.read(work)

    async def unread_mentions(self) -> int:
        """How many of them were not seen here yet."""

        def work(reading: Reading) -> int:
            count = reading.value(
                f"select count(*) from messages n where {_ASKS} and n.position > ?",  # noqa: S608 - our own words only
                _mark(reading),
            )
            return int(count or 0)

        return await self._database.read(work)

    async def see_mentions(self, newest: Mention) -> None:
        """Everything up to this one was seen."""

        def work(writing: Writing) -> None:
            at = writing.value("select position from messages where id = ?", newest.id)
            if at is not None and int(at) > _mark(writing):
                writing.run("insert or replace into meta values (?, ?)", _READ, str(at))

        await self._database.write(work)


# The index `messages_notes` holds these in order.
_ASKS = (
    "n.direction = 'note' and instr(n.metadata, (select value from meta where key = 'me')) > 0"
    " and n.sent_by is not (select value from meta where key = 'me')"
)

_MENTIONS = (
    "select n.id, n.conversation_id, n.sent_by, a.name, l.name, l.address, n.content,"  # noqa: S608 - our own words only
    " n.timestamp, n.position from messages n"
    " join listing l on l.conversation_id = n.conversation_id"
    f" left join profiles a on a.id = n.sent_by where {_ASKS} order by n.position desc limit ?"
)


def _mark(reading: Reading) -> int:
    """Where nothing was seen yet, what lies more than a week back counts as seen."""
    kept = reading.value("select value from meta where key = ?", _READ)
    if kept is not None:
        return int(kept)
    newest = reading.value("select max(position) from messages where direction = 'note'")
    week = 7 * 24 * 3600 * 1_000_000
    return 0 if newest is None else (int(newest) // PARTS - week) * PARTS

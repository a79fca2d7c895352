"""The inbox list: filtered, searched and paged by key."""

from __future__ import annotations

from console.domain.content import Kind
from console.domain.conversation import (
    Channel,
    ConversationRow,
    ConversationStatus,
    Counters,
    Filter,
    Preview,
    View,
)
from console.domain.delivery import Direction, Status
from console.domain.ids import ContactId, ConversationId, InboxId, ProfileId
from console.store.database import Database, Reading, Row
from console.store.listing import digits_of, folded
from console.store.times import micros, moment_of

_SELECT = """
select l.conversation_id, l.inbox_id, c.contact_id, l.name, l.address, i.channel, l.status,
       l.assignee_id, a.name, l.sort_at, c.last_inbound_at, c.waiting_since, l.unread,
       l.preview_kind, l.preview_text, l.preview_direction, l.preview_status, l.draft, l.failed,
       l.failed_code, l.failed_rule
from listing l
join conversations c on c.id = l.conversation_id
left join inboxes i on i.id = l.inbox_id
left join profiles a on a.id = l.assignee_id
"""
_OPEN = ConversationStatus.OPEN.value
_STATUS = {
    Filter.SNOOZED: ConversationStatus.SNOOZED.value,
    Filter.RESOLVED: ConversationStatus.RESOLVED.value,
}


def _row(row: Row) -> ConversationRow:
    preview = None
    if row[13] is not None:
        preview = Preview(
            kind=str(Kind(row[13]).value),
            text=row[14] or "",
            direction=Direction(row[15]),
            status=Status(row[16]) if row[16] else None,
        )
    return ConversationRow(
        id=ConversationId(row[0]),
        inbox_id=InboxId(row[1]),
        contact_id=None if row[2] is None else ContactId(row[2]),
        name=row[3],
        address=row[4],
        channel=Channel.SMS if row[5] == Channel.SMS else Channel.WHATSAPP,
        status=ConversationStatus(row[6]),
        assignee_id=None if row[7] is None else ProfileId(row[7]),
        assignee_name=row[8],
        last_message_at=moment_of(row[9]) if row[9] else None,
        last_inbound_at=moment_of(row[10]),
        waiting_since=moment_of(row[11]),
        unread=row[12],
        preview=preview,
        draft=row[17],
        failed=row[18],
        failed_code=row[19],
        failed_rule=row[20],
    )


def _needle(search: str) -> str:
    """The pattern for LIKE: what was typed, literally; a number in any spelling.

    "0812 345" finds +62 812 345…: at home one dials 0 where the country code stands.
    """
    wanted = folded(search)
    if wanted and not wanted.strip("+-(). 0123456789"):
        wanted = digits_of(wanted).lstrip("0") or wanted
    for special in ("\\", "%", "_"):
        wanted = wanted.replace(special, "\\" + special)
    return f"%{wanted}%"


class Conversations:
    """What the inbox list reads. Newest activity first; a search also looks at closed ones."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self,
        view: View,
        *,
        search: str = "",
        after: ConversationRow | None = None,
        limit: int = 100,
    ) -> list[ConversationRow]:
        """The next `limit` rows below `after` (from the top without it)."""
        where: list[str] = []
        values: list[str | int | None] = []
        if search.strip():
            where.append("l.needle like ? escape '\\'")
            values.append(_needle(search))
        else:
            where.append("l.status = ?")
            values.append(_STATUS.get(view.filter, _OPEN))
        if view.inbox_id is not None:
            where.append("l.inbox_id = ?")
            values.append(view.inbox_id)
        if view.filter is Filter.UNASSIGNED:
            where.append("l.assignee_id is null")
        elif view.filter is Filter.MINE:
            where.append("l.assignee_id = (select value from meta where key = 'me')")
        if after is not None:
            where.append("(l.sort_at, l.conversation_id) < (?, ?)")
            values += [micros(after.last_message_at) or 0, after.id]
        sql = (
            f"{_SELECT} where {' and '.join(where)}"
            " order by l.sort_at desc, l.conversation_id desc limit ?"
        )

        def work(reading: Reading) -> list[ConversationRow]:
            return [_row(row) for row in reading.all(sql, *values, limit)]

        return await self._database.read(work)

    async def get(self, conversation_id: ConversationId) -> ConversationRow | None:
        """One row, whatever its status; None when it is not, or no longer, ours to see."""

        def work(reading: Reading) -> ConversationRow | None:
            row = reading.one(f"{_SELECT} where l.conversation_id = ?", conversation_id)
            return None if row is None else _row(row)

        return await self._database.read(work)

    async def counters(self) -> Counters:
        """How many open conversations each view holds, and how many of mine are unread."""

        def work(reading: Reading) -> Counters:
            me = reading.value("select value from meta where key = 'me'")
            tallies = {
                row[0]: (row[1], row[2])
                for row in reading.all(
                    "select assignee_id, conversations, unread from tallies where status = ?", _OPEN
                )
            }
            mine, unread = tallies.get(me, (0, 0))
            return Counters(
                mine=mine,
                unassigned=tallies.get("", (0, 0))[0],
                all=sum(count for count, _ in tallies.values()),
                unread=unread,
            )

        return await self._database.read(work)

"""The inbox list: every view in every order, searched and paged by key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from console.domain.conversation import (
    Channel,
    ConversationRow,
    ConversationStatus,
    Counters,
    Filter,
    Label,
    Part,
    Preview,
    Sort,
    View,
)
from console.domain.delivery import Direction, Status
from console.domain.ids import ContactId, ConversationId, InboxId, LabelId, ProfileId
from console.domain.kind import Kind
from console.store import seeking
from console.store.clock import Clock
from console.store.database import Database, Reading, Row
from console.store.listing import digits_of, folded
from console.store.places import SORTS, Stretch, keys, scope_of
from console.store.times import micros, moment_of

_SELECT = """
select l.conversation_id, l.inbox_id, l.contact_id, l.name, l.address, l.channel, l.status,
       l.assignee_id, a.name, l.sort_at, l.last_inbound_at, l.waiting_since, l.unread,
       l.preview_kind, l.preview_text, l.preview_direction, l.preview_status, l.draft, l.failed,
       l.failed_code, l.failed_rule, l.priority, l.snoozed_until, l.labels, coalesce(i.name, ''),
       coalesce(p.blocked, 0)
"""
_JOINED = """
left join inboxes i on i.id = l.inbox_id
left join profiles a on a.id = l.assignee_id
left join contacts p on p.id = l.contact_id
"""
_NUMBERED = (
    f"{_SELECT} from json_each(?) j join listing l on l.row = j.value {_JOINED} order by j.key"
)
KEPT = 512  # rows
_LEAST, _MOST = -(1 << 62) * 2, (1 << 63) - 1  # below and above every key


def _labels(reading: Reading) -> dict[str, Label]:
    return {
        row[0]: Label(LabelId(row[0]), row[1] or "", row[2] or "")
        for row in reading.each(
            "select id, data ->> 'name', data ->> 'color' from records where kind = 'labels'"
        )
    }


def _row(row: Row, labels: tuple[Label, ...]) -> ConversationRow:
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
        priority=row[21],
        snoozed_until=moment_of(row[22]),
        labels=labels,
        inbox_name=row[24],
        blocked=bool(row[25]),
    )


def _shown(row: Row, labels: Mapping[str, Label]) -> tuple[Label, ...]:
    """The labels of a row, by name."""
    if row[23] == "[]":
        return ()
    known = (labels[id] for id in json.loads(row[23]) if id in labels)
    return tuple(sorted(known, key=lambda label: label.name.casefold()))


def _wanted(search: str) -> str:
    """What to look for: as typed, folded; of a number only what comes after the country code.

    "0812 345" finds +62 812 345…: at home one dials 0 where the country code stands.
    """
    wanted = folded(search)
    if wanted and not wanted.strip("+-(). 0123456789"):
        wanted = digits_of(wanted).lstrip("0") or wanted
    return wanted


def _key_of(row: ConversationRow, sort: Sort) -> int:
    return keys(
        row.channel,
        micros(row.last_message_at) or 0,
        micros(row.last_inbound_at),
        micros(row.waiting_since),
    )[SORTS[sort]]


def _stretches(
    reading: Reading, sort: Sort, after: ConversationRow | None, now: datetime
) -> list[Stretch]:
    """What remains of an order below `after`.

    Open windows go upwards from now, then the closed ones downwards from now.
    """
    at = None
    if after is not None:
        number = reading.value("select row from listing where conversation_id = ?", after.id)
        at = (_key_of(after, sort), int(number or 0))
    if sort is not Sort.WINDOW:
        return [Stretch(*(at or (_LEAST, 0)))]
    turn = (micros(now), _MOST)
    closed = Stretch(*turn, down=True)
    if at is None:
        return [Stretch(*turn), closed]
    return [Stretch(*at), closed] if at > turn else [Stretch(*at, down=True)]


class Conversations:
    """What the inbox list reads. A search looks at every conversation, whatever the view holds."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        # The list is read again whenever something in it changes, and most of it is as it was.
        self._row = lru_cache(KEPT)(_row)

    async def page(
        self,
        view: View,
        *,
        search: str = "",
        after: ConversationRow | None = None,
        limit: int = 100,
    ) -> list[ConversationRow]:
        """The next `limit` rows below `after` (from the top without it), in the view's order."""
        now = self._clock.now()
        wanted = _wanted(search)

        def work(reading: Reading) -> list[ConversationRow]:
            stretches = _stretches(reading, view.sort, after, now)
            if wanted:
                numbers = seeking.found(reading, view.sort, stretches, wanted, limit)
                rows = reading.all(_NUMBERED, json.dumps(numbers))
            elif (scope := scope_of(reading, view)) is None:
                return []
            else:
                rows = _walked(reading, scope, view.sort, stretches, limit)
            labels = _labels(reading)
            return [self._row(row, _shown(row, labels)) for row in rows]

        return await self._database.read(work)

    async def part(self, view: View, start: int, limit: int) -> Part:
        """`limit` rows from the one `start` rows below the top on, near the end the last ones."""
        now = self._clock.now()

        def work(reading: Reading) -> Part:
            scope = scope_of(reading, view)
            if scope is None:
                return Part(0, [], 0)
            total = int(reading.value("select conversations from scopes where id = ?", scope) or 0)
            first = max(0, min(start, total - limit))
            whole = _stretches(reading, view.sort, None, now)
            below = _below(reading, scope, view.sort, whole, first)
            rows = _walked(reading, scope, view.sort, below, limit)
            labels = _labels(reading)
            return Part(first, [self._row(row, _shown(row, labels)) for row in rows], total)

        return await self._database.read(work)

    async def get(self, conversation_id: ConversationId) -> ConversationRow | None:
        """One row, whatever its status; None when it is not, or no longer, ours to see."""

        def work(reading: Reading) -> ConversationRow | None:
            row = reading.one(
                f"{_SELECT} from listing l {_JOINED} where l.conversation_id = ?", conversation_id
            )
            return None if row is None else _row(row, _shown(row, _labels(reading)))

        return await self._database.read(work)

    async def of_contact(self, contact_id: ContactId, limit: int = 30) -> list[ConversationRow]:
        """Every conversation with one person, in whatever inbox: the latest first."""

        def work(reading: Reading) -> list[ConversationRow]:
            rows = reading.all(
                f"{_SELECT} from conversations c join listing l on l.conversation_id = c.id"
                f" {_JOINED} where c.contact_id = ? order by l.sort_at desc limit ?",
                contact_id,
                limit,
            )
            labels = _labels(reading)
            return [_row(row, _shown(row, labels)) for row in rows]

        return await self._database.read(work)

    async def counters(
        self, inbox_id: InboxId | None = None, label_id: LabelId | None = None
    ) -> Counters:
        """How many conversations each filter holds, in one inbox and with one label if given.

        The numbers of inboxes and labels are those of the whole desk.
        """

        def work(reading: Reading) -> Counters:
            held = {
                row[0]: (row[1], row[2])
                for row in reading.each(
                    "select filter, conversations, unread from scopes"
                    " where inbox_id = ? and label_id = ?",
                    inbox_id or "",
                    label_id or "",
                )
            }
            each = reading.all(
                "select inbox_id, label_id, conversations from scopes where filter = ?",
                Filter.ALL.value,
            )

            def count(filter: Filter) -> int:
                return int(held.get(filter.value, (0, 0))[0])

            return Counters(
                mine=count(Filter.MINE),
                unassigned=count(Filter.UNASSIGNED),
                all=count(Filter.ALL),
                unread=int(held.get(Filter.MINE.value, (0, 0))[1]),
                snoozed=count(Filter.SNOOZED),
                resolved=count(Filter.RESOLVED),
                inboxes={InboxId(row[0]): row[2] for row in each if row[0] and not row[1]},
                labels={LabelId(row[1]): row[2] for row in each if row[1] and not row[0]},
            )

        return await self._database.read(work)


def _below(
    reading: Reading, scope: int, sort: Sort, stretches: list[Stretch], skipped: int
) -> list[Stretch]:
    """The stretches without their first `skipped` places: the index alone is walked for them."""
    for number, stretch in enumerate(stretches):
        if not skipped:
            return stretches[number:]
        at = (scope, SORTS[sort], stretch.key, stretch.row)
        last = reading.one(
            f"select p.key, p.row from places p {stretch.sql} offset ?",  # noqa: S608
            *at,
            1,
            skipped - 1,
        )
        if last is not None:
            return [Stretch(int(last[0]), int(last[1]), stretch.down), *stretches[number + 1 :]]
        skipped -= int(
            reading.value(f"select count(*) from (select 1 from places p {stretch.sql})", *at, -1)  # noqa: S608
            or 0
        )
    return []


def walk_sql(stretch: Stretch) -> str:
    """The rows of a stretch of places, in order."""
    return f"{_SELECT} from places p join listing l on l.row = p.row {_JOINED} {stretch.sql}"


def _walked(
    reading: Reading, scope: int, sort: Sort, stretches: list[Stretch], limit: int
) -> list[Row]:
    rows: list[Row] = []
    for stretch in stretches:
        if len(rows) < limit:
            place = (scope, SORTS[sort], stretch.key, stretch.row)
            rows += reading.all(walk_sql(stretch), *place, limit - len(rows))
    return rows

"""Where each conversation stands in every view and order, and how many each view holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from console.domain.conversation import Channel, ConversationStatus, Filter, Sort, View
from console.domain.ids import ProfileId
from console.domain.window import WINDOW
from console.store.database import Reading, Writing

SORTS = {Sort.NEWEST: 0, Sort.WAITING: 1, Sort.WINDOW: 2}

_BEYOND = 1 << 62  # above every time that is kept
_WINDOW = WINDOW // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a row of the list decides where it stands. Times in microseconds."""

    status: str
    assignee_id: str | None
    inbox_id: str
    labels: Sequence[str]
    channel: str
    sort_at: int
    last_inbound_at: int | None
    waiting_since: int | None
    is_unread: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """A range of a scope's places: from a key and row on, upwards or downwards."""

    key: int
    row: int
    down: bool = False

    def beyond(self, key: str, row: str) -> str:
        """The condition for being in it, with a parameter for the key and one for the row."""
        return f"({key}, {row}) {'<' if self.down else '>'} (?, ?)"

    def order(self, key: str, row: str) -> str:
        """What to sort by."""
        order = "desc" if self.down else "asc"
        return f"{key} {order}, {row} {order}"

    @property
    def sql(self) -> str:
        return (
            f" where p.scope = ? and p.sort = ? and {self.beyond('p.key', 'p.row')}"
            f" order by {self.order('p.key', 'p.row')} limit ?"
        )


def keys(
    channel: str, sort_at: int, last_inbound_at: int | None, waiting_since: int | None
) -> tuple[int, int, int]:
    """The place in each of SORTS, small keys first.

    Not waiting come after all who wait, newest first. A window's key is when it closes; where no
    window applies, or nobody ever wrote, the key is far below zero: such rows come after those
    whose window has closed, which are walked backwards (conversations.py).
    """
    windowed = last_inbound_at is not None and channel != Channel.SMS
    return (
        -sort_at,
        waiting_since if waiting_since is not None else _BEYOND - sort_at,
        last_inbound_at + _WINDOW if windowed and last_inbound_at else sort_at - _BEYOND,
    )


def _filters(standing: Standing, me: ProfileId | None) -> list[str]:
    match standing.status:
        case ConversationStatus.SNOOZED:
            return [Filter.SNOOZED.value]
        case ConversationStatus.RESOLVED:
            return [Filter.RESOLVED.value]
    if standing.assignee_id is None:
        return [Filter.ALL.value, Filter.UNASSIGNED.value]
    if standing.assignee_id == me:
        return [Filter.ALL.value, Filter.MINE.value]
    return [Filter.ALL.value]


def _scopes(standing: Standing | None, me: ProfileId | None) -> Iterator[tuple[str, str, str]]:
    """Every filter, inbox ('' is any) and label ('' is any) that this row is in."""
    if standing is None:
        return
    for filter in _filters(standing, me):
        for inbox_id in ("", standing.inbox_id):
            for label_id in ("", *standing.labels):
                yield filter, inbox_id, label_id


def move(writing: Writing, row: int, before: Standing | None, after: Standing | None) -> None:
    """Take a row from where it stood to where it stands now, and keep count."""
    me = writing.value("select value from meta where key = 'me'")
    left, entered = set(_scopes(before, me)), set(_scopes(after, me))
    was = keys_of(before) if before else None
    now = keys_of(after) if after else None
    gone: list[tuple[int, int, int, int]] = []
    come: list[tuple[int, int, int, int]] = []
    for scope in left | entered:
        here = int(after is not None and scope in entered)
        there = int(before is not None and scope in left)
        unread = here * bool(after and after.is_unread) - there * bool(before and before.is_unread)
        id = _count(writing, scope, here - there, unread)
        for sort in range(len(SORTS)):
            stays = here and there and was and now and was[sort] == now[sort]
            if there and was and not stays:
                gone.append((id, sort, was[sort], row))
            if here and now and not stays:
                come.append((id, sort, now[sort], row))
        if there and not here:
            writing.run("delete from scopes where id = ? and conversations = 0", id)
    writing.many("delete from places where scope = ? and sort = ? and key = ? and row = ?", gone)
    writing.many("insert into places values (?, ?, ?, ?)", come)


def keys_of(standing: Standing) -> tuple[int, int, int]:
    """The keys of a row."""
    return keys(
        standing.channel, standing.sort_at, standing.last_inbound_at, standing.waiting_since
    )


def _count(writing: Writing, scope: tuple[str, str, str], step: int, unread: int) -> int:
    """Change a scope's numbers; its id."""
    if not step and not unread:
        return int(
            writing.value(
                "select id from scopes where filter = ? and inbox_id = ? and label_id = ?", *scope
            )
        )
    return int(
        writing.value(
            "insert into scopes (filter, inbox_id, label_id, conversations, unread)"
            " values (?, ?, ?, ?, ?) on conflict (filter, inbox_id, label_id) do update set"
            " conversations = conversations + excluded.conversations,"
            " unread = unread + excluded.unread returning id",
            *scope,
            step,
            unread,
        )
    )


def scope_of(reading: Reading, view: View) -> int | None:
    """The number of what a view shows; None where it shows nothing."""
    found = reading.value(
        "select id from scopes where filter = ? and inbox_id = ? and label_id = ?",
        view.filter.value,
        view.inbox_id or "",
        view.label_id or "",
    )
    return None if found is None else int(found)


def start_over(writing: Writing) -> None:
    """Have every row placed anew, bit by bit: somebody else is "me" now."""
    writing.run("delete from places")
    writing.run("delete from scopes")
    writing.run(
        "insert or replace into meta select 'unsorted', cast(max(row) as text) from listing"
        " having max(row) > 0"
    )


def unsorted_up_to(reading: Reading) -> int:
    """Rows up to this number have no places yet; 0 when all have."""
    return int(reading.value("select value from meta where key = 'unsorted'") or 0)

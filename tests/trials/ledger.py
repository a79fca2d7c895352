"""The ledger: what was acknowledged against what is stored and what the simulator received."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.trials.callers import Message

_STORED = """
select m.message_sid, m.content, m.from_number, m.conversation_id
  from public.messages m where m.message_sid = any(%s)
 order by m.conversation_id, m."timestamp", m.id
"""


class Ledger:
    """Compares; every difference is an AssertionError that says which."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    def rows(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        """What a query finds, behind the service's back."""
        with (
            psycopg.connect(self._dsn, autocommit=True) as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            return cursor.execute(query.encode(), arguments or None).fetchall()

    def value(self, query: str, *arguments: object) -> Any:
        """The first column of the one row that a query finds."""
        (row,) = self.rows(query, *arguments)
        return next(iter(row.values()))

    def missing(self, acknowledged: Iterable[Message]) -> set[str]:
        """SIDs that were acknowledged and are not stored (yet: the spool may still drain)."""
        return self.missing_ids({message.sid for message in acknowledged})

    def missing_ids(self, sids: set[str]) -> set[str]:
        """Those of these SIDs that are not stored."""
        found = self.rows(
            "select message_sid from public.messages where message_sid = any(%s)", list(sids)
        )
        return sids - {row["message_sid"] for row in found}

    def check_inbound(self, acknowledged: Sequence[Message]) -> None:
        """Everything acknowledged is stored once, in the order in which each customer sent it."""
        twice = [sid for sid, n in Counter(m.sid for m in acknowledged).items() if n > 1]
        assert not twice, f"acknowledged twice: {twice}"
        assert not (gone := self.missing(acknowledged)), f"acknowledged and not stored: {gone}"
        expected: dict[str, list[str]] = defaultdict(list)
        for message in acknowledged:
            expected[message.customer].append(message.text)
        stored: dict[str, list[str]] = defaultdict(list)
        threads: dict[str, set[object]] = defaultdict(set)
        for row in self.rows(_STORED, [m.sid for m in acknowledged]):
            stored[row["from_number"]].append(row["content"])
            threads[row["from_number"]].add(row["conversation_id"])
        for customer, texts in expected.items():
            assert stored[customer] == texts, f"{customer}: sent {texts}, stored {stored[customer]}"
            assert len(threads[customer]) == 1, f"{customer} has {len(threads[customer])} threads"

    def check_outbound(
        self, creates: Sequence[dict[str, Any]], replies: Sequence[tuple[str, str]]
    ) -> None:
        """The simulator carried out each (recipient, text) once, in order for each recipient.

        `creates` are the simulator's book; refused calls are in it without a SID.
        """
        expected: dict[str, list[str]] = defaultdict(list)
        for recipient, text in replies:
            expected[recipient].append(text)
        wanted = {text for _, text in replies}
        made: dict[str, list[str]] = defaultdict(list)
        for entry in creates:
            if entry["sid"] and entry["body"] in wanted:
                made[entry["to"]].append(entry["body"])
        for recipient, texts in expected.items():
            assert made[recipient] == texts, f"{recipient}: wrote {texts}, sent {made[recipient]}"

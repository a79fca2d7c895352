"""Fault 19: two weeks of changes come in while the agent works."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace as Size

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.domain.ids import ConversationId
from console.store.store import Store
from tests.trials.conftest import is_full
from tests.trials.window.conftest import Town, at_desk, open_thread
from tests.trials.window.heartbeat import LATE, Heartbeat

PATIENCE = 900.0  # seconds, on a machine with other work to do
KEYS = 20 if is_full() else 4  # between two looks into the store, which cost
TYPING = 0.1  # seconds between two keys
WEEKS = """
with there as (
  select c.id, a.address, row_number() over (order by c.id) as place from public.conversations c
    join public.contact_addresses a using (contact_id) where c.inbox_id = %(inbox)s::uuid)
insert into public.messages
  (conversation_id, direction, content, timestamp, status, message_sid, from_number)
select t.id, case when n %% 3 = 0 then 'outbound' else 'inbound' end,
       'Pesan ' || n || ' tentang kiriman yang ditunggu sejak kemarin',
       now() - n * %(step)s::interval,
       case when n %% 3 = 0 then 'delivered' else 'received' end,
       'SM' || md5(%(inbox)s::text || n), t.address
  from generate_series(1, %(messages)s) n join there t on t.place = 1 + n %% %(threads)s
 order by n desc
"""
NEWEST = """
select id from public.conversations where inbox_id = %s order by last_message_at desc limit 1
"""
MOVED = """
update public.conversations c
   set last_message_at = m.at, last_inbound_at = m.at, waiting_since = m.at
  from (select conversation_id, max(timestamp) as at from public.messages group by 1) m
 where m.conversation_id = c.id and c.inbox_id = %s
"""


async def known(store: Store) -> tuple[int, int]:
    """How many of the new messages are here, and the number of the oldest of them."""
    return await store._database.read(
        lambda reading: reading.all(
            "select count(*), coalesce(max(cast(substr(content, 7) as integer)), 0) from messages"
            " where content like 'Pesan %'"
        )[0]
    )


@pytest.mark.trial("F19")
async def test_two_weeks_of_changes_come_in_newest_first_while_the_window_answers(
    town: Town,
    qtbot: QtBot,
    tmp_path: Path,
    size: Size,
    record_property: Callable[[str, object], None],
) -> None:
    inbox = town.desk.inbox("Banjir", "whatsapp:+628119000019")
    agent = town.agent("banjir", inbox)
    threads = [town.desk.conversation(inbox, f"Pelanggan {n}") for n in range(size.threads)]
    for thread in threads:
        town.desk.inbound(thread, "Halo", at="now() - interval '15 days'")
    async with at_desk(town, agent, tmp_path) as seat:
        pass
    facts = {"inbox": inbox, "messages": size.messages, "threads": size.threads}
    with town.desk.admin.transaction():
        town.desk.admin.execute("set local statement_timeout = 0")
        town.desk.admin.execute(WEEKS, facts | {"step": f"{14 * 86400 / size.messages} seconds"})
        town.desk.admin.execute(MOVED, [inbox])
    newest = ConversationId(str(town.desk.one(NEWEST, inbox)))
    async with at_desk(town, agent, tmp_path, anew=False, link=None) as seat:
        typed = there = 0
        # Nothing comes in before the window is whole; how long that takes, the bench measures.
        await seat.window.inbox.is_whole.wait()
        with Heartbeat() as pulse:
            began, busy = time.perf_counter(), time.process_time()
            await open_thread(seat, newest)
            editor = seat.window.inbox.thread_screen.composer.editor
            while there < size.messages:
                assert time.perf_counter() - began < PATIENCE
                for _ in range(KEYS):
                    qtbot.keyClick(editor, Qt.Key.Key_A)  # the agent goes on writing
                    typed += 1
                    await asyncio.sleep(TYPING)
                there, oldest = await known(seat.store)
                assert oldest == there  # 1 is the newest: nothing older came before it
            took, worked = time.perf_counter() - began, time.process_time() - busy
        assert editor.text() == "a" * typed
        record_property(
            "figures",
            f"{size.messages} changes in {took:.1f} s, {worked:.1f} s of them own work; {pulse}",
        )
    if is_full():
        assert worked < 60, "more work than fits into a minute"
        assert pulse.busiest < LATE, "\n".join(pulse.why)
        assert pulse.collecting < LATE

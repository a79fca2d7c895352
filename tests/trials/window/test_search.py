"""Attack 21: what is typed into the search is text, whatever it looks like."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace as Size

import pytest
from pytestqt.qtbot import QtBot

from console.domain.conversation import View
from console.domain.ids import ConversationId
from tests.trials.conftest import is_full
from tests.trials.window.conftest import Town, at_desk
from tests.waiting import eventually

SYNTAX = (
    "'; drop table messages; --",
    '" OR 1=1 --',
    "a* AND b*",
    "NEAR(satu dua, 3)",
    "content : satu",
    "{content} : satu",
    "^satu",
    "satu NOT dua",
    "(((((",
    '"""',
    "%_%",
    "\\",
    "*",
    "-satu",
    "+satu",
    "\x00\x01",
    "🙏",
    "é" * 5_000,
    " OR ".join(["satu"] * 2_000),
    "rowid MATCH 1",
    "?1 :name @x $y",
)
FILL = """
insert into public.messages (conversation_id, direction, content, timestamp, status, message_sid)
select %(thread)s::uuid, 'inbound', 'satu dua ' || n || ' %% _ '' " (',
       now() - n * interval '1 second', 'received', 'SM' || md5(%(thread)s::text || n)
  from generate_series(1, %(messages)s) n
"""
QUICK = 0.05  # seconds


@pytest.mark.trial("A21")
async def test_syntax_in_the_search_is_text_and_no_error_and_quick(
    town: Town,
    qtbot: QtBot,
    tmp_path: Path,
    size: Size,
    record_property: Callable[[str, object], None],
) -> None:
    inbox = town.desk.inbox("Cari", "whatsapp:+628119000021")
    thread = ConversationId(town.desk.conversation(inbox, 'O\'Brien "%_" (x)'))
    town.desk.inbound(thread, "satu")
    town.desk.run("set statement_timeout = 0")
    town.desk.admin.execute(FILL, {"thread": thread, "messages": size.messages})
    agent = town.agent("pencari", inbox)
    async with at_desk(town, agent, tmp_path, link=None) as seat:
        panel = seat.window.inbox.conversations

        async def is_here() -> bool:
            count = "select count(*) from messages"
            have = await seat.store._database.read(lambda reading: int(reading.value(count)))
            return bool(have > size.messages)

        await eventually(is_here, within=600)
        told: list[str] = []
        seat.window.errors.told.connect(lambda title, text: told.append(f"{title} {text}"))
        slowest = 0.0
        for text in SYNTAX:
            began = time.perf_counter()
            await seat.store.search.messages(text)
            await seat.store.conversations.page(View(), search=text)
            slowest = max(slowest, time.perf_counter() - began)
            panel.search.setText(text)
            panel.search.textEdited.emit(text)
            await eventually(lambda: not panel._pause.isActive())
        for text, found in (('"%_"', True), ("o'brien", True), ("satu dua", True), ("satu%", True)):
            panel.search.setText(text)
            panel.search.textEdited.emit(text)
            await eventually(lambda: not panel._pause.isActive())
            await eventually(
                lambda: bool(panel.model.rowCount() or panel.hits.found.rowCount()) is found  # noqa: B023
            )
        assert told == []
        record_property("figures", f"slowest search {slowest * 1000:.0f} ms")
        assert not is_full() or slowest < QUICK

"""From the doorbell to the bubble; and of a message that is not painted, where it is."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from PySide6.QtWidgets import QApplication
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from console.app import Desktop
from console.domain.conversation import ConversationRow
from tests.bench.desk.notes import KEPT, Notes, Sample

Painted = Callable[[Callable[[], bool]], Awaitable[None]]
TAIL = 600  # characters of each log
CUSTOMER = "whatsapp:+6281299990001"
NAME = "Tamu Bel"

_STORED = """
select m.id::text, m.created_at::text, c.xid::text, c.seq,
       (select count(*) from realtime.messages b where b.payload -> 'messages' ? m.id::text)
  from public.messages m left join private.changes c on c.kind = 'messages' and c.id = m.id::text
 where m.message_sid = %s
"""
_LONG = """
select application_name || ' ' || state || ' ' || (now() - xact_start)::text from pg_stat_activity
 where xact_start < now() - interval '1 second' and pid <> pg_backend_pid()
"""


class NotPaintedError(Exception):
    """A message did not come to be seen; the words say where it is."""


class Customer:
    """Who writes to the webhook, as Twilio would bring it."""

    def __init__(self, facts: Mapping[str, Any], http: httpx.AsyncClient) -> None:
        self._facts = facts
        self._http = http
        self._validator = RequestValidator(facts["twilio_auth_token"])

    async def write(self, text: str) -> str:
        """The message's SID. Raises NotPaintedError where it was not taken."""
        url, sid = self._facts["webhook_url"], f"SM{secrets.token_hex(16)}"
        fields = {
            "MessageSid": sid,
            "AccountSid": self._facts["twilio_account_sid"],
            "From": CUSTOMER,
            "To": self._facts["inbox_address"],
            "Body": text,
            "ProfileName": NAME,
            "NumMedia": "0",
        }
        answer = await self._http.post(
            url,
            content=urlencode(fields),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Twilio-Signature": self._validator.compute_signature(url, fields),
            },
        )
        if answer.status_code != httpx.codes.OK:
            words = f"the webhook answered {answer.status_code}: {answer.text[:200]}"
            raise NotPaintedError(words)
        return sid


async def hear(
    desktop: Desktop,
    facts: Mapping[str, Any],
    notes: Notes,
    painted: Painted,
    row: ConversationRow,
    customer: Customer,
    text: str,
) -> Sample | None:
    """Write, and wait for the paint; None where it was not a bell that brought it."""
    assert desktop.window is not None
    model = desktop.window.inbox.thread_screen.model
    notes.rung.clear()

    def shows() -> bool:
        # Anywhere: what the inbox's rules say of a message stands below it.
        return any(message.content.text == text for message in reversed(model.messages))

    began, sid = time.perf_counter(), ""
    async with notes.attentive(desktop, row):
        waiting = asyncio.ensure_future(painted(shows))
        try:
            await asyncio.sleep(0)
            sid = await customer.write(text)
            await waiting
        except TimeoutError as error:
            stood = notes.stood  # before anything else is done
            words = await whereabouts(desktop, facts, notes, row, sid, text, began, stood)
            sys.stderr.write("\n".join(words) + "\n")
            raise NotPaintedError(words[0]) from error
        finally:
            waiting.cancel()
    if not notes.rung:  # the timer, or what had come before, brought it
        return None
    rung, work = notes.rung[0]
    return (time.perf_counter() - rung) * 1000, (time.process_time() - work) * 1000


async def whereabouts(
    desktop: Desktop,
    facts: Mapping[str, Any],
    notes: Notes,
    row: ConversationRow,
    sid: str,
    text: str,
    began: float,
    stood: float,
) -> list[str]:
    """How far a message came, in one line; then all that is known about its way."""
    import psycopg  # memory that the program itself does not take

    store, engine, line = desktop.at_desk.store, desktop.at_desk.engine, desktop.at_desk.remote
    assert desktop.window is not None
    inbox = desktop.window.inbox
    screen, view = inbox.thread_screen, inbox.thread_screen.timeline.viewport()
    with psycopg.connect(facts["db_url"], autocommit=True) as connection:
        stored = connection.execute(_STORED, [sid]).fetchone()
        long = [line for (line,) in connection.execute(_LONG).fetchall()]
    held = [m.content.text for m in await store.messages.latest(row.id, KEPT)]
    shown = [m.content.text for m in screen.model.messages]
    bells = [at for at, _, bell in notes.rings if bell and at >= began]
    pulls = [pull for pull in notes.pulls if pull.began >= min(bells, default=began)]
    now = time.perf_counter()
    if 2 * stood > now - began:
        verdict = f"this process or its machine stood still for {stood:.1f} s"
    elif stored is None:
        verdict = "it was answered with 200 and is not in the database (the spool?)"
    elif text in shown:
        verdict = "the thread's model has it, and it was not painted"
    elif text in held:
        told = any(at >= began for at in notes.announced)
        verdict = (
            f"the store has it, {'announced' if told else 'NOT announced'}; the model does not"
        )
    elif not bells:
        verdict = f"it is in the database with {stored[4]} bells sent, and no bell was heard"
    elif any(pull.what.startswith("brought") for pull in pulls):
        verdict = "a pull that began after its bell came back WITHOUT it"
    else:
        verdict = "its bell was heard, and no pull has come through since"
    window, popup = desktop.window.windowHandle(), QApplication.activePopupWidget()
    modal = QApplication.activeModalWidget()
    lines = [
        f"not painted: {verdict}",
        f"  waited {now - began:.1f} s until {datetime.now(UTC)}; stood still {stood:.1f} s,"
        f" {_stolen()} s of the processors were stolen since the machine began",
        f"  database: {stored}; open transactions: {long}",
        f"  rings: {[(round(at - began, 2), t, b) for at, t, b in notes.rings][-8:]}",
        f"  joined: {sorted(line.doorbell.joined) if line else None}",
        f"  link {store.link.value}, {engine._failures if engine else '?'} failures; pulls: "
        + str(
            [(round(p.began - began, 2), _since(p.ended, began), p.what) for p in notes.pulls][-8:]
        ),
        f"  announced: {[round(at - began, 2) for at in notes.announced][-8:]}",
        f"  store: {held[-4:]}",
        f"  model: {shown[-4:]}, of {len(shown)}, its jump {screen.model._jump is not None},"
        f" page {screen.model._page is not None}, at newest {screen.model.is_at_newest},"
        f" right thread {screen.model.conversation_id == row.id}",
        f"  window exposed {bool(window and window.isExposed())},"
        f" thread visible {view.isVisible()}, updates {view.updatesEnabled()},"
        f" in front {inbox.is_thread_shown},"
        f" popup {type(popup).__name__}, dialog {type(modal).__name__}",
    ]
    logs = Path(facts["data"]) / "logs"
    lines += [
        f"  {log.name}: …{log.read_text(errors='replace')[-TAIL:]}" for log in logs.glob("*.log")
    ]
    return lines


def _since(moment: float | None, began: float) -> float | None:
    return None if moment is None else round(moment - began, 2)


def _stolen() -> float:
    """What the host of a virtual machine gave to others, of all processors."""
    return int(Path("/proc/stat").read_text().split()[8]) / os.sysconf("SC_CLK_TCK")

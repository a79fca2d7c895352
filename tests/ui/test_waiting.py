"""Why replies wait, said where they wait: under the bubble, in its tooltip, above everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from console.domain.changes import Changes, Link
from console.domain.delivery import Status
from console.domain.ids import AttemptId, ConversationId
from console.domain.message import Attempt, Message
from console.domain.profile import Role
from console.domain.sending import SendingState
from console.domain.twilio_codes import NOT_REACHED
from console.ui import failures, words
from console.ui.timeline.context import Target
from console.ui.window import MainWindow
from tests.gallery.memory import ME, NOW, MemoryStore
from tests.gallery.samples import Thread
from tests.gallery.stage import quiet
from tests.ui.test_thread import Click, find, show, timeline
from tests.waiting import eventually

BAMBANG, LINA = ConversationId("bambang"), ConversationId("lina")
STOPPED = SendingState("stopped", 20003, "Our Twilio key was refused.", NOW, NOW)


def turned_away(message: Message, **facts: object) -> Message:
    """The reply after an attempt that came back."""
    attempt = Attempt(AttemptId("a1"), message.id, NOW, NOW, "retry")
    return replace(message, last_try=replace(attempt, **facts))  # type: ignore[arg-type]


async def test_sending_that_has_stopped_is_a_strip_that_goes_by_itself(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    strip = open_thread.inbox.strips.sending
    assert not strip.isVisible()
    store.set_sending(STOPPED)
    await eventually(strip.isVisible)
    assert strip.text.text().startswith("Pengiriman berhenti. Kunci Twilio kami ditolak.")
    assert "balas queue resume" not in strip.text.text()
    assert open_thread.inbox.thread_screen.composer.can_write
    store.set_sending(replace(STOPPED, state="trying"))
    await eventually(lambda: not strip.isVisible())


async def test_an_administrator_reads_what_to_do(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    store.me = replace(ME, role=Role.ADMIN)
    store.set_sending(STOPPED)
    strip = open_thread.inbox.strips.sending
    await eventually(strip.isVisible)
    assert "balas queue resume" in strip.text.text()
    assert "Diperiksa lagi pukul 10.43" in strip.text.text()


async def test_a_window_that_opens_meanwhile_shows_it_too(
    window: MainWindow, store: MemoryStore
) -> None:
    store.sending_state = STOPPED
    window.bridge.everything_changed.emit()
    await eventually(window.inbox.strips.sending.isVisible)


async def test_replies_that_wait_for_a_word_are_told_of_and_led_to(
    window: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    strip = window.inbox.strips.line
    facts: dict[str, Any] = {"local": True, "waiting": "asking", "rule": "customer_wrote"}
    asked = [
        Thread(id).add("Bisa", out=True, status=Status.QUEUED, **facts)
        for id in (BAMBANG, LINA, ConversationId("agus"))
    ]
    await eventually(lambda: window.inbox.has_reading)
    store.set_link(Link.OFFLINE)
    for message in asked:
        store.add(message)
    await eventually(lambda: strip.isVisible() and not strip.step.isVisible())
    store.set_link(Link.ONLINE)
    await eventually(strip.step.isVisible)
    assert strip.text.text() == (
        "3 balasan menunggu keputusan Anda: ada yang terjadi sejak Anda menulis."
    )
    hides = Hides(strip)
    for _ in range(3):
        store.changes.publish(Changes(outbox=True))
        await quiet()
    assert hides.count == 0, "what goes on in the outbox does not move the whole window"
    for message in asked:
        qtbot.mouseClick(strip.step, Qt.MouseButton.LeftButton)
        await eventually(partial(is_in_view, window, message))
    for message in asked:
        store.change(replace(message, waiting=None))
    store.changes.publish(Changes(outbox=True))
    await eventually(lambda: not strip.isVisible())


class Hides(QObject):
    """How often a widget was hidden."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Hide
        return False


def is_in_view(window: MainWindow, message: Message) -> bool:
    inbox = window.inbox
    return inbox.is_thread_shown and message.id in (
        shown.id for shown in inbox.thread_screen.model.messages
    )


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"error_code": 20429}, "Menunggu: Twilio meminta kami melambat."),
        ({"words": f"{NOT_REACHED.english} (ConnectError)"}, "Menunggu: Twilio tidak dapat"),
        ({"words": "Something new."}, "Menunggu: Something new."),
    ],
)
async def test_a_queued_reply_that_was_turned_away_says_why_it_waits(
    open_thread: MainWindow, store: MemoryStore, click: Click, facts: dict[str, object], said: str
) -> None:
    reply = turned_away(Thread().add("halo", out=True, status=Status.QUEUED), **facts)
    await show(open_thread, store, [reply])
    told = words.progress(reply, NOW)
    assert told.startswith(said)
    assert "ConnectError" not in told
    spot = find(open_thread, reply, Target.DETAILS)
    click(open_thread, spot.x(), spot.y())
    context = open_thread.inbox.thread_screen.context
    await eventually(lambda: reply.id in context.open_ledgers)
    # once it is on its way nothing stands there any more
    tall = timeline(open_thread).verticalScrollBar().maximum()
    store.change(replace(reply, status=Status.SENT, last_try=None))
    model = open_thread.inbox.thread_screen.model
    await eventually(lambda: model.messages[-1].status is Status.SENT)
    assert timeline(open_thread).verticalScrollBar().maximum() <= tall


def test_the_ledger_speaks_the_windows_language() -> None:
    reply = Thread().add("halo", out=True, status=Status.QUEUED)
    entry = turned_away(reply, words=f"{NOT_REACHED.english} (ConnectError)").last_try
    assert entry is not None
    assert "Twilio tidak dapat dihubungi" in failures.attempt(entry)
    assert "(ConnectError)" in failures.attempt(entry)


def test_what_was_sent_but_not_delivered_says_for_how_long() -> None:
    sent = Thread().add("halo", out=True, status=Status.SENT)
    assert words.progress(sent, sent.timestamp + timedelta(minutes=59)) == words.status(Status.SENT)
    late = words.progress(sent, sent.timestamp + timedelta(hours=5, minutes=10))
    assert late == "Terkirim, belum sampai selama 5 jam"
    read = replace(sent, status=Status.READ)
    assert words.progress(read, sent.timestamp + timedelta(hours=5)) == words.status(Status.READ)

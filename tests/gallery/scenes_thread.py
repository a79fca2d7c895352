"""Scenes of the thread: what the team does and says among itself, formatting, chosen text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from console.domain.delivery import Status
from console.domain.message import Message
from console.ui.widgets.calendar import CalendarPopup
from console.ui.window import MainWindow
from tests.gallery.memory import NOW
from tests.gallery.samples import Thread
from tests.gallery.scenes import thread_of
from tests.gallery.stage import Scene, Stage, quiet
from tests.waiting import eventually as until

FORMATTED = """*Status pesanan #INV-2231*
- sudah dibayar
- _sedang dikemas_
- ~dikirim besok~ dikirim *hari ini*
> Kapan sampainya?
Pakai kode `ONGKIR0` atau ```RESI-99-21```"""


def among_ourselves() -> list[Message]:
    """Notes and events around a customer's question."""
    thread = Thread()
    back = (NOW + timedelta(hours=20)).isoformat()
    thread.event("reopened", 64, by="customer")
    thread.add("Kak, paket saya kok belum sampai ya?", minutes=63)
    thread.event("assigned", 60, actor="Raka Aditya", assignee_name="Dewi Wulandari")
    thread.event("labelled", 60, actor="Raka Aditya", label_name="Pengiriman")
    thread.note("Pelanggan reseller, tolong dibantu cepat @Dewi.", minutes=58, by="Raka Aditya")
    thread.note("Siap. Resinya macet di gudang Bekasi, saya telepon dulu.", minutes=55)
    thread.add(FORMATTED, minutes=50, out=True)
    thread.add("Terima kasih kak 🙏", minutes=44)
    thread.event("snoozed", 40, actor="Dewi Wulandari", until=back)
    thread.event("resolved", 1, actor="Dewi Wulandari")
    return thread.messages


async def team(stage: Stage) -> QWidget:
    return (await thread_of(stage, among_ourselves(), 860)).inbox.thread_screen


async def chosen_text(stage: Stage) -> QWidget:
    window = await thread_of(stage, among_ourselves(), 860)
    timeline = window.inbox.thread_screen.timeline
    await quiet()
    first = timeline.bubble_rect(among_ourselves()[5].id)
    last = timeline.bubble_rect(among_ourselves()[7].id)
    assert first is not None
    assert last is not None
    viewport = timeline.viewport()
    start = QPoint(round(first.left() + 60), round(first.top() + 30))
    end = QPoint(round(last.left() + 90), round(last.top() + 16))
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(viewport, start + QPoint(40, 4))
    QTest.mouseMove(viewport, end)
    timeline.selection.reach(timeline._place_at(end.toPointF()))
    timeline._show_selection()
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=end)
    return window.inbox.thread_screen


def waiting() -> list[Message]:
    """Replies that were written offline and ask once more, and one that can be taken back."""
    thread = Thread()
    thread.add("Kak, jadi kirim hari ini?", minutes=30)
    local: dict[str, Any] = {"status": Status.QUEUED, "local": True, "out": True}
    thread.add("Bisa kak, sore ini.", minutes=12, waiting="asking", rule="customer_wrote", **local)
    thread.add("Kurirnya JNE ya.", minutes=11, waiting="asking", rule="colleague_replied", **local)
    thread.add("Ditunggu ya kak.", minutes=10, waiting="asking", rule="window_closed", **local)
    thread.add("Terima kasih!", minutes=0, waiting="held", **local)
    return thread.messages


async def asking(stage: Stage) -> QWidget:
    return (await thread_of(stage, waiting(), 760)).inbox.thread_screen


async def finding(stage: Stage) -> QWidget:
    window = await thread_of(stage, among_ourselves(), 860)
    thread = window.inbox.thread_screen
    thread.open_finder()
    thread.finder.field.setText("kak")
    thread.finder.field.textEdited.emit("kak")
    await until(lambda: "2" in thread.finder.count.text())
    await quiet()
    return thread


async def calendar(stage: Stage) -> QWidget:
    window = await thread_of(stage, among_ourselves(), 860)
    window.inbox.thread_screen.ask_date()
    return popup(window)


async def moment(stage: Stage) -> QWidget:
    window = await thread_of(stage, among_ourselves(), 860)
    window.inbox.acts._pick_moment(window.inbox.targets(), None)
    return popup(window)


def popup(window: MainWindow) -> QWidget:
    shown = next(c for c in window.findChildren(CalendarPopup) if c.isVisible())
    shown.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    return shown


SCENES: dict[str, Scene] = {
    "thread-team": team,
    "thread-chosen-text": chosen_text,
    "thread-asking": asking,
    "thread-finding": finding,
    "calendar": calendar,
    "calendar-with-time": moment,
}

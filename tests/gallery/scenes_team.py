"""Scenes of the team: who else is at a conversation, handover, mentions."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from console.domain.company import Companion
from console.domain.errors import OfflineError
from console.domain.ids import ConversationId, MessageId, ProfileId
from console.domain.profile import Role
from console.domain.shifts import Handed, Mention
from console.ui.screens.handover.screen import Screen as Handover
from console.ui.screens.mentions.screen import Screen as Mentions
from tests.gallery.memory_server import MemoryServer
from tests.gallery.samples import SITI, ago, desk
from tests.gallery.scenes import opened
from tests.gallery.stage import Scene, Stage
from tests.waiting import eventually as until


async def company(stage: Stage) -> QWidget:
    """One colleague writes in the open conversation, another looks; a third is elsewhere."""
    store = desk()
    rows = store.conversations.rows
    for place, priority in ((0, "urgent"), (3, "high"), (5, "urgent")):
        rows[place] = replace(rows[place], priority=priority)
    server = MemoryServer()
    stage.server.connect(server.as_server())
    window = await opened(stage, store)
    row = window.inbox.thread_screen.row
    assert row is not None
    await until(lambda: len(window.inbox.team.people) > 2)
    others = [person.id for person in window.inbox.team.people if person != store.me]
    elsewhere = next(each for each in store.conversations.rows if each.id != row.id)
    server.presence.come(row.id, Companion(others[0], typing=True), Companion(others[1]))
    server.presence.come(elsewhere.id, Companion(others[1]))
    await until(lambda: window.inbox.thread_screen.header.company.isVisible())
    return window


NOTES = (
    ("Raka Aditya", "Siti Rahmawati", "@Dewi tolong cek resi ini ke JNE, sudah 5 hari.", 12, True),
    ("Nita Kusuma", "Bambang Hartono", "@Dewi ini pelanggan lama, beri potongan ya 🙏", 55, True),
    (
        "Perkumpulan Pengusaha Batik Tulis Nusantara Cabang Pekalongan",
        "Toko Makmur Jaya Abadi Sejahtera Bersama Cabang Bekasi Timur dan Sekitarnya",
        "@Dewi faktur yang kemarin salah alamat, mohon dikirim ulang sebelum sore karena mereka "
        "menutup buku hari ini dan bagian keuangannya sudah menagih dua kali",
        60 * 26,
        False,
    ),
    ("Raka Aditya", "+62 813-9920-1177", "@Dewi sudah beres, terima kasih!", 60 * 50, False),
)


async def mentions(stage: Stage) -> QWidget:
    """Two new ones above those that were seen."""
    store = desk()
    store.team.notes = [
        Mention(
            MessageId(f"m{place}"),
            ConversationId(SITI),
            ProfileId(f"p{place}"),
            author,
            customer,
            body,
            ago(minutes=minutes),
            unread,
        )
        for place, (author, customer, body, minutes, unread) in enumerate(NOTES)
    ]
    window = await opened(stage, store)
    await until(lambda: window.rail.pages["mentions"].count == 2)
    window.go("mentions")
    page = window.pages.screen_of("mentions")
    assert isinstance(page, Mentions)
    await until(lambda: page.model.rowCount() == len(NOTES))
    return window


async def mentions_empty(stage: Stage) -> QWidget:
    window = await opened(stage, desk())
    window.go("mentions")
    page = window.pages.screen_of("mentions")
    assert isinstance(page, Mentions)
    await until(page.empty.isVisible)
    return window


async def handing_over(stage: Stage, server: MemoryServer) -> tuple[QWidget, Handover]:
    """The form filled in; Dewi may hand over the work of others too."""
    stage.server.connect(server.as_server())
    store = desk()
    assert store.me is not None
    store.me = replace(store.me, role=Role.SUPERVISOR)
    window = await opened(stage, store)
    window.go("handover")
    page = window.pages.screen_of("handover")
    assert isinstance(page, Handover)
    await until(lambda: page.rows)
    page.summary.setPlainText("Siti menunggu resi JNE. Bambang minta potongan, tunggu Nita.")
    return window, page


async def handover(stage: Stage) -> QWidget:
    return (await handing_over(stage, MemoryServer()))[0]


async def handover_offline(stage: Stage) -> QWidget:
    server = MemoryServer()
    server.shift.failure = OfflineError(
        "No connection to the server", "The program is still connecting."
    )
    window, page = await handing_over(stage, server)
    page.hand_over()
    await until(page.message.isVisible)
    return window


async def handover_done(stage: Stage) -> QWidget:
    server = MemoryServer()
    server.shift.answer = Handed(7, kept=1)
    window, page = await handing_over(stage, server)
    page.hand_over()
    await until(page.done.isVisible)
    return window


SCENES: dict[str, Scene] = {
    "team-company": company,
    "team-mentions": mentions,
    "team-mentions-empty": mentions_empty,
    "team-handover": handover,
    "team-handover-offline": handover_offline,
    "team-handover-done": handover_done,
}

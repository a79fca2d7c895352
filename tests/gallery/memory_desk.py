"""The inbox list and the menus' entries in memory: one half of the gallery's store."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from console.domain.conversation import (
    Channel,
    ConversationRow,
    ConversationStatus,
    Counters,
    Filter,
    Inbox,
    Label,
    Part,
    Sort,
    View,
)
from console.domain.desk import CannedFile, CannedReply, Template
from console.domain.ids import CannedReplyId, ContactId, ConversationId, InboxId, LabelId, ProfileId
from console.domain.profile import Profile, Role
from console.domain.window import window_of

REPLIES = (
    CannedReply(
        CannedReplyId("resi"),
        "resi",
        "Halo {{name}}, nomor resi pesanan Anda sudah kami kirim ya. Salam, {{agent}}",
    ),
    CannedReply(
        CannedReplyId("maaf"),
        "maaf",
        "Mohon maaf atas ketidaknyamanannya, {{name}}. Kami periksa dulu dan segera kabari.",
    ),
    CannedReply(
        CannedReplyId("katalog"),
        "katalog",
        "Berikut katalog terbaru kami, {{name}}.",
        (CannedFile("canned/katalog.pdf", "Katalog.pdf", "application/pdf", 1_204_000),),
    ),
    CannedReply(
        CannedReplyId("jam"),
        "jam-buka",
        "Kami buka Senin sampai Sabtu, 08.00–20.00 WIB. Pesanan: {{order}}",
    ),
)
TEMPLATES = (
    Template(
        "HX01",
        "tindak_lanjut_pesanan",
        "id",
        "Halo {{1}}, pesanan {{2}} sudah dikirim. Ada yang bisa kami bantu?",
        {"1": "Siti", "2": "#INV-2231"},
        "approved",
        ("Lacak pesanan", "Ya, ada pertanyaan"),
    ),
    Template(
        "HX02",
        "pengingat_pembayaran",
        "id",
        "Halo {{1}}, tagihan {{2}} jatuh tempo pada {{3}}.",
        {"1": "Siti", "2": "Rp 120.000", "3": "Jumat"},
        "approved",
    ),
    Template(
        "HX03",
        "order_follow_up",
        "en",
        "Hi {{1}}, your order {{2}} is on its way.",
        {"1": "Siti", "2": "#INV-2231"},
        "approved",
    ),
    Template(
        "HX04",
        "promo_akhir_tahun",
        "id",
        "Diskon {{1}} untuk pelanggan setia…",
        {"1": "20 %"},
        "pending",
    ),
)
NOW = datetime(2025, 11, 17, 3, 43, tzinfo=UTC)
ME = Profile(ProfileId("me"), "Dewi Wulandari")


class MemoryConversations:
    def __init__(self, rows: list[ConversationRow]) -> None:
        self.rows = rows
        self.total: Counters | None = None

    async def page(
        self,
        view: View,
        *,
        search: str = "",
        after: ConversationRow | None = None,
        limit: int = 100,
    ) -> list[ConversationRow]:
        rows = [row for row in self.rows if self._has(row, view, search)]
        rows.sort(key=_ORDERS[view.sort])
        start = rows.index(after) + 1 if after in rows else 0
        return rows[start : start + limit]

    async def part(self, view: View, start: int, limit: int) -> Part:
        rows = await self.page(view, limit=len(self.rows))
        first = max(0, min(start, len(rows) - limit))
        return Part(first, rows[first : first + limit], len(rows))

    @staticmethod
    def _has(row: ConversationRow, view: View, search: str) -> bool:
        if search:
            return search.lower() in f"{row.name} {row.address}".lower()
        if view.inbox_id not in (None, row.inbox_id):
            return False
        if view.label_id and not any(label.id == view.label_id for label in row.labels):
            return False
        if view.filter is Filter.SNOOZED:
            return row.status is ConversationStatus.SNOOZED
        if view.filter is Filter.RESOLVED:
            return row.status is ConversationStatus.RESOLVED
        if row.status is not ConversationStatus.OPEN:
            return False
        return (
            view.filter is Filter.ALL
            or (view.filter is Filter.MINE and row.assignee_id == ME.id)
            or (view.filter is Filter.UNASSIGNED and row.assignee_id is None)
        )

    async def of_contact(self, contact_id: ContactId, limit: int = 30) -> list[ConversationRow]:
        rows = [row for row in self.rows if row.contact_id == contact_id]
        return sorted(rows, key=_from_newest)[:limit]

    async def get(self, id: ConversationId) -> ConversationRow | None:
        return next((row for row in self.rows if row.id == id), None)

    async def counters(
        self, inbox_id: InboxId | None = None, label_id: LabelId | None = None
    ) -> Counters:
        if self.total is not None:
            return self.total
        view = View(Filter.ALL, inbox_id, label_id)
        shown = [row for row in self.rows if self._has(row, view, "")]
        mine = [row for row in shown if row.assignee_id == ME.id]
        return Counters(
            mine=len(mine),
            unassigned=sum(row.assignee_id is None for row in shown),
            all=len(shown),
            unread=sum(row.unread > 0 for row in mine),
            snoozed=sum(row.status is ConversationStatus.SNOOZED for row in self.rows),
            resolved=sum(row.status is ConversationStatus.RESOLVED for row in self.rows),
            inboxes=Counter(row.inbox_id for row in shown),
            labels=Counter(label.id for row in shown for label in row.labels),
        )

    def change(self, id: ConversationId, **values: object) -> None:
        self.rows = [
            replace(row, **values) if row.id == id else row  # type: ignore[arg-type]
            for row in self.rows
        ]


def _from_newest(row: ConversationRow) -> tuple[float, ...]:
    return (-(row.last_message_at or NOW).timestamp(),)


def _from_longest_wait(row: ConversationRow) -> tuple[float, ...]:
    waits = row.waiting_since
    return (waits is None, waits.timestamp() if waits else 0, *_from_newest(row))


def _from_closing_window(row: ConversationRow) -> tuple[float, ...]:
    left = window_of(row.channel, row.last_inbound_at, NOW)
    closed = left.left is None or not left.is_open
    return (closed, 0 if closed else left.left.total_seconds(), *_from_newest(row))  # type: ignore[union-attr]


_ORDERS = {
    Sort.NEWEST: _from_newest,
    Sort.WAITING: _from_longest_wait,
    Sort.WINDOW: _from_closing_window,
}


class MemoryDesk:
    """What menus offer."""

    def __init__(self) -> None:
        self.team = [
            ME,
            Profile(ProfileId("raka"), "Raka Aditya", available=True),
            Profile(ProfileId("nita"), "Nita Kusuma", Role.SUPERVISOR, available=True),
            Profile(ProfileId("yoga"), "Yoga Saputra"),
        ]
        self.known = [
            Label(LabelId("kirim"), "Pengiriman", "blue"),
            Label(LabelId("prio"), "Prioritas", "red"),
            Label(LabelId("bayar"), "Pembayaran", "green"),
            Label(LabelId("retur"), "Retur", "amber"),
            Label(LabelId("grosir"), "Grosir", "violet"),
        ]
        self.senders = [
            Inbox(InboxId("wa"), "Toko Sentosa", Channel.WHATSAPP, "whatsapp:+6281100002222"),
            Inbox(InboxId("sms"), "SMS Sentosa", Channel.SMS, "+6281100003333"),
        ]
        self.replies = list(REPLIES)
        self.approved = list(TEMPLATES)

    async def people(self) -> list[Profile]:
        return list(self.team)

    async def labels(self) -> list[Label]:
        return list(self.known)

    async def inboxes(self) -> list[Inbox]:
        return list(self.senders)

    async def canned(self) -> list[CannedReply]:
        return list(self.replies)

    async def templates(self, channel: Channel = Channel.WHATSAPP) -> list[Template]:
        return list(self.approved) if channel is Channel.WHATSAPP else []

"""Conversations and messages like those of a real desk, for the pictures."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import count

from PySide6.QtCore import QBuffer, QIODevice, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

from console.domain.content import Content, Event, Kind, Location, MediaItem, MediaState
from console.domain.conversation import (
    Channel,
    ConversationRow,
    ConversationStatus,
    Label,
    Preview,
)
from console.domain.delivery import Direction, Status
from console.domain.ids import ContactId, ConversationId, InboxId, LabelId, MessageId, ProfileId
from console.domain.message import Message, Quote
from tests.gallery.made import pdf, sample_file
from tests.gallery.memory import ME, NOW, MemoryStore

COLLEAGUE = ProfileId("raka")
SITI = ConversationId("siti")
SHIPPING = Label(LabelId("kirim"), "Pengiriman", "blue")
URGENT = Label(LabelId("prio"), "Prioritas", "red")


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@cache
def photo(first: str, second: str, width: int = 960, height: int = 640) -> bytes:
    """A soft gradient with a shape on it, as JPEG."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = QLinearGradient(QPointF(0, 0), QPointF(width, height))
        fill.setColorAt(0, QColor(first))
        fill.setColorAt(1, QColor(second))
        painter.fillRect(image.rect(), fill)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(255, 255, 255, 46))
        painter.drawEllipse(QPointF(width * 0.72, height * 0.3), height * 0.5, height * 0.5)
        painter.drawEllipse(QPointF(width * 0.2, height * 0.95), height * 0.4, height * 0.4)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPG", 90)  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def row(
    id: str,
    name: str,
    text: str,
    *,
    address: str = "whatsapp:+628123456789",
    channel: Channel = Channel.WHATSAPP,
    kind: Kind = Kind.TEXT,
    direction: Direction = Direction.INBOUND,
    status: Status | None = None,
    minutes: float = 1,
    inbound_minutes: float | None = None,
    unread: int = 0,
    mine: bool = True,
    colleague: str | None = None,
    draft: str | None = None,
    failed: str | None = None,
    failed_code: int | None = None,
    labels: tuple[Label, ...] = (),
    waiting: float | None = None,
) -> ConversationRow:
    inbound = minutes if inbound_minutes is None else inbound_minutes
    assignee = COLLEAGUE if colleague else (ME.id if mine else None)
    return ConversationRow(
        id=ConversationId(id),
        inbox_id=InboxId("wa" if channel is Channel.WHATSAPP else "sms"),
        contact_id=ContactId(id),
        name=name,
        address=address,
        channel=channel,
        status=ConversationStatus.OPEN,
        assignee_id=assignee,
        assignee_name=colleague or (ME.name if mine else None),
        last_message_at=ago(minutes=minutes),
        last_inbound_at=ago(minutes=inbound),
        waiting_since=ago(minutes=waiting or minutes) if unread or waiting else None,
        unread=unread,
        preview=Preview(kind, text, direction, status),
        draft=draft,
        failed=failed,
        failed_code=failed_code,
        labels=labels,
        inbox_name="Toko Sentosa",
    )


def rows() -> list[ConversationRow]:
    """The list of the design's picture."""
    out = Direction.OUTBOUND
    return [
        row(
            "siti",
            "Siti Rahmawati",
            "Baik kak, saya tunggu ya 🙏",
            unread=2,
            inbound_minutes=42,
            labels=(SHIPPING, URGENT),
        ),
        row(
            "bambang",
            "Bambang Hartono",
            "",
            kind=Kind.AUDIO,
            unread=1,
            minutes=4,
            inbound_minutes=24 * 60 - 48,
            address="whatsapp:+6281299901177",
        ),
        row(
            "makmur",
            "Toko Makmur Jaya",
            "Invoice sudah kami kirim ke email",
            direction=out,
            status=Status.READ,
            minutes=12,
        ),
        row(
            "agus",
            "Agus Pratama",
            "",
            kind=Kind.IMAGE,
            minutes=25,
            channel=Channel.SMS,
            address="+6281355512345",
            colleague="Raka Aditya",
        ),
        row(
            "lina",
            "Lina Nuraini",
            "Baik Bu Lina, barang sudah kami kirim ulang",
            direction=out,
            status=Status.FAILED,
            minutes=46,
            failed="Invalid message recipient",
            failed_code=63024,
        ),
        row(
            "tanpa-nama",
            "",
            "Halo, masih buka?",
            minutes=63,
            address="whatsapp:+6281399201177",
            draft="Terima kasih sudah menghubungi kami",
        ),
        row(
            "yusuf",
            "Yusuf Firmansyah",
            "Jl. Sudirman No. 12, Jakarta",
            kind=Kind.LOCATION,
            minutes=60 * 25,
        ),
        row(
            "klinik",
            "Klinik Dharma",
            "Jadwal_Dokter_Nov.pdf",
            kind=Kind.DOCUMENT,
            minutes=60 * 27,
            mine=False,
            colleague="Raka Aditya",
        ),
        row("antre1", "Made Wirawan", "Apakah bisa COD?", minutes=8, mine=False, unread=1),
        row(
            "antre2",
            "Fitri Handayani",
            "Barang saya belum sampai",
            minutes=31,
            mine=False,
            unread=3,
        ),
        row(
            "sms",
            "Hendra Gunawan",
            "OK terima kasih",
            minutes=60 * 24 * 3,
            channel=Channel.SMS,
            address="+6281110002222",
        ),
        row(
            "lama",
            "Putri Ayu",
            "Siap, makasih kak",
            minutes=60 * 24 * 12,
            direction=out,
            status=Status.DELIVERED,
        ),
    ]


_versions = count(1)


class Thread:
    """Builds a thread message by message; each has a version of its own, as the server gives it."""

    def __init__(self, conversation_id: ConversationId = SITI) -> None:
        self.messages: list[Message] = []
        self._id = conversation_id

    def add(
        self,
        text: str = "",
        *,
        minutes: float = 0,
        kind: Kind = Kind.TEXT,
        out: bool = False,
        status: Status | None = None,
        content: Content | None = None,
        by: ProfileId | None = None,
        by_name: str | None = None,
        quote: Quote | None = None,
        code: int | None = None,
        error: str | None = None,
        **more: object,
    ) -> Message:
        made = Message(
            id=MessageId(f"{self._id}-{len(self.messages)}"),
            conversation_id=self._id,
            direction=Direction.OUTBOUND if out else Direction.INBOUND,
            content=content or Content(kind, text),
            timestamp=ago(minutes=minutes),
            status=status or (Status.READ if out else Status.RECEIVED),
            version=next(_versions),
            sent_by=(by or ME.id) if out else None,
            sender_name=by_name or (ME.name if out else None),
            quote=quote,
            error_code=code,
            error_text=error,
            **more,  # type: ignore[arg-type]
        )
        self.messages.append(made)
        return made

    def note(self, text: str, *, minutes: float, by: str = ME.name) -> Message:
        return beside(self, Kind.NOTE, Content(Kind.NOTE, text), minutes, by)

    def event(self, kind: str, minutes: float, actor: str | None = None, **data: object) -> Message:
        event = Event(kind, actor, data)
        return beside(self, Kind.EVENT, Content(Kind.EVENT, "", event=event), minutes, actor)


def beside(thread: Thread, kind: Kind, content: Content, minutes: float, by: str | None) -> Message:
    """Something that is no message, in its place among them."""
    author = ME.id if by == ME.name else COLLEAGUE
    made = thread.add(content=content, minutes=minutes, out=True, by=author, by_name=by)
    thread.messages[-1] = replace(made, status=None)
    return thread.messages[-1]


def media(
    name: str, content_type: str, size: int, state: MediaState = MediaState.STORED, index: int = 0
) -> MediaItem:
    return MediaItem(index, content_type, name, size, state, "media", f"siti/{name}")


def siti() -> list[Message]:
    """The thread of the design's picture."""
    thread = Thread()
    thread.add("Selamat pagi kak", minutes=60 * 22)
    thread.add(
        "Selamat pagi, pesanan saya #INV-2231 belum sampai ya? Sudah 5 hari 😔", minutes=60 * 22 - 1
    )
    thread.add(
        "Halo Bu Siti, kami periksa dulu ya. Lacak sendiri: https://cekresi.example/INV-2231",
        minutes=60 * 21,
        out=True,
        by=COLLEAGUE,
        by_name="Raka Aditya",
    )
    thread.add(
        minutes=22,
        content=Content(Kind.IMAGE, "Resi JNE", (media("IMG_2041.jpg", "image/jpeg", 1_258_291),)),
    )
    thread.add(
        "Selamat pagi Bu Siti, mohon maaf atas keterlambatannya. Kami cek dulu ke kurir ya.",
        minutes=19,
        out=True,
    )
    thread.note("@Raka tolong cek resi ini ke JNE, sudah 5 hari.", minutes=18)
    thread.add(
        minutes=7,
        content=Content(Kind.AUDIO, "", (media("PTT-2025.ogg", "audio/ogg", 48_200),)),
    )
    thread.add(
        minutes=5,
        out=True,
        status=Status.DELIVERED,
        quote=Quote(
            MessageId("siti-1"), "Siti Rahmawati", "Selamat pagi, pesanan saya #INV-2231 belum…"
        ),
        content=Content(
            Kind.DOCUMENT,
            "Paket sudah di gudang Bekasi, estimasi tiba sore ini. Berikut bukti pengirimannya.",
            (media("Bukti_Pengiriman_2231.pdf", "application/pdf", 421_888),),
        ),
    )
    thread.add("Baik kak, saya tunggu ya 🙏", minutes=1)
    return thread.messages


def desk() -> MemoryStore:
    """A desk in the middle of a morning."""
    store = MemoryStore(rows(), {SITI: siti()})
    store.media.files["siti/IMG_2041.jpg"] = photo("#7fb3a0", "#8c5a3c")
    store.media.files["siti/PTT-2025.ogg"] = sample_file("suara.ogg")
    store.media.files["siti/Bukti_Pengiriman_2231.pdf"] = pdf(3, "BUKTI KIRIM")
    return store


PLACE = Location(-6.2088, 106.8456, "Kantor Pusat", "Jl. Jend. Sudirman No. 12, Jakarta")

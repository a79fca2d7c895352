"""Scenes of both directions of writing: Arabic and Hebrew on this desk, and the desk mirrored."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from console.domain.content import Choice, Content, Kind, Referral
from console.domain.delivery import Status
from console.domain.message import Message, Quote
from tests.gallery.made import pdf
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import PLACE, SITI, URGENT, Thread, desk, media, photo, row
from tests.gallery.scenes import failed, opened
from tests.gallery.scenes_reports import week
from tests.gallery.stage import Scene, Stage

MIXED = """مرحبا، عندي سؤال عن طلبي رقم 2231 من متجركم.
Order #INV-2231, size 42.
> متى يصل الطلب؟
- *أولا*: اللون https://toko-makmur.example/produk
- ثانيا: المقاس 42"""

CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:ليلى حداد\nTEL;TYPE=CELL:+966501234567\nEND:VCARD\n"


def arabic() -> list[Message]:
    """A customer who writes Arabic and Hebrew, with a word of English in between."""
    thread = Thread()
    thread.add(
        minutes=58,
        content=Content(
            Kind.TEXT,
            "هل العرض ما زال متاحا؟",
            referral=Referral("شحن مجاني", "حتى نهاية الشهر", "https://fb.me/2xYz"),
        ),
    )
    thread.add(MIXED, minutes=50)
    first = thread.add("نعم!", minutes=44, out=True)
    thread.add(
        "שלום, הבעיה היא שהמשלוח עדיין לא הגיע אליי. אפשר לבדוק בבקשה מה קורה איתו? תודה רבה!",
        minutes=40,
        quote=Quote(first.id, "Dewi", "نعم!"),
    )
    picture = (media("IMG_4410.jpg", "image/jpeg", 812_000),)
    thread.add(minutes=34, content=Content(Kind.IMAGE, "وصلت هكذا", picture))
    thread.add(
        minutes=28,
        content=Content(Kind.DOCUMENT, "", (media("فاتورة الطلب.pdf", "application/pdf", 92_117),)),
    )
    thread.add(
        minutes=20, content=Content(Kind.LIST, "", choice=Choice("توصيل", "x", "إلى عنوانك"))
    )
    thread.add(
        minutes=18,
        content=Content(Kind.AUDIO, "", (media("PTT-2025.ogg", "audio/ogg", 40_000),)),
    )
    thread.add(minutes=16, content=Content(Kind.LOCATION, "", location=PLACE))
    thread.add(
        minutes=12,
        content=Content(Kind.CONTACT_CARD, "", (media("ليلى.vcf", "text/vcard", 214),)),
    )
    thread.note("بانتظار المستودع @Dewi", minutes=10)
    thread.add(
        "Sudah kami kirim, tunggu ya.", minutes=6, out=True, status=Status.FAILED, code=63024
    )
    thread.add("شكرا 🙏", minutes=2, out=True)
    return thread.messages


def desk_of_both() -> MemoryStore:
    """Conversations in both directions beside each other, Siti's in Arabic."""
    store = desk()
    kept = store.conversations.rows[0]
    store.conversations.rows[:0] = [
        row("salam", "مطعم السلام (Jakarta)", "متى يصل الطلب 2231؟ شكرا!", minutes=2, unread=3),
        row("noa", "נועה", "IMG_4410.jpg, אפשר לבדוק?", minutes=4, labels=(URGENT,)),
    ]
    store.conversations.rows[2] = replace(kept, unread=0)
    store.messages.threads[SITI] = arabic()
    store.media.files["siti/IMG_4410.jpg"] = photo("#7aa7c7", "#e0a26b")
    store.media.files["siti/فاتورة الطلب.pdf"] = pdf(2, "فاتورة")
    store.media.files["siti/ليلى.vcf"] = CARD.encode()
    return store


async def mirrored(stage: Stage, scene: Scene) -> QWidget:
    """A scene as those see it who read from right to left."""
    stage.turn(Qt.LayoutDirection.RightToLeft)
    return await scene(stage)


async def both(stage: Stage) -> QWidget:
    return await opened(stage, desk_of_both(), SITI, 1360, 1960)


async def desk_mirrored(stage: Stage) -> QWidget:
    return await mirrored(stage, both)


async def thread_mirrored(stage: Stage) -> QWidget:
    return await mirrored(stage, failed)


async def reports_mirrored(stage: Stage) -> QWidget:
    return await mirrored(stage, week)


SCENES: dict[str, Scene] = {
    "directions": both,
    "directions-mirrored": desk_mirrored,
    "directions-mirrored-failed": thread_mirrored,
    "directions-mirrored-reports": reports_mirrored,
}

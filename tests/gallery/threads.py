"""Threads for the pictures: every kind, every status, hard cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from console.domain.content import Choice, Content, Kind, MediaState, Referral
from console.domain.delivery import Status
from console.domain.ids import AttemptId, MessageId
from console.domain.message import Attempt, Message, Quote
from tests.gallery.samples import PLACE, Thread, ago, media


def kinds() -> list[Message]:
    """One of each kind of message, as a customer and as we send it."""
    thread = Thread()
    thread.add(
        minutes=58,
        content=Content(
            Kind.TEXT,
            "Halo, saya lihat iklannya. Masih ada promonya?",
            referral=Referral(
                "Gratis ongkir se-Jabodetabek",
                "Sampai akhir bulan",
                "https://fb.me/2xYz",
            ),
        ),
    )
    thread.add(minutes=50, content=Content(Kind.LOCATION, "", location=PLACE))
    thread.add(
        minutes=44,
        content=Content(Kind.CONTACT_CARD, "", (media("Budi Santoso.vcf", "text/vcard", 214),)),
    )
    thread.add(
        minutes=40,
        content=Content(Kind.VIDEO, "Unboxing", (media("unboxing.mp4", "video/mp4", 4_812_009),)),
    )
    thread.add(
        minutes=34, content=Content(Kind.STICKER, "", (media("ok.webp", "image/webp", 20_480),))
    )
    thread.add(
        minutes=28,
        out=True,
        content=Content(
            Kind.TEMPLATE,
            "Halo Siti, pesanan #INV-2231 sudah dikirim. Ada yang bisa kami bantu?",
            template_name="tindak_lanjut_pesanan",
        ),
    )
    thread.add(
        minutes=22,
        content=Content(Kind.BUTTON, "", choice=Choice("Ya, kirim ulang", "resend", None)),
    )
    thread.add(
        minutes=16,
        content=Content(Kind.LIST, "", choice=Choice("Kurir", "courier", "Dikirim ke alamat Anda")),
    )
    thread.add(
        minutes=10, content=Content(Kind.TEXT, "Info dari grup sebelah ya kak", forwarded=True)
    )
    thread.add(minutes=6, content=Content(Kind.UNSUPPORTED, ""))
    thread.add("🙏🙏", minutes=4)
    thread.add("Sama-sama kak", minutes=2, out=True, automatic=True)
    return thread.messages


def statuses() -> list[Message]:
    """Own replies in every state of delivery."""
    thread = Thread()
    thread.add("Kak, barangnya kapan dikirim?", minutes=50)
    for place, (status, text) in enumerate(
        (
            (Status.READ, "Sudah kami kirim tadi pagi"),
            (Status.DELIVERED, "Nomor resinya JNE 0123456"),
            (Status.SENT, "Bisa dilacak di aplikasi"),
            (Status.ACCEPTED, "Atau lewat situs kurirnya"),
            (Status.QUEUED, "Kabari kami kalau sudah sampai ya"),
        )
    ):
        thread.add(text, minutes=45 - 6 * place, out=True, status=status)
    return thread.messages


def failed() -> tuple[list[Message], dict[MessageId, list[Attempt]]]:
    """A failed reply with its ledger, an uncertain one, one that waits."""
    thread = Thread()
    thread.add("Pagi, pesanan saya rusak", minutes=70)
    bad = thread.add(
        "Baik Bu Lina, barang sudah kami kirim ulang pagi ini.",
        minutes=46,
        out=True,
        status=Status.FAILED,
        code=63024,
        error="Invalid message recipient",
    )
    thread.add("Nomor resi barunya menyusul.", minutes=20, out=True, status=Status.UNCERTAIN)
    thread.add(
        "Foto buktinya saya lampirkan",
        minutes=3,
        out=True,
        status=Status.QUEUED,
        local=True,
        waiting="offline",
    )
    thread.add(
        minutes=1,
        out=True,
        status=Status.QUEUED,
        local=True,
        upload=0.68,
        content=Content(
            Kind.DOCUMENT,
            "",
            (media("Voucher_Gratis_Ongkir.pdf", "application/pdf", 421_888, MediaState.PENDING),),
        ),
    )
    ledger = {
        bad.id: [
            Attempt(AttemptId("1"), bad.id, ago(minutes=46), ago(minutes=46), "accepted", 201),
            Attempt(
                AttemptId("2"),
                bad.id,
                ago(minutes=46) + timedelta(seconds=2),
                ago(minutes=46),
                "refused",
                400,
                63024,
            ),
        ]
    }
    return thread.messages, ledger


def hard() -> list[Message]:
    """Long words, right-to-left, HTML as typed, many lines, broken files."""
    thread = Thread()
    thread.add("<b>tebal</b> <img src='file:///etc/passwd'> &amp; javascript:alert(1)", minutes=60)
    thread.add("مرحبا، أين طلبي؟ رقم الطلب 2231 من فضلكم أرسلوا لي الرد بسرعة", minutes=52)
    thread.add("A" * 160, minutes=45)
    thread.add(
        "Lihat https://toko-makmur.example/produk/sepatu-lari-pria?ukuran=42&warna=hitam, atau "
        "http://xn--80ak6aa92e.com/ ya (https://example.org).",
        minutes=38,
        out=True,
    )
    thread.add("\n".join(f"Baris ke-{n}" for n in range(1, 60)), minutes=30)
    thread.add(
        minutes=20,
        content=Content(
            Kind.IMAGE, "", (media("rusak.jpg", "image/jpeg", 9000, MediaState.FAILED),)
        ),
    )
    thread.add(
        minutes=12,
        content=Content(
            Kind.DOCUMENT,
            "",
            (
                media(
                    "laporan keuangan tahun buku dua ribu dua puluh lima final sekali\u202efdp.exe",
                    "application/pdf",
                    92_117,
                ),
            ),
        ),
    )
    thread.add("👍🏽", minutes=2, out=True, quote=Quote(None, "Siti", "pesan " * 40))
    return thread.messages


def lost() -> list[Message]:
    """Files that never came, and files that could not be downloaded."""
    thread = Thread()
    gone = replace(
        media("rusak.jpg", "image/jpeg", 9000, MediaState.FAILED), path=None, error="not_found"
    )
    thread.add(minutes=40, content=Content(Kind.IMAGE, "Ini fotonya kak", (gone,)))
    thread.add(
        minutes=30,
        content=Content(Kind.IMAGE, "", (media("IMG_7.jpg", "image/jpeg", 812_000),)),
    )
    thread.add(
        minutes=20,
        content=Content(Kind.AUDIO, "", (media("suara.ogg", "audio/ogg", 40_000),)),
    )
    thread.add(
        minutes=10,
        out=True,
        content=Content(Kind.DOCUMENT, "", (media("faktur.pdf", "application/pdf", 92_117),)),
    )
    return thread.messages


def long(count: int) -> list[Message]:
    """A thread of `count` short messages, a minute apart."""
    thread = Thread()
    for place in range(count):
        thread.add(f"Pesan nomor {place + 1}", minutes=count - place, out=place % 3 == 0)
    return [replace(message) for message in thread.messages]

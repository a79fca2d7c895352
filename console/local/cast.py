"""Who writes in the demo, what they write, and what they answer: the words of the story."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Actor:
    """A customer of the story. `address` is what Twilio gives as From."""

    address: str
    name: str
    mood: str = "friendly"  # or "upset", "brief"


@dataclass(frozen=True, slots=True)
class Scene:
    """Someone writes `at` so many seconds into the story.

    `fields` are those of the simulator's POST /sim/inbound. `mark` names the message, so that a
    later scene can quote it by `quotes`.
    """

    at: float
    actor: str
    fields: dict[str, Any] = field(default_factory=dict)
    mark: str | None = None
    quotes: str | None = None


CAST: dict[str, Actor] = {
    "klinik": Actor("whatsapp:+6281331120044", "Klinik Dharma", "brief"),
    "siti": Actor("whatsapp:+6281234567801", "Siti Rahmawati"),
    "bambang": Actor("whatsapp:+6281315550102", "Bambang Hartono", "brief"),
    "jaya": Actor("whatsapp:+6281945670103", "Toko Makmur Jaya"),
    "agus": Actor("+6285712340104", "Agus Pratama", "brief"),
    "lina": Actor("whatsapp:+6287812340105", "Lina Nuraini", "upset"),
    "nameless": Actor("whatsapp:+6282198760106", "", "brief"),
    "yusuf": Actor("whatsapp:ID.4566546130240823", "Yusuf Firmansyah"),
    "tuti": Actor("whatsapp:+6281290450107", "Warung Bu Tuti", "brief"),
    "rina": Actor("whatsapp:+6285810220108", "Rina Kartika"),
}

# Wrote more than a day ago: WhatsApp's window is closed for them, only a template may go out.
YESTERDAY = "klinik"
# Wrote nearly a day ago: the window closes soon, and the team is reminded.
NEARLY = "tuti"
# How long these have been silent when they appear.
SILENT_FOR = {YESTERDAY: timedelta(hours=26), NEARLY: timedelta(hours=22, minutes=40)}
# Never wrote: the shop writes first, with a template.
SOUGHT = "rina"
# Gave up WhatsApp after writing: whatever the agent sends them fails with 63024.
GONE = "lina"

SCENES: tuple[Scene, ...] = (
    Scene(
        0.0,
        "klinik",
        {"body": "Selamat siang, kami mau tanya jadwal kirim rak baja untuk klinik. Kapan ya?"},
    ),
    Scene(
        1.0,
        "siti",
        {"body": "Selamat pagi kak, pesanan saya #INV-2207 belum sampai ya?"},
        mark="siti-first",
    ),
    Scene(
        3.5,
        "siti",
        {"body": "Ini foto resinya 🙏", "media": [{"sample": "resi.jpg"}]},
        mark="siti-receipt",
    ),
    Scene(6.0, "bambang", {"media": [{"sample": "suara.ogg"}]}),
    Scene(
        9.0,
        "jaya",
        {"body": "Pagi! Mau pesan lagi panci enamel 24 cm, 40 buah. Harga grosirnya berapa ya?"},
    ),
    Scene(12.0, "agus", {"body": "Apakah toko buka hari Minggu? Mau ambil pesanan."}),
    Scene(
        16.0,
        "lina",
        {"body": "Kak, barangnya penyok waktu sampai 😞 Kardusnya juga sobek.\nBisa ditukar?"},
    ),
    Scene(19.0, "lina", {"media": [{"sample": "paket.jpg"}]}),
    Scene(21.0, "tuti", {"body": "Mau tanya, pesanan wajan kami sudah bisa diambil belum?"}),
    Scene(23.0, "nameless", {"body": "info harga rak baja susun 3"}),
    Scene(
        27.0,
        "yusuf",
        {
            "body": "Halo, saya lihat iklan panci di Instagram. Masih promo?",
            "referral": {
                "Headline": "Panci enamel mulai Rp 149.000",
                "Body": "Kirim pesan dan pesan sekarang.",
                "SourceUrl": "https://fb.me/1aBcDeFgH",
                "SourceType": "ad",
                "SourceId": "120208412345678901",
                "CtwaClid": "ARAkLkA8rmlFeiCktEJQ",
            },
        },
    ),
    Scene(
        33.0,
        "jaya",
        {
            "body": "Di faktur ini jumlah raknya keliru, mohon dicek ya.",
            "media": [{"sample": "faktur.pdf", "name": "Faktur INV-2231.pdf"}],
        },
    ),
    Scene(
        39.0,
        "yusuf",
        {
            "location": {
                "latitude": "-7.797068",
                "longitude": "110.370529",
                "label": "Rumah Yusuf",
                "address": "Jl. Malioboro 52, Yogyakarta",
            }
        },
    ),
    Scene(
        44.0,
        "nameless",
        {
            "body": "*PROMO 11.11* Rak baja diskon 20% sampai Minggu. Stok terbatas!",
            "forwarded": True,
        },
    ),
    Scene(
        50.0,
        "siti",
        {"body": "Yang ini maksud saya kak, nomornya KN 0123 4567 8890."},
        quotes="siti-receipt",
    ),
    Scene(57.0, "jaya", {"body": "", "media": [{"sample": "kurir.vcf"}]}),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a customer may say when the agent's text has one of `hears` in it.

    `closes` ends the talk: after it the customer only reads. `fields` adds a file or a place.
    """

    hears: tuple[str, ...]
    says: tuple[str, ...]
    fields: dict[str, Any] = field(default_factory=dict)
    closes: bool = False


# The first that fits is taken, so the particular stands before the general.
ANSWERS: tuple[Answer, ...] = (
    Answer(
        ("terima kasih", "makasih", "sama-sama", "thank"),
        ("Sama-sama kak 😊", "Terima kasih banyak ya kak 🙏", "Siap, makasih kak! 👍"),
        closes=True,
    ),
    Answer(
        ("foto", "gambar", "photo", "picture"),
        ("Ini fotonya ya kak.",),
        {"media": [{"sample": "paket.jpg"}]},
    ),
    Answer(
        ("alamat", "lokasi", "address", "share loc"),
        ("",),
        {
            "location": {
                "latitude": "-6.880213",
                "longitude": "107.614441",
                "label": "Rumah",
                "address": "Jl. Dago Asri II No. 8, Bandung",
            }
        },
    ),
    Answer(
        ("maaf", "sorry", "apologi"),
        ("Tidak apa-apa kak, yang penting segera diproses ya.", "Baik kak, saya mengerti."),
    ),
    Answer(
        ("ganti", "tukar", "refund", "kembalikan", "replace"),
        ("Alhamdulillah, terima kasih kak. Saya tunggu penggantinya ya 🙏",),
        closes=True,
    ),
    Answer(
        ("rekening", "transfer", "bca", "mandiri", "bayar", "payment"),
        ("Siap kak, sore ini saya transfer. Nanti saya kirim buktinya.",),
    ),
    Answer(
        ("rp", "harga", "diskon", "grosir", "price"),
        ("Oke kak, cocok. Pembayarannya ke mana ya?", "Wah lumayan. Bisa kirim minggu ini?"),
    ),
    Answer(
        ("resi", "kurir", "kirim", "lacak", "cek", "check", "track"),
        ("Baik kak, saya tunggu ya 🙏", "Oke kak, ditunggu kabarnya."),
    ),
    Answer(
        ("buka", "tutup", "jam", "open"),
        ("Oke, saya mampir nanti. Terima kasih! 🙏",),
        closes=True,
    ),
    Answer(("stok", "tersedia", "ready", "stock"), ("Pas sekali, saya ambil ya kak.",)),
    Answer(("?",), ("Iya kak, betul.", "Betul kak 🙏")),
)

OTHERWISE: dict[str, tuple[str, ...]] = {
    "friendly": ("Baik kak 😊", "Siap, saya tunggu ya kak.", "Oke kak, terima kasih infonya 🙏"),
    "upset": ("Tolong dipercepat ya kak.", "Saya sudah menunggu dari kemarin 😔"),
    "brief": ("ok", "Siap.", "Baik, ditunggu."),
}
THANKS: dict[str, str] = {
    "friendly": "Terima kasih banyak atas bantuannya kak 🙏😊",
    "upset": "Ya sudah, terima kasih kak.",
    "brief": "Makasih 👍",
}

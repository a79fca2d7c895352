"""Twilio's error codes and our own reasons in plain words, in both languages.

What a code means for the queue is said here, too.

Source: the table "Codes in plain words" of the design, made from
https://www.twilio.com/docs/api/errors; a code that is not here is shown with Twilio's own text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What follows from a code, apart from telling the agent."""

    NONE = "none"  # the message has failed; the agent decides
    RETRY = "retry"  # not processed; the service tries again by itself
    UNCERTAIN = "uncertain"  # may have been sent; never again without looking
    QUEUE_STOPS = "queue_stops"  # nothing can be sent until the administrator acts
    ASK = "ask"  # sending again is safe enough to be offered


@dataclass(frozen=True, slots=True)
class Words:
    """What the agent reads about a code."""

    english: str
    indonesian: str
    action: Action = Action.NONE

    def in_language(self, locale: str) -> str:
        """The sentence for a locale such as `id`, `id_ID` or `en`; English where unknown."""
        return self.indonesian if locale.lower().startswith("id") else self.english


def _attachment(english: str, indonesian: str) -> Words:
    return Words(
        f"The attachment could not be delivered ({english}).",
        f"Lampiran tidak dapat dikirim ({indonesian}).",
    )


_KEY_REFUSED = Words(
    "Our Twilio key was refused. Nothing was sent. Tell the administrator.",
    "Kunci Twilio kami ditolak. Tidak ada yang terkirim. Beri tahu administrator.",
    Action.QUEUE_STOPS,
)
_SUSPENDED = Words(
    "The account is suspended or locked. Tell the administrator.",
    "Akun ditangguhkan atau dikunci. Beri tahu administrator.",
    Action.QUEUE_STOPS,
)
_TOO_FAST = Words(
    "Twilio asked us to slow down. We try again by ourselves.",
    "Twilio meminta kami melambat. Kami mencoba lagi secara otomatis.",
    Action.RETRY,
)
UNKNOWN_OUTCOME = Words(
    "We don't know whether this was sent. Checking…",
    "Kami belum tahu apakah pesan ini terkirim. Sedang diperiksa…",
    Action.UNCERTAIN,
)
_NO_SMS = Words(
    "This number cannot receive SMS from this sender.",
    "Nomor ini tidak dapat menerima SMS dari pengirim ini.",
)
_QUEUE_FULL = Words(
    "The sender's queue is full. Try later.",
    "Antrean pengirim penuh. Coba lagi nanti.",
)
_TEMPLATE_INVALID = Words(
    "The template or its values are not valid.",
    "Templat atau nilainya tidak valid.",
)
_SENDER_MISSING = Words(
    "This sender is not set up. Tell the administrator.",
    "Pengirim ini belum disiapkan. Beri tahu administrator.",
)
_BLOCKED = Words(
    "Blocked by the recipient or carrier.",
    "Diblokir oleh penerima atau operator.",
)
_NOT_ON_WHATSAPP = Words(
    "This person is not on WhatsApp.",
    "Orang ini tidak memakai WhatsApp.",
)
_CONTENT_REFUSED = Words(
    "WhatsApp refused this content.",
    "WhatsApp menolak isi pesan ini.",
)
_RATE_LIMIT = Words(
    "WhatsApp's rate or daily limit. Waiting.",
    "Batas laju atau batas harian WhatsApp. Menunggu.",
    Action.RETRY,
)
_TEMPLATE_STOPPED = Words(
    "This template was rejected, paused or disabled.",
    "Templat ini ditolak, dijeda, atau dinonaktifkan.",
)

CODES: dict[int, Words] = {
    20003: _KEY_REFUSED,
    20429: _TOO_FAST,
    20500: UNKNOWN_OUTCOME,
    20503: UNKNOWN_OUTCOME,
    21211: Words("This number is not valid.", "Nomor ini tidak valid."),
    21408: Words(
        "Sending to this country is switched off in Twilio.",
        "Pengiriman ke negara ini dimatikan di Twilio.",
    ),
    **dict.fromkeys((21606, 21612, 21614, 21635, 30006), _NO_SMS),
    21608: Words(
        "Trial account: this number is not verified.",
        "Akun percobaan: nomor ini belum diverifikasi.",
    ),
    21610: Words(
        "The customer opted out. Only they can opt in again (START).",
        "Pelanggan berhenti berlangganan. Hanya ia yang dapat mendaftar lagi (START).",
    ),
    **dict.fromkeys((21611, 30001), _QUEUE_FULL),
    21617: Words("Message too long.", "Pesan terlalu panjang."),
    21620: _attachment("its address is not valid", "alamatnya tidak valid"),
    21623: _attachment("its address is not valid", "alamatnya tidak valid"),
    63019: _attachment("Twilio could not fetch it", "Twilio tidak dapat mengambilnya"),
    63034: _attachment("WhatsApp could not read it", "WhatsApp tidak dapat membacanya"),
    63037: _attachment("it is too large", "terlalu besar"),
    11751: _attachment("it is too large", "terlalu besar"),
    **dict.fromkeys((21655, 21656, *range(63027, 63031)), _TEMPLATE_INVALID),
    **dict.fromkeys((*range(21703, 21706), 63007, 63020), _SENDER_MISSING),
    **dict.fromkeys((30002, 63051), _SUSPENDED),
    30003: Words("The phone is off or out of reach.", "Ponsel mati atau di luar jangkauan."),
    **dict.fromkeys((30004, 63014, 63033), _BLOCKED),
    30005: Words("This number is no longer in use.", "Nomor ini sudah tidak dipakai."),
    30007: Words(
        "The carrier filtered this as spam. Change the text.",
        "Operator menyaring pesan ini sebagai spam. Ubah teksnya.",
    ),
    30008: Words("The carrier gave no reason.", "Operator tidak memberi alasan."),
    30410: Words(
        "The carrier did not answer in time and Twilio did not retry. Send again?",
        "Operator tidak menjawab tepat waktu dan Twilio tidak mencoba lagi. Kirim ulang?",
        Action.ASK,
    ),
    **dict.fromkeys((63003, 63024), _NOT_ON_WHATSAPP),
    **dict.fromkeys((63005, 63013, 63021), _CONTENT_REFUSED),
    63015: Words(
        "Sandbox: the customer has not joined.",
        "Sandbox: pelanggan belum bergabung.",
    ),
    63016: Words(
        "More than 24 hours since the customer wrote. Send a template.",
        "Lebih dari 24 jam sejak pelanggan menulis. Kirim templat.",
    ),
    **dict.fromkeys((63017, 63018, 63038, 14107), _RATE_LIMIT),
    63032: Words(
        "WhatsApp does not let businesses write to this user now.",
        "WhatsApp saat ini tidak mengizinkan bisnis menulis kepada pengguna ini.",
    ),
    **dict.fromkeys(range(63040, 63043), _TEMPLATE_STOPPED),
    63049: Words(
        "WhatsApp chose not to deliver this marketing message. Not before 24 hours.",
        "WhatsApp memilih tidak mengirim pesan pemasaran ini. Jangan sebelum 24 jam.",
    ),
}


# What the service and the database write beside an attempt where Twilio has no code for it. They
# write English; a detail in brackets may follow.
NOT_REACHED = Words(
    "Twilio cannot be reached. We try again by ourselves.",
    "Twilio tidak dapat dihubungi. Kami mencoba lagi secara otomatis.",
    Action.RETRY,
)
HELD_UP = Words(
    "The worker was held up before the call. Nothing was sent.",
    "Pekerja tertahan sebelum panggilan. Tidak ada yang terkirim.",
    Action.RETRY,
)
STORAGE_AWAY = Words(
    "The storage of files does not answer. We try again by ourselves.",
    "Penyimpanan berkas tidak menjawab. Kami mencoba lagi secara otomatis.",
    Action.RETRY,
)
FILE_GONE = Words(
    "The attachment is no longer in storage.",
    "Lampiran sudah tidak ada di penyimpanan.",
)
NO_ADDRESS = Words(
    "There is no address to send to or from.",
    "Tidak ada alamat tujuan atau alamat pengirim.",
)
_LIMIT_REACHED = Words(
    "WhatsApp's rate or daily limit was reached. Send it again later.",
    "Batas laju atau batas harian WhatsApp tercapai. Kirim lagi nanti.",
)
_SENTENCES: dict[str, Words] = {
    words.english: words
    for words in (
        UNKNOWN_OUTCOME,
        NOT_REACHED,
        HELD_UP,
        STORAGE_AWAY,
        FILE_GONE,
        NO_ADDRESS,
        _TOO_FAST,
        _LIMIT_REACHED,
        # These are written by the database.
        Words(
            "The worker stopped before the call. Nothing was sent.",
            "Pekerja berhenti sebelum panggilan. Tidak ada yang terkirim.",
        ),
        Words(
            "The worker stopped during the call.",
            "Pekerja berhenti di tengah panggilan.",
        ),
        Words(
            "Nothing was sent, and later replies have left already.",
            "Tidak ada yang terkirim, dan balasan sesudahnya sudah berangkat.",
        ),
        Words(
            "An agent said that this was not sent.",
            "Seorang agen menyatakan pesan ini tidak terkirim.",
        ),
        Words("Settled by an agent: sent.", "Diputuskan agen: terkirim."),
        Words("Settled by an agent: failed.", "Diputuskan agen: tidak terkirim."),
    )
}


def in_language(sentence: str, locale: str) -> str:
    """A sentence that was written down in English; one that is not ours stays as it is."""
    bare, bracket, detail = sentence.partition(" (")
    words = _SENTENCES.get(sentence) or _SENTENCES.get(bare)
    if words is None:
        return sentence
    said = words.in_language(locale)
    return f"{said}{bracket}{detail}" if words.english == bare else said


def words_for(code: int | None, twilio_text: str | None = None) -> Words:
    """The words of a code; for any other code Twilio's own text and the code."""
    if code is not None and code in CODES:
        return CODES[code]
    said = (twilio_text or "").strip()
    if code is None and said in _SENTENCES:
        return _SENTENCES[said]
    if code is None:
        return Words(
            said or "Twilio refused this without a reason.",
            said or "Twilio menolak ini tanpa alasan.",
        )
    return Words(
        f"{said} ({code})" if said else f"Twilio refused this (code {code}).",
        f"{said} ({code})" if said else f"Twilio menolak ini (kode {code}).",
    )


def words_of_failure(code: int | None, twilio_text: str | None = None) -> Words:
    """The words of a code with which a message has failed for good.

    A limit that Twilio names before it takes a message is waited out. Named in a status callback it
    is the end: Twilio had taken the message, and only a person may send it a second time.
    """
    words = words_for(code, twilio_text)
    return _LIMIT_REACHED if words is _RATE_LIMIT else words

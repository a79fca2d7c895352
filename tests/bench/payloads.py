"""The requests of a measurement: signed WhatsApp messages, the same bytes for every peer."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from console.service.signature import fields_of, sign
from tests.service.requests import FORM, PUBLIC_URL, TOKEN, encoded, whatsapp

# One message in this many comes from somebody who never wrote before.
NEWCOMERS = 20


@dataclass(frozen=True)
class Payload:
    """One request, ready to be written to a socket, and the SID that it must leave behind."""

    sid: str
    raw: bytes


def customer(index: int) -> str:
    """The number of a made-up customer."""
    return f"+62812{index:08d}"


def payloads(
    count: int, *, customers: int, seed: int, path: str = "/webhook", public_url: str = PUBLIC_URL
) -> list[Payload]:
    """Messages of returning customers, every twentieth of a new one; the same for the same seed."""
    chance = random.Random(seed)
    made = []
    for index in range(count):
        fresh = index % NEWCOMERS == NEWCOMERS - 1
        who = 10_000_000 + seed * 100_000 + index if fresh else chance.randrange(customers)
        made.append(payload(customer(who), chance, path, public_url))
    return made


def first_words(customers: int, *, seed: int, public_url: str = PUBLIC_URL) -> list[Payload]:
    """One message of each returning customer, for warming up."""
    chance = random.Random(seed)
    return [payload(customer(who), chance, "/webhook", public_url) for who in range(customers)]


def payload(number: str, chance: random.Random, path: str, public_url: str) -> Payload:
    """A text of ordinary length from this number."""
    sid = f"SM{chance.getrandbits(128):032x}"
    words = " ".join(chance.choices(_WORDS, k=chance.randint(3, 20)))
    body = encoded(
        whatsapp(
            MessageSid=sid,
            From=f"whatsapp:{number}",
            WaId=number[1:],
            Body=words,
            ProfileName=f"Pelanggan {number[-4:]}",
            ChannelMetadata='{"type":"whatsapp","data":{"context":'
            f'{{"ProfileName":"Pelanggan {number[-4:]}","WaId":"{number[1:]}"}}}}}}',
        )
    )
    return Payload(sid, request(path, body, public_url))


def request(path: str, body: bytes, public_url: str = PUBLIC_URL, token: str = TOKEN) -> bytes:
    """An HTTP request as Twilio sends it, on a connection that stays open."""
    headers = {
        "Host": urlsplit(public_url).netloc,
        "Content-Type": f"{FORM}; charset=UTF-8",
        "Content-Length": str(len(body)),
        "Accept": "*/*",
        "User-Agent": "TwilioProxy/1.1",
        "X-Twilio-Signature": sign(token, public_url + path, fields_of(body)),
        "I-Twilio-Idempotency-Token": "00000000-0000-4000-8000-000000000000",
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


_TEXT = (
    "halo kak apakah pesanan saya sudah dikirim belum ada kabar tolong dicek nomor resi barang "
    "kapan sampai terima kasih mohon maaf warna merah ukuran besar ongkir ke Bandung berapa ya 🙏"
)
_WORDS: Sequence[str] = _TEXT.split()

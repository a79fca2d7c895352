"""Small files that customers send: photos, a voice note, a PDF, a sticker, a contact, a video."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent

# File name → the type Twilio gives such a file when it comes in over WhatsApp.
SAMPLES: dict[str, str] = {
    "resi.jpg": "image/jpeg",
    "paket.jpg": "image/jpeg",
    "suara.ogg": "audio/ogg",
    "faktur.pdf": "application/pdf",
    "stiker.webp": "image/webp",
    "kurir.vcf": "text/vcard",
    "video.mp4": "video/mp4",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One file with its bytes."""

    name: str
    content_type: str
    content: bytes


def sample(name: str) -> Sample:
    """The sample of that file name; KeyError when there is none."""
    return Sample(name, SAMPLES[name], (_FOLDER / name).read_bytes())

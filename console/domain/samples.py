"""One example of each kind of content, for galleries, self-checks and tests of completeness."""

from __future__ import annotations

from types import MappingProxyType

from console.domain.content import (
    Choice,
    Content,
    Event,
    Kind,
    Location,
    MediaItem,
    MediaState,
)


def _file(name: str, content_type: str, size: int) -> MediaItem:
    path = f"11111111-1111-4111-8111-111111111111/22222222-2222-4222-8222-222222222222/0/{name}"
    return MediaItem(
        index=0,
        content_type=content_type,
        name=name,
        size=size,
        state=MediaState.STORED,
        bucket="media",
        path=path,
    )


SAMPLES: MappingProxyType[Kind, Content] = MappingProxyType(
    {
        Kind.TEXT: Content(Kind.TEXT, "Selamat siang, apakah pesanan saya sudah dikirim? 🙏"),
        Kind.IMAGE: Content(
            Kind.IMAGE,
            "Ini foto barangnya",
            media=(_file("barang.jpg", "image/jpeg", 183_204),),
        ),
        Kind.VIDEO: Content(Kind.VIDEO, "", media=(_file("unboxing.mp4", "video/mp4", 4_812_009),)),
        Kind.AUDIO: Content(Kind.AUDIO, "", media=(_file("suara.ogg", "audio/ogg", 41_310),)),
        Kind.DOCUMENT: Content(
            Kind.DOCUMENT,
            "",
            media=(_file("invoice-0231.pdf", "application/pdf", 92_117),),
        ),
        Kind.STICKER: Content(Kind.STICKER, "", media=(_file("ok.webp", "image/webp", 20_480),)),
        Kind.LOCATION: Content(
            Kind.LOCATION,
            "",
            location=Location(-6.2088, 106.8456, "Rumah", "Jl. Sudirman 12, Jakarta"),
        ),
        Kind.CONTACT_CARD: Content(
            Kind.CONTACT_CARD, "", media=(_file("Budi.vcf", "text/vcard", 214),)
        ),
        Kind.BUTTON: Content(
            Kind.BUTTON,
            "Ya, kirim ulang",
            choice=Choice("Ya, kirim ulang", "resend", None),
        ),
        Kind.LIST: Content(
            Kind.LIST,
            "Kurir",
            choice=Choice("Kurir", "courier", "Dikirim ke alamat Anda"),
        ),
        Kind.TEMPLATE: Content(
            Kind.TEMPLATE,
            "Halo Sari, pesanan 0231 sudah siap.",
            template_name="order_ready",
        ),
        Kind.UNSUPPORTED: Content(Kind.UNSUPPORTED, ""),
        Kind.NOTE: Content(Kind.NOTE, "@Raka tolong cek resinya"),
        Kind.EVENT: Content(Kind.EVENT, "", event=Event("resolved", "Raka Aditya", {})),
    }
)

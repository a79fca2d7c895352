"""Which files may go: told by content, refused with the limit."""

from __future__ import annotations

import io
import zipfile

import pytest

from console.domain.conversation import Channel
from console.domain.media_rules import LIMITS, MB, Refusal, refusal, sniff
from console.local.twilio.outbound_media import WHATSAPP_TYPES


def _zip(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("data", "name", "content_type"),
    [
        (b"\xff\xd8\xff\xe0rest", "x.png", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\nrest", "x.jpg", "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "", "image/webp"),
        (b"%PDF-1.4", "invoice.exe", "application/pdf"),
        (b"OggS\x00\x02", "", "audio/ogg"),
        (b"#!AMR\n", "", "audio/amr"),
        (b"ID3\x04", "", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "", "audio/aac"),
        (b"\x00\x00\x00\x20ftypisom", "", "video/mp4"),
        (b"\x00\x00\x00\x20ftypM4A ", "", "audio/mp4"),
        (b"\x00\x00\x00\x18ftyp3gp4", "", "video/3gpp"),
        (b"\x00\x00\x00\x18ftypheic", "IMG.jpg", "image/heic"),
        (b"\x00\x00\x00\x14ftypqt  ", "", "video/quicktime"),
        (_zip("[Content_Types].xml", "word/document.xml"), "", WORD),
        (_zip("[Content_Types].xml", "xl/workbook.xml"), "", SHEET),
        (_zip("a.txt"), "surat.docx", "application/zip"),
        (b"PK\x03\x04broken", "", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "lama.doc", "application/msword"),
        (b"BEGIN:VCARD\nVERSION:3.0", "", "text/vcard"),
        ("halo dunia 🙏".encode(), "", "text/plain"),
        (b"MZ\x90\x00", "foto.jpg", "application/x-msdownload"),
        (b"abc\x00def", "", "application/octet-stream"),
        (b"\xfe\xff\x80", "", "application/octet-stream"),
        (b"", "", "application/octet-stream"),
    ],
)
def test_a_file_is_told_by_its_content(data: bytes, name: str, content_type: str) -> None:
    assert sniff(data, name) == content_type


@pytest.mark.parametrize("channel", list(Channel))
def test_every_limit_holds_to_the_byte(channel: Channel) -> None:
    for content_type, limit in LIMITS[channel].items():
        assert refusal(channel, content_type, limit) is None
        assert refusal(channel, content_type, limit + 1) == Refusal("size", content_type, limit)


@pytest.mark.parametrize(
    ("content_type", "size", "reason"),
    [
        ("image/jpeg", 0, "empty"),
        ("image/heic", 10, "type"),
        ("application/zip", 10, "type"),
        ("image/svg+xml", 10, "type"),
        ("text/plain", 10, "type"),
        ("application/vnd.ms-excel", 10, "type"),
        ("application/vnd.ms-powerpoint", 10, "type"),
        ("video/3gpp", 10, "type"),
    ],
)
def test_what_whatsapp_does_not_take_is_refused(content_type: str, size: int, reason: str) -> None:
    found = refusal(Channel.WHATSAPP, content_type, size)
    assert found is not None
    assert found.reason == reason


def test_pictures_are_limited_to_five_megabytes_and_the_rest_to_sixteen() -> None:
    limits = LIMITS[Channel.WHATSAPP]
    assert {limits[kind] for kind in limits if kind.startswith("image/")} == {5 * MB}
    assert {limits[kind] for kind in limits if not kind.startswith("image/")} == {16 * MB}


def test_the_stand_in_for_twilio_takes_what_the_composer_does() -> None:
    assert set(LIMITS[Channel.WHATSAPP]) == WHATSAPP_TYPES - {"text/x-vcard"}

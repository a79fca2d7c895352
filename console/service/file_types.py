"""What a file really is, by its first bytes: the sender's word is not enough."""

from __future__ import annotations

import mimetypes

HEAD = 512  # bytes that `true_type` wants to see

_OCTETS = "application/octet-stream"
_ZIP = "application/zip"
_OLE = "application/x-ole-storage"
_MP4 = "video/mp4"
_OGG = "audio/ogg"

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (0, b"BM", "image/bmp"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"OggS", _OGG),
    (0, b"#!AMR", "audio/amr"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"PK\x03\x04", _ZIP),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
    (0, b"MZ", "application/x-msdownload"),
    (0, b"\x7fELF", "application/x-executable"),
)
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif"})
_MARKUP = (b"<!doctype html", b"<html", b"<script", b"<svg", b"<?xml")


def sniff(head: bytes) -> str | None:
    """The content type that the first bytes prove, None when they prove nothing."""
    if head[4:8] == b"ftyp":
        return "image/heic" if head[8:12] in _HEIC_BRANDS else _MP4
    for offset, magic, content_type in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return content_type
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"begin:vcard"):
        return "text/vcard"
    if text.startswith(_MARKUP):
        return "image/svg+xml" if b"<svg" in text else "text/html"
    return None


def true_type(declared: str, head: bytes) -> str:
    """The content type to keep: what the bytes prove, the sender's word only where it fits."""
    claimed = declared.partition(";")[0].strip().lower() or _OCTETS
    found = sniff(head)
    family = claimed.partition("/")[0]
    if found is None:
        # Every image format worth showing has a signature; the rest is taken at its word.
        return _OCTETS if family == "image" else claimed
    if found in (_MP4, _OGG) and family in ("audio", "video"):
        return claimed  # one container for sound and pictures
    if found in (_ZIP, _OLE) and family == "application" and claimed != _OCTETS:
        return claimed  # office documents
    return found


def default_name(content_type: str) -> str:
    """A name for a file that came without one: `image.jpg`, `application.pdf`."""
    extension = mimetypes.guess_extension(content_type) or ".bin"
    family = content_type.partition("/")[0]
    return f"{'file' if family in ('application', 'text') else family}{extension}"

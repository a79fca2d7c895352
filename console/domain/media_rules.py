"""Which files WhatsApp and MMS take, told by content and never by the name's ending.

For WhatsApp it is the list in Twilio's "Guidance on WhatsApp media messages", under "Supported MIME
types": documents are PDF, DOC, DOCX, PPTX and XLSX, videos MP4. WhatsApp itself takes more (plain
text, XLS, PPT); Twilio does not say that it passes them on, and what it refuses fails after Enter,
when the agent has gone on.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from io import BytesIO

from console.domain.conversation import Channel

MB = 1024 * 1024
HEAD = 4096  # bytes of a file's beginning that `sniff` needs; zip-based documents need all of it
MAX_FILES = {Channel.WHATSAPP: 30, Channel.SMS: 10}
MAX_TEXT = 1600  # characters; Twilio's limit for Body

# Source: https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages
WHATSAPP_LIMITS: dict[str, int] = {
    "image/jpeg": 5 * MB,
    "image/png": 5 * MB,
    "image/webp": 5 * MB,
    "audio/ogg": 16 * MB,
    "audio/amr": 16 * MB,
    "audio/3gpp": 16 * MB,
    "audio/aac": 16 * MB,
    "audio/mpeg": 16 * MB,
    "audio/mp4": 16 * MB,
    "video/mp4": 16 * MB,
    "application/pdf": 16 * MB,
    "application/msword": 16 * MB,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": 16 * MB,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": 16 * MB,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": 16 * MB,
    "text/vcard": 16 * MB,
}
# Source: https://www.twilio.com/docs/messaging/guides/accepted-mime-types; all files together.
MMS_LIMITS: dict[str, int] = {
    **dict.fromkeys(("image/jpeg", "image/png", "image/gif"), 5 * MB),
    **dict.fromkeys(
        (
            "image/webp",
            "audio/ogg",
            "audio/amr",
            "audio/3gpp",
            "audio/aac",
            "audio/mpeg",
            "audio/mp4",
            "video/mp4",
            "video/3gpp",
            "application/pdf",
            "text/vcard",
            "text/plain",
        ),
        5 * MB,
    ),
}
LIMITS = {Channel.WHATSAPP: WHATSAPP_LIMITS, Channel.SMS: MMS_LIMITS}

_OOXML = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_OLE_BY_ENDING = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"fLaC", "audio/flac"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
    (b"BEGIN:VCARD", "text/vcard"),
    (b"Rar!", "application/vnd.rar"),
    (b"7z\xbc\xaf", "application/x-7z-compressed"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file cannot go: `reason` is type, size, empty or count; `limit` in bytes or files."""

    reason: str
    content_type: str = ""
    limit: int = 0


def sniff(data: bytes, name: str = "") -> str:
    """The content type of a file's bytes; `name` decides only between Office's old formats.

    Pass the whole file where it is at hand (zip-based documents end with their index); else
    the first `HEAD` bytes. What nothing recognises is application/octet-stream.
    """
    for start, content_type in _STARTS:
        if data.startswith(start):
            return content_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "audio/wav"
    if data[:4] == b"FORM" and data[8:12] in (b"AIFF", b"AIFC"):
        return "audio/aiff"
    if data[4:8] == b"ftyp":
        return _base_media(data[8:12])
    if data[:4] == b"PK\x03\x04":
        return _zip(data)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _OLE_BY_ENDING.get(name.rpartition(".")[2].lower(), "application/x-ole-storage")
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xF6 == 0xF0:
        return "audio/aac"
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2:
        return "audio/mpeg"
    return "text/plain" if _is_text(data) else "application/octet-stream"


def refusal(channel: Channel, content_type: str, size: int) -> Refusal | None:
    """Why `channel` would refuse this file, or None. `size` in bytes."""
    if size <= 0:
        return Refusal("empty", content_type)
    limit = LIMITS[channel].get(content_type)
    if limit is None:
        return Refusal("type", content_type)
    if size > limit:
        return Refusal("size", content_type, limit)
    return None


def _base_media(brand: bytes) -> str:
    if brand in (b"M4A ", b"M4B "):
        return "audio/mp4"
    if brand[:3] in (b"3gp", b"3g2"):
        return "video/3gpp"
    if brand in (b"heic", b"heix", b"mif1", b"heim", b"hevc"):
        return "image/heic"
    if brand == b"avif":
        return "image/avif"
    if brand == b"qt  ":
        return "video/quicktime"
    return "video/mp4"


def _zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return "application/zip"
    for folder, content_type in _OOXML.items():
        if "[Content_Types].xml" in names and any(name.startswith(folder) for name in names):
            return content_type
    return "application/zip"


def _is_text(data: bytes) -> bool:
    if not data or b"\x00" in data[:HEAD]:
        return False
    try:
        data[:HEAD].decode("utf-8")
    except UnicodeDecodeError as error:
        return len(data) >= HEAD and error.start >= HEAD - 3  # cut by the sample's end
    return True

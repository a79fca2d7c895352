"""Voice notes as WhatsApp sends them: Opus in Ogg, also when a browser recorded WebM."""

from __future__ import annotations

import struct
from collections.abc import Iterator

# Matroska element ids that lead to the sound: Segment, Cluster, BlockGroup, Tracks, TrackEntry
# are entered; CodecPrivate, SimpleBlock and Block are read.
# Source: https://www.rfc-editor.org/rfc/rfc9559 (Matroska), rfc7845 (Ogg Opus), rfc3533 (Ogg).
_ENTERED = {0x18538067, 0x1F43B675, 0xA0, 0x1654AE6B, 0xAE}
_CODEC_PRIVATE, _SIMPLE_BLOCK, _BLOCK = 0x63A2, 0xA3, 0xA1
_PAGE_PACKETS = 50
_SERIAL = 0x42414C41


def as_ogg(content: bytes, content_type: str, name: str | None) -> tuple[bytes, str, str | None]:
    """A recording in WebM becomes Ogg; every other file (and a broken one) stays as it is."""
    base = content_type.partition(";")[0].strip().lower()
    if base not in ("audio/webm", "audio/ogg"):
        return content, content_type, name
    if base == "audio/ogg":
        return content, "audio/ogg", name
    try:
        return webm_to_ogg(content), "audio/ogg", "voice.ogg"
    except ValueError:
        return content, content_type, name


def webm_to_ogg(content: bytes) -> bytes:
    """The Opus packets of a WebM file in an Ogg container, untouched.

    Raises ValueError when there is no Opus in it.
    """
    head = b""
    packets: list[bytes] = []
    for ident, payload in _elements(content, 0, len(content)):
        if ident == _CODEC_PRIVATE and payload.startswith(b"OpusHead"):
            head = payload
        elif ident in (_SIMPLE_BLOCK, _BLOCK):
            # Track number (one byte while below 127), time code, flags; no lacing in recordings.
            packets.append(payload[4:])
    if not head or not packets:
        raise ValueError("no Opus in this WebM")
    tags = b"OpusTags" + struct.pack("<I", 5) + b"Balas" + struct.pack("<I", 0)
    pages = [_page([head], 0, 0, 2), _page([tags], 0, 1, 0)]
    position = 0
    groups = list(_groups(packets))
    for number, group in enumerate(groups, start=2):
        position += sum(_samples(packet) for packet in group)
        pages.append(_page(group, position, number, 4 if number == len(groups) + 1 else 0))
    return b"".join(pages)


def _groups(packets: list[bytes]) -> Iterator[list[bytes]]:
    """Packets that share a page: at most 255 segments of 255 bytes, and about a second."""
    group: list[bytes] = []
    room = 255
    for packet in packets:
        segments = len(packet) // 255 + 1
        if segments > 255:
            raise ValueError("an Opus packet too long for a page")
        if group and (segments > room or len(group) == _PAGE_PACKETS):
            yield group
            group, room = [], 255
        group.append(packet)
        room -= segments
    yield group


def _elements(content: bytes, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    while start < end:
        ident, start = _number(content, start, keep_marker=True)
        size, start = _number(content, start, keep_marker=False)
        # A live recording does not know how long its Segment and Clusters will be.
        stop = end if size < 0 else min(start + size, end)
        if ident in _ENTERED:
            yield from _elements(content, start, stop)
            if size < 0:
                return
        else:
            yield ident, content[start:stop]
        start = stop


def _number(content: bytes, at: int, *, keep_marker: bool) -> tuple[int, int]:
    """A variable-length number and the position behind it; -1 stands for "unknown size"."""
    if at >= len(content) or content[at] == 0:
        raise ValueError("not a Matroska file")
    length = 9 - content[at].bit_length()
    if at + length > len(content):
        raise ValueError("cut Matroska file")
    value = int.from_bytes(content[at : at + length])
    if not keep_marker:
        value &= (1 << (7 * length)) - 1
        if value == (1 << (7 * length)) - 1:
            value = -1
    return value, at + length


def _samples(packet: bytes) -> int:
    """How long an Opus packet is, in samples of 48 kHz (RFC 6716, 3.1)."""
    if not packet:
        return 0
    config = packet[0] >> 3
    if config < 12:
        frame = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        frame = (480, 960)[config & 1]
    else:
        frame = (120, 240, 480, 960)[config & 3]
    code = packet[0] & 3
    frames = 1 if code == 0 else 2 if code < 3 else (packet[1] & 63 if len(packet) > 1 else 0)
    return frame * frames


def _page(packets: list[bytes], position: int, number: int, flags: int) -> bytes:
    lacing = bytearray()
    for packet in packets:
        lacing += b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255])
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, position, _SERIAL, number, 0, len(lacing))
    page = bytearray(head + lacing + b"".join(packets))
    page[22:26] = struct.pack("<I", _crc(page))
    return bytes(page)


def _crc(page: bytes | bytearray) -> int:
    value = 0
    for byte in page:
        value = ((value << 8) & 0xFFFFFFFF) ^ _CRC_TABLE[(value >> 24) ^ byte]
    return value


def _crc_table() -> list[int]:
    table = []
    for index in range(256):
        value = index << 24
        for _ in range(8):
            value = ((value << 1) ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
        table.append(value)
    return table


_CRC_TABLE = _crc_table()

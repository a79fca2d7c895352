"""A voice note that a browser recorded as WebM arrives as Opus in Ogg."""

from __future__ import annotations

import struct

import pytest

from console.local.samples import sample
from console.local.twilio.voice import _crc, as_ogg, webm_to_ogg

HEAD = b"OpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00"
# 20 ms of mono each: configuration 15 of RFC 6716, one frame a packet.
PACKETS = [bytes([0x78]) + bytes([number % 251]) * (40 + number % 300) for number in range(120)]


def _element(ident: str, payload: bytes) -> bytes:
    return bytes.fromhex(ident) + struct.pack(">Q", len(payload) | 1 << 56) + payload


def _webm() -> bytes:
    """As MediaRecorder writes it: Segment and Clusters without a known size."""
    unknown = b"\x01" + b"\xff" * 7
    track = _element("ae", _element("d7", b"\x01") + _element("63a2", HEAD))
    blocks = [_element("a3", b"\x81\x00\x00\x80" + packet) for packet in PACKETS]
    clusters = b"".join(
        bytes.fromhex("1f43b675") + unknown + _element("e7", b"\x00") + b"".join(part)
        for part in (blocks[:70], blocks[70:])
    )
    segment = bytes.fromhex("18538067") + unknown + _element("1654ae6b", track) + clusters
    return _element("1a45dfa3", _element("4282", b"webm")) + segment


def _pages(content: bytes) -> list[tuple[int, int, int, list[bytes]]]:
    """Flags, position, number and packets of each page; checks magic words and checksums."""
    pages = []
    while content:
        magic, _, flags, position, _, number, crc, count = struct.unpack("<4sBBqIIIB", content[:27])
        assert magic == b"OggS"
        lacing = content[27 : 27 + count]
        end = 27 + count + sum(lacing)
        page = bytearray(content[:end])
        page[22:26] = bytes(4)
        assert _crc(page) == crc
        packets, at, size = [], 27 + count, 0
        for segment in lacing:
            size += segment
            if segment < 255:
                packets.append(content[at : at + size])
                at, size = at + size, 0
        pages.append((flags, position, number, packets))
        content = content[end:]
    return pages


def test_every_packet_of_the_recording_is_in_the_ogg_file() -> None:
    head, tags, *sound = _pages(webm_to_ogg(_webm()))
    assert (head[0], head[3]) == (2, [HEAD])
    assert tags[3][0].startswith(b"OpusTags")
    assert [packet for page in sound for packet in page[3]] == PACKETS
    assert [page[2] for page in sound] == list(range(2, len(sound) + 2))
    assert [page[0] for page in sound] == [0] * (len(sound) - 1) + [4]
    assert sound[-1][1] == 120 * 960


def test_the_checksum_is_the_one_other_programs_write() -> None:
    assert _pages(sample("suara.ogg").content)


def test_a_recording_changes_its_type_and_other_files_do_not() -> None:
    content, content_type, name = as_ogg(_webm(), "audio/webm;codecs=opus", "voice.webm")
    assert (content[:4], content_type, name) == (b"OggS", "audio/ogg", "voice.ogg")
    assert as_ogg(b"abc", "image/png", "a.png") == (b"abc", "image/png", "a.png")


@pytest.mark.parametrize("content", [b"", b"\x00", b"\x1a\x45\xdf\xa3", _webm()[:90], b"\xff" * 99])
def test_a_broken_recording_is_sent_as_it_is(content: bytes) -> None:
    assert as_ogg(content, "audio/webm", "x.webm") == (content, "audio/webm", "x.webm")

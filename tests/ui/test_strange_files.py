"""Files of strangers: bombs, endless pictures, references, one file that is two. (Attack 13.)"""

from __future__ import annotations

import asyncio
import gzip
import resource
import struct
import sys
import zlib
from io import BytesIO
from time import monotonic

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QRectF, QSize
from PySide6.QtGui import QPageSize, QPainter, QPdfWriter

from console.ui.timeline.decoding import decode, decoded
from console.ui.timeline.facts import facts_of
from console.ui.timeline.pages import page_of
from console.ui.times import pixels
from tests.gallery.made import pdf, sample_file
from tests.gallery.samples import photo

MB = 1024 * 1024


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, rows: int = 0) -> bytes:
    """A black PNG of that size; only `rows` of it are there."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(width + 1)) for _ in range(rows)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


def gif(width: int, height: int, frames: int) -> bytes:
    """A GIF that repeats for ever, of one pixel a frame."""
    frame = (
        b"\x21\xf9\x04\x00\x01\x00\x00\x00"
        + b"\x2c"
        + struct.pack("<HHHHB", 0, 0, 1, 1, 0)
        + b"\x02\x02\x44\x01\x00"
    )
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", width, height, 0x80, 0, 0)
        + b"\x00\x00\x00\xff\xff\xff"
        + b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
        + frame * frames
        + b"\x3b"
    )


def jpeg_of_size(width: int, height: int) -> bytes:
    """A small JPEG that claims another size."""
    data = bytearray(photo("#102030", "#405060", 64, 64))
    place = data.index(b"\xff\xc0") if b"\xff\xc0" in data else data.index(b"\xff\xc2")
    data[place + 5 : place + 9] = struct.pack(">HH", height, width)
    return bytes(data)


SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" '
    b'xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">'
    b'<image xlink:href="file:///etc/passwd"/><image xlink:href="http://127.0.0.1:9/x"/></svg>'
)


def webp(width: int, height: int) -> bytes:
    """A WebP whose canvas claims that size."""
    canvas = b"\x10\x00\x00\x00" + (width - 1).to_bytes(3, "little")
    canvas += (height - 1).to_bytes(3, "little")
    inside = (
        b"WEBPVP8X" + struct.pack("<I", len(canvas)) + canvas + b"VP8L\x08\x00\x00\x00" + bytes(8)
    )
    return b"RIFF" + struct.pack("<I", len(inside)) + inside


BOMBS = {
    "a WebP of 268 million pixels": webp(16_383, 16_383),
    "a WebP of a side without end": webp(16_777_215, 1),
    "a BMP of 4 billion pixels": b"BM"
    + struct.pack("<IIIIiiHH", 99, 0, 54, 40, 65_535, 65_535, 1, 24),
    "a PNG of 400 million pixels": png(20_000, 20_000, rows=2_000),
    "a PNG of a side without end": png(2_000_000, 1),
    "a JPEG that claims 65,500 by 65,500": jpeg_of_size(65_500, 65_500),
    "a JPEG of a thousand scans": photo("#000000", "#ffffff") + b"\xff\xda" * 1_000,
    "a GIF of 4 billion pixels": gif(65_535, 65_535, 1),
    "an SVG that refers": SVG,
    "a packed SVG": gzip.compress(SVG),
    "a PDF": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj",
    "a TIFF": b"II*\x00\x08\x00\x00\x00" + bytes(100),
    "an icon": b"\x00\x00\x01\x00\x01\x00" + bytes(100),
    "HTML": b"<html><img src='file:///etc/passwd'></html>",
    "a program": b"MZ\x90\x00" + bytes(100),
    "nothing": b"",
    "a text that begins as a GIF": b"GIF89a/*" + b"x" * 50 + b"*/=1;alert(1)",
}


def most_memory() -> int:
    """The most that this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
        1 if sys.platform == "darwin" else 1024
    )


@pytest.mark.qt_log_ignore(".*", extend=True)
@pytest.mark.parametrize("what", BOMBS)
def test_a_strange_picture_is_refused_within_a_second(what: str) -> None:
    before, start = most_memory(), monotonic()
    assert decode(BOMBS[what]) is None
    assert monotonic() - start < 1
    assert most_memory() - before < 64 * MB


@pytest.mark.qt_log_ignore(".*", extend=True)
async def test_a_picture_that_is_only_too_large_says_how_large_and_is_not_read(
    stage: object,
) -> None:
    before = most_memory()
    facts, image = await facts_of(png(12_000, 9_000, rows=9), "image/png", "poster.png")
    assert (image, facts.readable, facts.too_large) == (None, False, (12_000, 9_000))
    assert pixels(*facts.too_large or (0, 0)) == "12.000 × 9.000 px"
    facts, _ = await facts_of(png(640, 480, rows=9)[:-40], "image/png", "cut.png")
    assert (facts.readable, facts.too_large) == (False, None)
    assert most_memory() - before < 64 * MB


def test_an_endless_gif_shows_its_first_frame() -> None:
    start = monotonic()
    image = decode(gif(20, 20, 20_000))
    assert image is not None
    assert image.size() == QSize(20, 20)
    assert monotonic() - start < 1


def test_the_largest_picture_that_is_read_takes_no_more_than_its_pixels() -> None:
    before, start = most_memory(), monotonic()
    image = decode(png(5_000, 5_000, rows=5_000))
    assert image is not None
    assert max(image.width(), image.height()) == 640
    assert monotonic() - start < 3
    assert most_memory() - before < 260 * MB


def test_one_file_that_is_two_is_only_a_picture_here() -> None:
    both = photo("#102030", "#405060", 64, 64) + b"<script>alert(1)</script>PK\x03\x04"
    image = decode(both)
    assert image is not None
    assert image.width() == 64


async def test_a_thread_full_of_bombs_is_read_two_at_a_time(stage: object) -> None:
    before = most_memory()
    images = await asyncio.gather(*(decoded(png(4_000, 4_000, rows=4_000)) for _ in range(8)))
    assert all(images)
    assert most_memory() - before < 260 * MB


@pytest.mark.qt_log_ignore(".*", extend=True)
@pytest.mark.parametrize("kind", ["audio/ogg", "video/mp4", "application/pdf", "image/jpeg"])
@pytest.mark.parametrize("data", [b"", b"<html>", b"MZ" + bytes(99), b"\x00" * 3000])
async def test_what_is_not_what_it_says_is_told_by_its_content(
    stage: object, kind: str, data: bytes
) -> None:
    facts, image = await facts_of(data, kind, "x.pdf")
    assert image is None
    assert facts.content_type.partition("/")[0] not in ("audio", "video", "image")


@pytest.mark.qt_log_ignore(".*", extend=True)
@pytest.mark.parametrize(
    "data",
    [
        b"OggS" + bytes(500),
        b"\x00\x00\x00\x20ftypisom" + b"x" * 1000,
        b"%PDF-1.7 and nothing else",
        b"\xff\xd8\xff\xe0" + bytes(300),
        b"ID3" + bytes(2000),
    ],
)
async def test_a_broken_file_is_said_to_be_unreadable_within_a_second(
    stage: object, data: bytes
) -> None:
    start = monotonic()
    facts, image = await facts_of(data, "", "")
    assert not facts.readable
    assert image is None
    assert monotonic() - start < 1.5


@pytest.mark.qt_log_ignore(".*", extend=True)
async def test_a_recording_and_a_video_cut_at_half_end_in_time(stage: object) -> None:
    for name, said in (("suara.ogg", "audio/ogg"), ("video.mp4", "video/mp4")):
        data = sample_file(name)
        start = monotonic()
        await facts_of(data[: len(data) // 2], said, name)
        assert monotonic() - start < 5


async def test_a_recording_tells_its_length_and_its_loudness(stage: object) -> None:
    facts, _ = await facts_of(sample_file("suara.ogg"), "audio/ogg", "PTT.ogg")
    assert 20.5 < facts.seconds < 21.5
    assert len(facts.peaks) == 64
    assert max(facts.peaks) == 1.0
    assert min(facts.peaks) < 0.5


async def test_a_video_tells_its_length_and_its_first_picture(stage: object) -> None:
    facts, image = await facts_of(sample_file("video.mp4"), "video/mp4", "x.mp4")
    assert facts.seconds == 3.0
    assert image is not None
    assert image.size() == QSize(480, 270)


async def test_sound_in_a_videos_container_is_sound(stage: object) -> None:
    facts, image = await facts_of(sample_file("video.mp4"), "audio/mp4", "x.m4a")
    assert facts.content_type == "audio/mp4"
    assert facts.peaks
    assert image is None


async def test_a_pdf_tells_its_pages_and_shows_its_first(stage: object) -> None:
    facts, image = await facts_of(pdf(3), "application/pdf", "faktur.pdf")
    assert facts.pages == 3
    assert image is not None
    assert image.height() == 240
    second = await page_of(pdf(3), 1, 900)
    assert second is not None
    assert second.image is not None
    assert second.image.height() == 900
    assert await page_of(pdf(3), 7) is None


async def test_a_pdf_of_a_monstrous_page_is_drawn_small(stage: object) -> None:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QSize(14_000, 200), "strip"))
    with QPainter(writer) as painter:
        painter.fillRect(QRectF(0, 0, 5_000, 5_000), "#ff0000")
    start = monotonic()
    page = await page_of(bytes(buffer.data().data()))
    assert page is not None
    assert page.image is not None
    assert page.image.width() <= 240
    assert monotonic() - start < 2


def test_the_sample_bomb_is_small() -> None:
    assert len(BOMBS["a PNG of 400 million pixels"]) < MB
    assert BytesIO(BOMBS["a PNG of 400 million pixels"]).read(4) == b"\x89PNG"

"""The media bench: what is covered is gone, what travels along is gone, and WhatsApp takes it."""

from __future__ import annotations

import asyncio
import math
import random
import struct
import wave
from array import array
from io import BytesIO
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from console.domain.conversation import Channel
from console.domain.errors import ExpectedError
from console.domain.intents import Attachment
from console.domain.media_rules import MB, refusal, sniff
from console.ui.composer.bench import sound
from console.ui.composer.bench.convert import converted, wants_work
from console.ui.composer.bench.pictures import BlackOut, Crop, Turn, apply, encode, read
from console.ui.composer.bench.window import Bench, Worked
from console.ui.composer.voice import level
from console.ui.composer.voice import wave as bars
from tests.gallery.stage import Stage
from tests.ui.composing import NONE
from tests.waiting import eventually

SECRET = Path(__file__).parent / "files" / "secret.heic"
RED, BLUE = QColor("#C81E1E"), QColor("#143CC8")


def picture(width: int = 64, height: int = 48) -> QImage:
    """The left half is blue, the right half red."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(RED)
    with QPainter(image) as painter:
        painter.fillRect(QRect(0, 0, width // 2, height), BLUE)
    return image


def noise(width: int, height: int) -> QImage:
    """What no codec can shrink."""
    data = random.Random(1).randbytes(width * height * 4)
    return QImage(data, width, height, QImage.Format.Format_RGB32).copy()


def stored(image: QImage, form: str) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, form, 95)  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def with_exif(jpeg: bytes, orientation: int) -> bytes:
    """A JPEG as a phone makes it: an orientation, a maker and a place in its EXIF."""
    place = b"6 deg 12' 30\" S, 106 deg 49' E\0"
    tiff = b"II*\0\x08\0\0\0" + struct.pack("<H", 3)
    tiff += struct.pack("<HHII", 0x010E, 2, len(place), 50)
    tiff += struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff += struct.pack("<HHII", 0x8825, 4, 1, 0)
    tiff += struct.pack("<I", 0) + place
    body = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def near(image: QImage, x: int, y: int, color: QColor) -> bool:
    found = image.pixelColor(x, y)
    return all(
        abs(a - b) < 24
        for a, b in zip(found.getRgb()[:3], color.getRgb()[:3], strict=True)  # type: ignore[index]
    )


def shown(data: bytes) -> QImage:
    image = QImage.fromData(data)
    assert not image.isNull()
    return image


@pytest.mark.parametrize("lossless", [True, False])
def test_what_was_blacked_out_is_not_in_the_file_any_more(lossless: bool) -> None:
    worked = apply(picture(), (BlackOut(0.0, 0.0, 0.5, 1.0),))
    data, _ = encode(worked, lossless=lossless)
    image = shown(data)
    blue = [
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).blue() > 90 and image.pixelColor(x, y).red() < 90
    ]
    assert blue == []
    assert near(image, 10, 24, QColor("#000000"))
    assert near(image, 50, 24, RED)


def test_a_covered_edge_is_covered_outwards() -> None:
    worked = apply(picture(10, 10), (BlackOut(0.11, 0.11, 0.3, 0.3),))
    black = [
        (x, y) for x in range(10) for y in range(10) if worked.pixelColor(x, y).lightness() == 0
    ]
    assert black == [(x, y) for x in range(1, 5) for y in range(1, 5)]


@pytest.mark.parametrize("lossless", [True, False])
def test_place_and_maker_do_not_travel_along(lossless: bool) -> None:
    source = with_exif(stored(picture(), "JPG"), 6)
    assert b"106 deg" in source
    image = read(source, "image/jpeg")
    assert image is not None
    assert (image.width(), image.height()) == (48, 64)  # upright, as its EXIF says
    data, _ = encode(image, lossless=lossless)
    for trace in (b"Exif", b"106 deg", b"GPS", b"eXIf", b"tEXt", b"iTXt"):
        assert trace not in data


def test_texts_in_a_png_do_not_travel_along() -> None:
    image = picture()
    image.setText("Comment", "rahasia sekali")
    source = stored(image, "PNG")
    found = read(source, "image/png")
    assert found is not None
    data, kind = encode(found, lossless=True)
    assert kind == "image/png"
    assert b"rahasia" not in data
    assert b"Comment" not in data


def test_crop_and_turn_keep_their_order() -> None:
    left = apply(picture(), (Crop(0.0, 0.0, 0.5, 1.0), Turn(1)))
    assert (left.width(), left.height()) == (48, 32)
    assert near(left, 5, 5, BLUE)
    turned = apply(picture(), (Turn(1), Crop(0.0, 0.0, 1.0, 0.5)))
    assert near(turned, 5, 5, BLUE)
    assert (turned.width(), turned.height()) == (48, 32)
    back = apply(picture(), (Turn(1), Turn(-1)))
    assert near(back, 5, 5, BLUE)
    assert near(back, 60, 5, RED)


def test_a_heic_from_a_phone_becomes_a_jpeg_without_its_secrets() -> None:
    data = SECRET.read_bytes()
    kind = sniff(data)
    assert kind == "image/heic"
    assert b"SecretCam" in data
    image = read(data, kind)
    assert image is not None
    assert near(image, 5, 20, QColor(20, 60, 200))
    assert near(image, 58, 20, QColor(200, 30, 30))
    made, made_kind = encode(image)
    assert made_kind == "image/jpeg"
    assert b"SecretCam" not in made


@pytest.mark.parametrize(
    "data", [b"", b"\0\0\0\x1cftypheic" + b"\0" * 40, SECRET.read_bytes()[:300]]
)
def test_a_broken_heic_is_refused_not_raised(data: bytes) -> None:
    assert read(data, "image/heic") is None


@pytest.mark.parametrize(
    ("form", "kind"), [("BMP", "image/bmp"), ("TIFF", "image/tiff"), ("WEBP", "image/webp")]
)
async def test_pictures_whatsapp_does_not_show_are_converted(
    stage: Stage, form: str, kind: str
) -> None:
    data = stored(picture(), form)
    assert sniff(data) == kind
    item = Attachment("", f"foto.{form.lower()}", kind, len(data))
    assert wants_work(item, Channel.WHATSAPP)
    made = await converted(data, item, Channel.WHATSAPP, lambda _: None)
    assert made is not None
    attachment, content = made
    assert attachment.content_type == sniff(content) in ("image/jpeg", "image/png")
    assert attachment.name in ("foto.jpg", "foto.png")
    assert near(shown(content), 5, 20, BLUE)


async def test_a_photo_that_is_too_large_is_shrunk_until_it_fits(stage: Stage) -> None:
    image = noise(1900, 1900)
    data = stored(image, "PNG")
    assert len(data) > 5 * MB
    item = Attachment("", "besar.png", "image/png", len(data))
    made = await converted(data, item, Channel.WHATSAPP, lambda _: None)
    assert made is not None
    assert refusal(Channel.WHATSAPP, made[0].content_type, made[0].size) is None
    assert made[0].size == len(made[1])
    small, _ = encode(image, 200_000)
    assert len(small) <= 200_000
    assert shown(small).width() < 1900


def test_what_is_fine_is_left_alone() -> None:
    for kind, size in (("image/jpeg", MB), ("image/png", MB), ("application/pdf", MB)):
        assert not wants_work(Attachment("", "x", kind, size), Channel.WHATSAPP)
    assert not wants_work(Attachment("", "x.exe", "application/x-msdownload", MB), Channel.WHATSAPP)


def test_a_moving_gif_stays_refused_a_still_one_becomes_a_picture(stage: Stage) -> None:
    frame = b"\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"
    head = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff"
    for frames, expected in ((1, True), (2, False)):
        data = head + frame * frames + b"\x3b"
        item = Attachment("", "x.gif", sniff(data), len(data))

        async def work(data: bytes = data, item: Attachment = item) -> bool:
            return await converted(data, item, Channel.WHATSAPP, lambda _: None) is not None

        assert asyncio.run(work()) is expected


def tone(seconds: float, rate: int = 24_000) -> bytes:
    return array("h", (int(9000 * math.sin(at / 9)) for at in range(int(rate * seconds)))).tobytes()


def wav(seconds: float) -> bytes:
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24_000)
        file.writeframes(tone(seconds))
    return out.getvalue()


async def test_sound_that_whatsapp_refuses_becomes_aac_of_the_same_length(stage: Stage) -> None:
    data = wav(2.0)
    item = Attachment("", "rekaman.wav", sniff(data), len(data))
    assert refusal(Channel.WHATSAPP, item.content_type, item.size) is not None
    steps: list[float] = []
    made = await converted(data, item, Channel.WHATSAPP, steps.append)
    assert made is not None
    attachment, content = made
    assert (attachment.name, attachment.content_type) == ("rekaman.m4a", "audio/mp4")
    assert sniff(content) == "audio/mp4"
    assert refusal(Channel.WHATSAPP, "audio/mp4", len(content)) is None
    assert steps == sorted(steps)
    assert steps[-1] == 1.0
    pcm = await sound.decoded(content, 60)
    assert sound.seconds(pcm) == pytest.approx(2.0, abs=0.15)
    assert level(pcm[4800:9600], sound.pcm_format().sampleFormat()) > 0.3


@pytest.mark.qt_log_ignore("Could not open media")
async def test_broken_sound_is_said(stage: Stage) -> None:
    with pytest.raises(ExpectedError):
        await sound.decoded(b"RIFF....WAVE" + b"\0" * 500, 60)


def test_levels_and_bars() -> None:
    form = sound.pcm_format().sampleFormat()
    assert level(b"", form) == 0.0
    assert level(b"\0\0" * 100, form) == 0.0
    assert level(struct.pack("<h", -32768), form) == 1.0
    assert bars([], 3) == [0.0, 0.0, 0.0]
    assert bars([0.1, 0.9, 0.2, 0.3], 2) == [0.9, 0.3]
    assert bars([0.5], 3) == [0.5, 0.5, 0.5]


async def test_the_bench_covers_what_was_drawn_and_renames(stage: Stage, qtbot: QtBot) -> None:
    image = picture(640, 480)
    data = with_exif(stored(image, "JPG"), 1)
    parent = stage.show(QWidget(), 10, 10)
    item = Attachment("", "IMG_1.jpg", "image/jpeg", len(data))
    bench = Bench(stage.theme, stage.scope(), item, Channel.WHATSAPP, parent)
    done: list[Worked] = []
    bench.done.connect(done.append)
    await bench.show_bytes(data)
    place = bench.canvas._place().toRect()
    first = place.topLeft() + QPoint(20, 20)
    last = place.topLeft() + QPoint(place.width() // 4, place.height() // 4)
    qtbot.mousePress(bench.canvas, Qt.MouseButton.LeftButton, pos=first)
    qtbot.mouseMove(bench.canvas, last)
    qtbot.mouseRelease(bench.canvas, Qt.MouseButton.LeftButton, pos=last)
    assert len(bench.steps()) == 1
    bench.name.setText("resi")
    bench.caption.setText("Resi JNE")
    qtbot.keyClick(bench.canvas, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    await eventually(lambda: done)
    (worked,) = done
    assert (worked.name, worked.caption, worked.content_type) == (
        "resi.jpg",
        "Resi JNE",
        "image/jpeg",
    )
    assert worked.content is not None
    made = shown(worked.content)
    assert made.size() == image.size()
    assert near(made, 60, 60, QColor("#000000"))
    assert near(made, 260, 300, BLUE)
    assert b"Exif" not in worked.content


async def test_the_bench_is_worked_by_keys_and_gives_nothing_up_unasked(
    stage: Stage, qtbot: QtBot
) -> None:
    parent = stage.show(QWidget(), 10, 10)
    item = Attachment("", "resi.jpg", "image/jpeg", MB)
    bench = Bench(stage.theme, stage.scope(), item, Channel.WHATSAPP, parent)
    done: list[Worked] = []
    bench.done.connect(done.append)
    await bench.show_bytes(stored(picture(640, 480), "JPG"))
    shift, k = Qt.KeyboardModifier.ShiftModifier, Qt.Key

    def press(key: Qt.Key, times: int = 1, held: Qt.KeyboardModifier = NONE) -> None:
        for _ in range(times):
            qtbot.keyClick(bench.focusWidget(), key, held)

    def rectangle() -> QRectF | None:
        return bench.canvas.placed

    assert bench.focusWidget() is bench.canvas
    assert bench.keys.isVisible()
    press(k.Key_Right)
    assert rectangle()
    press(k.Key_Left, 60)
    press(k.Key_Up, 60)
    press(k.Key_Right, 60, shift)
    press(k.Key_Down, 2, shift)
    press(k.Key_Return)
    (step,) = bench.steps()
    assert isinstance(step, BlackOut)
    assert (step.x, step.y, step.width) == pytest.approx((0, 0, 1))
    assert 0.15 < step.height < 0.25
    press(k.Key_Down)
    press(k.Key_Escape)
    assert (rectangle(), bench.is_asking) == (None, False)
    press(k.Key_Escape)
    assert bench.isVisible()
    assert (bench.is_asking, bench.focusWidget()) == (True, bench.back)
    press(k.Key_Escape)
    assert (bench.is_asking, bench.focusWidget()) == (False, bench.canvas)
    bench.close()
    bench.discard.setFocus()
    press(k.Key_Return)
    await eventually(lambda: not isValid(bench))
    assert done == []


async def test_the_bench_only_renames_what_is_no_picture(stage: Stage, qtbot: QtBot) -> None:
    parent = stage.show(QWidget(), 10, 10)
    item = Attachment("", "faktur.pdf", "application/pdf", 900)
    bench = Bench(stage.theme, stage.scope(), item, Channel.WHATSAPP, parent)
    done: list[Worked] = []
    bench.done.connect(done.append)
    await bench.show_bytes(b"%PDF")
    assert not bench.canvas.isVisible()
    bench.name.setText("Faktur 2231")
    qtbot.keyClick(bench.name, Qt.Key.Key_Return)
    await eventually(lambda: done)
    assert done == [Worked("Faktur 2231.pdf", "")]

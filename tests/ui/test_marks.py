"""One mark everywhere: what the packages ship is what the window shows."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QImage

from console.ui.widgets.emblem import MARK
from tests.ui.marks import APPLE, APPLE_MARGIN, FOLDER, WINDOWS, drawn


def alike(first: QImage, second: QImage) -> bool:
    """Equal but for what another version of Qt rounds otherwise along the edges."""
    if first.size() != second.size():
        return False
    points = [(x, y) for x in range(first.width()) for y in range(first.height())]
    far = 0
    for x, y in points[:: max(1, len(points) // 4096)]:
        one, other = first.pixelColor(x, y), second.pixelColor(x, y)
        steps = zip(one.getRgb(), other.getRgb(), strict=True)  # type: ignore[call-overload]
        far += any(abs(a - b) > 24 for a, b in steps)
    return far <= 4096 // 100


def pictures_of_ico(data: bytes) -> Iterator[tuple[int, QImage]]:
    _, kind, count = struct.unpack_from("<HHH", data)
    assert kind == 1
    for place in range(count):
        side, *_, length, at = struct.unpack_from("<BBBBHHII", data, 6 + 16 * place)
        yield side or 256, QImage.fromData(data[at : at + length])


def pictures_of_icns(data: bytes) -> Iterator[tuple[bytes, QImage]]:
    name, length = struct.unpack_from(">4sI", data)
    assert (name, length) == (b"icns", len(data))
    at = 8
    while at < len(data):
        name, length = struct.unpack_from(">4sI", data, at)
        yield name, QImage.fromData(data[at + 8 : at + length])
        at += length


def test_the_vector_is_the_windows_own() -> None:
    assert (FOLDER / "balas.svg").read_bytes() == MARK.read_bytes()


def test_the_picture_for_menus_shows_the_mark() -> None:
    assert alike(QImage(str(FOLDER / "balas.png")), drawn(512))


@pytest.mark.parametrize("side", WINDOWS)
def test_windows_finds_the_mark_in_each_size(side: int) -> None:
    found = dict(pictures_of_ico((FOLDER / "balas.ico").read_bytes()))
    assert set(found) == set(WINDOWS)
    assert alike(found[side], drawn(side))


@pytest.mark.parametrize("name", sorted(APPLE))
def test_macos_finds_the_mark_in_each_size(name: bytes) -> None:
    found = dict(pictures_of_icns((FOLDER / "balas.icns").read_bytes()))
    assert set(found) == set(APPLE)
    assert alike(found[name], drawn(APPLE[name], APPLE_MARGIN))

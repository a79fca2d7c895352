"""Painting on pictures: a fault on the way is told, and does not end the program."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import pytest
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem, QWidget

from console.ui.alerts.tray import counted_icon
from console.ui.navigation import RailButton
from console.ui.theme.theme import Scheme, Theme
from console.ui.theme.type import Role
from console.ui.widgets import marked, menus, painting, pictures
from tests.gallery.stage import Stage, grab


def test_a_picture_that_fails_half_painted_is_an_error_like_any_other(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_theme: Theme, name: str) -> None:
        raise KeyError(name)

    monkeypatch.setattr(Theme, "color", fail)
    with pytest.raises(KeyError, match="badge"):
        counted_icon(Theme.__new__(Theme), 3)


@pytest.mark.parametrize("scale", [100, 125, 150])
async def test_a_wide_counter_leaves_the_icon_to_be_seen(stage: Stage, scale: int) -> None:
    stage.set(scale=scale)
    made = RailButton(stage.theme, "message-square", "Kotak masuk")
    stage.show(made)
    ink, ground = stage.theme.color("rail_icon"), stage.theme.color("badge")

    def drawn(color: QColor) -> int:
        image = grab(made)
        places = product(range(image.width()), range(image.height()))
        return sum(image.pixelColor(x, y) == color for x, y in places)

    whole = drawn(ink)
    for count in (100, 10_000):
        made.show_count(count)
        assert drawn(ground) > 50
        assert drawn(ink) > whole * 0.8


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
async def test_shortcuts_in_a_menu_are_quieter_than_its_words(
    stage: Stage, scheme: Scheme, direction: Qt.LayoutDirection
) -> None:
    stage.set(scheme)
    stage.turn(direction)
    shown = menus.menu(stage.show(QWidget(), 10, 10))
    shown.addAction("Tandai\tShift+A")
    shown.addAction("Dan sebuah kalimat yang panjang sekali")  # keeps the two apart
    shown.ensurePolished()
    shown.adjustSize()
    image, place = grab(shown), shown.actionGeometry(shown.actions()[0])

    surface = stage.theme.color("surface").lightness()
    muted = abs(stage.theme.color("muted").lightness() - surface)

    def strongest(left: int, right: int) -> int:
        places = product(range(left, right), range(place.top(), place.bottom()))
        return max(abs(image.pixelColor(x, y).lightness() - surface) for x, y in places)

    half = place.center().x()
    halves = [strongest(place.left(), half), strongest(half, place.right())]
    if direction is Qt.LayoutDirection.RightToLeft:
        halves.reverse()
    words, keys = halves
    assert words > muted + 10
    assert muted / 2 < keys <= muted


async def test_each_piece_of_a_found_line_is_counted_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = [("Pesanan ", False), ("kilat", True), (" 🙏 ", False), ("kilat", True)]
    counted: list[str] = []

    def units(text: str) -> int:
        counted.append(text)
        return len(text.encode("utf-16-le")) // 2

    monkeypatch.setattr(marked, "units_of", units)
    shown = QPixmap(600, 20)
    with QPainter(shown) as painter:
        face = stage.theme.font(Role.SMALL)
        marked.draw_marked(painter, stage.theme, QRectF(0, 0, 600, 20), pieces, face, "accent")
    words = [piece for piece, _ in pieces]
    assert counted == ["".join(words), *words]


async def test_pictures_that_are_kept_no_more_are_painted_over(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[QPixmap] = []

    def make(*measures: object) -> QPixmap:
        made.append(QPixmap(*measures))
        return made[-1]

    monkeypatch.setattr(pictures, "QPixmap", make)
    kept = pictures.Pictures(stage.theme)
    option = QStyleOptionViewItem()
    shown = QPixmap(20, 10)

    def show(red: int, wide: int = 20) -> QColor:
        option.rect = QRect(0, 0, wide, 10)

        def draw(painter: QPainter, rect: QRectF) -> None:
            painter.fillRect(rect, QColor(red, 0, 7))

        with QPainter(shown) as painter:
            kept.paint(painter, option, red, draw)
        return shown.toImage().pixelColor(5, 5)

    reds = range(3 * pictures.KEPT)
    for red in reds:
        assert show(red) == QColor(red, 0, 7)
    assert len(made) == pictures.KEPT
    for red in (*reds[-5:], *reds[:5]):  # still kept, and long painted over
        assert show(red) == QColor(red, 0, 7)
    assert len(made) == pictures.KEPT
    assert show(1, wide=10) == QColor(1, 0, 7)  # another size needs a picture of it
    assert len(made) == pictures.KEPT + 1


LETTERS = (
    "abc def. ghi, WM",
    "il.j' ",
    "سلام عليكم ",
    "שלום עולם ",
    "订单什么时候到",
    "🙏👨‍👩‍👧🇮🇩❤️ ",
    "नमस्ते क्षत्रिय ",
    "e\u0301o\u0303 ",
    "\u200e\u200f\u2066\u2069 x",
    f"short{painting.VARIANTS}s ",
)


class Measuring(QFontMetricsF):
    """Keeps what it was asked to measure."""

    asked: list[str]

    def horizontalAdvance(self, text: str, *more: Any) -> float:
        self.asked.append(text)
        return super().horizontalAdvance(text, *more)

    def elidedText(self, text: str, *more: Any) -> str:
        self.asked.append(text)
        return super().elidedText(text, *more)


async def test_a_line_is_cut_where_qt_cuts_it(stage: Stage) -> None:
    chance = random.Random(1)
    cut = 0
    for _ in range(2_000):
        letters = "".join(chance.choices(LETTERS, k=chance.randrange(1, 4)))
        text = "".join(chance.choices(letters, k=chance.randrange(250)))
        metrics = QFontMetricsF(stage.theme.font(chance.choice(list(Role))))
        room = chance.choice((-1, 0, 30, 100.5, 320, 600))
        wanted = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        assert painting.elided(metrics, text, room) == wanted
        cut += wanted != text
    assert 1_000 < cut < 2_000


async def test_of_a_long_line_no_more_is_measured_than_has_room(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    face = stage.theme.font(Role.BASE)
    text = "Sudah menunggu dari jam sembilan pagi di rumah, tidak ada kabar sama sekali. " * 40
    shown = QFontMetricsF(face).elidedText(text, Qt.TextElideMode.ElideRight, 300)
    monkeypatch.setattr(painting, "QFontMetricsF", Measuring)
    monkeypatch.setattr(Measuring, "asked", [], raising=False)
    with QPainter(canvas := QPixmap(300, 20)) as painter:
        taken = painting.draw_line(painter, canvas.rect().toRectF(), text, face)
    assert taken == QFontMetricsF(face).horizontalAdvance(shown)
    assert max(map(len, Measuring.asked)) < 3 * len(shown)

"""Numbers, names and addresses amid words from right to left stand as they were typed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter

from console.domain.ids import ProfileId
from console.domain.kind import Kind
from console.domain.profile import Profile
from console.ui import words
from console.ui.isolates import MAY_BREAK, TOGETHER, isolate, isolated, runs
from console.ui.theme.type import Role
from console.ui.timeline.rows import MessageRow
from console.ui.timeline.text import TextBlock, measure_text
from console.ui.widgets.marked import draw_marked
from console.ui.widgets.painting import draw_line
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import SITI, Thread, row
from tests.gallery.stage import Stage
from tests.waiting import eventually

NUMBER = "+62 812-3456-7890"
SIGNS = dict.fromkeys(map(ord, "\u2066\u2068\u2069\ufeff\u200b"))
CALL = f"اتصل بي على {NUMBER} شكرا!"


def kept(text: str) -> list[str]:
    return [text[start:end] for start, end, _ in runs(text)]


@pytest.mark.parametrize(
    ("said", "together"),
    [
        (CALL, [NUMBER]),
        ("טלפון 0812-3456-7890 (0812 3456 7890).", ["0812-3456-7890", "0812 3456 7890"]),
        ("هاتف (021) 555-1234", ["(021) 555-1234"]),
        ("هاتف ٠٨١٢-٣٤٥٦-٧٨٩٠", ["٠٨١٢-٣٤٥٦-٧٨٩٠"]),
        ("انظر https://a.example/b/?x=1/, شكرا", ["https://a.example/b/?x=1/"]),
        ("www.a.example/b/ و@dewi.s. #2231", ["www.a.example/b/", "@dewi.s", "#2231"]),
        ("شكرا @dewi.s. siti.2@a.example", ["@dewi.s", "siti.2@a.example"]),
        ("הזמנה 2231-8841-02", ["2231-8841-02"]),
        ("من 01-02-2025 إلى 2025-11-17, 08.00-17.00, 38 39 40 41", []),
        ("Telepon +62 812-3456-7890", []),
    ],
)
def test_what_is_kept_together(said: str, together: list[str]) -> None:
    assert kept(said) == together
    for shown in (isolate(said), isolate(said, lines=True)):
        assert [shown.bare(shown.painted(unit)) for unit in range(len(said) + 1)] == [
            *range(len(said) + 1)
        ]
    assert isolated(said).translate({0x2066: None, 0x2068: None, 0x2069: None}) == said


def test_an_emoji_before_a_number_counts_two_units(stage: Stage) -> None:
    face = stage.theme.font(Role.BUBBLE)
    said = f"شكرا 🙏 {NUMBER} https://a.example/b/ نعم"
    block = measure_text(said, face, 600, link_color=stage.theme.color("text"), rich=True)
    middle = block.line_height / 2
    caret = said.index("نعم")
    units = len(said[:caret].encode("utf-16-le")) // 2
    line = block.pieces[0].layout.lineAt(0)
    found: Any = line.cursorToX(block.pieces[0].isolated.painted(units))
    x = float(found[0] if isinstance(found, tuple) else found)
    assert block.unit_at(QPointF(x - 1, middle)) == units
    assert block.piece(0, block.units) == said


def test_a_number_in_a_bubble_is_pointed_at_where_it_stands_and_copied_as_typed(
    stage: Stage,
) -> None:
    face = stage.theme.font(Role.BUBBLE)
    block = measure_text(CALL, face, 400)
    start = CALL.index(NUMBER)
    places = [block.unit_at(QPointF(x, block.line_height / 2)) for x in range(400)]
    inside = [unit for unit in places if start < unit < start + len(NUMBER)]
    assert inside == sorted(inside), "its digits run from the left"
    assert set(inside) == set(range(start + 1, start + len(NUMBER)))
    assert max(places) == len(CALL)
    assert block.text == CALL
    assert block.piece(*(start, start + len(NUMBER))) == NUMBER
    assert block.word_at(start + 5) == (start + 4, start + 7)


def test_a_link_is_hit_on_its_last_sign_and_marks_lie_on_their_letters(stage: Stage) -> None:
    face, color = stage.theme.font(Role.BUBBLE), stage.theme.color("accent")
    said = "انظر https://a.example/b/ يا @dewi شكرا"
    block = measure_text(said, face, 600, link_color=color, names=())
    hits = [block.hit(QPointF(x, block.line_height / 2)) for x in range(round(block.size.width()))]
    wide = QFontMetricsF(face).horizontalAdvance("https://a.example/b/")
    assert sum(hit is not None for hit in hits) == pytest.approx(wide, abs=2)
    painted = block.pieces[0].isolated.text
    marks = block.pieces[0].layout.formats()
    letters = [painted[mark.start : mark.start + mark.length] for mark in marks]
    assert [part.translate(SIGNS) for part in letters] == ["https://a.example/b/", "@dewi"]


@pytest.mark.parametrize(
    ("said", "marked"),
    [
        ("@Ayu Lestari tolong", ["@Ayu Lestari"]),
        ("@Ayu tolong, dan @Raka juga", ["@Ayu", "@Raka"]),
        ("@Ayu Lestarini tolong", ["@Ayu"]),
        ("(@O'Neil) siapa@Ayu.example @@Ayu @", ["@O'Neil"]),
        ("@dewi.w besok", ["@dewi.w"]),
    ],
)
def test_who_is_named_is_marked_by_the_whole_name(
    stage: Stage, said: str, marked: list[str]
) -> None:
    face, color = stage.theme.font(Role.BUBBLE), stage.theme.color("accent")
    people = ("Ayu Lestari", "O'Neil", "Ayu")
    block = measure_text(said, face, 600, link_color=color, names=people)
    text = block.pieces[0].isolated.text
    bold = [mark for mark in block.pieces[0].layout.formats() if not mark.format.fontUnderline()]
    letters = [text[mark.start : mark.start + mark.length] for mark in bold]
    assert [part.translate(SIGNS) for part in letters if part.startswith("@")] == marked


async def test_a_colleague_who_becomes_known_is_marked_by_the_whole_name_in_a_note(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    screen = open_thread.inbox.thread_screen
    store.messages.threads[SITI] = [Thread().note("@Tri Wahyuni cek", minutes=0)]
    open_thread.bridge.threads_changed.emit(frozenset({SITI}))

    def marked() -> list[str]:
        rows = [row for row in screen.timeline.rows() if isinstance(row, MessageRow)]
        note = next((row for row in rows if "Tri" in row.message.content.text), None)
        if note is None:
            return []
        parts = screen.timeline._layouts.layout(note).parts
        block = [part for part, _ in parts if isinstance(part, TextBlock)][-1]
        text = block.pieces[0].isolated.text
        formats = block.pieces[0].layout.formats()
        return [text[mark.start : mark.start + mark.length].translate(SIGNS) for mark in formats]

    await eventually(lambda: marked() == ["@Tri"])
    store.desk.team.append(Profile(ProfileId("tri"), "Tri Wahyuni"))
    open_thread.bridge.team_changed.emit()
    await eventually(lambda: marked() == ["@Tri Wahyuni"])


LONG = "https://toko-sentosa.example.com/pesanan/2231/lacak?kurir=jne&resi=CGK123456789.pdf"


@pytest.mark.parametrize("ahead", ["Cek 🙏 ", "Silakan dibuka saja alamatnya: ", "انظر "])
@pytest.mark.parametrize("width", range(250, 420, 10))
def test_an_address_breaks_where_one_reads_on(stage: Stage, ahead: str, width: int) -> None:
    block = measure_text(f"{ahead}{LONG}, ya", stage.theme.font(Role.BUBBLE), width)
    piece = block.pieces[0]
    ends = [
        piece.bare(line.textStart() + line.textLength())
        for line in map(piece.layout.lineAt, range(piece.layout.lineCount() - 1))
    ]
    lines = [block.piece(start, end) for start, end in pairwise((0, *ends, block.units))]
    assert len(lines) > 1
    assert "".join(lines) == f"{ahead}{LONG}, ya"
    assert all(line[-1] in "/?&. " for line in lines[:-1])
    assert not any(line.endswith("://") for line in lines)
    assert any("https://toko-sentosa.example.com/" in line for line in lines), "the host is whole"


def test_only_addresses_break_so_and_not_before_what_ends_their_sentence() -> None:
    for said in ("dan/atau? A&B. 1/2", "lihat https.", "https://a.example", "ke www.a.example."):
        shown = isolate(said, lines=True)
        assert shown.text.replace(TOGETHER, "") == said
    shown = isolate("https://a.example/b/?x=1/, ya", lines=True)
    assert shown.text.split(MAY_BREAK) == [f"https://{TOGETHER}a.example/", "b/?", "x=1/, ya"]


def beginning(stage: Stage, text: str, part: str) -> QImage:
    """As much of the painted line as `part` is wide, from the left."""
    face = stage.theme.font(Role.BASE)
    image = QImage(500, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    with QPainter(image) as painter:
        draw_line(painter, QRectF(0, 0, 480, 30), text, face)
    return image.copy(0, 0, int(QFontMetricsF(face).horizontalAdvance(part)) - 1, 30)


@pytest.mark.parametrize(
    ("said", "first"), [(NUMBER, "+62"), ("@dewi", "@dewi"), ("https://a.example/b/", "https:")]
)
def test_a_painted_line_keeps_its_order(stage: Stage, said: str, first: str) -> None:
    for word in ("שלום", "سلام"):
        assert beginning(stage, f"{word} {said}", first) == beginning(stage, said, first)


def test_a_match_at_the_turn_of_the_direction_has_its_ground(stage: Stage) -> None:
    face, said = stage.theme.font(Role.BASE), f"שלום {NUMBER} שלום"
    image = QImage(400, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    with QPainter(image) as painter:
        at = said.index("7890")
        pieces = [(said[:at], False), ("7890", True), (said[at + 4 :], False)]
        draw_marked(painter, stage.theme, QRectF(0, 0, 400, 30), pieces, face, "accent", "danger")
    ground = stage.theme.color("danger")
    used = [x for x in range(400) if image.pixelColor(x, 8) == ground]
    wide = QFontMetricsF(stage.theme.font(Role.BASE_STRONG)).horizontalAdvance("7890")
    assert len(used) == pytest.approx(wide, abs=6)
    before = QFontMetricsF(face).horizontalAdvance(f"שלום {NUMBER[:-4]}")
    assert used[0] == pytest.approx(before, abs=6)


async def test_a_place_with_an_arabic_name_is_set_apart_from_its_kind(stage: Stage) -> None:
    stage.set(language="en")
    shown = words.preview(row("x", "x", "مقهى 12!", kind=Kind.LOCATION))
    assert shown == "Location · \u2068مقهى 12!\u2069"

"""WhatsApp's formatting: what is marked, and what only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.ui.timeline.formatting import Span, Style, formatted


@pytest.mark.parametrize(
    ("typed", "read", "style", "styled"),
    [
        ("Pesanan *sudah dikirim* ya", "Pesanan sudah dikirim ya", Style.BOLD, "sudah dikirim"),
        ("_pelan_", "pelan", Style.ITALIC, "pelan"),
        ("harga ~Rp 50.000~ Rp 40.000", "harga Rp 50.000 Rp 40.000", Style.STRIKE, "Rp 50.000"),
        ("kode ```A-*1*```", "kode A-*1*", Style.MONO, "A-*1*"),
        ("pakai `PROMO_11`", "pakai PROMO_11", Style.MONO, "PROMO_11"),
        ("> kata Anda", "kata Anda", Style.QUOTE, "kata Anda"),
    ],
)
def test_marks_style_what_they_stand_around(
    typed: str, read: str, style: Style, styled: str
) -> None:
    text, spans = formatted(typed)
    assert text == read
    assert [(text[s.start : s.start + s.length], s.style) for s in spans] == [(styled, style)]


@pytest.mark.parametrize(
    "typed",
    [
        "2*3*4",
        "nama_file_baru.pdf",
        "* bukan*",
        "5 * 4 * 3",
        "a ~ b ~ c",
        "**",
        "*",
        "snake_case_x",
    ],
)
def test_what_only_looks_like_a_mark_stays(typed: str) -> None:
    text, spans = formatted(typed)
    assert text.removeprefix("• ").replace("bukan*", "bukan*") in (typed, typed[2:])
    assert spans == ()


def test_marks_can_be_nested() -> None:
    text, spans = formatted("*tebal _dan miring_*")
    assert text == "tebal dan miring"
    assert Span(0, 16, Style.BOLD) in spans
    assert Span(6, 10, Style.ITALIC) in spans


def test_lists_get_their_dots() -> None:
    assert formatted("Isi:\n- satu\n- dua")[0] == "Isi:\n• satu\n• dua"


@given(st.text(alphabet="ab *_~`>-\n", max_size=80))
def test_no_text_is_lost_and_every_span_lies_within(typed: str) -> None:
    text, spans = formatted(typed)
    assert text.count("a") == typed.count("a")
    assert text.count("b") == typed.count("b")
    assert all(s.start >= 0 and s.start + s.length <= len(text) for s in spans)

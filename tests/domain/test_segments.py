"""SMS parts are counted as networks count them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.segments import Segments, segments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments(0, 160)),
        ("a", Segments(1, 159)),
        ("a" * 160, Segments(1, 0)),
        ("a" * 161, Segments(2, 145)),
        ("a" * 306, Segments(2, 0)),
        ("a" * 307, Segments(3, 152)),
        ("€" * 80, Segments(1, 0)),
        # 76 euro signs fill 152 of 153 septets: the next one does not fit into what is left.
        ("€" * 81, Segments(2, 143)),
        ("😀", Segments(1, 68, True, "😀")),
        ("a" * 69 + "😀", Segments(2, 63, True, "😀")),
        ("ж" * 70, Segments(1, 0, True, "ж")),
        ("ж" * 71, Segments(2, 63, True, "ж")),
        # The pair of an emoji stays together: 66 letters leave one unit that it cannot use.
        ("ж" * 66 + "😀" + "ж" * 3, Segments(2, 62, True, "ж")),
        ("harga ‘promo’", Segments(1, 57, True, "‘")),
    ],
)
def test_a_text_is_so_many_parts(text: str, expected: Segments) -> None:
    assert segments(text) == expected


@given(st.text(max_size=700), st.characters())
def test_a_longer_text_never_has_fewer_parts(text: str, more: str) -> None:
    assert segments(text + more).count >= segments(text).count

"""Variables are found, filled in and marked; values are data."""

from __future__ import annotations

from console.domain.placeholders import Filled, fill, variables


def test_names_are_found_once_in_their_order() -> None:
    assert variables("Halo {{1}}, pesanan {{ order }} untuk {{1}}") == ("1", "order")
    assert variables("{{}} {{ }} { {x} } {{a\n}}") == ("a",)


def test_values_stand_in_the_text_and_are_marked() -> None:
    filled = fill("Halo {{name}}, ini {{agent}}.", {"name": "Siti", "agent": "Dewi"})
    assert filled == Filled("Halo Siti, ini Dewi.", ((5, 4), (15, 4)))
    assert [filled.text[s : s + n] for s, n in filled.spans] == ["Siti", "Dewi"]


def test_what_has_no_value_stays_and_is_named() -> None:
    assert fill("{{1}} {{2}} {{1}}", {"2": "x"}) == Filled("{{1}} x {{1}}", ((6, 1),), ("1",))


def test_a_value_that_looks_like_a_variable_is_not_filled_in_again() -> None:
    assert fill("{{name}}", {"name": "{{phone}}", "phone": "1"}).text == "{{phone}}"

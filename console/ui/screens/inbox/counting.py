"""How many conversations a view has, told on its chip in the room that there is."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QPushButton

from console.domain.conversation import Filter
from console.ui import words
from console.ui.language import translate

GAP = 4  # px between chips
ROUNDED = (10_000, 1000)  # where tight is too wide, counts from here on are told in thousands

Counted = Mapping[Filter, tuple[str, int]]  # a view's name, and how many it has


class CountedChips:
    """Chips with counts in one row, and one more chip behind them that has none."""

    def __init__(self, chips: Mapping[Filter, QPushButton], rest: QPushButton) -> None:
        self._chips = chips
        self._rest = rest
        self._around: dict[tuple[object, ...], int] = {}  # px, by chip, tight or not, and font

    def fit(self, counted: Counted, room: int) -> None:
        """Say it so exactly as goes into few lines; a tooltip has what is rounded."""
        whole = _texts(counted)
        ways = [(whole, False), *((_texts(counted, least), True) for least in (0, *ROUNDED))]
        texts, tight = min(
            ways, key=lambda way: self._lines(way[0], way[1], room)
        )  # the first of equals
        for chip in (*self._chips.values(), self._rest):
            _set_tight(chip, tight)
        for filter, chip in self._chips.items():
            if chip.text() != texts[filter]:
                chip.setText(texts[filter])
            tip = "" if texts[filter] == whole[filter] else whole[filter]
            chip.setToolTip(words.tip(tip))
            chip.setAccessibleName(tip)

    def _lines(self, texts: Mapping[Filter, str], tight: bool, room: int) -> int:
        shown = [(chip, texts[filter]) for filter, chip in self._chips.items()]
        lines, x = 1, 0
        for chip, text in (*shown, (self._rest, self._rest.text())):
            wide = self._beside_text(chip, tight) + _width(chip, text)
            if x and x + wide > room:
                lines, x = lines + 1, 0
            x += wide + GAP
        return lines

    def _beside_text(self, chip: QPushButton, tight: bool) -> int:
        """What it needs around its text. Measured, and not told from how it is now: a guess that
        is wrong in one of both ways has it change for ever."""
        key = (chip, tight, chip.isChecked(), bool(chip.text()), chip.font().key())
        if key not in self._around:
            now = _is_tight(chip)
            _set_tight(chip, tight)
            self._around[key] = chip.sizeHint().width() - _width(chip, chip.text())
            _set_tight(chip, now)
        return self._around[key]


def number(count: int, rounded_from: int = 0) -> str:
    """Empty for none; in thousands, rounded down, from `rounded_from` on."""
    if rounded_from and count >= rounded_from:
        many = translate("inbox", "{count}k")
        return many.format(count=QLocale().toString(count // 1000))
    return QLocale().toString(count) if count else ""


def _texts(counted: Counted, rounded_from: int = 0) -> dict[Filter, str]:
    return {
        filter: f"{name} {number(count, rounded_from)}".rstrip()
        for filter, (name, count) in counted.items()
    }


def _is_tight(chip: QPushButton) -> bool:
    return chip.property("tight") is True


def _set_tight(chip: QPushButton, tight: bool) -> None:
    if _is_tight(chip) is not tight:
        chip.setProperty("tight", tight)
        chip.style().unpolish(chip)
        chip.style().polish(chip)
        chip.updateGeometry()


def _width(chip: QPushButton, text: str) -> int:
    return chip.fontMetrics().horizontalAdvance(text)

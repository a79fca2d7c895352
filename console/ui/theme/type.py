"""The type scale: Inter in the sizes and weights that the design names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

from console.resources import RESOURCES

FAMILY = "Inter"
WEIGHTS = ("Regular", "Medium", "SemiBold", "Bold")
SCALES = (90, 100, 110, 125, 150)


@dataclass(frozen=True, slots=True)
class Face:
    """A size in px at 100 % and a weight."""

    size: float
    weight: QFont.Weight = QFont.Weight.Normal


class Role(Enum):
    """What a text is for."""

    TINY = Face(10.5, QFont.Weight.DemiBold)
    STAMP = Face(11)
    STAMP_STRONG = Face(11, QFont.Weight.DemiBold)
    CAPTION = Face(11.5, QFont.Weight.DemiBold)
    SMALL = Face(12)
    SMALL_STRONG = Face(12, QFont.Weight.DemiBold)
    BASE = Face(13)
    BASE_MEDIUM = Face(13, QFont.Weight.Medium)
    BASE_STRONG = Face(13, QFont.Weight.DemiBold)
    BUBBLE = Face(13.5)
    BUBBLE_STRONG = Face(13.5, QFont.Weight.DemiBold)
    HEADER = Face(15, QFont.Weight.DemiBold)
    TITLE = Face(18, QFont.Weight.Bold)
    WELCOME = Face(20, QFont.Weight.Bold)
    EMOJI = Face(32)
    HERO = Face(40)


def load_fonts() -> None:
    """Register the shipped fonts; without them the system's sans serif stands in."""
    for weight in WEIGHTS:
        QFontDatabase.addApplicationFont(str(RESOURCES / "fonts" / f"Inter-{weight}.ttf"))


def points(pixels: float) -> float:
    """Device-independent pixels as font points on this screen (96 a inch, 72 on macOS)."""
    return pixels * 72 / QGuiApplication.primaryScreen().logicalDotsPerInch()


def pixels(face: QFont) -> float:
    """A font's size in device-independent pixels."""
    return face.pointSizeF() * QGuiApplication.primaryScreen().logicalDotsPerInch() / 72


def font(role: Role, scale: int = 100) -> QFont:
    """The font of `role` at a text scale in per cent."""
    face = role.value
    made = QFont(FAMILY)
    made.setPointSizeF(points(face.size * scale / 100))
    made.setWeight(face.weight)
    made.setStyleHint(QFont.StyleHint.SansSerif)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made

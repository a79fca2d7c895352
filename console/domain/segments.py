"""How many parts an SMS becomes: the alphabets of GSM and how much of each fits into one part."""

from __future__ import annotations

from dataclasses import dataclass

# Source: 3GPP TS 23.038, GSM 7 bit default alphabet and its extension table.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # two septets each, and never torn apart by a part's end
# A part of several loses room to the header that puts them together again.
_GSM_ONE, _GSM_PART = 160, 153  # septets
_UCS_ONE, _UCS_PART = 70, 67  # UTF-16 units


@dataclass(frozen=True, slots=True)
class Segments:
    """`count` parts; `left` is what still fits into the last one, in characters of its alphabet.

    `unicode` is true where one character outside GSM's alphabet makes every part shorter;
    `culprit` is the first such character.
    """

    count: int
    left: int
    unicode: bool = False
    culprit: str = ""


def segments(text: str) -> Segments:
    """The parts of `text` as networks count (and bill) them; an empty text has none."""
    if not text:
        return Segments(0, _GSM_ONE)
    culprit = next((c for c in text if c not in _BASIC and c not in _EXTENDED), "")
    if culprit:
        # Python counts code points, networks UTF-16 units: an emoji is two, which stay together.
        sizes = [2 if ord(character) > 0xFFFF else 1 for character in text]
        count, left = _parts(sizes, _UCS_ONE, _UCS_PART)
        return Segments(count, left, True, culprit)
    sizes = [2 if character in _EXTENDED else 1 for character in text]
    return Segments(*_parts(sizes, _GSM_ONE, _GSM_PART))


def _parts(sizes: list[int], one: int, part: int) -> tuple[int, int]:
    whole = sum(sizes)
    if whole <= one:
        return 1, one - whole
    count, used = 1, 0
    for size in sizes:
        if used + size > part:
            count, used = count + 1, 0
        used += size
    return count, part - used

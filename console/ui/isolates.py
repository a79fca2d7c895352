"""Numbers, names after an @ and addresses amid words from right to left, kept in their own order.

The bidirectional algorithm turns such a run around its signs: "+62 812" would read "812 62+". A
pair of Unicode's isolates around it, put only into what is painted, keeps it as it was typed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

LEFT_TO_RIGHT, FIRST_STRONG, END = "\u2066", "\u2068", "\u2069"
# Embeddings, overrides and isolates: one that is never ended turns all that follows it.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Every script that runs from the right, and a little more: most texts have none of it.
FROM_RIGHT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
FEWEST_DIGITS = 7  # of a number to call; with a + in front fewer
FEWEST_AFTER_PLUS = 5
_TRAILING = ".,;:!?)]}'…*_~"
_ADDRESS = (
    r"(?:https?://|(?<![\w@./-])www\.(?=[\w-]+\.\w))"
    "[^\\s<>\"'\\\\\u200e\u200f\u202a-\u202e\u2066-\u2069\u009c]+"
)
_RUN = re.compile(
    f"(?P<address>{_ADDRESS})"
    r"|(?P<mail>(?<![a-z0-9_.+-])[a-z0-9_.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+)"
    r"|(?P<name>(?<![a-z0-9_@#])[@#]\w+(?:[.-]\w+)*)"
    # To call: with a +, a 0 or an area code in brackets in front.
    r"|(?P<number>(?<![\w.,/-])(?:\+ ?|(?=[0٠۰(]))"
    r"(?:\(\+?\d{1,5}\)|\d)(?:[ \u00a0.–/-]{0,2}(?:\(\d{1,5}\)|\d))*)"
    # Or in several groups, of an order or without the 0.
    r"|(?P<groups>(?<![\w.,/-])(?:\d{1,4} )?\d{2,}(?:-\d{2,}){2,}(?![\w/-]))",
    re.IGNORECASE,
)
# In an address: behind its scheme and host what may end a line, and what may begin the next.
_WRITTEN = re.compile(_ADDRESS, re.IGNORECASE)
_HOST = re.compile(r"(?P<scheme>https?://)?[^/?#]*", re.IGNORECASE)
_JOINT = re.compile(r"(?<=[/?&.])(?=[^/?&.])")
_DASH = re.compile(r"-(?=.)")
TOGETHER, MAY_BREAK = "\ufeff", "\u200b"  # as wide as nothing, and in our own font
# Those who write from the right read dates and hours in the algorithm's order.
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?!\d)|\d{1,2}\.\d{2} ?[-–]")


@dataclass(frozen=True, slots=True)
class Isolated:
    """A text with isolates and the like in it. `places` are the UTF-16 units of the bare text
    before which each of them stands.
    """

    text: str
    places: tuple[int, ...] = ()

    def painted(self, unit: int) -> int:
        """Where a unit of the bare text is in the one that is painted."""
        return unit + bisect_left(self.places, unit)

    def bare(self, unit: int) -> int:
        """The unit of the bare text that stands where this one is painted."""
        for passed, place in enumerate(self.places):
            if place + passed >= unit:
                return unit - passed
        return unit - len(self.places)


def isolate(text: str, *, lines: bool = False) -> Isolated:
    """The text to paint, and the way back from it; `lines` says where an address may break."""
    signs = [sign for start, end, opening in runs(text) for sign in ((start, opening), (end, END))]
    if lines:
        signs = sorted([*signs, *_joints(text)], key=lambda sign: sign[0])
    if not signs:
        return Isolated(text)
    pieces: list[str] = []
    places: list[int] = []
    at = units = 0
    for place, sign in signs:
        pieces += (text[at:place], sign)
        units += units_of(text[at:place])
        places.append(units)
        at = place
    return Isolated("".join([*pieces, text[at:]]), tuple(places))


def _joints(text: str) -> Iterator[tuple[int, str]]:
    """Before which characters of an address a line may begin, and before which it may not.

    Left to itself Qt ends one after the scheme or amid the host, but in a query within a word.
    """
    for found in _WRITTEN.finditer(text):
        host = _HOST.match(found.group())
        if host is None:
            continue
        if host["scheme"]:
            yield found.start() + host.end("scheme"), TOGETHER
        for dash in _DASH.finditer(host.group()):
            yield found.start() + dash.end(), TOGETHER
        for joint in _JOINT.finditer(found.group().rstrip(_TRAILING), host.end()):
            yield found.start() + joint.start(), MAY_BREAK


def isolated(text: str) -> str:
    """The text to paint, for one who needs no way back."""
    return isolate(text).text if FROM_RIGHT.search(text) else text


def apart(text: str) -> str:
    """A name or a message to be put into a sentence that may run the other way."""
    bare = straight(text)
    return f"{FIRST_STRONG}{bare}{END}" if bare != text or FROM_RIGHT.search(bare) else text


def straight(text: str) -> str:
    """Without the signs that turn what stands around them: for what strangers call themselves."""
    return text if text.isascii() else _TURNS.sub("", text)


def runs(text: str) -> Iterator[tuple[int, int, str]]:
    """From character to character what to isolate, and the sign to put before it.

    Nothing in a text that has no words from the right: it is in order.
    """
    if not FROM_RIGHT.search(text):
        return
    for found in _RUN.finditer(text):
        start, end = found.span()
        if found["name"] is not None:
            yield start, end, FIRST_STRONG
        elif found["number"] is not None or found["groups"] is not None:
            if _is_number(text[start:end]):
                yield start, end, LEFT_TO_RIGHT
        else:
            yield start, start + len(found.group().rstrip(_TRAILING)), LEFT_TO_RIGHT


def units_of(text: str) -> int:
    """UTF-16 units, in which Qt counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _is_number(text: str) -> bool:
    digits = sum(character.isdigit() for character in text)
    return digits >= (FEWEST_AFTER_PLUS if "+" in text[:2] else FEWEST_DIGITS) and not _DATE.match(
        text
    )

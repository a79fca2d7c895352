"""Contact cards as phones share them (vCard 2.1 to 4.0): names and ways to reach, nothing else.

Source: RFC 6350; for 2.1's quoted-printable the vCard 2.1 specification.
"""

from __future__ import annotations

import quopri
import re
from dataclasses import dataclass

MOST_BYTES = 256 * 1024  # a photo may be inside; what follows is not read
MOST_CARDS = 20
MOST_ENTRIES = 12  # of each kind in one card
LONGEST = 200  # characters of a value
_WAID = re.compile(r"waid=(\d{5,15})", re.IGNORECASE)
_CONTROL = re.compile("[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_DIALLED = re.compile(r"[^\d+*#]")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written. `dialled` has only what a phone dials; `whatsapp` is its account."""

    text: str
    kind: str = ""
    whatsapp: str = ""

    @property
    def dialled(self) -> str:
        return _DIALLED.sub("", self.text)


@dataclass(frozen=True, slots=True)
class Card:
    """One contact."""

    name: str
    organisation: str = ""
    numbers: tuple[Number, ...] = ()
    emails: tuple[str, ...] = ()


def cards_from(data: bytes) -> tuple[Card, ...]:
    """The contacts in a file, in order; what cannot be read is left out, never an error."""
    text = data[:MOST_BYTES].decode("utf-8", "replace")
    found: list[Card] = []
    lines: list[tuple[str, list[str], str]] | None = None
    for line in _unfolded(text):
        name, parameters, value = _parts(line)
        if name == "BEGIN" and value.strip().upper() == "VCARD":
            lines = []
        elif name == "END" and lines is not None:
            card = _card(lines)
            lines = None
            if card.name or card.numbers or card.emails:
                found.append(card)
            if len(found) >= MOST_CARDS:
                break
        elif lines is not None and name:
            lines.append((name, parameters, value))
    return tuple(found)


def _unfolded(text: str) -> list[str]:
    """Lines with their continuations: a leading space, or a soft break of quoted-printable."""
    whole: list[str] = []
    soft = False
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if soft and whole:
            whole[-1] = whole[-1][:-1] + line
        elif line[:1] in (" ", "\t") and whole:
            whole[-1] += line[1:]
        else:
            whole.append(line)
        soft = whole[-1].endswith("=") and "QUOTED-PRINTABLE" in whole[-1][:200].upper()
    return whole


def _parts(line: str) -> tuple[str, list[str], str]:
    head, colon, value = line.partition(":")
    if not colon:
        return "", [], ""
    name, *parameters = head.split(";")
    return name.rpartition(".")[2].strip().upper(), parameters, value


def _card(lines: list[tuple[str, list[str], str]]) -> Card:
    name = parts = organisation = ""
    numbers: list[Number] = []
    emails: list[str] = []
    for key, parameters, raw in lines:
        value = _value(raw, parameters)
        if key == "FN" and not name:
            name = _clean(value)
        elif key == "N" and not parts:
            family, given, *rest = [*_split(value), "", ""]
            parts = _clean(" ".join(part for part in (given, *rest[:1], family) if part))
        elif key == "ORG" and not organisation:
            organisation = _clean(", ".join(part for part in _split(value) if part))
        elif key == "TEL" and len(numbers) < MOST_ENTRIES:
            number = _clean(value.removeprefix("tel:"))
            if number:
                account = _WAID.search(";".join(parameters))
                numbers.append(Number(number, _kind(parameters), account[1] if account else ""))
        elif key == "EMAIL" and len(emails) < MOST_ENTRIES and _clean(value):
            emails.append(_clean(value))
    return Card(name or parts, organisation, tuple(numbers), tuple(emails))


def _value(raw: str, parameters: list[str]) -> str:
    if any("QUOTED-PRINTABLE" in parameter.upper() for parameter in parameters):
        raw = quopri.decodestring(raw.encode("utf-8", "replace")).decode("utf-8", "replace")
    return raw


def _split(value: str) -> list[str]:
    return [part.strip() for part in re.split(r"(?<!\\);", value)]


def _clean(value: str) -> str:
    plain = re.sub(r"\\([\\,;:])", r"\1", value.replace("\\n", " ").replace("\\N", " "))
    return " ".join(_CONTROL.sub("", plain).split())[:LONGEST]


def _kind(parameters: list[str]) -> str:
    """What the card says that it is: cell, work, home or nothing."""
    said = ";".join(parameters).lower()
    return next((kind for kind in ("cell", "work", "home") if kind in said), "")

"""WhatsApp's own formatting: marks taken out of a text, and what they made of it.

Source: https://faq.whatsapp.com/539178204879377 (*bold*, _italic_, ~strike~, ```mono```, `code`,
lines that begin with "> ", "- " or "* ").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

MOST = 4_000  # characters looked at; what follows stays as it was typed


class Style(StrEnum):
    """What a mark does to the text between two of them."""

    BOLD = "bold"
    ITALIC = "italic"
    STRIKE = "strike"
    MONO = "mono"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Span:
    """A styled piece of the text without marks: `start` and `length` in characters."""

    start: int
    length: int
    style: Style


_STYLES = {"*": Style.BOLD, "_": Style.ITALIC, "~": Style.STRIKE, "`": Style.MONO}
# A pair counts only around words: not inside one, not next to a space, not across lines.
_PAIR = re.compile(
    r"```(?P<block>[^`]+?)```"
    r"|(?<![\w*_~`])(?P<mark>[*_~`])(?=[^\s*_~`]|[*_~](?=\S))(?P<inside>[^\n]*?[^\s])(?P=mark)(?![\w])"
)
_LINE = re.compile(r"^(?P<quote>> )|^(?P<item>[-*] )(?=\S)", re.MULTILINE)
_BULLET = "• "


def formatted(text: str) -> tuple[str, tuple[Span, ...]]:
    """The text as it is read, and its styled pieces; nested pairs give several for one place."""
    if len(text) > MOST or not any(mark in text for mark in "*_~`>-"):
        return text, ()
    pieces: list[str] = []
    spans: list[Span] = []
    at = 0  # characters written so far
    for line_number, line in enumerate(_lines(text)):
        if line_number:
            pieces.append("\n")
            at += 1
        start, quoted = at, False
        found = _LINE.match(line)
        if found is not None:
            quoted = bool(found["quote"])
            line = line[found.end() :]
            if not quoted:
                pieces.append(_BULLET)
                at += len(_BULLET)
        at = _write(line, at, pieces, spans)
        if quoted:
            spans.append(Span(start, at - start, Style.QUOTE))
    return "".join(pieces), tuple(spans)


def _lines(text: str) -> list[str]:
    """The lines; a ``` block that goes over several of them is kept in one piece."""
    lines: list[str] = []
    for line in text.split("\n"):
        if lines and lines[-1].count("```") % 2:
            lines[-1] += "\n" + line
        else:
            lines.append(line)
    return lines


def _write(text: str, at: int, pieces: list[str], spans: list[Span]) -> int:
    """Append `text` without its marks; returns how far one is then."""
    place = 0
    for found in _PAIR.finditer(text):
        before = text[place : found.start()]
        pieces.append(before)
        at += len(before)
        start = at
        if found["block"] is not None or found["mark"] == "`":
            inside = found["block"] if found["block"] is not None else found["inside"]
            pieces.append(inside)
            at += len(inside)
            style = Style.MONO
        else:
            at = _write(found["inside"], at, pieces, spans)
            style = _STYLES[found["mark"]]
        spans.append(Span(start, at - start, style))
        place = found.end()
    pieces.append(text[place:])
    return at + len(text) - place

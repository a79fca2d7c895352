"""What the server finds beyond this machine, the words in a text, and how complete it all is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from console.domain.desk import SearchHit
from console.domain.feed import ContactRow, ConversationFacts

_BEFORE, _SNIPPET = 24, 120  # characters
_LONGEST = 20_000  # characters of one text that are looked at
_WORD = re.compile(r"\w+")
LATE = timedelta(minutes=15)  # a proof older than this is no news any more


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the server's answer, newest first, and what is needed to open its threads.

    `cursor` is where the next page begins; None after the last one.
    """

    hits: tuple[SearchHit, ...] = ()
    conversations: tuple[ConversationFacts, ...] = ()
    contacts: tuple[ContactRow, ...] = ()
    cursor: Mapping[str, Any] | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Completeness:
    """Up to when every message that Twilio knows of is in the project.

    `complete_to` is None before the first comparison; `failing_since` is set while comparing does
    not work. All times are the server's.
    """

    complete_to: datetime | None
    checked_at: datetime | None = None
    failing_since: datetime | None = None

    def is_late(self, now: datetime) -> bool:
        """Whether the proof says nothing about the last minutes."""
        return self.complete_to is None or now - self.complete_to > LATE


def folded(text: str) -> str:
    """A word as it is compared: without case, accents and width."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in plain if not unicodedata.combining(c))


def snippet(text: str, query: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The line of `text` around the first word of `query`, and (start, length) of each in it.

    The last word of the query may be unfinished, unless a space follows it.
    """
    typed = [folded(word) for word in _WORD.findall(query)]
    line = " ".join(text[:_LONGEST].split())
    found = _spans(line, typed, unfinished=not query[-1:].isspace())
    first = found[0][0] if found else 0
    start = 0
    if first > _BEFORE and len(line) > _SNIPPET:
        start = line.find(" ", first - _BEFORE, first) + 1 or first - _BEFORE
    end = min(len(line), start + _SNIPPET)
    opening = "…" if start else ""
    spans = tuple(
        (at - start + len(opening), min(at + length, end) - at)
        for at, length in found
        if start <= at < end
    )
    return opening + line[start:end] + ("…" if end < len(line) else ""), spans


def _spans(line: str, typed: Sequence[str], *, unfinished: bool) -> list[tuple[int, int]]:
    if not typed:
        return []
    *whole, last = typed
    found = []
    for match in _WORD.finditer(line):
        word = folded(match.group())
        if word in typed or (unfinished and word.startswith(last)):
            shown = len(match.group())
            if word not in whole and word != last:
                shown = min(shown, len(last))
            found.append((match.start(), shown))
    return found

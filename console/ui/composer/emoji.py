"""Every emoji with its names and keywords in both languages, read once when first wanted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from console.resources import RESOURCES

MOST_RECENT = 24
# What a customer is most often answered with, until the agent has used some.
FIRST = ("🙏", "😊", "👍", "😄", "🎉", "❤️", "✅", "📦", "🚚", "⏰", "📍", "👋")


@dataclass(frozen=True, slots=True)
class Emoji:
    """One character (or a sequence that is drawn as one). Names are as Unicode's CLDR has them."""

    text: str
    english: str
    indonesian: str
    heard: str  # everything one may search by, casefolded

    def name(self, code: str) -> str:
        """Its name in a language."""
        return (self.indonesian if code == "id" else self.english) or self.english


@dataclass(frozen=True, slots=True)
class Group:
    """A page of the picker; `name` is Unicode's."""

    name: str
    emoji: tuple[Emoji, ...]


@cache
def groups() -> tuple[Group, ...]:
    """All of them in Unicode's order. Reads a file of 230 KB: not for the loop's thread."""
    source = (RESOURCES / "emoji" / "emoji.json").read_text(encoding="utf-8")
    return tuple(
        Group(
            entry["group"],
            tuple(
                Emoji(text, english, indonesian, " ".join((english, *more, indonesian)).casefold())
                for text, english, *more, indonesian in (
                    (row[0], row[1], row[2], row[4], row[3]) for row in entry["emoji"]
                )
            ),
        )
        for entry in json.loads(source)
    )


def found(all_groups: Sequence[Group], typed: str, limit: int = 120) -> list[Emoji]:
    """Those with every typed word at the beginning of one of theirs; those so named first."""
    wanted = typed.casefold().split()
    ranked: list[tuple[int, int, Emoji]] = []
    place = 0
    for group in all_groups:
        for emoji in group.emoji:
            place += 1
            words = emoji.heard.replace(":", " ").split()
            if all(any(word.startswith(part) for word in words) for part in wanted):
                named = f"{emoji.english} {emoji.indonesian}".casefold().split()
                is_named = all(any(w.startswith(part) for w in named) for part in wanted)
                ranked.append((not is_named, place, emoji))
    ranked.sort(key=lambda entry: entry[:2])
    return [emoji for _, _, emoji in ranked[:limit]]


def recent(kept: str) -> list[str]:
    """The kept ones, newest first, filled up with common ones."""
    used = kept.split()
    return [*used, *(text for text in FIRST if text not in used)][:MOST_RECENT]


def used(kept: str, text: str) -> str:
    """What to keep after `text` was used."""
    rest = [entry for entry in kept.split() if entry != text]
    return " ".join([text, *rest][:MOST_RECENT])

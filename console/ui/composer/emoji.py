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
    heard: str  # everything one may search by: casefolded words, a space before each
    named: str  # likewise, of the names alone

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
                Emoji(
                    text,
                    english,
                    indonesian,
                    _words(english, more, indonesian, lebih),
                    _words(english, indonesian),
                )
                for text, english, more, indonesian, lebih in entry["emoji"]
            ),
        )
        for entry in json.loads(source)
    )


def found(all_groups: Sequence[Group], typed: str, limit: int = 120) -> list[Emoji]:
    """Those with every typed word at the beginning of one of theirs; those so named first."""
    wanted = [f" {part}" for part in typed.casefold().split()]
    fits = [
        emoji
        for group in all_groups
        for emoji in group.emoji
        if all(part in emoji.heard for part in wanted)
    ]
    fits.sort(key=lambda emoji: not all(part in emoji.named for part in wanted))
    return fits[:limit]


def _words(*texts: str) -> str:
    return "".join(f" {word}" for word in " ".join(texts).casefold().replace(":", " ").split())


def recent(kept: str) -> list[str]:
    """The kept ones, newest first, filled up with common ones."""
    used = kept.split()
    return [*used, *(text for text in FIRST if text not in used)][:MOST_RECENT]


def used(kept: str, text: str) -> str:
    """What to keep after `text` was used."""
    rest = [entry for entry in kept.split() if entry != text]
    return " ".join([text, *rest][:MOST_RECENT])

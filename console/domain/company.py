"""Who else is at a conversation right now, as colleagues' windows tell each other."""

from __future__ import annotations

from dataclasses import dataclass

from console.domain.ids import ProfileId


@dataclass(frozen=True, slots=True, order=True)
class Companion:
    """A colleague who has a conversation open; `typing` while they write in it."""

    profile_id: ProfileId
    typing: bool = False

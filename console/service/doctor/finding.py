"""What an examination finds: a sentence, how bad it is, the one fix, and who can carry it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from console.domain.errors import EnvironmentFaultError


class State(StrEnum):
    """Only WRONG makes the exit status 1; a NOTE is worth knowing and may stay as it is."""

    WELL = "ok"
    NOTE = "note"
    WRONG = "wrong"


class RepairFailedError(EnvironmentFaultError):
    """The doctor could not carry out the fix itself."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `repair` carries out `fix` and raises RepairFailedError."""

    theme: str
    what: str
    state: State
    words: str
    fix: str = ""
    repair: Callable[[], None] | None = field(default=None, compare=False, repr=False)

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "theme": self.theme,
            "what": self.what,
            "state": self.state.value,
            "words": self.words,
            "fix": self.fix,
            "fixable": self.repair is not None,
        }


class Findings:
    """The findings of one theme, in the order in which they were made."""

    def __init__(self, theme: str) -> None:
        self.theme = theme
        self.all: list[Finding] = []

    def well(self, what: str, words: str) -> None:
        self.all.append(Finding(self.theme, what, State.WELL, words))

    def note(
        self, what: str, words: str, fix: str = "", repair: Callable[[], None] | None = None
    ) -> None:
        self.all.append(Finding(self.theme, what, State.NOTE, words, fix, repair))

    def wrong(
        self, what: str, words: str, fix: str, repair: Callable[[], None] | None = None
    ) -> None:
        self.all.append(Finding(self.theme, what, State.WRONG, words, fix, repair))

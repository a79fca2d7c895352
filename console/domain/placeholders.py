"""The {{variables}} in canned replies and templates, and texts with their values filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_VARIABLE = re.compile(r"\{\{\s*([^{}\s][^{}]{0,60}?)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with values in it. `spans` are (start, length) of what was filled in, in order.

    `missing` names the variables without a value; they stand in the text as they were written.
    """

    text: str
    spans: tuple[tuple[int, int], ...] = ()
    missing: tuple[str, ...] = ()


def variables(body: str) -> tuple[str, ...]:
    """The names in `body`, each once, as they come."""
    return tuple(dict.fromkeys(found[1].strip() for found in _VARIABLE.finditer(body)))


def next_variable(text: str, start: int = 0) -> tuple[int, int] | None:
    """From where to where the next one stands in `text`; None where there is none."""
    found = _VARIABLE.search(text, start)
    return None if found is None else found.span()


def fill(body: str, values: Mapping[str, str]) -> Filled:
    """Put `values` in the place of their names; what a value itself holds is never filled in."""
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    missing: dict[str, None] = {}
    place = at = 0
    for found in _VARIABLE.finditer(body):
        before = body[place : found.start()]
        name = found[1].strip()
        value = values.get(name, "")
        if not value:
            missing[name] = None
        shown = value or found[0]
        pieces += (before, shown)
        at += len(before)
        if value:
            spans.append((at, len(shown)))
        at += len(shown)
        place = found.end()
    pieces.append(body[place:])
    return Filled("".join(pieces), tuple(spans), tuple(missing))

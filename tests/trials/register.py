"""The register of the trials (register.md), read: each sentence with the tests that prove it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("register.md")
TESTS = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that a trial must come to, and the tests that prove it, as `file::name`."""

    words: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """One fault (F), attack (A), or the soak (S1)."""

    name: str
    what: str
    claims: tuple[Claim, ...]

    @property
    def tests(self) -> tuple[str, ...]:
        """Every test of it once, in the register's order, as pytest is told them."""
        return tuple(dict.fromkeys(f"tests/{one}" for claim in self.claims for one in claim.tests))


@cache
def trials() -> dict[str, Trial]:
    """Every trial by its name. Raises ValueError for a line that says nothing known."""
    found: dict[str, tuple[str, list[tuple[str, list[str]]]]] = {}
    claims: list[tuple[str, list[str]]] = []
    lines = FILE.read_text(encoding="utf-8").splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith("## "))
    for line in filter(None, lines[first:]):
        if match := re.fullmatch(r"## ([FAS]\d+) · (.+)", line):
            if match[1] in found:
                raise ValueError(f"{match[1]} stands there twice")
            found[match[1]] = match[2], (claims := [])
        elif match := re.fullmatch(r"- (.+)", line):
            claims.append((match[1], []))
        elif match := re.fullmatch(r"  - `(\S+\.py::test_\w+)`", line):
            claims[-1][1].append(match[1])
        else:
            raise ValueError(f"not understood: {line}")
    return {
        name: Trial(name, what, tuple(Claim(words, tuple(tests)) for words, tests in made))
        for name, (what, made) in found.items()
    }


def chosen(names: list[str]) -> list[Trial]:
    """Those named, or all but the soak, which takes half an hour. Raises ValueError."""
    known = trials()
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"no trial is called {', '.join(unknown)}")
    return [known[name] for name in names or known if names or name != "S1"]

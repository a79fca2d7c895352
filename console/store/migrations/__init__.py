"""The local schema, one numbered SQL file a version."""

from __future__ import annotations

import re
from pathlib import Path


def steps() -> list[tuple[int, str]]:
    """Every step in order; the number before the first underscore is its user_version."""
    found = [
        (int(match[1]), entry.read_text(encoding="utf-8"))
        for entry in Path(__file__).parent.iterdir()
        if (match := re.fullmatch(r"(\d+)_\w+\.sql", entry.name))
    ]
    return sorted(found)

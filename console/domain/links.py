"""Links into the program: `balas://conversation/<id>` and `balas://message/<id>`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

SCHEME = "balas"
_LONGEST = 200  # characters


class Target(StrEnum):
    """What a link leads to."""

    CONVERSATION = "conversation"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class DeepLink:
    """A link that this program understands; `id` is a UUID in its usual form."""

    target: Target
    id: str

    def __str__(self) -> str:
        return f"{SCHEME}://{self.target}/{self.id}"


def read_link(text: str) -> DeepLink | None:
    """The link in `text`, which may come from anywhere; None for everything else."""
    from uuid import UUID  # once there is a link to read

    if len(text) > _LONGEST:
        return None
    try:
        parts = urlsplit(text.strip())
        target = Target(parts.netloc.lower())
        id = str(UUID(parts.path.strip("/")))
    except ValueError:
        return None
    if parts.scheme.lower() != SCHEME or parts.query or parts.fragment:
        return None
    return DeepLink(target, id)

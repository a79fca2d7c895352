"""Files that came only in part: kept between tries, so that the next one goes on where it broke.

They lie in nameless temporary files, which nobody else can open and no crash leaves behind.
"""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import IO, Self

_IN_MEMORY = 1024 * 1024  # bytes; larger files wait on disk
MOST_KEPT = 16
MOST_BYTES = 512 * 1024 * 1024


def _file() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)


@dataclass(slots=True)
class Partial:
    """The first `size` bytes of a file. `total` and `tag` say which file they are of."""

    file: IO[bytes] = field(default_factory=_file)
    size: int = 0
    total: int | None = None
    tag: str | None = None  # ETag or Last-Modified
    content_type: str | None = None
    name: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_whole(self) -> bool:
        """Whether all of it is here."""
        return self.total is not None and self.size == self.total > 0

    def write(self, chunk: bytes) -> None:
        """Append."""
        self.file.write(chunk)
        self.size += len(chunk)

    def restart(self) -> None:
        """Forget what came."""
        self.file.seek(0)
        self.file.truncate()
        self.size, self.total, self.tag = 0, None, None

    def close(self) -> None:
        """Let go of the bytes."""
        self.file.close()


class Partials:
    """What one worker process keeps between two tries: the newest few, within bounds."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Partial] = OrderedDict()

    def take(self, key: Hashable) -> Partial:
        """What came of this file so far; the caller gives it back by `keep`, or closes it."""
        return self._kept.pop(key, None) or Partial()

    def keep(self, key: Hashable, partial: Partial) -> None:
        """Until the next try, or until there is too much."""
        if partial.size == 0 or key in self._kept:
            partial.close()
            return
        self._kept[key] = partial
        while len(self._kept) > MOST_KEPT or self._bytes() > MOST_BYTES:
            _, oldest = self._kept.popitem(last=False)
            oldest.close()

    def close(self) -> None:
        """Let go of everything."""
        while self._kept:
            self._kept.popitem()[1].close()

    def _bytes(self) -> int:
        return sum(partial.size for partial in self._kept.values())

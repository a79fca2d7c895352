"""Faults that the gateway commits when told to, as the real services do on bad days.

Those that happen once, at a word (channels closed as by an expired token or a rate limit, sockets
hung up), are `POST /local/realtime/<action>` of `app.Control`. `tests/contract/README.md` lists all
of them with the tests that use each.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(slots=True)
class Misbehaviour:
    """Switches, all off at the start; `POST /local/misbehave` sets those it names.

    * `silent`: Realtime accepts sockets and says nothing more, not even to heartbeats.
    * `drop`, `repeat`, `reorder`: share (0 to 1) of broadcasts lost, sent twice, swapped with the
      next one of the channel.
    * `refuse_joins`: the reason with which every join is refused, e.g. a rate limit; "" for none.
    * `slow`: seconds before every HTTP answer begins.
    * `status`: HTTP status that requests get instead of an answer; 0 for none.
    * `share`: share of the requests that `status` hits; `paths`: only paths with one of these
      beginnings, e.g. `/rest/v1/rpc/pull_changes`.
    * `token_lifetime`: seconds for tokens issued from now on; 0 for the usual.
    * `symmetric`: tokens issued from now on are signed with the shared secret and no key is
      published, as in projects from before signing keys.
    * `seed`: makes the dice repeatable.
    """

    silent: bool = False
    drop: float = 0.0
    repeat: float = 0.0
    reorder: float = 0.0
    refuse_joins: str = ""
    slow: float = 0.0
    status: int = 0
    share: float = 1.0
    paths: list[str] = field(default_factory=list)
    token_lifetime: int = 0
    symmetric: bool = False
    seed: int = 0

    def apply(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Set the named switches; all of them as they are then. Raises ValueError."""
        known = {one.name: type(getattr(self, one.name)) for one in fields(self)}
        for name, value in wanted.items():
            kind = known.get(name)
            if kind is None:
                raise ValueError(f"no switch is called {name}")
            if kind is float and isinstance(value, int) and not isinstance(value, bool):
                value = float(value)
            if type(value) is not kind:
                raise ValueError(f"{name} must be {kind.__name__}")
            setattr(self, name, value)
        if "seed" in wanted:
            _DICE.seed(self.seed)
        return asdict(self)

    def happens(self, share: float) -> bool:
        """Throw the dice."""
        return share > 0 and _DICE.random() < share

    def hits(self, path: str) -> bool:
        """Whether a request to `path` is to fail."""
        if not self.status or path.startswith("/local/"):
            return False
        if self.paths and not any(path.startswith(one) for one in self.paths):
            return False
        return self.happens(self.share)


_DICE = random.Random()  # noqa: S311  faults, not secrets


class FaultyHttp:
    """The middleware that makes HTTP slow or failing."""

    def __init__(self, app: ASGIApp, misbehaviour: Misbehaviour) -> None:
        self._app = app
        self._misbehaviour = misbehaviour

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, after the faults that are switched on."""
        if scope["type"] == "http":
            if self._misbehaviour.slow and not scope["path"].startswith("/local/"):
                await asyncio.sleep(self._misbehaviour.slow)
            if self._misbehaviour.hits(scope["path"]):
                status = self._misbehaviour.status
                body = {"message": f"The gateway was told to answer {status}."}
                headers = {"retry-after": "1"} if status == 429 else {}
                await JSONResponse(body, status, headers=headers)(scope, receive, send)
                return
        await self._app(scope, receive, send)

"""Loaded by the workers' interpreter: a resolver that loses the names in the file TRIAL_LOST_NAMES.

They are then asked for under `.invalid`, which no name server knows: what fails is the real one.
"""

import os
from pathlib import Path
from typing import Any

import anyio

_LOST = Path(os.environ["TRIAL_LOST_NAMES"])
_connect = anyio.connect_tcp


def _is_lost(name: str) -> bool:
    return _LOST.exists() and name in _LOST.read_text(encoding="utf-8").split()


async def _connect_or_not(remote_host: str, remote_port: int, **options: Any) -> Any:
    if _is_lost(remote_host):
        remote_host += ".invalid"
    return await _connect(remote_host, remote_port, **options)


anyio.connect_tcp = _connect_or_not  # type: ignore[assignment]  # as far as httpx calls it

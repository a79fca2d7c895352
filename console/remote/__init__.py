"""Supabase, typed: sign-in, calls, doorbells and files of one project."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.remote.client import Remote
    from console.remote.keeper import SessionStorage

_LOADING = threading.Lock()


async def connect(url: str, key: str, storage: SessionStorage | None = None) -> Remote:
    """A client of the project at `url`, signed in again if `storage` holds a session.

    `key` is the publishable key. Without `storage` the session is kept in memory until
    `Remote.keep_session_in`. Supabase's client takes 0.2 s and 40 MB to import, so this does it,
    in a thread. Raises ExpectedError when the URL cannot be used.
    """
    module = await asyncio.to_thread(_client_module)
    remote: Remote = await module.Remote.connect(url, key, storage)
    return remote


def _client_module() -> ModuleType:
    name = "console.remote.client"
    with _LOADING:  # while one thread loads it, another one would find half of it
        if name not in sys.modules:
            # httpx loads its own command line (rich, pygments, click: 5 MB) unless that is away.
            sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
            import_module(name)
            # What a program has loaded by now it never lets go. Left in the collector's sight,
            # these half a million objects are walked through whenever many rows come in, for
            # 100 ms on a slow machine, and nothing else of Python runs meanwhile.
            gc.freeze()
        return sys.modules[name]

"""`balas serve`: webhook and worker together, as two processes that live and end as one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys

from console import logs
from console.service import process, supervisor
from console.service.config import Config, Needs

log = logging.getLogger("balas.serve")

PARTS = ("webhook", "worker")
# Longer than either part gives its own work to finish.
GRACE_SECONDS = 40.0


async def _run(_config: Config) -> int:
    stopping = asyncio.Event()
    with process.stop_requests(stopping.set):
        children = {
            name: await asyncio.create_subprocess_exec(sys.executable, "-m", "console", name)
            for name in PARTS
        }
        supervisor.tell(supervisor.READY)
        ends = {
            name: asyncio.create_task(child.wait(), name=name) for name, child in children.items()
        }
        asked = asyncio.create_task(stopping.wait(), name="stop request")
        await asyncio.wait((*ends.values(), asked), return_when=asyncio.FIRST_COMPLETED)
        unasked = not stopping.is_set()
        asked.cancel()
        for name, child in children.items():
            if ends[name].done():
                log.error("a part ended", extra=logs.fields(part=name, status=child.returncode))
                continue
            with contextlib.suppress(ProcessLookupError):
                child.terminate()
        _done, late = await asyncio.wait(ends.values(), timeout=GRACE_SECONDS)
        for name, child in children.items():
            if ends[name] in late:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                await ends[name]
    # Whoever watches over us starts both again.
    return 1 if unasked else 0


def main() -> int:
    """Run both parts until SIGINT or SIGTERM, or until one of them ends (exit status 1)."""
    return process.start("serve", Needs.WORKER, _run)

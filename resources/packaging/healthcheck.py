"""Whether the container's process lives: the webhook answers. Standard library only.

The worker answers no requests: it ends by itself when it cannot go on, and then its container ends.
That one is running at all is seen from outside: /health/ready, /metrics and `balas doctor`.
"""

from __future__ import annotations

import http.client
import os
import sys
from pathlib import Path


def is_alive(command: list[str], port: int) -> bool:
    """`command` is that of the container's first process."""
    if "worker" in command:
        return True
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    first = Path("/proc/1/cmdline").read_bytes().decode(errors="replace").split("\0")
    sys.exit(0 if is_alive(first, int(os.environ.get("PORT") or 8080)) else 1)

"""Runs the gateway: `python -m console.local.gateway --config FILE`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from pathlib import Path

import uvicorn

from console import logs
from console.local.gateway.app import build
from console.local.gateway.config import GatewayConfig


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--config", type=Path, required=True, help="file of GatewayConfig")
    config = GatewayConfig.load(arguments.parse_args().config)
    logs.configure("gateway", "INFO")
    # The pools try again by themselves; their every attempt is no news.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    # It writes the whole URL of each socket, with the key in it.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    settings = uvicorn.Config(
        build(config),
        host=config.host,
        port=config.port,
        ws="websockets-sansio",
        ws_max_size=2 * 1024 * 1024,
        ws_ping_interval=None,  # Phoenix does not ping, clients do
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )
    # WORKAROUND: psycopg's async connections refuse Windows' proactor loop,
    # https://www.psycopg.org/psycopg3/docs/advanced/async.html
    windows = sys.platform == "win32"
    factory = asyncio.SelectorEventLoop if windows else settings.get_loop_factory()
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(uvicorn.Server(settings).serve())


if __name__ == "__main__":
    main()

"""Starts the simulator: `python -m console.local.twilio --account-sid … --webhook-url …`."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from pathlib import Path

from console.local.twilio.app import application
from console.local.twilio.config import Config, Pace
from console.local.twilio.content import seed_templates
from console.local.twilio.delivery import resume
from console.local.twilio.faults import FAULT_NUMBERS
from console.local.twilio.ledger import Ledger
from console.local.twilio.server import Server, listen, listen_as_localhost
from console.local.twilio.simulator import open_simulator

if sys.platform == "win32":
    _loop = asyncio.new_event_loop
else:
    import uvloop

    _loop = uvloop.new_event_loop


def parser() -> argparse.ArgumentParser:
    """The options; keys may come from TWILIO_… variables, to keep them out of process lists."""
    options = argparse.ArgumentParser(prog="python -m console.local.twilio", description=__doc__)
    options.add_argument("--port", type=int, default=0, help="API host; 0 takes a free port")
    options.add_argument("--media-port", type=int, default=0, help="media host; 0 takes a free one")
    options.add_argument("--account-sid", default=os.environ.get("TWILIO_ACCOUNT_SID"))
    options.add_argument("--auth-token", default=os.environ.get("TWILIO_AUTH_TOKEN"))
    options.add_argument("--api-key", default=os.environ.get("TWILIO_API_KEY"))
    options.add_argument("--api-secret", default=os.environ.get("TWILIO_API_SECRET"))
    options.add_argument("--webhook-url", required=True, help="called for inbound messages")
    options.add_argument(
        "--status-base",
        required=True,
        help="status callback of the senders, for messages that name none",
    )
    options.add_argument("--whatsapp", default="whatsapp:+622150001000", help="sender address")
    options.add_argument("--sms", default="+622150002000", help="the business's SMS number")
    options.add_argument("--business", default="Toko Makmur", help="name that the phone shows")
    options.add_argument("--speed", type=float, default=1.0, help="10 is ten times faster")
    options.add_argument("--data", type=Path, default=None, help="folder to remember in")
    return options


async def serve(arguments: argparse.Namespace) -> None:
    """Run until SIGINT or SIGTERM; one line of JSON on stdout says that all ports answer."""
    api = listen(arguments.port)
    media = listen_as_localhost(arguments.media_port)
    config = Config(
        account_sid=arguments.account_sid,
        auth_token=arguments.auth_token,
        api_key=arguments.api_key,
        api_secret=arguments.api_secret,
        webhook_url=arguments.webhook_url,
        status_url=arguments.status_base,
        api_url=f"http://127.0.0.1:{api.getsockname()[1]}",
        media_url=f"http://localhost:{media[0].getsockname()[1]}",
        whatsapp_address=arguments.whatsapp,
        sms_address=arguments.sms,
        business=arguments.business,
        pace=Pace(speed=arguments.speed),
    )
    async with open_simulator(config, Ledger(arguments.data)) as simulator:
        seed_templates(simulator)
        server = Server(application(simulator), simulator)
        running = asyncio.ensure_future(server.serve([api, *media]))
        up = asyncio.ensure_future(server.up.wait())
        await asyncio.wait({running, up}, return_when=asyncio.FIRST_COMPLETED)
        up.cancel()
        if server.started:
            resume(simulator)
            ready = {
                "api_url": config.api_url,
                "media_url": config.media_url,
                "phone_url": config.phone_url,
                "whatsapp_address": config.whatsapp_address,
                "sms_address": config.sms_address,
                "fault_numbers": FAULT_NUMBERS,
                "pid": os.getpid(),
            }
            sys.stdout.write(json.dumps(ready) + "\n")
            sys.stdout.flush()
        await running


def main() -> int:
    options = parser()
    arguments = options.parse_args()
    if not arguments.account_sid or not arguments.auth_token:
        options.error("--account-sid and --auth-token (or TWILIO_… variables) are needed")
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    with asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(serve(arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main())

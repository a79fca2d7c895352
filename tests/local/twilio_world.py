"""A simulator in its own process, the unmodified Twilio client, and a receiver of its calls."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from tests.waiting import wait_until

ACCOUNT = "AC" + "5" * 32
TOKEN = "b" * 32
WHATSAPP = "whatsapp:+622150001000"
SMS = "+622150002000"


@dataclass(frozen=True)
class Received:
    """One call that the receiver got."""

    path: str
    url: str
    headers: dict[str, str]
    params: dict[str, str]


class Receiver:
    """Stands where our service would: takes webhooks and callbacks, and serves files."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.files: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.received.append(
                    Received(
                        self.path.partition("?")[0],
                        f"{outer.url}{self.path}",
                        {key.lower(): value for key, value in self.headers.items()},
                        dict(parse_qsl(body, keep_blank_values=True)),
                    )
                )
                answer = b"<Response/>"
                self.send_response(outer.status)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def do_GET(self) -> None:
                content, headers = outer.files.get(self.path, (b"", {}))
                self.send_response(200 if headers else 404)
                for key, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(key, value)
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(content)

            do_HEAD = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                """Silence: what came is in `received`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve(self, path: str, content: bytes, content_type: str, **headers: str) -> str:
        """Make a file fetchable; returns its URL. Header names take _ for -."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        self.files[path] = (content, {"Content-Type": content_type, **named})
        return f"{self.url}{path}"

    def webhooks(self, **having: str) -> list[Received]:
        return [
            one
            for one in self.received
            if one.path == "/webhook" and having.items() <= one.params.items()
        ]

    def statuses(self, sid: str) -> list[str]:
        """The MessageStatus of each callback for a message, in the order of arrival."""
        return [
            one.params["MessageStatus"]
            for one in self.received
            if one.path == "/status" and one.params["MessageSid"] == sid
        ]


@dataclass
class World:
    """The running simulator with both its neighbours."""

    receiver: Receiver
    process: subprocess.Popen[str]
    ready: dict[str, Any]
    client: Client
    sim: httpx.Client
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def api_url(self) -> str:
        return str(self.ready["api_url"])

    def get(self, path: str, **query: str) -> Any:
        response = self.sim.get(path, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, **fields: Any) -> Any:
        response = self.sim.post(path, json=fields)
        assert response.status_code in (200, 201), response.text
        return response.json()

    def create(self, to: str, **more: Any) -> str:
        """A message to a WhatsApp number; returns its SID."""
        more.setdefault("body", "Halo")
        sender = WHATSAPP if to.startswith("whatsapp:") else SMS
        if "messaging_service_sid" not in more:
            more.setdefault("from_", sender)
        sid = self.client.messages.create(to=to, **more).sid
        return str(sid)

    def refusal(self, to: str, **more: Any) -> TwilioRestException:
        """What the client raises for a create that must be refused."""
        try:
            self.create(to, **more)
        except TwilioRestException as error:
            return error
        raise AssertionError("the create was taken")

    def status_of(self, sid: str) -> tuple[str, int | None]:
        message = self.client.messages(sid).fetch()
        return str(message.status), message.error_code

    def ends(self, sid: str, status: str, code: int | None = None) -> None:
        wait_until(lambda: self.status_of(sid) == (status, code))


def is_signed(call: Received) -> bool:
    """Whether Twilio's own validator accepts the call."""
    validator = RequestValidator(TOKEN)
    signature = call.headers["x-twilio-signature"]
    return bool(validator.validate(call.url, call.params, signature))


def start(receiver: Receiver, *options: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    """Start the simulator's process and wait for its line."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "console.local.twilio", "--account-sid", ACCOUNT),
            *("--auth-token", TOKEN, "--api-key", "SK" + "7" * 32, "--api-secret", "hush"),
            *("--whatsapp", WHATSAPP, "--sms", SMS),
            *("--webhook-url", f"{receiver.url}/webhook"),
            *("--status-base", f"{receiver.url}/status"),
            *("--speed", "20", *options),
        ],
        cwd=Path(__file__).resolve().parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the simulator did not start"
    return process, json.loads(line)


def stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait(15)
    if process.stdout is not None:
        process.stdout.close()


def client_for(api_url: str, user: str = ACCOUNT, password: str = TOKEN) -> Client:
    """The client as it comes, only its hosts point at the simulator."""
    client = Client(user, password, account_sid=ACCOUNT)
    for domain in (client.api, client.content, client.messaging):
        domain.base_url = api_url
    return client


@contextmanager
def simulated_world(*options: str) -> Iterator[World]:
    """Everything up; everything gone afterwards."""
    receiver = Receiver()
    try:
        process, ready = start(receiver, *options)
        client = client_for(ready["api_url"])
        try:
            with httpx.Client(base_url=ready["api_url"], timeout=30, trust_env=False) as sim:
                yield World(receiver, process, ready, client, sim, ready["fault_numbers"])
        finally:
            client.http_client.session.close()
            stop(process)
    finally:
        receiver.close()

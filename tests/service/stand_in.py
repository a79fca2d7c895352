"""Twilio and Storage as one small server that answers as told, byte for byte if need be."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.service.requests import ACCOUNT, new_sid


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, Any]:
        """The form's fields; a list only where a key is repeated."""
        parsed = parse_qs(self.body.decode(), keep_blank_values=True)
        return {key: values[0] if len(values) == 1 else values for key, values in parsed.items()}

    @property
    def login(self) -> str | None:
        kind, _, secret = self.headers.get("authorization", "").partition(" ")
        return base64.b64decode(secret).decode() if kind == "Basic" else None


@dataclass(frozen=True)
class Answer:
    """What to say. `cut` keeps only that many bytes of the body and then breaks off; `carried_out`
    is whether Twilio made the message all the same."""

    status: int = 201
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    carried_out: bool = False
    silent: bool = False


@dataclass
class StandIn:
    """The server's memory: what was asked, what it made, what it will say next."""

    port: int = 0
    script: deque[Answer] = field(default_factory=deque)
    creates: list[Request] = field(default_factory=list)
    made: list[dict[str, Any]] = field(default_factory=list)
    media: dict[str, deque[Answer]] = field(default_factory=dict)
    media_requests: list[Request] = field(default_factory=list)
    objects: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    storage_requests: list[Request] = field(default_factory=list)
    fetches: dict[str, Answer] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    list_answers: deque[Answer] = field(default_factory=deque)
    account: Answer | None = None
    account_requests: int = 0
    signing: asyncio.Event | None = None  # where set, files are not signed before it happens
    answering: asyncio.Event | None = None  # where set, creates are not answered before it happens

    _serving: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def makes(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """A message, as Twilio would keep it."""
        urls = form.get("MediaUrl", [])
        message = {
            "sid": new_sid(),
            "status": "queued",
            "to": form["To"],
            "from": form.get("From"),
            "body": form.get("Body", ""),
            "direction": "outbound-api",
            "num_media": str(len(urls) if isinstance(urls, list) else 1),
            "num_segments": "1",
            "date_created": format_datetime(datetime.now(UTC)),
            "error_code": None,
            "error_message": None,
            "messaging_service_sid": form.get("MessagingServiceSid"),
        }
        self.made.insert(0, message)
        return message

    def answer(self, request: Request) -> Answer:
        messages = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        if request.path == messages and request.method == "POST":
            self.creates.append(request)
            answer = self.script.popleft() if self.script else None
            if answer is None:
                return _json(201, self.makes(request.form))
            if answer.carried_out:
                self.makes(request.form)
            return answer
        if request.path == messages:
            if self.list_answers:
                return self.list_answers.popleft()
            wanted = request.query["To"][0]
            found = [message for message in self.made if message["to"] == wanted]
            return _json(200, {"messages": found, "next_page_uri": None})
        sid = request.path.rpartition("/")[2].removesuffix(".json")
        if sid == ACCOUNT:
            self.account_requests += 1
            return self.account or _json(200, {"sid": ACCOUNT, "status": "active"})
        if sid in self.fetches:
            self.fetched.append(sid)
            return self.fetches[sid]
        if request.path.startswith("/media/"):
            self.media_requests.append(request)
            return self.media[request.path].popleft()
        if request.path.startswith("/storage/v1/object/"):
            self.storage_requests.append(request)
            return self._storage(request, unquote(request.path.removeprefix("/storage/v1/object/")))
        return Answer(404)

    def _storage(self, request: Request, place: str) -> Answer:
        if place.startswith("sign/"):
            place = place.removeprefix("sign/")
            if place not in self.objects:
                return _json(400, {"statusCode": "404", "error": "not_found", "message": "gone"})
            return _json(200, {"signedURL": f"/object/sign/{place}?token=t"})
        self.objects[place] = (request.headers["content-type"], request.body)
        return _json(200, {"Key": place, "Id": "1"})

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request. A task of its own: asyncio complains of one that it made itself and
        that the end of a test cancels."""
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._serving.add(task)

        def end(task: asyncio.Task[None]) -> None:
            self._serving.discard(task)
            writer.close()  # also when it was cancelled before it began

        task.add_done_callback(end)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _read(reader)
            answer = self.answer(request)
            if self.signing is not None and "/object/sign/" in request.path:
                await self.signing.wait()
            if self.answering is not None and request.path.endswith("/Messages.json"):
                await self.answering.wait()
            if not answer.silent:
                writer.write(_written(answer))
                await writer.drain()
            else:
                await reader.read()  # until the other side gives up
        except (asyncio.IncompleteReadError, ConnectionError):
            pass


def _json(status: int, value: object) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"content-type": "application/json"})


def refusal(status: int, code: int, message: str, **headers: str) -> Answer:
    """An error as Twilio words it."""
    body = {"code": code, "message": message, "more_info": "", "status": status}
    return Answer(
        status, json.dumps(body).encode(), {"content-type": "application/json", **headers}
    )


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Request(method, parts.path, parse_qs(parts.query), headers, body)


def _written(answer: Answer) -> bytes:
    body = answer.body if answer.cut is None else answer.body[: answer.cut]
    headers = {"content-length": str(len(answer.body)), "connection": "close", **answer.headers}
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def running(stand_in: StandIn | None = None) -> AsyncIterator[StandIn]:
    """A stand-in on a free port of loopback."""
    stand_in = stand_in or StandIn()
    server = await asyncio.start_server(stand_in.serve, "127.0.0.1", 0)
    stand_in.port = server.sockets[0].getsockname()[1]
    try:
        yield stand_in
    finally:
        server.close()
        await server.wait_closed()

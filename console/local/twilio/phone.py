"""The customer's phone: a small web page, the API behind it, and its live events."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from console.local.samples import SAMPLES, sample
from console.local.twilio import delivery, inbound
from console.local.twilio.cdn import whole_or_part
from console.local.twilio.records import Customer, Message
from console.local.twilio.simulator import Simulator
from console.local.twilio.voice import as_ogg

PAGE = Path(__file__).resolve().parent.parent / "phone"

# WhatsApp takes inbound documents up to 100 MB.
# Source: https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages
UPLOAD_LIMIT = 100 * 1024 * 1024
_PAGE_POLICY = (
    "default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
_KEEP_ALIVE = 15.0
# What a browser may show in place; everything else is offered as a download.
_SHOWN = ("image/jpeg", "image/png", "image/webp", "image/gif", "audio/", "video/")


class _Page(StaticFiles):
    """The page's files, with a policy that allows nothing from elsewhere."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Content-Security-Policy"] = _PAGE_POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-cache"
        return response


def _refused(text: str, status: int = 400) -> Response:
    """`text` is a key of the page's words, so that the person reads it in their language."""
    return JSONResponse({"error": text}, status)


def customer_view(simulator: Simulator, customer: Customer) -> dict[str, Any]:
    """A customer as the page's list shows them; `unread` counts messages of the business."""
    thread = simulator.ledger.thread(customer.address, 30)
    shown = [message for message in thread if _on_the_phone(message)]
    unread = sum(1 for m in shown if not m.is_inbound and m.status == "delivered")
    return {
        "address": customer.address,
        "name": customer.name,
        "number": customer.number,
        "channel": customer.channel,
        "player": customer.player,
        "unread": unread if customer.channel == "whatsapp" else 0,
        "last": message_view(simulator, shown[-1]) if shown else None,
    }


def _on_the_phone(message: Message) -> bool:
    """Whether the customer's phone has the message: theirs always, ours once delivered."""
    return message.is_inbound or message.status in ("delivered", "read")


def message_view(simulator: Simulator, message: Message) -> dict[str, Any]:
    """A message as the customer sees it. `at` in Unix milliseconds; `mine` is the customer's."""
    data = message.data
    quoted = simulator.ledger.message(data["quoted"]) if data.get("quoted") else None
    if message.is_inbound:
        answered = data.get("answered", "pending")
        taken = isinstance(answered, int) and 200 <= answered < 300
        status = "taken" if taken else "pending" if answered == "pending" else "lost"
        if data.get("seen"):
            status = "read"
    else:
        status = message.status
    return {
        "sid": message.sid,
        "seq": message.seq,
        "mine": message.is_inbound,
        "body": message.body,
        "at": int(message.created * 1000),
        "status": status,
        "location": data.get("location"),
        "forwarded": bool(data.get("forwarded")),
        "buttons": data.get("buttons") or [],
        "list": data.get("list"),
        "quoted": {"sid": quoted.sid, "mine": quoted.is_inbound, "body": quoted.body[:200]}
        if quoted
        else None,
        "media": [
            {
                "sid": media.sid,
                "type": media.content_type,
                "kind": inbound.media_kind(media.content_type),
                "name": media.name,
                "size": media.size,
                "url": f"media/{media.sid}/{quote(media.name or media.sid, safe='')}",
            }
            for media in simulator.ledger.media_of(message.sid)
        ],
    }


async def _files(form: FormData) -> list[inbound.File]:
    """Uploaded files and named samples; ValueError for one that is too large or unknown."""
    files = []
    for upload in form.getlist("file"):
        if not isinstance(upload, UploadFile):
            continue
        content = await upload.read()
        if len(content) > UPLOAD_LIMIT:
            raise ValueError("too_large")
        content_type = upload.content_type or "application/octet-stream"
        content, content_type, name = as_ogg(content, content_type, upload.filename)
        files.append(inbound.File(content_type, content, name))
    for asked in form.getlist("sample"):
        if not isinstance(asked, str) or asked not in SAMPLES:
            raise ValueError("unknown_sample")
        found = sample(asked)
        files.append(inbound.File(found.content_type, found.content, found.name))
    return files


def _written(form: FormData, files: list[inbound.File]) -> inbound.Writing:
    def text(name: str) -> str:
        value = form.get(name)
        return value if isinstance(value, str) else ""

    place = None
    if text("latitude") and text("longitude"):
        place = {
            key: text(field)
            for key, field in (
                ("latitude", "latitude"),
                ("longitude", "longitude"),
                ("label", "label"),
                ("address", "place_address"),
            )
            if text(field)
        }
    button = None
    if text("button_text"):
        button = {"text": text("button_text"), "payload": text("button_payload")}
    row = None
    if text("row_title"):
        row = {
            "id": text("row_id"),
            "title": text("row_title"),
            "description": text("row_description"),
        }
    return inbound.Writing(
        body=text("body"),
        files=tuple(files),
        location=place,
        button=button,
        row=row,
        quoted=text("quoted") or None,
        forwarded=text("forwarded") == "true",
    )


def address_of(channel: str, number: str | None) -> str:
    """The address of a new customer; without a number, WhatsApp's own name for them.

    Raises ValueError for a number that is not E.164 (spaces and dashes are forgiven).
    """
    if not number:
        if channel != "whatsapp":
            raise ValueError("sms_needs_number")
        return ""
    bare = re.sub(r"[\s\-().]", "", number)
    if bare.startswith("0"):
        bare = f"+62{bare[1:]}"
    if not re.fullmatch(r"\+[1-9]\d{6,14}", bare):
        raise ValueError("bad_number")
    return f"whatsapp:{bare}" if channel == "whatsapp" else bare


def phone_routes(simulator: Simulator) -> list[Route | Mount]:
    """`/phone/` and below: the page, `api/…`, `media/…` and `events`."""
    ledger = simulator.ledger

    async def state(request: HttpRequest) -> Response:
        config = simulator.config
        return JSONResponse(
            {
                "business": config.business,
                "whatsapp": config.whatsapp_address.removeprefix("whatsapp:"),
                "sms": config.sms_address,
                "customers": [customer_view(simulator, c) for c in ledger.customers()],
                "samples": [
                    {"name": name, "type": SAMPLES[name], "kind": inbound.media_kind(SAMPLES[name])}
                    for name in SAMPLES
                ],
            }
        )

    async def add_customer(request: HttpRequest) -> Response:
        fields = await request.json()
        name = str(fields.get("name") or "").strip()[:100]
        channel = "sms" if fields.get("channel") == "sms" else "whatsapp"
        try:
            address = address_of(channel, str(fields.get("number") or "").strip())
        except ValueError as error:
            return _refused(str(error))
        if not address:
            if not name:
                return _refused("needs_name")
            address = _fresh_external_id(simulator)
        customer = simulator.person(address, name)
        customer = simulator.change_person(customer, name=name or customer.name, player="person")
        simulator.hub.publish({"event": "customers"})
        return JSONResponse(customer_view(simulator, customer), 201)

    def known(address: str) -> Customer | None:
        return ledger.customer(address)

    async def thread(request: HttpRequest) -> Response:
        customer = known(request.query_params.get("address", ""))
        if customer is None:
            return _refused("unknown_customer", 404)
        messages = [m for m in ledger.thread(customer.address, 300) if _on_the_phone(m)]
        return JSONResponse(
            {
                "customer": customer_view(simulator, customer),
                "messages": [message_view(simulator, message) for message in messages],
            }
        )

    async def send(request: HttpRequest) -> Response:
        """One message per file, as WhatsApp does with an album: all webhooks at once."""
        async with request.form(max_part_size=UPLOAD_LIMIT) as form:
            customer = known(str(form.get("address") or ""))
            if customer is None:
                return _refused("unknown_customer", 404)
            try:
                files = await _files(form)
            except ValueError as error:
                return _refused(str(error), 413)
            whole = _written(form, files)
        if not (whole.body or whole.files or whole.location or whole.button or whole.row):
            return _refused("nothing_to_send")
        customer = simulator.change_person(customer, player="person")
        if customer.channel == "whatsapp" and len(files) > 1:
            parts = [replace(whole, files=(files[0],))]
            parts += [replace(whole, files=(file,), body="") for file in files[1:]]
        else:
            parts = [whole]
        kept = [inbound.add(simulator, customer, part, None) for part in parts]
        for message in kept:
            simulator.spawn(_deliver(message))
        return JSONResponse(
            {"messages": [message_view(simulator, message) for message in kept]}, 201
        )

    async def _deliver(message: Message) -> None:
        await inbound.deliver(simulator, message)

    async def deliver_again(request: HttpRequest) -> Response:
        message = ledger.message(request.path_params["sid"])
        if message is None or not message.is_inbound:
            return _refused("unknown_message", 404)
        answered = await inbound.deliver(simulator, message)
        return JSONResponse({"answer": answered.status})

    async def read(request: HttpRequest) -> Response:
        fields = await request.json()
        count = await delivery.read_all(simulator, str(fields.get("address") or ""))
        return JSONResponse({"read": count})

    async def media(request: HttpRequest) -> Response:
        found = ledger.media(request.path_params["sid"])
        if found is None:
            return _refused("unknown_message", 404)
        base = found.content_type.partition(";")[0].strip().lower()
        way = "inline" if base.startswith(_SHOWN) else "attachment"
        headers = {
            "Content-Disposition": f"{way}; filename*=UTF-8''{quote(found.name or 'file')}",
            "Content-Security-Policy": _FILE_POLICY,
            "X-Content-Type-Options": "nosniff",
        }
        return whole_or_part(request, found, ledger.media_content(found.sid), headers)

    async def events(request: HttpRequest) -> Response:
        """Server-sent events: what changed, with the message as the phone shows it."""
        queue = simulator.hub.subscribe()

        async def stream() -> AsyncIterator[str]:
            stopping = asyncio.ensure_future(simulator.stopping.wait())
            try:
                yield 'retry: 1000\ndata: {"event":"hello"}\n\n'
                while not stopping.done():
                    waiting = asyncio.ensure_future(queue.get())
                    done, _ = await asyncio.wait(
                        {waiting, stopping},
                        timeout=_KEEP_ALIVE,
                        return_when=asyncio.FIRST_COMPLETED,
                    )
                    if waiting in done:
                        yield f"data: {json.dumps(_described(waiting.result()))}\n\n"
                        continue
                    waiting.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await waiting
                    yield ": still here\n\n"
            finally:
                stopping.cancel()
                simulator.hub.unsubscribe(queue)

        return StreamingResponse(
            stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    def _described(event: dict[str, Any]) -> dict[str, Any]:
        if event["event"] != "message":
            return event
        message = ledger.message(event["sid"])
        view = message_view(simulator, message) if message and _on_the_phone(message) else None
        return {**event, "message": view}

    async def bare(request: HttpRequest) -> Response:
        return RedirectResponse("/phone/", 307)

    return [
        Route("/", bare),
        Route("/phone", bare),
        Route("/phone/api/state", state),
        Route("/phone/api/customers", add_customer, methods=["POST"]),
        Route("/phone/api/thread", thread),
        Route("/phone/api/send", send, methods=["POST"]),
        Route("/phone/api/deliver/{sid}", deliver_again, methods=["POST"]),
        Route("/phone/api/read", read, methods=["POST"]),
        Route("/phone/media/{sid}/{name}", media),
        Route("/phone/events", events),
        Mount("/phone", _Page(directory=PAGE, html=True)),
    ]


def _fresh_external_id(simulator: Simulator) -> str:
    number = int(simulator.now() * 1_000_000) % 10**16
    return f"whatsapp:ID.{number:016d}"

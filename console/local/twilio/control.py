"""The control API under /sim: ledgers to compare with, customers to play, faults to set."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.local.samples import sample
from console.local.twilio import delivery, inbound
from console.local.twilio.cdn import MEDIA_FAULTS
from console.local.twilio.faults import FAULT_NUMBERS, FAULTS
from console.local.twilio.ledger import BOOKS
from console.local.twilio.senders import RESOURCES
from console.local.twilio.simulator import Simulator, external_id_for

_BOOK_LIMIT = 100_000


class ControlError(Exception):
    """A request to the control API that makes no sense; answered 400 with the sentence."""


def _answering(
    handler: Callable[[HttpRequest], Awaitable[Any]],
) -> Callable[[HttpRequest], Awaitable[Response]]:
    async def answer(request: HttpRequest) -> Response:
        try:
            found = await handler(request)
        except ControlError as error:
            return JSONResponse({"error": str(error)}, 400)
        return found if isinstance(found, Response) else JSONResponse(found)

    return answer


async def _fields(request: HttpRequest) -> dict[str, Any]:
    try:
        fields = await request.json()
    except ValueError:
        raise ControlError("the body is not JSON") from None
    if not isinstance(fields, dict):
        raise ControlError("the body is not a JSON object")
    return fields


def _file(asked: dict[str, Any]) -> inbound.File:
    """A file by `sample` name, `base64` content, or `size` random bytes."""
    if "sample" in asked:
        try:
            found = sample(str(asked["sample"]))
        except KeyError as missing:
            raise ControlError(f"no sample named {missing}") from None
        content, content_type, name = found.content, found.content_type, found.name
    else:
        content_type, name = "application/octet-stream", None
        try:
            content = (
                base64.b64decode(asked["base64"], validate=True)
                if "base64" in asked
                else os.urandom(int(asked.get("size") or 0))
            )
        except (binascii.Error, ValueError):
            raise ControlError("base64 or size is not valid") from None
    fault = asked.get("fault")
    if fault is not None and fault not in MEDIA_FAULTS:
        raise ControlError(f"no media fault named {fault}; known: {', '.join(MEDIA_FAULTS)}")
    return inbound.File(
        content_type=str(asked.get("content_type") or content_type),
        content=content,
        name=asked.get("name", name),
        fault=fault,
        fault_times=asked.get("fault_times"),
    )


def control_routes(simulator: Simulator) -> list[Route]:
    """Every route of the control API; all answers are JSON, refusals are 400 with `error`."""
    ledger = simulator.ledger

    async def state(request: HttpRequest) -> Any:
        config = simulator.config
        return {
            "ready": True,
            "business": config.business,
            "account_sid": config.account_sid,
            "api_url": config.api_url,
            "media_url": config.media_url,
            "phone_url": config.phone_url,
            "webhook_url": config.webhook_url,
            "status_url": config.status_url,
            "senders": {resource: simulator.senders[resource] for resource in RESOURCES},
            "whatsapp_address": config.whatsapp_address,
            "sms_address": config.sms_address,
            "fault_numbers": FAULT_NUMBERS,
            "faults": {name: fault.says for name, fault in FAULTS.items()},
            "assigned": simulator.faults.assigned(),
            "media_faults": MEDIA_FAULTS,
            "clock_offset": simulator.clock_offset,
            "strict_windows": simulator.strict_windows,
            "counts": {book: ledger.count(book) for book in BOOKS},
        }

    async def book(request: HttpRequest) -> Any:
        query = request.query_params
        name = request.path_params["book"]
        if name not in BOOKS:
            raise ControlError(f"no book named {name}; known: {', '.join(BOOKS)}")
        entries = ledger.read(
            name,
            after=int(query.get("after") or 0),
            address=query.get("to") or query.get("from") or query.get("address"),
            sid=query.get("sid"),
            limit=int(query.get("limit") or _BOOK_LIMIT),
        )
        return {name: entries, "count": ledger.count(name)}

    async def write(request: HttpRequest) -> Any:
        """A customer writes. `deliver` false leaves the webhook uncalled, for the sweep."""
        fields = await _fields(request)
        address = str(fields.get("from") or "")
        if not address:
            raise ControlError("from is missing")
        customer = simulator.person(address, str(fields.get("name") or ""))
        if fields.get("name") and customer.name != fields["name"]:
            customer = simulator.change_person(customer, name=str(fields["name"]))
        files = [_file(asked) for asked in fields.get("media") or []]
        writing = inbound.writing_from(fields, files)
        message = inbound.add(simulator, customer, writing, fields.get("to"))
        if fields.get("deliver") is False:
            return {"sid": message.sid, "answer": None}
        return await call_webhook(message.sid, fields.get("webhook_url"))

    async def call_webhook(sid: str, url: str | None) -> Any:
        message = ledger.message(sid)
        if message is None or not message.is_inbound:
            raise ControlError(f"no inbound message {sid}")
        answered = await inbound.deliver(simulator, message, url)
        return {
            "sid": sid,
            "answer": answered.status,
            "answer_body": answered.body,
            "error": answered.error,
            "elapsed": answered.elapsed,
        }

    async def deliver_again(request: HttpRequest) -> Any:
        """Call the webhook (once more) with the same parameters and idempotency token."""
        return await call_webhook(request.path_params["sid"], request.query_params.get("url"))

    async def customers(request: HttpRequest) -> Any:
        return {"customers": [asdict(customer) for customer in ledger.customers()]}

    async def put_customer(request: HttpRequest) -> Any:
        fields = await _fields(request)
        address = str(fields.get("address") or "")
        if not address:
            raise ControlError("address is missing")
        customer = simulator.person(address, str(fields.get("name") or ""))
        changes: dict[str, Any] = {
            key: fields[key] for key in ("name", "player", "opted_out") if key in fields
        }
        if "last_inbound" in fields:
            text = fields["last_inbound"]
            changes["last_inbound"] = datetime.fromisoformat(text).timestamp() if text else None
        customer = simulator.change_person(
            customer, external_id=external_id_for(address), **changes
        )
        simulator.hub.publish({"event": "customers"})
        return asdict(customer)

    async def messages(request: HttpRequest) -> Any:
        customer = request.query_params.get("customer")
        if customer is None:
            limit = int(request.query_params.get("limit") or 1000)
            found = list(reversed(ledger.messages(limit=limit)))
        else:
            found = ledger.thread(customer, int(request.query_params.get("limit") or 1000))
        return {
            "messages": [
                asdict(message)
                | {"media": [asdict(media) for media in ledger.media_of(message.sid)]}
                for message in found
            ]
        }

    async def media(request: HttpRequest) -> Any:
        found = ledger.media(request.path_params["sid"])
        if found is None:
            raise ControlError("no such media")
        content = ledger.media_content(found.sid)
        return Response(content, media_type=found.content_type)

    async def read(request: HttpRequest) -> Any:
        """The customer looks at the chat."""
        address = str((await _fields(request)).get("address") or "")
        return {"read": await delivery.read_all(simulator, address)}

    async def report(request: HttpRequest) -> Any:
        """Send one status callback by hand, whatever the message's status is."""
        fields = await _fields(request)
        sid = str(fields.get("sid") or "")
        if ledger.message(sid) is None:
            raise ControlError(f"no message {sid}")
        await delivery.report(simulator, sid, str(fields.get("status") or "sent"))
        return {"callbacks": ledger.read("callbacks", sid=sid)}

    async def assign_fault(request: HttpRequest) -> Any:
        """{"number", "fault", "times"}: number "*" is every recipient, fault null ends it."""
        fields = await _fields(request)
        try:
            simulator.faults.assign(
                str(fields.get("number") or "*"), fields.get("fault"), fields.get("times")
            )
        except KeyError as unknown:
            raise ControlError(f"no fault named {unknown}; known: {', '.join(FAULTS)}") from None
        ledger.put_setting("faults", simulator.faults.assigned())
        return {"assigned": simulator.faults.assigned()}

    async def settings(request: HttpRequest) -> Any:
        """{"clock_offset": seconds ahead, "strict_windows": bool}."""
        fields = await _fields(request)
        if "clock_offset" in fields:
            simulator.clock_offset = float(fields["clock_offset"])
        if "strict_windows" in fields:
            simulator.strict_windows = bool(fields["strict_windows"])
        ledger.put_setting("clock_offset", simulator.clock_offset)
        ledger.put_setting("strict_windows", simulator.strict_windows)
        return await state(request)

    async def change_senders(request: HttpRequest) -> Any:
        """{resource: {name: value}}: what nobody can change by Twilio's API, a sender's status."""
        for resource, values in (await _fields(request)).items():
            try:
                simulator.senders.change(resource, dict(values))
            except KeyError as unknown:
                raise ControlError(f"nothing named {unknown}") from None
        return {resource: simulator.senders[resource] for resource in RESOURCES}

    def route(path: str, handler: Callable[[HttpRequest], Awaitable[Any]], method: str) -> Route:
        return Route(f"/sim/{path}", _answering(handler), methods=[method])

    return [
        route("state", state, "GET"),
        route("customers", customers, "GET"),
        route("customers", put_customer, "POST"),
        route("messages", messages, "GET"),
        route("media/{sid}", media, "GET"),
        route("inbound", write, "POST"),
        route("inbound/{sid}/deliver", deliver_again, "POST"),
        route("read", read, "POST"),
        route("report", report, "POST"),
        route("faults", assign_fault, "POST"),
        route("settings", settings, "POST"),
        route("senders", change_senders, "POST"),
        route("{book}", book, "GET"),
    ]

"""The REST API at Twilio's own paths: messages, their media, the account and its numbers."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from console.local.twilio import delivery, rules, wire
from console.local.twilio.cdn import signed_url
from console.local.twilio.codes import ApiError
from console.local.twilio.faults import Answer, Callbacks, Fault
from console.local.twilio.keys import check_key, guarded, refusal, user_of
from console.local.twilio.records import Message, new_sid
from console.local.twilio.server import reset_connection
from console.local.twilio.simulator import Simulator

_PAGE_SIZE = 50
_PAGE_SIZE_MOST = 1000
_GATEWAY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>"
_PROXY_PAGE = "<html><body><h1>Welcome</h1><p>Please sign in to this network.</p></body></html>"
# The HTTP status that the caller got to see; None where the answer never came through.
_ANSWERED: dict[Answer, int | None] = {
    Answer.GATEWAY: 502,
    Answer.HANG: None,
    Answer.RESET: None,
}
_KEPT_HEADERS = ("user-agent", "content-type", "accept")


class Messages:
    """Create, list, fetch, change and delete messages; list, fetch and delete their media."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._ledger = simulator.ledger
        self._account = simulator.config.account_sid

    def routes(self) -> list[Route]:
        base = f"{wire.API}/Accounts/{{account}}/Messages"
        simulator = self._simulator
        return [
            Route(f"{base}.json", self.create, methods=["POST"]),
            Route(f"{base}.json", guarded(simulator, self.index), methods=["GET"]),
            Route(f"{base}/{{sid}}.json", guarded(simulator, self.fetch), methods=["GET"]),
            Route(f"{base}/{{sid}}.json", guarded(simulator, self.change), methods=["POST"]),
            Route(f"{base}/{{sid}}.json", guarded(simulator, self.delete), methods=["DELETE"]),
            Route(f"{base}/{{sid}}/Media.json", guarded(simulator, self.list_media)),
            Route(
                f"{base}/{{sid}}/Media/{{media}}",
                guarded(simulator, self.one_media),
                methods=["GET", "DELETE"],
            ),
        ]

    async def create(self, request: HttpRequest) -> Response:
        """POST Messages.json. Every call is entered in the book of creates, refused ones too."""
        raw = await request.body()
        form = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True)
        to = form.get("To", [""])[-1]
        entry: dict[str, Any] = {
            "to": to,
            "from": form.get("From", [""])[-1],
            "body": form.get("Body", [""])[-1],
            "form": form,
            "user": user_of(request)[0],
            "headers": {k: request.headers[k] for k in _KEPT_HEADERS if k in request.headers},
        }
        number = self._ledger.write("creates", self._simulator.now(), to, None, entry)
        name, fault = "", Fault("", "")
        try:
            check_key(self._simulator, request)
            name, fault = self._simulator.faults.take(to) or (name, fault)
            entry["fault"] = name
            if fault.refuse is not None:
                raise ApiError(*fault.refuse, to)
            asked = rules.check(self._simulator, form)
        except ApiError as error:
            entry |= {"status": error.http, "code": error.code}
            self._ledger.amend(number, None, entry)
            wait = {}
            if error.http == 429 and fault.retry_after is not None:
                wait["Retry-After"] = str(fault.retry_after)
            return refusal(error, wait)
        if not fault.taken:
            self._ledger.amend(number, None, entry | {"status": None, "answer": "hang"})
            return await self._answer(request, fault, None)
        message = self._keep(asked, name)
        entry |= {"status": _ANSWERED.get(fault.answer, 201), "answer": fault.answer.name.lower()}
        self._ledger.amend(number, message.sid, entry)
        if fault.callbacks is Callbacks.EARLY:
            await delivery.carry(self._simulator, message.sid, hurry=True)
            self._simulator.spawn(delivery.read_by_itself(self._simulator, message.sid))
        else:
            self._simulator.spawn(delivery.carry(self._simulator, message.sid))
        return await self._answer(request, fault, message)

    def _keep(self, asked: rules.Request, fault: str) -> Message:
        simulator = self._simulator
        data: dict[str, Any] = {"fault": fault} if fault else {}
        if asked.template is not None:
            data["template"] = {
                "sid": asked.template["sid"],
                "name": asked.template["friendly_name"],
                "variables": asked.variables,
            }
            data |= rules.choices(asked.template)
        if asked.media_urls:
            data["media_urls"] = list(asked.media_urls)
        if asked.location is not None:
            data["location"] = asked.location
        status = "accepted" if asked.service_sid else "queued"
        if asked.send_at is not None:
            status, data["send_at"] = "scheduled", asked.send_at
        simulator.person(asked.to)
        return self._ledger.add_message(
            Message(
                sid=new_sid("MM" if asked.media_urls else "SM"),
                direction="outbound-api",
                from_address=asked.sender,
                to_address=asked.to,
                body=asked.body,
                status=status,
                created=simulator.now(),
                num_media=len(asked.media_urls),
                service_sid=asked.service_sid,
                callback=asked.callback,
                data=data,
            )
        )

    async def _answer(
        self, request: HttpRequest, fault: Fault, message: Message | None
    ) -> Response:
        """The 201, or what the fault makes of it."""
        whole = JSONResponse(
            wire.message_json(self._account, message) if message else {}, status_code=201
        )
        pace = self._simulator.config.pace
        match fault.answer:
            case Answer.SLOW:
                await self._simulator.pause(pace.slow)
            case Answer.HANG:
                await self._hold(request)
                reset_connection(request)
            case Answer.RESET:
                reset_connection(request, bytes(whole.body)[: len(whole.body) // 2])
            case Answer.CUT:
                half = bytes(whole.body)[: len(whole.body) // 2]
                return Response(half, 201, media_type="application/json")
            case Answer.HTML:
                return HTMLResponse(_PROXY_PAGE, 201)
            case Answer.GATEWAY:
                return HTMLResponse(_GATEWAY_PAGE, 502)
            case Answer.NORMAL:
                pass
        return whole

    async def _hold(self, request: HttpRequest) -> None:
        """Until the caller hangs up, the simulator stops, or the configured time is over."""

        async def hung_up() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass

        waits = [
            asyncio.ensure_future(hung_up()),
            asyncio.ensure_future(self._simulator.stopping.wait()),
        ]
        await asyncio.wait(
            waits,
            timeout=self._simulator.config.pace.hold,
            return_when=asyncio.FIRST_COMPLETED,
        )
        for wait in waits:
            wait.cancel()

    async def index(self, request: HttpRequest) -> Response:
        """Newest first, filtered by To, From and DateSent, a page at a time."""
        query = request.query_params
        size = _page_size(query.get("PageSize"))
        page = int(query.get("Page") or 0)
        token = query.get("PageToken") or ""
        since, until = _dates(query.get("DateSent"), query.get("DateSent>"), query.get("DateSent<"))
        found = self._ledger.messages(
            to=query.get("To"),
            sender=query.get("From"),
            since=since,
            until=until,
            before_seq=int(token[2:], 16) if re.fullmatch(r"PA[0-9a-f]{1,15}", token) else None,
            limit=size + 1,
        )
        shown = found[:size]
        kept = {k: v for k, v in query.items() if k not in ("Page", "PageToken", "PageSize")}

        def uri(number: int, after: Message | None) -> str:
            more = {"PageToken": f"PA{after.seq:x}"} if after else {}
            values = {**kept, "PageSize": size, "Page": number, **more}
            return f"{wire.API}/Accounts/{self._account}/Messages.json?{urlencode(values)}"

        return JSONResponse(
            wire.page_json(
                "messages",
                [wire.message_json(self._account, message) for message in shown],
                uri=uri(page, None),
                first=uri(0, None),
                following=uri(page + 1, shown[-1]) if len(found) > size else None,
                page=page,
                page_size=size,
            )
        )

    def _message(self, request: HttpRequest) -> Message:
        message = self._ledger.message(request.path_params["sid"])
        if message is None:
            raise ApiError(404, 20404, request.url.path)
        return message

    async def fetch(self, request: HttpRequest) -> Response:
        return JSONResponse(wire.message_json(self._account, self._message(request)))

    async def change(self, request: HttpRequest) -> Response:
        """Body="" redacts the text; Status=canceled takes a scheduled message back."""
        message = self._message(request)
        form = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        if "Body" in form:
            if form["Body"][-1]:
                raise ApiError(400, 20001, text="Body can only be changed to an empty string")
            self._ledger.update_message(message.sid, body="", updated=self._simulator.now())
        if form.get("Status", [""])[-1] == "canceled":
            if message.status != "scheduled":
                raise ApiError(409, 30409, text="Message cannot be canceled in its current status")
            self._ledger.update_message(
                message.sid, status="canceled", updated=self._simulator.now()
            )
            self._simulator.spawn(delivery.report(self._simulator, message.sid, "canceled"))
        return JSONResponse(wire.message_json(self._account, self._message(request)))

    async def delete(self, request: HttpRequest) -> Response:
        self._ledger.delete_message(self._message(request).sid)
        return Response(status_code=204)

    async def list_media(self, request: HttpRequest) -> Response:
        message = self._message(request)
        items = [
            wire.media_json(self._account, media) for media in self._ledger.media_of(message.sid)
        ]
        uri = request.url.path
        return JSONResponse(
            wire.page_json(
                "media_list",
                items,
                uri=uri,
                first=uri,
                following=None,
                page=0,
                page_size=_PAGE_SIZE,
            )
        )

    async def one_media(self, request: HttpRequest) -> Response:
        """`….json` tells about a file; without it, a redirect to the media host serves it."""
        named = request.path_params["media"]
        message = self._message(request)
        media = self._ledger.media(named.removesuffix(".json"))
        if media is None or media.message_sid != message.sid:
            raise ApiError(404, 20404, request.url.path)
        if request.method == "DELETE":
            self._ledger.delete_media(media.sid)
            return Response(status_code=204)
        if named.endswith(".json"):
            return JSONResponse(wire.media_json(self._account, media))
        if media.fault in ("not_found", "unauthorized"):
            self._ledger.use_media_fault(media)
            if media.fault == "unauthorized":
                raise ApiError(401, 20003)
            raise ApiError(404, 20404, request.url.path)
        if media.fault == "redirect_loop":
            return RedirectResponse(f"{self._simulator.config.api_url}{request.url.path}", 307)
        return RedirectResponse(signed_url(self._simulator, media), 307)


def _page_size(text: str | None) -> int:
    if not text:
        return _PAGE_SIZE
    if not text.isdigit() or not 1 <= int(text) <= _PAGE_SIZE_MOST:
        raise ApiError(400, 20001)
    return int(text)


def _dates(
    on: str | None, since: str | None, until: str | None
) -> tuple[float | None, float | None]:
    """DateSent filters as bounds; a bare date means the whole day (UTC)."""

    def bounds(text: str) -> tuple[float, float]:
        try:
            start = datetime.fromisoformat(text)
        except ValueError:
            raise ApiError(400, 20001, text=f"DateSent is not a date: {text}") from None
        if len(text) > 10:
            return start.timestamp(), start.timestamp() + 0.999
        day = datetime.fromisoformat(f"{text}T00:00:00+00:00")
        return day.timestamp(), (day + timedelta(days=1)).timestamp() - 0.001

    low = high = None
    if on:
        low, high = bounds(on)
    if since:
        low = max(low, bounds(since)[0]) if low is not None else bounds(since)[0]
    if until:
        high = min(high, bounds(until)[1]) if high is not None else bounds(until)[1]
    return low, high

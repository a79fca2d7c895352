"""What a set-up check asks about and sets: account, numbers, services and WhatsApp sender."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.local.twilio.codes import ApiError
from console.local.twilio.keys import guarded
from console.local.twilio.simulator import Simulator
from console.local.twilio.wire import API, meta_page_json, page_json

# Form field to the name in the JSON, of what may be changed.
_NUMBER_FIELDS = {
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsApplicationSid": "sms_application_sid",
    "FriendlyName": "friendly_name",
}
_SERVICE_FIELDS = {
    "InboundRequestUrl": "inbound_request_url",
    "InboundMethod": "inbound_method",
    "StatusCallback": "status_callback",
    "UseInboundWebhookOnNumber": "use_inbound_webhook_on_number",
    "FriendlyName": "friendly_name",
}


class Account:
    """Account, IncomingPhoneNumbers, `/v1/Services` and `/v2/Channels/Senders`."""

    def __init__(self, simulator: Simulator) -> None:
        self._config = simulator.config
        self._senders = simulator.senders

    async def account(self, _request: HttpRequest) -> Response:
        sid = self._config.account_sid
        return JSONResponse(
            {
                **self._senders["account"],
                "sid": sid,
                "auth_token": "",
                "owner_account_sid": sid,
                "date_created": None,
                "date_updated": None,
                "subresource_uris": {},
                "uri": f"{API}/Accounts/{sid}.json",
            }
        )

    async def numbers(self, request: HttpRequest) -> Response:
        number = self._senders["number"]
        wanted = request.query_params.get("PhoneNumber", "")
        shown = [self._number()] if number["listed"] and wanted in number["phone_number"] else []
        uri = request.url.path
        return JSONResponse(
            page_json(
                "incoming_phone_numbers",
                shown,
                uri=uri,
                first=uri,
                following=None,
                page=0,
                page_size=50,
            )
        )

    async def number(self, request: HttpRequest) -> Response:
        self._require("number", request)
        if request.method == "POST":
            await self._change("number", request, _NUMBER_FIELDS)
        return JSONResponse(self._number())

    async def services(self, _request: HttpRequest) -> Response:
        listed = [self._service()] if self._senders["service"]["listed"] else []
        url = f"{self._config.api_url}/v1/Services"
        return JSONResponse(meta_page_json("services", listed, url))

    async def service(self, request: HttpRequest) -> Response:
        self._require("service", request)
        if request.method == "POST":
            await self._change("service", request, _SERVICE_FIELDS)
        return JSONResponse(self._service())

    async def service_numbers(self, request: HttpRequest) -> Response:
        self._require("service", request)
        number = self._senders["number"]
        held = number["phone_number"] in self._senders["service"]["holds"]
        items = [{"sid": number["sid"], "phone_number": number["phone_number"]}] if held else []
        return JSONResponse(meta_page_json("phone_numbers", items, self._url(request)))

    async def service_senders(self, request: HttpRequest) -> Response:
        self._require("service", request)
        sender = self._senders["sender"]
        held = sender["listed"] and sender["sender_id"] in self._senders["service"]["holds"]
        item = {"sid": sender["sid"], "sender": sender["sender_id"], "sender_type": "WhatsApp"}
        return JSONResponse(meta_page_json("senders", [item] if held else [], self._url(request)))

    async def senders(self, request: HttpRequest) -> Response:
        if request.query_params.get("Channel") != "whatsapp":
            raise ApiError(400, 20001, text="Channel is required")
        listed = [self._sender()] if self._senders["sender"]["listed"] else []
        url = f"{self._config.api_url}/v2/Channels/Senders"
        return JSONResponse(meta_page_json("senders", listed, url))

    async def sender(self, request: HttpRequest) -> Response:
        """One sender; a change is JSON, and only its webhook can be changed here."""
        self._require("sender", request)
        if request.method == "GET":
            return JSONResponse(self._sender())
        try:
            asked = json.loads(await request.body())
            webhook = dict(asked["webhook"])
        except (ValueError, KeyError, TypeError):
            raise ApiError(400, 20001, text="The body is no JSON with a webhook") from None
        for name, value in webhook.items():
            if name.endswith("_url"):
                _check_url(value)
        try:
            self._senders.change("webhook", webhook)
        except KeyError as unknown:
            raise ApiError(400, 20001, text=f"Unknown property {unknown}") from None
        return JSONResponse(self._sender(), 202)

    def _number(self) -> dict[str, Any]:
        number = self._senders["number"]
        sid = self._config.account_sid
        return {
            **{key: value for key, value in number.items() if key != "listed"},
            "account_sid": sid,
            "api_version": "2010-04-01",
            "capabilities": {"sms": True, "mms": True, "voice": False, "fax": False},
            "uri": f"{API}/Accounts/{sid}/IncomingPhoneNumbers/{number['sid']}.json",
        }

    def _service(self) -> dict[str, Any]:
        service = self._senders["service"]
        return {
            **{key: value for key, value in service.items() if key not in ("listed", "holds")},
            "account_sid": self._config.account_sid,
            "url": f"{self._config.api_url}/v1/Services/{service['sid']}",
            "links": {},
        }

    def _sender(self) -> dict[str, Any]:
        sender = self._senders["sender"]
        return {
            **{key: value for key, value in sender.items() if key != "listed"},
            "webhook": self._senders["webhook"],
            "url": f"{self._config.api_url}/v2/Channels/Senders/{sender['sid']}",
        }

    def _require(self, resource: str, request: HttpRequest) -> None:
        known = self._senders[resource]
        if not known["listed"] or request.path_params["sid"] != known["sid"]:
            raise ApiError(404, 20404, request.url.path)

    async def _change(self, resource: str, request: HttpRequest, fields: dict[str, str]) -> None:
        form = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        changed: dict[str, Any] = {}
        for field, name in fields.items():
            if field not in form:
                continue
            value = form[field][-1]
            if field.endswith(("Url", "Callback")):
                _check_url(value)
            changed[name] = value == "true" if field.startswith("Use") else value
        self._senders.change(resource, changed)

    def _url(self, request: HttpRequest) -> str:
        return f"{self._config.api_url}{request.url.path}"


def _check_url(value: object) -> None:
    parts = urlsplit(str(value))
    if value and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ApiError(400, 21502, str(value))


def account_routes(simulator: Simulator) -> list[Route]:
    """The routes of Account, each behind the account's key."""
    account = Account(simulator)
    base = f"{API}/Accounts/{{account}}"
    change = ["GET", "POST"]
    return [
        Route(f"{base}.json", guarded(simulator, account.account)),
        Route(f"{base}/IncomingPhoneNumbers.json", guarded(simulator, account.numbers)),
        Route(
            f"{base}/IncomingPhoneNumbers/{{sid}}.json",
            guarded(simulator, account.number),
            methods=change,
        ),
        Route("/v1/Services", guarded(simulator, account.services)),
        Route("/v1/Services/{sid}", guarded(simulator, account.service), methods=change),
        Route("/v1/Services/{sid}/PhoneNumbers", guarded(simulator, account.service_numbers)),
        Route("/v1/Services/{sid}/ChannelSenders", guarded(simulator, account.service_senders)),
        Route("/v2/Channels/Senders", guarded(simulator, account.senders)),
        Route("/v2/Channels/Senders/{sid}", guarded(simulator, account.sender), methods=change),
    ]

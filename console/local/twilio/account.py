"""What a set-up check asks about: the account, its numbers, services and WhatsApp sender."""

from __future__ import annotations

import hashlib
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.local.twilio.keys import guarded
from console.local.twilio.simulator import Simulator
from console.local.twilio.wire import API, meta_page_json, page_json


def _fixed_sid(prefix: str, text: str) -> str:
    return prefix + hashlib.sha256(text.encode()).hexdigest()[:32]


def account_routes(simulator: Simulator) -> list[Route]:
    """Account, IncomingPhoneNumbers, `/v1/Services`, `/v2/Channels/Senders`."""
    config = simulator.config
    base = f"{API}/Accounts/{{account}}"

    async def account(request: HttpRequest) -> Response:
        return JSONResponse(
            {
                "sid": config.account_sid,
                "friendly_name": config.business,
                "status": "active",
                "type": "Full",
                "auth_token": "",
                "owner_account_sid": config.account_sid,
                "date_created": None,
                "date_updated": None,
                "subresource_uris": {},
                "uri": f"{API}/Accounts/{config.account_sid}.json",
            }
        )

    async def numbers(request: HttpRequest) -> Response:
        sid = _fixed_sid("PN", config.sms_address)
        wanted = request.query_params.get("PhoneNumber", "")
        number: dict[str, Any] = {
            "sid": sid,
            "account_sid": config.account_sid,
            "api_version": "2010-04-01",
            "phone_number": config.sms_address,
            "friendly_name": config.business,
            "capabilities": {"sms": True, "mms": True, "voice": False, "fax": False},
            "sms_url": config.webhook_url,
            "sms_method": "POST",
            "sms_fallback_url": "",
            "status_callback": config.status_url,
            "status_callback_method": "POST",
            "status": "in-use",
            "uri": f"{API}/Accounts/{config.account_sid}/IncomingPhoneNumbers/{sid}.json",
        }
        shown = [number] if wanted in config.sms_address else []
        uri = request.url.path
        page = page_json(
            "incoming_phone_numbers",
            shown,
            uri=uri,
            first=uri,
            following=None,
            page=0,
            page_size=50,
        )
        return JSONResponse(page)

    async def services(request: HttpRequest) -> Response:
        sid = _fixed_sid("MG", config.account_sid)
        service = {
            "sid": sid,
            "account_sid": config.account_sid,
            "friendly_name": config.business,
            "inbound_request_url": config.webhook_url,
            "inbound_method": "POST",
            "status_callback": config.status_url,
            "validity_period": 14400,
            "use_inbound_webhook_on_number": True,
            "url": f"{config.api_url}/v1/Services/{sid}",
            "links": {},
        }
        url = f"{config.api_url}/v1/Services"
        return JSONResponse(meta_page_json("services", [service], url))

    async def senders(request: HttpRequest) -> Response:
        sid = _fixed_sid("XE", config.whatsapp_address)
        sender = {
            "sid": sid,
            "status": "ONLINE",
            "sender_id": config.whatsapp_address,
            "configuration": {},
            "webhook": {
                "callback_url": config.webhook_url,
                "callback_method": "POST",
                "status_callback_url": config.status_url,
                "status_callback_method": "POST",
            },
            "profile": {"name": config.business},
            "properties": {"quality_rating": "HIGH", "messaging_limit": "10K Customers/24hr"},
            "url": f"{config.api_url}/v2/Channels/Senders/{sid}",
        }
        url = f"{config.api_url}/v2/Channels/Senders"
        return JSONResponse(meta_page_json("senders", [sender], url))

    return [
        Route(f"{base}.json", guarded(simulator, account)),
        Route(f"{base}/IncomingPhoneNumbers.json", guarded(simulator, numbers)),
        Route("/v1/Services", guarded(simulator, services)),
        Route("/v2/Channels/Senders", guarded(simulator, senders)),
    ]

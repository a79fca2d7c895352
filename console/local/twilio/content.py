"""The Content API: templates with their approval, and the typing indicator."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.local.twilio.codes import ApiError
from console.local.twilio.keys import guarded
from console.local.twilio.records import new_sid
from console.local.twilio.rules import template_body
from console.local.twilio.simulator import Simulator
from console.local.twilio.wire import meta_page_json

# What a small Indonesian shop has approved, awaiting and refused. SIDs are fixed, so that a
# restarted demo still knows them.
_SEED: tuple[tuple[str, str, str, str, dict[str, str]], ...] = (
    (
        "HX0000000000000000000000000000a001",
        "tindak_lanjut_pesanan",
        "approved",
        "Halo {{1}}, pesanan {{2}} sudah dikirim. Ada yang bisa kami bantu?",
        {"1": "Siti", "2": "#INV-2231"},
    ),
    (
        "HX0000000000000000000000000000a002",
        "pengingat_pembayaran",
        "approved",
        "Halo {{1}}, tagihan {{2}} jatuh tempo pada {{3}}.",
        {"1": "Bambang", "2": "#INV-2198", "3": "30 November"},
    ),
    (
        "HX0000000000000000000000000000a003",
        "promo_akhir_tahun",
        "pending",
        "Diskon {{1}} untuk pelanggan setia {{2}}!",
        {"1": "20%", "2": "Toko Makmur"},
    ),
    (
        "HX0000000000000000000000000000a004",
        "undian_berhadiah",
        "rejected",
        "Selamat! Anda memenangkan {{1}}.",
        {"1": "hadiah"},
    ),
)
_BUTTONS_SID = "HX0000000000000000000000000000a005"


def seed_templates(simulator: Simulator) -> None:
    """Give a new simulator its templates; one that has some keeps them."""
    if next(simulator.ledger.templates(), None) is not None:
        return
    for sid, name, approval, body, variables in _SEED:
        types = {"twilio/text": {"body": body}}
        _put(simulator, sid, name, "id", variables, types, approval)
    choices = {
        "twilio/quick-reply": {
            "body": "Halo {{1}}, apakah pesanan Anda sudah sampai?",
            "actions": [
                {"title": "Sudah, terima kasih", "id": "arrived_yes"},
                {"title": "Belum", "id": "arrived_no"},
            ],
        }
    }
    _put(simulator, _BUTTONS_SID, "konfirmasi_terima", "id", {"1": "Siti"}, choices, "approved")


def _put(
    simulator: Simulator,
    sid: str,
    name: str,
    language: str,
    variables: dict[str, str],
    types: dict[str, Any],
    approval: str,
) -> dict[str, Any]:
    at = datetime.fromtimestamp(int(simulator.now()), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    base = f"{simulator.config.api_url}/v1/Content/{sid}"
    entry = {
        "sid": sid,
        "account_sid": simulator.config.account_sid,
        "friendly_name": name,
        "language": language,
        "variables": variables,
        "types": types,
        "date_created": at,
        "date_updated": at,
        "url": base,
        "links": {
            "approval_create": f"{base}/ApprovalRequests/whatsapp",
            "approval_fetch": f"{base}/ApprovalRequests",
        },
        "approval": {
            "name": name,
            "category": "UTILITY",
            "content_type": next(iter(types), ""),
            "status": approval,
            "rejection_reason": "ABUSIVE_CONTENT" if approval == "rejected" else "",
            "allow_category_change": True,
        },
    }
    simulator.ledger.put_template(sid, entry)
    return entry


def content_routes(simulator: Simulator) -> list[Route]:
    """`/v1/Content`, `/v1/ContentAndApprovals`, approvals, `/v2/Indicators/Typing.json`."""
    ledger, config = simulator.ledger, simulator.config

    def plain(entry: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in entry.items() if key != "approval"}

    def with_approval(entry: dict[str, Any]) -> dict[str, Any]:
        shown = {k: v for k, v in entry.items() if k not in ("approval", "links", "url")}
        return shown | {"approval_requests": entry["approval"]}

    def find(request: HttpRequest) -> dict[str, Any]:
        entry = ledger.template(request.path_params["sid"])
        if entry is None:
            raise ApiError(404, 20404, request.url.path)
        return entry

    async def index(request: HttpRequest) -> Response:
        items = [plain(entry) for entry in ledger.templates()]
        return JSONResponse(meta_page_json("contents", items, f"{config.api_url}/v1/Content"))

    async def index_with_approvals(request: HttpRequest) -> Response:
        items = [with_approval(entry) for entry in ledger.templates()]
        url = f"{config.api_url}/v1/ContentAndApprovals"
        return JSONResponse(meta_page_json("contents", items, url))

    async def fetch(request: HttpRequest) -> Response:
        return JSONResponse(plain(find(request)))

    async def create(request: HttpRequest) -> Response:
        try:
            asked = await request.json()
            types = dict(asked["types"])
        except (ValueError, KeyError, TypeError):
            raise ApiError(400, 20001, text="types is required") from None
        if not template_body({"types": types}):
            raise ApiError(400, 20001, text="A type needs a body")
        entry = _put(
            simulator,
            new_sid("HX"),
            str(asked.get("friendly_name") or ""),
            str(asked.get("language") or "en"),
            dict(asked.get("variables") or {}),
            types,
            "unsubmitted",
        )
        return JSONResponse(plain(entry), 201)

    async def delete(request: HttpRequest) -> Response:
        ledger.delete_template(find(request)["sid"])
        return Response(status_code=204)

    async def approval(request: HttpRequest) -> Response:
        entry = find(request)
        return JSONResponse(
            {
                "sid": entry["sid"],
                "account_sid": config.account_sid,
                "whatsapp": {"type": "whatsapp", **entry["approval"]},
                "url": entry["links"]["approval_fetch"],
            }
        )

    async def ask_approval(request: HttpRequest) -> Response:
        entry = find(request)
        try:
            asked = json.loads(await request.body() or b"{}")
        except ValueError:
            raise ApiError(400, 20001, text="The body is not JSON") from None
        entry["approval"] |= {
            "status": "received",
            "name": asked.get("name", entry["friendly_name"]),
            "category": asked.get("category", "UTILITY"),
        }
        ledger.put_template(entry["sid"], entry)
        return JSONResponse(entry["approval"], 201)

    async def typing(request: HttpRequest) -> Response:
        """Shows "typing…" on the phone and marks the customer's message as read by us."""
        form = await request.form()
        message = ledger.message(str(form.get("messageId") or ""))
        if form.get("channel") != "whatsapp" or message is None or not message.is_inbound:
            raise ApiError(400, 20001, text="channel and messageId of an inbound message needed")
        entry = {"customer": message.customer}
        ledger.write("typing", simulator.now(), message.customer, message.sid, entry)
        data = {**message.data, "seen": True}
        ledger.update_message(message.sid, data=data)
        simulator.hub.publish({"event": "typing", "customer": message.customer})
        return JSONResponse({"success": True}, 201)

    return [
        Route("/v1/Content", guarded(simulator, index), methods=["GET"]),
        Route("/v1/Content", guarded(simulator, create), methods=["POST"]),
        Route("/v1/ContentAndApprovals", guarded(simulator, index_with_approvals)),
        Route("/v1/Content/{sid}", guarded(simulator, fetch), methods=["GET"]),
        Route("/v1/Content/{sid}", guarded(simulator, delete), methods=["DELETE"]),
        Route("/v1/Content/{sid}/ApprovalRequests", guarded(simulator, approval)),
        Route(
            "/v1/Content/{sid}/ApprovalRequests/whatsapp",
            guarded(simulator, ask_approval),
            methods=["POST"],
        ),
        Route("/v2/Indicators/Typing.json", guarded(simulator, typing), methods=["POST"]),
    ]

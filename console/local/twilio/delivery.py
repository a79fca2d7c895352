"""The way of an outbound message after the create call: media, statuses, callbacks, reading."""

from __future__ import annotations

from datetime import UTC, datetime

from console.local.twilio.codes import words
from console.local.twilio.faults import FAULTS, Callbacks, Fault
from console.local.twilio.outbound_media import MediaRefusedError, fetch_files
from console.local.twilio.records import ENDED, Message, new_sid
from console.local.twilio.signing import post_signed
from console.local.twilio.simulator import Simulator

_NO_FAULT = Fault("", "")
# WhatsApp's callbacks name the installation of the sender; one per simulator is enough.
_CHANNEL_INSTALL_SID = new_sid("XE")
_EVENTS = {"delivered": "DELIVERED", "read": "READ", "failed": "FAILED", "undelivered": "FAILED"}


def fault_of(message: Message) -> Fault:
    return FAULTS.get(message.data.get("fault", ""), _NO_FAULT)


async def carry(simulator: Simulator, sid: str, *, hurry: bool = False) -> None:
    """Take a message from where it stands to delivered (or its other end), then let it be read.

    With `hurry` nothing is waited for, and reading is left to `read_by_itself`.
    """
    message = simulator.ledger.message(sid)
    if message is None:
        return
    pace = simulator.config.pace
    fault = fault_of(message)
    if message.status == "scheduled":
        await simulator.pause(max(message.data["send_at"] - simulator.now(), 0) * pace.speed)
        message = simulator.ledger.message(sid)
        if message is None or message.status != "scheduled":
            return
    if message.status != "sent":
        code = await _obstacle(simulator, message)
        if not hurry:
            await simulator.pause(pace.sent)
        if code is not None:
            await _end(simulator, message, "failed", code)
            return
        if fault.end is not None and fault.end[0] == "failed":
            await _end(simulator, message, "failed", _end_code(message, fault.end))
            return
        await _step(simulator, sid, "sent")
    if fault.blocked:
        return
    if not hurry:
        await simulator.pause(pace.delivered)
    if fault.end is not None:
        await _end(simulator, message, fault.end[0], _end_code(message, fault.end))
        return
    await _step(simulator, sid, "delivered")
    if not hurry:
        await read_by_itself(simulator, sid)


async def read_by_itself(simulator: Simulator, sid: str) -> None:
    """A customer whom nobody plays reads after a moment; WhatsApp only, SMS has no receipts."""
    message = simulator.ledger.message(sid)
    if message is None or message.channel != "whatsapp":
        return
    customer = simulator.ledger.customer(message.to_address)
    if customer is None or not customer.player:
        await simulator.pause(simulator.config.pace.read)
        if (now := simulator.ledger.message(sid)) is not None and now.status == "delivered":
            await _step(simulator, sid, "read")


async def read_all(simulator: Simulator, address: str) -> int:
    """The customer looks at the chat: every delivered message is read. Returns how many."""
    unread = [
        message
        for message in simulator.ledger.thread(address)
        if not message.is_inbound and message.status == "delivered" and message.channel != "sms"
    ]
    for message in unread:
        _set(simulator, message.sid, "read")
    for message in unread:
        await report(simulator, message.sid, "read")
    return len(unread)


async def _obstacle(simulator: Simulator, message: Message) -> int | None:
    """Why a message cannot go out at all, as Twilio's code."""
    if not message.data.get("template") and not simulator.window_open(message.to_address):
        return 63016
    urls = message.data.get("media_urls", [])
    if urls and not simulator.ledger.media_of(message.sid):
        try:
            await fetch_files(simulator, message, urls)
        except MediaRefusedError as refusal:
            return refusal.code
    return None


def _end_code(message: Message, end: tuple[str, int, int]) -> int:
    return end[2] if message.channel == "whatsapp" else end[1]


async def _end(simulator: Simulator, message: Message, status: str, code: int) -> None:
    _set(simulator, message.sid, status, code)
    await report(simulator, message.sid, status)


async def _step(simulator: Simulator, sid: str, status: str) -> None:
    message = _set(simulator, sid, status)
    if message is None:
        return
    if fault_of(message).callbacks is not Callbacks.REORDERED:
        await report(simulator, sid, status)
    elif status == "delivered":
        # The phone was quicker than the network's reports: the last word arrives first.
        order = ["delivered", "sent"]
        if message.channel == "whatsapp":
            _set(simulator, sid, "read")
            order.insert(0, "read")
        for late in order:
            await report(simulator, sid, late)


def _set(simulator: Simulator, sid: str, status: str, code: int | None = None) -> Message | None:
    now = simulator.now()
    changes: dict[str, object] = {"status": status, "updated": now}
    if status == "sent":
        changes["sent"] = now
    if code is not None:
        changes |= {"error_code": code, "error_text": words(code)}
    message = simulator.ledger.update_message(sid, **changes)
    if message is not None:
        simulator.hub.publish(
            {"event": "message", "customer": message.customer, "sid": sid, "status": status}
        )
    return message


async def report(simulator: Simulator, sid: str, status: str) -> None:
    """Call the status callback of a message, signed, as often as its fault asks for."""
    message = simulator.ledger.message(sid)
    if message is None:
        return
    callbacks = fault_of(message).callbacks
    if callbacks is Callbacks.LOST:
        return
    url = message.callback or simulator.senders.status_url(
        message.from_address, message.service_sid
    )
    if not url:
        return
    params = callback_params(simulator, message, status)
    for _ in range(3 if callbacks is Callbacks.REPEATED else 1):
        async with simulator.callbacks:
            answered = await post_signed(simulator.client, simulator.config.auth_token, url, params)
        simulator.ledger.write(
            "callbacks",
            simulator.now(),
            message.to_address,
            sid,
            {
                "status": status,
                "url": url,
                "params": params,
                "answer": answered.status,
                "error": answered.error,
                "attempts": answered.attempts,
                "elapsed": round(answered.elapsed, 4),
            },
        )


def callback_params(simulator: Simulator, message: Message, status: str) -> dict[str, str]:
    """The parameters of one status callback, as captured from Twilio for each channel."""
    params = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": status,
        "SmsStatus": status,
        "To": message.to_address,
        "From": message.from_address,
        "AccountSid": simulator.config.account_sid,
        "ApiVersion": "2010-04-01",
    }
    if message.service_sid:
        params["MessagingServiceSid"] = message.service_sid
    if message.channel == "whatsapp":
        params |= {
            "ChannelPrefix": "whatsapp",
            "ChannelInstallSid": _CHANNEL_INSTALL_SID,
            "ChannelToAddress": f"{message.to_address.removeprefix('whatsapp:')[:-4]}XXXX",
        }
        if status == "sent":
            params["StructuredMessage"] = "false"
        else:
            params["EventType"] = _EVENTS.get(status, status.upper())
    elif status == "delivered":
        params["RawDlrDoneDate"] = datetime.fromtimestamp(simulator.now(), UTC).strftime(
            "%y%m%d%H%M"
        )
    if status in ("failed", "undelivered") and message.error_code is not None:
        params["ErrorCode"] = str(message.error_code)
        params["ErrorMessage"] = message.error_text or ""
        if message.channel == "whatsapp":
            params["ChannelStatusMessage"] = message.error_text or ""
    return params


def resume(simulator: Simulator) -> None:
    """Go on with what a stop of the simulator interrupted."""
    for message in simulator.ledger.unfinished():
        if message.status not in ENDED:
            simulator.spawn(carry(simulator, message.sid))

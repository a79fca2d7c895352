"""Our addresses at Twilio: which there are, and whether their messages are brought to us.

A message to an address goes where its Messaging Service says, if it is in one that does not leave
that to its senders; else where the WhatsApp sender or the phone number itself says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from console.service import urls
from console.service.config import Config
from console.service.doctor.database import Connection
from console.service.doctor.finding import Finding, Findings, RepairFailedError
from console.service.doctor.twilio_api import TwilioApi, TwilioError

# Twilio's WhatsApp sandbox, one number for everybody; no API tells or sets its webhook.
SANDBOX = "whatsapp:+14155238886"
_LOGIN = "Copy Account SID and Auth Token from the Twilio console's first page."


@dataclass(frozen=True, slots=True)
class Inbox:
    """An inbox of ours that Twilio should know."""

    id: str
    name: str
    address: str
    service_sid: str
    flagged: bool
    last_inbound: str  # words


@dataclass(slots=True)
class Directory:
    """What Twilio knows: resources by address, services with the addresses that they hold."""

    whatsapp: dict[str, dict[str, Any]] = field(default_factory=dict)
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)
    services: dict[str, dict[str, Any]] = field(default_factory=dict)
    holds: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, api: TwilioApi) -> Directory:
        """Ask for all of it. Raises TwilioError."""
        known = cls()
        listed = api.all(f"{api.messaging}/v2/Channels/Senders", "senders", Channel="whatsapp")
        known.whatsapp = {str(one["sender_id"]): one for one in listed}
        listed = api.all(f"{api.account}/IncomingPhoneNumbers.json", "incoming_phone_numbers")
        known.numbers = {str(one["phone_number"]): one for one in listed}
        for service in api.all(f"{api.messaging}/v1/Services", "services"):
            sid = str(service["sid"])
            known.services[sid] = service
            place = f"{api.messaging}/v1/Services/{sid}"
            numbers = api.all(f"{place}/PhoneNumbers", "phone_numbers")
            known.holds[sid] = {str(one["phone_number"]) for one in numbers}
            senders = api.all(f"{place}/ChannelSenders", "senders")
            known.holds[sid] |= {str(one["sender"]) for one in senders}
        return known

    def knows(self, address: str) -> bool:
        return address in self.whatsapp or address in self.numbers

    def taken_over_by(self, address: str) -> str | None:
        """The Messaging Service that says where this address's messages go, if one does."""
        for sid, held in self.holds.items():
            if address in held and not self.services[sid].get("use_inbound_webhook_on_number"):
                return sid
        return None


def look(
    config: Config, connection: Connection | None, wanted: Collection[str] = ()
) -> list[Finding]:
    """Whether messages come to us. `wanted` are addresses to be taken into use without an inbox."""
    found = Findings("senders")
    inboxes = _inboxes(connection) if connection is not None else []
    with TwilioApi(config, (config.twilio_account_sid, config.twilio_auth_token)) as api:
        try:
            known = Directory.read(api)
        except TwilioError as error:
            found.wrong("Twilio", f"does not list its senders: {error.said}", _LOGIN)
            return found.all
    look_at = _Look(config, known, found)
    for inbox in inboxes:
        look_at.inbox(inbox)
    ours = {inbox.address for inbox in inboxes}
    for address in sorted(set(wanted) - ours):
        look_at.wanted(address)
    for address in sorted({*known.whatsapp, *known.numbers} - ours - set(wanted)):
        look_at.unused(address)
    if not known.whatsapp and SANDBOX not in ours:
        look_at.sandbox("no WhatsApp sender of its own; to try with the sandbox")
    return found.all


def _inboxes(connection: Connection) -> list[Inbox]:
    rows = connection.execute(
        """
        select i.id::text, i.name, coalesce(i.address, ''), coalesce(i.messaging_service_sid, ''),
               i.flagged, coalesce(to_char(max(c.last_inbound_at) at time zone 'utc',
                 '"the last message came" YYYY-MM-DD HH24:MI "UTC"'), 'no message has come yet')
          from public.inboxes i
          left join public.conversations c on c.inbox_id = i.id
         where not i.adopted and not coalesce((to_jsonb(i) ->> 'hidden')::boolean, false)
         group by i.id order by i.name, i.id
        """
    )
    return [Inbox(*row) for row in rows]


class _Look:
    """Looks at one address after the other."""

    def __init__(self, config: Config, known: Directory, found: Findings) -> None:
        self._config = config
        self._known = known
        self._found = found
        self._inbound = urls.inbound_url(config.public_url)
        self._status = urls.status_url(config.public_url)

    def inbox(self, inbox: Inbox) -> None:
        what = inbox.address or inbox.name
        if inbox.flagged:
            self._found.wrong(
                f"inbox {inbox.name}",
                "was made by itself, for messages to an address that nobody had set up.",
                "Name it and let people in (balas user add … --inbox), then run in Supabase's SQL"  # noqa: S608  for a person to read
                f" editor: update inboxes set flagged = false where id = '{inbox.id}'",
            )
        if inbox.service_sid and inbox.service_sid not in self._known.services:
            words = f"its Messaging Service {inbox.service_sid} is not in this account."
            self._found.wrong(what, words, "Correct or empty the inbox's messaging_service_sid.")
        elif inbox.service_sid and not inbox.address:
            self._service(inbox.service_sid)
        if not inbox.address:
            return
        if inbox.address == SANDBOX:
            self.sandbox(inbox.last_inbound)
        elif not self._known.knows(inbox.address):
            self._found.wrong(
                what,
                "Twilio knows no such sender or number in this account.",
                f"Correct the address of the inbox “{inbox.name}”, or connect it at Twilio.",
            )
        else:
            self._address(inbox.address, inbox.last_inbound)

    def wanted(self, address: str) -> None:
        """An address that the administrator names, because it has no inbox yet."""
        if self._known.knows(address):
            self._address(address, "its inbox is made by the first message")
        else:
            words = "Twilio knows no such sender or number in this account."
            fix = "Write it as Twilio does: whatsapp:+62… or +62…"
            self._found.wrong(address, words, fix)

    def unused(self, address: str) -> None:
        """Not ours, as far as we know: said, never changed."""
        entered = self._entered(address)
        if urls.is_same_place(entered, self._inbound):
            self._address(address, "its inbox is made by the first message")
        elif address in self._known.whatsapp or self._can_sms(address):
            goes = f"its messages go to {entered}" if entered else "its messages go nowhere"
            fix = f"To use it here: balas doctor --fix --sender {address}"
            self._found.note(address, f"is no inbox here; {goes}.", fix)

    def sandbox(self, words: str) -> None:
        """Nothing can be looked at here; the step is for a person."""
        self._found.note(
            SANDBOX,
            f"{words}. What the sandbox does with messages cannot be read from outside.",
            "Twilio console, Messaging, Try it out, Send a WhatsApp message, Sandbox settings:"
            f" “When a message comes in” {self._inbound} (POST),"
            f" “Status callback URL” {self._status} (POST)",
        )

    def _can_sms(self, address: str) -> bool:
        return bool((self._known.numbers[address].get("capabilities") or {}).get("sms"))

    def _entered(self, address: str) -> str:
        """Where messages to the address go now."""
        service = self._known.taken_over_by(address)
        if service is not None:
            return str(self._known.services[service].get("inbound_request_url") or "")
        if address in self._known.whatsapp:
            return str((self._known.whatsapp[address].get("webhook") or {}).get("callback_url"))
        number = self._known.numbers[address]
        return "" if number.get("sms_application_sid") else str(number.get("sms_url") or "")

    def _address(self, address: str, words: str) -> None:
        sender = self._known.whatsapp.get(address)
        if sender is not None:
            self._standing(address, sender)
        service = self._known.taken_over_by(address)
        if service is not None:
            self._service(service, address, words)
        elif sender is not None:
            webhook = sender.get("webhook") or {}
            place = f"{self._config.twilio_messaging_url}/v2/Channels/Senders/{sender['sid']}"
            self._entry(
                address,
                words,
                webhook.get("callback_url"),
                webhook.get("callback_method"),
                partial(self._set_sender, place, webhook),
            )
            if not urls.is_same_place(webhook.get("status_callback_url"), self._status):
                self._found.note(
                    address,
                    "statuses of messages that others send from it do not come here.",
                    "Set its status callback URL: balas doctor --fix",
                    partial(self._set_sender, place, webhook),
                )
        else:
            self._number(address, words, self._known.numbers[address])

    def _standing(self, address: str, sender: Mapping[str, Any]) -> None:
        status = str(sender.get("status"))
        if not status.startswith("ONLINE"):
            reasons = [str(one.get("message")) for one in sender.get("offline_reasons") or []]
            words = f"is {status}{': ' if reasons else ''}{'; '.join(reasons)}"
            fix = "Twilio console, Messaging, Senders, WhatsApp senders: see what it waits for."
            self._found.wrong(address, words, fix)
        if (sender.get("properties") or {}).get("quality_rating") == "LOW":
            words = "WhatsApp rates its quality low, and will let it write to fewer people."
            self._found.note(address, words, "Send less that people do not answer or block.")

    def _number(self, address: str, words: str, number: Mapping[str, Any]) -> None:
        place = (
            f"{self._config.twilio_api_url}/2010-04-01/Accounts/{self._config.twilio_account_sid}"
            f"/IncomingPhoneNumbers/{number['sid']}.json"
        )
        form = {"SmsUrl": self._inbound, "SmsMethod": "POST", "SmsApplicationSid": ""}
        repair = partial(self._post, place, form)
        if number.get("sms_application_sid"):
            found = f"its messages go to the TwiML app {number['sms_application_sid']}."
            self._found.wrong(address, found, self._fix(), repair)
        else:
            self._entry(address, words, number.get("sms_url"), number.get("sms_method"), repair)

    def _service(self, sid: str, address: str = "", words: str = "") -> None:
        service = self._known.services[sid]
        name = f"{service.get('friendly_name') or sid} (Messaging Service)"
        if service.get("use_inbound_webhook_on_number"):
            return  # each of its senders says so itself
        place = f"{self._config.twilio_messaging_url}/v1/Services/{sid}"
        form = {"InboundRequestUrl": self._inbound, "InboundMethod": "POST"}
        self._entry(
            f"{address}, by {name}" if address else name,
            words,
            service.get("inbound_request_url"),
            service.get("inbound_method"),
            partial(self._post, place, form),
        )

    def _entry(
        self, what: str, words: str, entered: str | None, method: str | None,
        repair: Callable[[], None],
    ) -> None:  # fmt: skip
        """Whether what is entered at Twilio brings messages to us, as often as it takes."""
        if not urls.is_same_place(entered, self._inbound):
            goes = f"go to {entered}" if entered else "go nowhere"
            self._found.wrong(what, f"its messages {goes}.", self._fix(), repair)
        elif (method or "POST").upper() != "POST":
            self._found.wrong(what, f"its messages come by {method}.", self._fix(), repair)
        elif not urls.tries_again(entered):
            found = "Twilio tries a failed webhook once more at most, and not in every case."
            self._found.wrong(what, found, self._fix(), repair)
        else:
            self._found.well(what, f"its messages come to us; {words}" if words else "is ours")

    def _fix(self) -> str:
        return f"balas doctor --fix enters {self._inbound} (POST) at Twilio."

    def _set_sender(self, place: str, webhook: Mapping[str, Any]) -> None:
        told = {
            **{key: value for key, value in webhook.items() if value},
            "callback_url": self._inbound,
            "callback_method": "POST",
            "status_callback_url": self._status,
            "status_callback_method": "POST",
        }
        self._with_api(lambda api: api.change_json(place, {"webhook": told}))

    def _post(self, place: str, form: Mapping[str, str]) -> None:
        self._with_api(lambda api: api.change(place, form))

    def _with_api(self, change: Callable[[TwilioApi], None]) -> None:
        login = (self._config.twilio_account_sid, self._config.twilio_auth_token)
        try:
            with TwilioApi(self._config, login) as api:
                change(api)
        except TwilioError as error:
            raise RepairFailedError("Twilio refused the change.", error.said) from error

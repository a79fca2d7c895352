"""The Twilio account: both its keys work, it is in good standing, and the clocks agree."""

from __future__ import annotations

from console.service.config import Config
from console.service.doctor.database import tell_skew
from console.service.doctor.finding import Finding, Findings
from console.service.doctor.twilio_api import Answer, TwilioApi, TwilioError

_TOKEN = "Copy Account SID and Auth Token from the Twilio console's first page."  # noqa: S105  words


def look(config: Config) -> list[Finding]:
    """What Twilio says of the account."""
    found = Findings("twilio")
    with TwilioApi(config, (config.twilio_account_sid, config.twilio_auth_token)) as api:
        try:
            answer = api.get(f"{api.account}.json")
        except TwilioError as error:
            _refused(found, error)
            return found.all
        found.well("auth token", "is taken")
        _standing(found, answer)
        if answer.skew is not None:
            tell_skew(found, "clock", "Twilio's", answer.skew)
    if config.twilio_api_key:
        with TwilioApi(config, config.twilio_login) as api:
            _key(found, api, config)
    return found.all


def _refused(found: Findings, error: TwilioError) -> None:
    if error.status is None:
        fix = "Let this machine reach api.twilio.com, port 443."
        found.wrong("Twilio", error.said, fix)
    elif error.status in (401, 403, 404):
        words = f"account or token are refused ({error.code or error.status}): {error.said}"
        found.wrong("auth token", words, _TOKEN)
    else:
        found.wrong("Twilio", f"answers: {error.said}", "See status.twilio.com; try again later.")


def _standing(found: Findings, answer: Answer) -> None:
    status = str(answer.content.get("status"))
    if status != "active":
        fix = "Settle it in the Twilio console (Billing, or Support)."
        found.wrong("account", f"is {status}: nothing is sent or received.", fix)
    elif str(answer.content.get("type")) == "Trial":
        words = "is a trial: it can write to verified numbers only."
        found.note("account", words, "Upgrade it in the Twilio console, Billing.")
    else:
        found.well("account", "is active")


def _key(found: Findings, api: TwilioApi, config: Config) -> None:
    """A standard key may not look at the account itself, but at messages."""
    try:
        api.get(f"{api.account}/Messages.json", PageSize=1)
    except TwilioError as error:
        words = f"{config.twilio_api_key} is refused ({error.code or error.status}): {error.said}"
        fix = "Make a new API key in the Twilio console, or leave TWILIO_API_KEY out."
        found.wrong("API key", words, fix)
    else:
        found.well("API key", "is taken")

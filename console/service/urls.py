"""The addresses that Twilio is given, with what they tell Twilio about trying again."""

from __future__ import annotations

from urllib.parse import parse_qsl, urldefrag

# By default Twilio tries once more, and only when no connection came about; these make it five
# tries, for every kind of failure, 2 s to connect and 4 s for the answer, from two places.
# Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
OVERRIDES = {"rc": "5", "rp": "all", "ct": "2000", "rt": "4000"}
EDGES = "singapore,ashburn"


def inbound_url(public_url: str) -> str:
    """Where Twilio brings messages; the part after # is for Twilio alone."""
    return f"{public_url}/webhook#{_fragment()}"


def status_url(public_url: str) -> str:
    """Where Twilio reports on messages that name no address of their own."""
    return f"{public_url}/status#{_fragment()}"


def report_url(public_url: str, attempt_id: str) -> str:
    """Where Twilio reports on one message. It signs the query, and nothing after the #."""
    return f"{public_url}/status?attempt={attempt_id}#{_fragment()}"


def is_same_place(entered: str | None, wanted: str) -> bool:
    """Whether both lead to the same endpoint, whatever stands after the #."""
    return urldefrag(entered or "").url == urldefrag(wanted).url


def tries_again(entered: str | None) -> bool:
    """Whether Twilio is told to try as often and as long as we want; edges are a free choice."""
    told = dict(parse_qsl(urldefrag(entered or "").fragment))
    return OVERRIDES.items() <= told.items()


def _fragment() -> str:
    return "&".join([*(f"{key}={value}" for key, value in OVERRIDES.items()), f"e={EDGES}"])

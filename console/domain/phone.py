"""Addresses of customers: the channel in them, the phone number if any, how a person reads them."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

from console.domain.conversation import Channel

WHATSAPP_PREFIX = "whatsapp:"


def channel_of(address: str) -> Channel:
    """The network of an address: `whatsapp:…` is WhatsApp, anything else SMS."""
    return Channel.WHATSAPP if address.startswith(WHATSAPP_PREFIX) else Channel.SMS


def bare(address: str) -> str:
    """The address without its channel prefix."""
    return address.removeprefix(WHATSAPP_PREFIX)


@lru_cache(maxsize=2048)
def e164(text: str | None) -> str | None:
    """A number in E.164 (`+628123456789`), or None when it cannot be one.

    Short codes, names of senders and WhatsApp user ids (`ID.4566546130240823`) are no numbers.
    """
    if not text or not text.startswith("+"):
        return None
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def dialled(text: str, country: str | None = None) -> str | None:
    """What a person wrote as a number, in E.164, or None.

    `country` is two letters (`ID`): whose number it is when it has no country code (`0812…`).
    """
    typed = text.strip()
    if typed.startswith("00"):
        typed = f"+{typed[2:]}"
    if country is None and not typed.startswith("+"):
        return None
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_of(address: str, wa_id: str | None = None) -> str | None:
    """The phone number behind an address, else behind WhatsApp's own `WaId`, else None.

    It may be absent: people with a WhatsApp username write without showing a number.
    """
    found = e164(bare(address))
    if found is None and wa_id and wa_id.isascii() and wa_id.isdigit():
        found = e164(f"+{wa_id}")
    return found


def readable(address: str) -> str:
    """The address as a person reads it: `+62 812-3456-7890`; an id stays as it is."""
    plain = bare(address)
    if e164(plain) is None:
        return plain
    number = phonenumbers.parse(plain, None)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def dialled_beside(text: str, own: str | None) -> str | None:
    """What a person wrote as a number, in E.164; one without a country code is of `own`'s country.

    `own` is an address of the business itself.
    """
    country = None
    known = e164(bare(own)) if own else None
    if known is not None:
        country = phonenumbers.region_code_for_number(phonenumbers.parse(known, None))
    return dialled(text, country)

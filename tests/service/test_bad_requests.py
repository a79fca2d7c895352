"""Requests that no Twilio ought to send: kept raw and flagged when signed, refused when not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.service import inbound, status
from console.service.signature import fields_of
from tests.service.conftest import Rows, Twilio
from tests.service.requests import encoded, signed, sms, whatsapp

pytestmark = pytest.mark.usefixtures("warnings_expected")

_RAW = "select * from private.webhook_requests"


@pytest.mark.parametrize(
    ("body", "flag"),
    [
        (b"", "no_message"),
        (b"&&&", "no_message"),
        (b"\xff\xfe\x00", "bad_utf8,nul,no_message"),
        (encoded(whatsapp(MessageSid=None)), "no_message"),
        (encoded(whatsapp(From=None)), "no_message"),
        (encoded(whatsapp(MessageSid="../../etc")), "no_message"),
    ],
)
async def test_what_names_no_message_is_kept_raw(
    twilio: Twilio, rows: Rows, body: bytes, flag: str
) -> None:
    for _ in range(2):
        assert (await twilio.post("/webhook", body)).status_code == 200
    kept = rows.one(_RAW)
    assert (bytes(kept["body"]), kept["flagged"]) == (body, flag)
    assert rows.all("select from public.messages") == []


@pytest.mark.parametrize(
    ("body", "flag", "text"),
    [
        (encoded(whatsapp(Body="a")) + b"&Extra=%ff%fe", "bad_utf8", "a"),
        (encoded(whatsapp(Body=None)) + b"&Body=a%00b", "nul", "ab"),
        (encoded(whatsapp(Body=None)) + b"&Body=%ff", "bad_utf8", "\ufffd"),
        (encoded(whatsapp(Body=None)) + b"&Body=one&Body=two", "repeated_keys", "one"),
        (encoded(whatsapp(NumMedia="-1", Body="a")), "num_media", "a"),
        (encoded(whatsapp(NumMedia="99", Body="a")), "num_media", "a"),
        (encoded(whatsapp(NumMedia="abc", Body="a")), "num_media", "a"),
        (encoded(whatsapp(Body="a") | {f"k{n}": "v" for n in range(1200)}), "too_many_keys", "a"),
    ],
)
async def test_what_is_strange_is_flagged_and_still_reaches_the_agent(
    twilio: Twilio, rows: Rows, body: bytes, flag: str, text: str
) -> None:
    assert (await twilio.post("/webhook", body)).status_code == 200
    kept = rows.one(_RAW)
    assert (bytes(kept["body"]), kept["flagged"]) == (body, flag)
    message = rows.one("select * from public.messages")
    assert (message["content"], message["id"]) == (text, kept["message_id"])


async def test_a_signed_request_of_the_wrong_type_is_flagged(twilio: Twilio, rows: Rows) -> None:
    for content_type in ("text/plain", "application/json", ""):
        answer = await twilio.post("/webhook", whatsapp(), {"content-type": content_type})
        assert answer.status_code == 200
    assert {row["flagged"] for row in rows.all(_RAW)} == {"content_type"}


async def test_what_the_database_refuses_is_kept_raw(twilio: Twilio, rows: Rows) -> None:
    rows.do("alter table public.messages add constraint theirs check (content <> 'tidak')")
    assert (await twilio.post("/webhook", whatsapp(Body="tidak"))).status_code == 200
    assert rows.one(_RAW)["flagged"] == "refused_23514"
    assert rows.all("select from public.contacts") == []


async def test_a_status_that_we_do_not_know_is_kept_raw(twilio: Twilio, rows: Rows) -> None:
    for parameters in ({"MessageSid": "SM1", "MessageStatus": "teleported"}, {"a": "b"}):
        assert (await twilio.post("/status", parameters)).status_code == 200
    kept = rows.all(_RAW)
    assert {row["flagged"] for row in kept} == {"no_status"}
    assert {row["path"] for row in kept} == {"/status"}


async def test_64000_lines_are_one_message(twilio: Twilio, rows: Rows) -> None:
    text = "baris\n" * 33_000
    assert (await twilio.post("/webhook", sms(Body=text))).status_code == 200
    assert rows.one("select content from public.messages")["content"] == text


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/webhook", "/status"])
async def test_a_wrong_method_is_named_as_such(twilio: Twilio, method: str, path: str) -> None:
    answer = await twilio.client.request(method, path)
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


async def test_too_large_is_refused_whatever_its_signature(twilio: Twilio, rows: Rows) -> None:
    body = b"Body=" + b"a" * 2_000_000
    assert (await twilio.post("/webhook", body)).status_code == 413

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10_000):
            yield b"a" * 65_536

    answer = await twilio.client.post(
        "/webhook", content=endless(), headers=signed("/webhook", b"")
    )
    assert answer.status_code == 413
    many = await twilio.post("/webhook", b"x", {"x-twilio-signature": "x"})
    assert many.status_code == 403
    fields = await twilio.client.post(
        "/webhook", content=b"a=1&" * 10_000, headers={"x-twilio-signature": "x"}
    )
    assert fields.status_code == 413
    assert rows.all(_RAW) == []


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "MessageSid",
                "From",
                "To",
                "Body",
                "NumMedia",
                "MediaUrl0",
                "MediaContentType0",
                "MediaUrl7",
                "Latitude",
                "Longitude",
                "ChannelMetadata",
                "WaId",
                "ExternalUserId",
                "MessageType",
                "ButtonText",
                "ListId",
                "MessageStatus",
                "ErrorCode",
                "OptOutType",
                "Forwarded",
            ]
        ),
        st.one_of(st.text(), st.sampled_from(["nan", "1e400", "-1", "{}", "[[", "null", "٣"])),
    ),
    st.binary(max_size=40),
)
def test_no_parameters_break_the_parsers(parameters: dict[str, Any], tail: bytes) -> None:
    body = encoded({key: value.encode("utf-8", "replace") for key, value in parameters.items()})
    decoded = inbound.decode(fields_of(body + b"&" + tail))
    message = inbound.parse(decoded)
    if message is not None:
        assert "\0" not in message.content
        assert message.message_type in {"text", "image", "document", "audio", "video"}
    status.parse(decoded, tail.decode("latin-1"))

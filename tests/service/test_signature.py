"""Twilio's signature: the published vector, and every way of not having it."""

from __future__ import annotations

import ast
import hashlib
import hmac
import inspect
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.service import signature as module
from console.service.signature import TooManyFieldsError, both_ports, fields_of, is_genuine, sign
from tests.service.conftest import Rows, Twilio
from tests.service.requests import PUBLIC_URL, TOKEN, encoded, signed, whatsapp

VECTOR_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
VECTOR_BODY = encoded(
    {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
)
VECTOR = "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def _check(url: str, body: bytes, signature: str | None, *, is_json: bool = False) -> bool:
    return is_genuine(token="12345", url=url, body=body, signature=signature, is_json=is_json)


def test_the_published_vector_is_genuine() -> None:
    assert _check(VECTOR_URL, VECTOR_BODY, VECTOR)


@pytest.mark.parametrize(
    "signature", [None, "", VECTOR[:-1], VECTOR + "=", VECTOR.lower(), "é" * 28, "x" * 10_000]
)
def test_a_missing_or_mangled_signature_is_not(signature: str | None) -> None:
    assert not _check(VECTOR_URL, VECTOR_BODY, signature)


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    real = hmac.compare_digest

    def watched(ours: str, theirs: str) -> bool:
        compared.append(theirs)
        return real(ours, theirs)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    for shown in (VECTOR, "x" + VECTOR[1:], VECTOR[:-2] + "x=", VECTOR[:9]):
        compared.clear()
        assert _check(VECTOR_URL, VECTOR_BODY, shown) is (shown == VECTOR)
        # Also after the right one: how long it takes does not tell which candidate it was.
        assert compared == [shown] * len(both_ports(VECTOR_URL))
    others = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Compare) and "signature" in ast.unparse(node)
    ]
    assert others == []


@pytest.mark.parametrize(
    ("url", "body"),
    [
        (VECTOR_URL.replace("https", "http"), VECTOR_BODY),
        (VECTOR_URL.replace("mycompany.com", "evil.com"), VECTOR_BODY),
        (VECTOR_URL.replace("mycompany.com", "mycompany.com:8443"), VECTOR_BODY + b"&a="),
        (VECTOR_URL + "&more=1", VECTOR_BODY),
        (VECTOR_URL, VECTOR_BODY + b"&Added=1"),
        (VECTOR_URL, VECTOR_BODY + b"&Digits=9"),
        (VECTOR_URL, VECTOR_BODY.replace(b"1234", b"1235", 1)),
    ],
)
def test_anything_changed_is_not(url: str, body: bytes) -> None:
    assert not _check(url, body, VECTOR)


def test_the_url_counts_with_and_without_its_port() -> None:
    signature = sign("12345", "https://mycompany.com:443/x", [])
    assert _check("https://mycompany.com/x", b"", signature)
    signature = sign("12345", "https://mycompany.com/x", [])
    assert _check("https://mycompany.com:8443/x", b"", signature)
    assert both_ports("http://[::1]:99/x?") == ("http://[::1]:99/x?", "http://[::1]/x?")


def test_repeated_values_count_once_and_are_sorted() -> None:
    signature = sign("12345", VECTOR_URL, [(b"a", b"1"), (b"a", b"2")])
    assert _check(VECTOR_URL, b"a=2&a=1&a=2", signature)


def test_blank_values_and_spaces_are_signed_as_they_are() -> None:
    signature = sign("12345", VECTOR_URL, [(b"Body", b" hi "), (b"City", b"")])
    assert _check(VECTOR_URL, b"City=&Body=+hi%20", signature)


def test_a_json_body_is_bound_by_its_digest() -> None:
    body = b'{"a": 1}'
    url = f"{VECTOR_URL}&bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = sign("12345", url, [])
    assert _check(url, body, signature, is_json=True)
    assert not _check(url, body + b" ", signature, is_json=True)
    assert not _check(VECTOR_URL, body, sign("12345", VECTOR_URL, []), is_json=True)


def test_too_many_fields_are_not_even_sorted() -> None:
    with pytest.raises(TooManyFieldsError):
        _check(VECTOR_URL, b"a=1&" * 6000, VECTOR)


@given(st.lists(st.tuples(st.binary(min_size=1), st.binary())))
def test_any_bytes_can_be_signed_and_checked(fields: list[tuple[bytes, bytes]]) -> None:
    body = b"&".join(
        b"".join(b"%%%02x" % byte for byte in key)
        + b"="
        + b"".join(b"%%%02x" % byte for byte in value)
        for key, value in fields
    )
    assert fields_of(body) == fields
    assert _check(VECTOR_URL, body, sign("12345", VECTOR_URL, fields))


@given(st.binary(max_size=2000))
def test_no_body_breaks_the_check(body: bytes) -> None:
    assert not _check(VECTOR_URL, body, VECTOR)


@pytest.mark.usefixtures("warnings_expected")
@pytest.mark.parametrize("path", ["/webhook", "/status?attempt=1"])
async def test_an_unsigned_request_is_refused_and_leaves_nothing(
    twilio: Twilio, rows: Rows, path: str
) -> None:
    for signature in ("", "wrong", "ü".encode()):
        answer = await twilio.post(path, whatsapp(), {"x-twilio-signature": signature})  # type: ignore[dict-item]
        assert answer.status_code == 403
    assert rows.all("select from private.webhook_requests") == []
    assert rows.all("select from public.messages") == []
    assert rows.all("select from private.early_statuses") == []


@pytest.mark.usefixtures("warnings_expected")
async def test_configuration_decides_about_the_host_not_the_request(twilio: Twilio) -> None:
    body = encoded(whatsapp())
    for base in ("http://balas.example.com", "https://evil.example", f"{PUBLIC_URL}:8443"):
        forged = signed("/webhook", body, base=base) | {
            "host": base.partition("//")[2],
            "x-forwarded-host": base.partition("//")[2],
            "x-forwarded-proto": base.partition(":")[0],
        }
        assert (await twilio.post("/webhook", body, forged)).status_code == 403
    right = signed("/webhook", body) | {"host": "internal:8080", "x-forwarded-host": "x"}
    assert (await twilio.post("/webhook", body, right)).status_code == 200


@pytest.mark.usefixtures("warnings_expected")
async def test_the_query_is_signed_as_received(twilio: Twilio) -> None:
    path = "/webhook?b=2&a=%20x&empty="
    assert (await twilio.post(path, whatsapp())).status_code == 200
    body = encoded(whatsapp())
    headers = signed("/webhook", body)
    assert (await twilio.post(path, body, headers)).status_code == 403


def test_only_the_auth_token_signs() -> None:
    assert sign(TOKEN, VECTOR_URL, []) != sign("another", VECTOR_URL, [])


@given(
    st.lists(st.sampled_from([b"a", b"%", b"41", b"+", b"=", b"&", b";", b"\xff"])).map(b"".join)
)
def test_fields_are_those_of_the_standard_library(body: bytes) -> None:
    pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    assert fields_of(body) == [(k.encode("latin-1"), v.encode("latin-1")) for k, v in pairs]

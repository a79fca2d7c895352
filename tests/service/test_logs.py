"""Logs: one JSON object a line, ids only, nothing personal whatever slips in."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from console import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonFormatter("test"))
    logger = logging.getLogger("balas.test")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield stream
    logger.removeHandler(handler)


def _line(stream: io.StringIO) -> Any:
    (line,) = stream.getvalue().splitlines()
    return json.loads(line)


def test_a_record_is_one_line_of_json_with_its_fields(stream: io.StringIO) -> None:
    sid = "SM0123456789012345678901234567890123"
    message = "12345678-1234-4234-8234-123456789012"
    logging.getLogger("balas.test").info("stored", extra=logs.fields(sid=sid, message_id=message))
    line = _line(stream)
    assert (line["level"], line["process"], line["what"]) == ("info", "test", "stored")
    assert (line["sid"], line["message_id"]) == (sid, message)


@pytest.mark.parametrize(
    "secret",
    [
        "+6281234567890",
        "+62 812-3456-7890",
        "whatsapp:+6281234567890",
        "6281234567890",
        "ID.4566546130240823",
        "siti@example.com",
        "sb_secret_abcDEF123",
        "eyJhbGciOi.eyJzdWIi.c2ln",
        "Bearer abc.def",
        "token=abcdef",
    ],
)
def test_what_is_personal_or_secret_is_blackened(stream: io.StringIO, secret: str) -> None:
    logging.getLogger("balas.test").info("to %s now", secret, extra=logs.fields(x=f"a {secret}"))
    assert secret.removeprefix("whatsapp:") not in stream.getvalue()
    assert logs.redact("postgresql://postgres:geheim@db:5432/x").count("geheim") == 0


def test_an_exception_shows_where_but_not_what_it_quotes(stream: io.StringIO) -> None:
    try:
        raise psycopg.errors.UniqueViolation("Key (content)=(Halo Siti) exists")
    except psycopg.Error:
        logging.getLogger("balas.test").info("failed", exc_info=True)
    text = stream.getvalue()
    assert "Siti" not in text
    line = json.loads(text)
    assert line["error"]["type"] == "psycopg.errors.UniqueViolation"
    assert line["error"]["sqlstate"] == "23505"
    assert "test_logs.py" in line["error"]["at"][-1]

"""A certificate that does not fit ends the connection, with the reason in plain words."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from console.domain.errors import BalasError, EnvironmentFaultError
from console.remote import connect
from tests.authority import NOW, Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """An authority that nobody trusts yet."""
    return Authority(tmp_path)


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that this computer trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority


@asynccontextmanager
async def serving(context: ssl.SSLContext) -> AsyncIterator[str]:
    """A server that answers every request with 404; its address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    asyncio.get_running_loop().set_exception_handler(lambda _, __: None)
    server = await asyncio.start_server(answer, "localhost", 0, ssl=context)
    async with server:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}"


async def sign_in_fails(address: str) -> BalasError:
    """What signing in there says."""
    remote = await connect(address, "sb_publishable_x")
    try:
        with pytest.raises(BalasError) as caught:
            await remote.auth.sign_in("sari@example.com", "rahasia")
    finally:
        await remote.close()
    return caught.value


async def test_a_self_signed_certificate_is_refused(authority: Authority) -> None:
    async with serving(authority.context("localhost", NOW + timedelta(days=1))) as address:
        error = await sign_in_fails(address)
    assert isinstance(error, EnvironmentFaultError)
    assert "self-signed" in error.text


async def test_a_certificate_of_another_host_is_refused(trusted: Authority) -> None:
    async with serving(trusted.context("other.example", NOW + timedelta(days=1))) as address:
        error = await sign_in_fails(address)
    assert "another address" in error.text


async def test_an_expired_certificate_is_refused(trusted: Authority) -> None:
    async with serving(trusted.context("localhost", NOW - timedelta(days=1))) as address:
        error = await sign_in_fails(address)
    assert "expired" in error.text


async def test_a_certificate_this_computer_trusts_is_taken(trusted: Authority) -> None:
    async with serving(trusted.context("localhost", NOW + timedelta(days=1))) as address:
        error = await sign_in_fails(address)
    assert "not safe" not in error.title

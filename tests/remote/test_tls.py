"""A certificate that does not fit ends the connection, with the reason in plain words."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from console.domain.errors import BalasError, EnvironmentFaultError
from console.remote import connect

NOW = datetime.now(UTC)


class Authority:
    """A certificate authority of this test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Uji Coba CA")])
        self.certificate = self._sign(self.name, self.key, None, NOW + timedelta(days=1))
        self.file = folder / "ca.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        host: str | None,
        until: datetime,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=30))
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(host is None, None), critical=True)
        )
        if host is not None:
            names = x509.SubjectAlternativeName([x509.DNSName(host)])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def context(self, host: str, until: datetime) -> ssl.SSLContext:
        """What a server with such a certificate presents."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        certificate = self._sign(subject, key, host, until)
        file = self.folder / "server.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


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

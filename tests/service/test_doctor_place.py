"""The doctor about this machine: the spool's folder, and the way in with its certificate."""

from __future__ import annotations

import datetime
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from console.service.doctor import place
from console.service.doctor.finding import Finding, State
from tests.service.conftest import config_of
from tests.service.test_doctor_parts import wrong

# The spool's folder -----------------------------------------------------------------------------


def at(folder: Path) -> list[Finding]:
    return place.look_at_spool(config_of("postgresql://x", BALAS_SPOOL_DIR=str(folder)))


@pytest.fixture
def lasting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the tests' folders lie, that is a disk."""
    monkeypatch.setattr(place, "_file_system", lambda _folder: "ext4")


@pytest.mark.usefixtures("lasting")
def test_a_private_folder_on_a_disk_is_well_and_left_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    assert not wrong(at(folder))
    assert folder.stat().st_mode & 0o077 == 0
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("lasting")
def test_a_folder_for_all_to_read_is_found_and_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (found,) = wrong(at(tmp_path)).values()
    assert found.repair is not None
    found.repair()
    assert not wrong(at(tmp_path))


def test_what_cannot_be_written_or_does_not_last_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written" in str(wrong(at(tmp_path / "file" / "spool")))
    memory = Path("/dev/shm")  # noqa: S108  a file system in memory, if there is one
    if not memory.is_dir():
        pytest.skip("no file system in memory here")
    folder = memory / f"balas-{tmp_path.name}"
    try:
        assert "a restart empties" in str(wrong(at(folder)))
    finally:
        folder.rmdir()


@pytest.mark.usefixtures("lasting")
def test_requests_that_wait_too_long_and_damaged_ones_are_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / f"{10**18:020d}-00000000-3.req").write_bytes(b"x")
    (tmp_path / "aside").mkdir()
    (tmp_path / "aside" / "y.req").write_bytes(b"y")
    assert set(wrong(at(tmp_path))) == {str(tmp_path), str(tmp_path / "aside")}


# The way from outside ---------------------------------------------------------------------------

Answer = Callable[[BaseHTTPRequestHandler], None]


def says(status: int, body: bytes = b"", **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return answer


ALIVE = says(200, b'{"status":"alive"}')


@contextmanager
def web(get: Answer, post: Answer, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A small web server; its address."""

    class Handler(BaseHTTPRequestHandler):
        do_GET = get
        do_POST = post

        def log_message(self, format: str, *args: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def seen(url: str) -> list[Finding]:
    return place.look_from_outside(replace(config_of("postgresql://x"), public_url=url))


@pytest.mark.parametrize(
    "url", ["", "support.example.com", "ftp://support.example.com", "https://"]
)
def test_what_is_no_address_is_left_to_the_settings(url: str) -> None:
    assert seen(url) == []


@pytest.mark.parametrize(
    ("get", "post", "words"),
    [
        (ALIVE, says(403), ""),
        (says(404), says(404), "something else answers there: HTTP 404"),
        (says(200, b"<html>"), says(200), "something else answers there"),
        (says(301, location="https://x.example/"), says(301), "sends callers on to"),
        (ALIVE, says(200), "answered 200, not 403"),
        (ALIVE, says(405), "answered 405, not 403"),
    ],
)
def test_what_answers_at_the_public_address(get: Answer, post: Answer, words: str) -> None:
    with web(get, post) as url:
        found = wrong(seen(url))
    assert words in str(found) if words else not found


def test_an_address_where_nobody_is_or_that_nobody_knows() -> None:
    assert "cannot be reached" in str(wrong(seen("http://127.0.0.1:1")))
    assert "not known" in str(wrong(seen("https://balas.invalid")))


def certificate(folder: Path, days: int) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS for 127.0.0.1, and the file by which it could be trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=90))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "certificate.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, secret)
    return context, chain


def test_a_certificate_that_nobody_trusts_is_refused_in_plain_words(tmp_path: Path) -> None:
    with web(ALIVE, says(403), certificate(tmp_path, 90)[0]) as url:
        (found,) = wrong(seen(url)).values()
    assert "certificate is not valid: self-signed" in found.words.replace(
        "self signed", "self-signed"
    )


@pytest.mark.parametrize(("days", "state"), [(90, State.WELL), (5, State.WRONG)])
def test_a_trusted_certificate_is_watched_until_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, state: State
) -> None:
    context, chain = certificate(tmp_path, days)
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    with web(ALIVE, says(403), context) as url:
        (found,) = [one for one in seen(url) if one.what == "certificate"]
    assert found.state is state
    assert f"{days - 1}" in found.words or f"{days}" in found.words


def test_a_certificate_of_the_past_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, chain = certificate(tmp_path, -1)
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    with web(ALIVE, says(403), context) as url:
        (found,) = wrong(seen(url)).values()
    assert "expired" in found.words

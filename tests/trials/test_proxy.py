"""The fault proxy itself: a trial proves nothing with a proxy that does not misbehave."""

from __future__ import annotations

import contextlib
import gc
import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from tests.trials.proxy import GOOD, Behaviour, Proxy


class _Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        with contextlib.suppress(OSError):
            while data := self.request.recv(1024):
                self.request.sendall(data)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    with _Server(("127.0.0.1", 0), _Echo) as echo:
        threading.Thread(target=echo.serve_forever, daemon=True).start()
        with Proxy(echo.server_address[1]) as between:
            yield between
        echo.shutdown()


@pytest.fixture
def line(proxy: Proxy) -> Iterator[socket.socket]:
    """An open connection through a proxy that behaves."""
    proxy.heal()
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as one:
        one.settimeout(5)
        one.sendall(b"hello")
        assert one.recv(5) == b"hello"
        yield one


def silent(line: socket.socket) -> bool:
    line.settimeout(0.1)
    try:
        line.recv(1)
    except TimeoutError:
        return True
    finally:
        line.settimeout(5)
    return False


@pytest.mark.parametrize(
    "behaviour",
    [Behaviour(black_hole=True), Behaviour(hold_requests=True), Behaviour(hold_answers=True)],
)
def test_what_is_held_comes_when_it_heals(
    proxy: Proxy, line: socket.socket, behaviour: Behaviour
) -> None:
    proxy.behave(behaviour)
    line.sendall(b"later")
    assert silent(line)
    proxy.heal()
    assert line.recv(5) == b"later"


def test_refused_connections_are_refused_and_open_ones_reset(
    proxy: Proxy, line: socket.socket
) -> None:
    proxy.behave(Behaviour(refuse=True))
    with pytest.raises(ConnectionResetError):
        line.recv(1)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", proxy.port), 5)
    proxy.behave(GOOD)
    socket.create_connection(("127.0.0.1", proxy.port), 5).close()


def test_an_answer_is_cut_short_or_reset_half_way(proxy: Proxy, line: socket.socket) -> None:
    proxy.behave(Behaviour(truncate_after=8))
    line.sendall(b"0123456789")
    assert line.recv(10) == b"012"
    assert line.recv(10) == b""


def test_a_reset_is_seen_as_one(proxy: Proxy, line: socket.socket) -> None:
    proxy.behave(Behaviour(reset_after=7))
    line.sendall(b"0123456789")
    with pytest.raises(ConnectionResetError):
        line.makefile("rb").read()


def test_a_caller_who_hangs_up_half_still_hears_the_answer(
    proxy: Proxy, line: socket.socket
) -> None:
    proxy.behave(Behaviour(half_close=True))
    line.sendall(b"last words")
    assert line.recv(10) == b"last words"
    assert line.recv(10) == b""


def test_slow_lines_are_slow(proxy: Proxy, line: socket.socket) -> None:
    proxy.behave(Behaviour(latency=0.05))
    began = time.monotonic()
    line.sendall(b"x")
    assert line.recv(1) == b"x"
    assert time.monotonic() - began >= 0.1
    proxy.behave(Behaviour(drip=200))
    began = time.monotonic()
    line.sendall(b"y" * 20)
    received = b""
    while len(received) < 20:
        received += line.recv(20)
    assert time.monotonic() - began >= 0.04


def test_its_end_closes_also_what_was_taken_in_that_moment() -> None:
    with _Server(("127.0.0.1", 0), _Echo) as echo:
        for _ in range(30):
            with Proxy(echo.server_address[1]) as between:
                lines = [socket.create_connection(("127.0.0.1", between.port)) for _ in range(4)]
            for line in lines:
                line.close()
    gc.collect()  # a connection left open warns here, and a warning is an error

"""The test of a project's address and key: what stands there, and the one fix where it is wrong."""

from __future__ import annotations

import base64
import binascii
import json
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from console.domain.errors import BalasError, EnvironmentFaultError, ExpectedError, OfflineError
from console.remote.errors import certificate_trouble

TIMEOUT = httpx.Timeout(15.0, connect=8.0)
MOST_DRIFT = timedelta(minutes=5)  # tokens of an hour and windows of a day stand that much
_NOT_YET_VALID, _EXPIRED = 9, 10  # OpenSSL's reasons
_NOT_FOR_YOU = "42501"  # Postgres: what a function says to whom it was not granted
_PAUSED = 540  # Supabase's own status of a project that sleeps


async def check(url: str, key: str, tls: ssl.SSLContext) -> None:
    """Ask the project whether it is one, knows the key, and holds Balas's database.

    Raises ExpectedError for what was typed wrongly, EnvironmentFaultError for what is around us.
    """
    refuse_secret(key)
    headers = {"apikey": key}
    try:
        async with httpx.AsyncClient(verify=tls, timeout=TIMEOUT) as http:
            health = await http.get(f"{url}/auth/v1/health", headers=headers)
            _judge(health)
            _judge_clock(health)
            profile = await http.post(f"{url}/rest/v1/rpc/my_profile", headers=headers, json={})
    except (httpx.HTTPError, OSError) as error:
        raise _unreachable(error) from error
    _judge_database(profile)


def refuse_secret(key: str) -> None:
    """Raises ExpectedError for the key that opens everything: it belongs to the service alone."""
    if key.startswith("sb_secret_") or _role(key) == "service_role":
        raise ExpectedError(
            "This is the secret key",
            "Whoever has it can read and delete everything; it belongs to the service alone.",
            fix="Use the publishable key, which begins with sb_publishable_.",
        )


def _role(key: str) -> str:
    """The role that an older key, a signed token, names in its middle part."""
    parts = key.split(".")
    if len(parts) != 3:
        return ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return ""
    return str(claims.get("role", "")) if isinstance(claims, dict) else ""


def _judge(answer: httpx.Response) -> None:
    """Whether this is a project's Auth, and takes the key."""
    status, body = answer.status_code, _body(answer)
    if status == httpx.codes.UNAUTHORIZED and body:
        raise _wrong_key()
    if status == _PAUSED:
        raise EnvironmentFaultError(
            "The project is paused",
            "Supabase puts a project to sleep that nobody used for a while.",
            fix="Wake it in the Supabase dashboard, then try again.",
        )
    if (
        answer.is_redirect
        or status == httpx.codes.NETWORK_AUTHENTICATION_REQUIRED
        or (answer.is_success and _is_page(answer))
    ):
        raise EnvironmentFaultError(
            "Something else answers in the project's place",
            "It may be the sign-in page of this network, as hotels and cafés have.",
            fix="Open a browser, sign in to the network there, then try again.",
        )
    if status >= 500:
        raise EnvironmentFaultError(
            "The project has trouble",
            "It was reached, but does not answer as it should.",
            fix="Try again in a minute.",
        )
    if not answer.is_success or body.get("name") != "GoTrue":
        raise ExpectedError(
            "There is no Supabase project at this address",
            "Something answers there, but it is not a project.",
            fix="Copy the address from the project's settings: https://….supabase.co.",
        )


def _wrong_key() -> ExpectedError:
    return ExpectedError(
        "The project does not know this key",
        "It is another project's, has been withdrawn, or was not copied whole.",
        fix="Copy the publishable key from the project's API settings again.",
    )


def _judge_clock(answer: httpx.Response) -> None:
    try:
        there = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return
    if there.tzinfo is not None and abs(datetime.now(UTC) - there) > MOST_DRIFT:
        raise EnvironmentFaultError(
            "This computer's clock is wrong",
            "It is more than five minutes away from the server's, so that signing in fails.",
            fix="Let the system set date and time by itself, then try again.",
        )


def _judge_database(answer: httpx.Response) -> None:
    """A refusal of the function itself comes from a database that Balas has set up."""
    refused = answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
    if refused and _body(answer).get("code") != _NOT_FOR_YOU:
        raise _wrong_key()
    if answer.status_code == httpx.codes.NOT_FOUND:
        raise ExpectedError(
            "Balas is not set up in this project yet",
            "The project is there, but its database does not have Balas's tables.",
            fix="Ask your administrator to run: balas migrate",
        )
    if answer.status_code >= 500:
        raise EnvironmentFaultError(
            "The project's database has trouble",
            "The project was reached, but its database does not answer.",
            fix="Try again in a minute.",
        )


def _unreachable(error: BaseException) -> BalasError:
    for link in _chain(error):
        if isinstance(link, ssl.SSLCertVerificationError):
            if link.verify_code in (_NOT_YET_VALID, _EXPIRED):
                return EnvironmentFaultError(
                    "The connection is not safe",
                    "By this computer's clock the server's certificate is not valid today.",
                    fix="Look at the date and time of this computer; if they are right, tell your "
                    "administrator that the certificate has run out.",
                )
            return certificate_trouble(link)
        if isinstance(link, ssl.SSLError):
            return EnvironmentFaultError(
                "The connection is not safe",
                "What answers there does not speak an encrypted language.",
                fix="Check the address; on a company's network ask who looks after its proxy.",
            )
        if isinstance(link, socket.gaierror):
            return ExpectedError(
                "There is no such address",
                "No computer has this name, or this one is not connected to a network.",
                fix="Check the address letter by letter, then the network.",
            )
    if isinstance(error, httpx.TimeoutException):
        return OfflineError(
            "The project does not answer",
            "It took too long.",
            fix="Check the network, then try again.",
        )
    return OfflineError(
        "The project cannot be reached",
        "Nothing answers at this address, or a firewall is in the way.",
        fix="Check the address and the network, then try again.",
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    for _ in range(12):
        if current is None:
            return
        yield current
        current = current.__cause__ or current.__context__


def _is_page(answer: httpx.Response) -> bool:
    return "html" in answer.headers.get("content-type", "")


def _body(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}

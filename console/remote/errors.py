"""Supabase's and the network's failures in our three families, in plain words."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from postgrest import APIError
from storage3.exceptions import StorageApiError
from supabase_auth.errors import (
    AuthApiError,
    AuthError,
    AuthRetryableError,
    AuthSessionMissingError,
)

from console.domain.errors import (
    BalasError,
    EnvironmentFaultError,
    OfflineError,
    RefusedError,
    SignedOutError,
)

# OpenSSL's reasons, from <openssl/x509_vfy.h>.
_SELF_SIGNED = {18, 19, 20, 21}
_EXPIRED = {9, 10}
_WRONG_HOST = {62, 64}

# Postgres and PostgREST codes that say "not yours" or "not now", whatever was asked.
_EXPIRED_TOKEN = {"PGRST301", "PGRST303"}
_NO_SUCH_FUNCTION = {"PGRST202", "PGRST205"}
_AUTH_WORDS: dict[str, tuple[str, str]] = {
    "invalid_credentials": (
        "The e-mail or the password is wrong",
        "Check both, or ask for a one-time code.",
    ),
    "email_not_confirmed": (
        "This e-mail address is not confirmed yet",
        "Use the one-time code from your invitation.",
    ),
    "otp_expired": ("The code is wrong or too old", "Ask for a new one."),
    "otp_disabled": ("One-time codes are switched off", "Ask your administrator."),
    "user_banned": ("This account is blocked", "Ask your administrator."),
    "weak_password": ("The new password is too weak", "Choose a longer one."),
    "same_password": ("The new password is the old one", "Choose another."),
    "over_request_rate_limit": ("Too many tries", "Wait a minute and try again."),
    "over_email_send_rate_limit": ("Too many codes were asked for", "Wait a minute."),
    "validation_failed": ("The server did not understand this", "Check what you typed."),
}
_SESSION_OVER = {
    "refresh_token_not_found",
    "refresh_token_already_used",
    "session_not_found",
    "session_expired",
    "user_not_found",
    "bad_jwt",
    "no_authorization",
}


def certificate_trouble(error: ssl.SSLCertVerificationError) -> EnvironmentFaultError:
    """What is wrong with the server's certificate, and that we will not go on."""
    fix = "Nothing was sent. Ask your administrator; do not go on over this network."
    code = error.verify_code
    if code in _EXPIRED:
        text = "The server's certificate has expired."
    elif code in _WRONG_HOST:
        text = "The server's certificate belongs to another address."
    elif code in _SELF_SIGNED:
        text = "The server's certificate is self-signed, or signed by nobody this computer trusts."
    else:
        text = f"The server's certificate cannot be trusted: {error.verify_message}."
    return EnvironmentFaultError("The connection is not safe", text, fix=fix)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _offline(text: str = "The server does not answer.") -> OfflineError:
    return OfflineError(
        "No connection to the server", text, fix="It is tried again as soon as the line is back."
    )


def _from_auth(error: AuthError) -> BalasError:
    if isinstance(error, AuthRetryableError):
        return _offline()
    code = error.code or ""
    if isinstance(error, AuthSessionMissingError) or code in _SESSION_OVER:
        return SignedOutError()
    if code in _AUTH_WORDS:
        title, text = _AUTH_WORDS[code]
        return RefusedError(code, title, text)
    if isinstance(error, AuthApiError) and error.status >= 500:
        return EnvironmentFaultError(
            "The server has trouble", error.message, fix="Try again in a minute."
        )
    return RefusedError(code or "auth", "Signing in did not work", error.message)


def _from_api(error: APIError) -> BalasError:
    code = error.code or ""
    if code == "P0001":  # our own rules; message = short code, details = sentence, hint = fix
        return RefusedError(
            error.message or "refused",
            "Not possible",
            str(error.details or error.message or ""),
            fix=error.hint or "",
        )
    if code in _EXPIRED_TOKEN or code == "401":
        return SignedOutError()
    if code in _NO_SUCH_FUNCTION:
        return EnvironmentFaultError(
            "The project's database does not fit this program",
            "A function that this version needs is not there.",
            fix="Ask your administrator to run: balas migrate",
        )
    if code == "42501":
        return RefusedError("not_allowed", "Not allowed", "You may not do this here.")
    if code.startswith(("22", "23")):
        return RefusedError(
            "bad_request", "The server did not accept this", error.message or "", fix=""
        )
    return EnvironmentFaultError(
        "The server has trouble", error.message or code, fix="It is tried again by itself."
    )


def _from_storage(error: StorageApiError) -> BalasError:
    return from_storage_status(int(error.status or 0), error.message)


def from_storage_status(status: int, message: str) -> BalasError:
    """What an answer of Storage means; `status` is HTTP's, or the one its body names."""
    if status in (401,):
        return SignedOutError()
    if status == 403:
        return RefusedError("not_allowed", "Not allowed", "You may not use this file.")
    if status == 404:
        return RefusedError("not_found", "The file is gone", "The server no longer has this file.")
    if status == 413:
        return RefusedError("too_large", "The file is too large", "The server refuses its size.")
    if status == 415:
        return RefusedError("bad_media", "The file's type is refused", message)
    if 400 <= status < 500 and status not in (408, 425, 429):
        return RefusedError("bad_media", "The server refuses this file", message)
    return EnvironmentFaultError("The server has trouble", message, fix="It is tried again.")


def translate(error: Exception) -> BalasError | None:
    """Our error for a foreign one; None for what is a bug."""
    if isinstance(error, BalasError):
        return error
    for link in _chain(error):
        if isinstance(link, ssl.SSLCertVerificationError):
            return certificate_trouble(link)
    if isinstance(error, AuthError):
        return _from_auth(error)
    if isinstance(error, APIError):
        return _from_api(error)
    if isinstance(error, StorageApiError):
        return _from_storage(error)
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return _offline("The server takes too long to answer.")
    if isinstance(error, httpx.HTTPStatusError):
        return from_storage_status(error.response.status_code, error.response.reason_phrase)
    if isinstance(error, httpx.HTTPError | OSError):
        return _offline()
    return None


@contextmanager
def translated() -> Iterator[None]:
    """Run foreign calls; raises only our families, or what is a bug as it is."""
    try:
        yield
    except Exception as error:
        ours = translate(error)
        if ours is None or ours is error:
            raise
        raise ours from error

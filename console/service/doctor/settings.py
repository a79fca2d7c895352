"""The environment, variable by variable: what each is for, and what is wrong with its value."""

from __future__ import annotations

import base64
import binascii
import difflib
import ipaddress
import json
import logging
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from console.service.config import (
    DEFAULT_POOL,
    DEFAULT_PORT,
    DEFAULT_SPOOL_MB,
    DEFAULT_SWEEP_SECONDS,
    Needs,
    read,
)
from console.service.doctor.finding import Finding, Findings

# Every variable and what it is, in the order of the README's table, which a test compares.
VARIABLES: dict[str, str] = {
    "SUPABASE_URL": "the project's URL",
    "SUPABASE_SECRET_KEY": "the project's secret key",
    "SUPABASE_DB_URL": "the database's connection string",
    "TWILIO_ACCOUNT_SID": "the Twilio account",
    "TWILIO_AUTH_TOKEN": "the account's auth token, which also signs the webhooks",
    "TWILIO_API_KEY": "an API key for sending",
    "TWILIO_API_SECRET": "the secret of that API key",
    "PUBLIC_URL": "where Twilio reaches the service",
    "BALAS_HOST": "the address to listen on",
    "PORT": "the port to listen on",
    "BALAS_DB_POOL": "database connections of one process",
    "BALAS_SPOOL_DIR": "where requests wait while the database is away",
    "BALAS_SPOOL_MB": "the most that may wait there, in MB",
    "BALAS_SPOOL_SECRET": "what seals them, if not the auth token",
    "BALAS_SWEEP_SECONDS": "how often the messages are compared with Twilio's list, in seconds",
    "METRICS_TOKEN": "the bearer token of /metrics",
    "LOG_LEVEL": "how much is logged",
    "TWILIO_API_URL": "a stand-in of Twilio's API",
    "TWILIO_CONTENT_URL": "a stand-in of Twilio's Content API",
    "TWILIO_MESSAGING_URL": "a stand-in of Twilio's Messaging API",
    "TWILIO_MEDIA_HOSTS": "hosts of a stand-in's files",
}
OLDER_NAMES = {"SUPABASE_SERVICE_ROLE_KEY": "SUPABASE_SECRET_KEY"}
_SECRET = {
    *("SUPABASE_SECRET_KEY", "SUPABASE_DB_URL", "TWILIO_AUTH_TOKEN", "TWILIO_API_SECRET"),
    *("BALAS_SPOOL_SECRET", "METRICS_TOKEN"),
}
_DEFAULTS: dict[str, object] = {
    "TWILIO_API_KEY": "the auth token sends",
    "BALAS_HOST": "127.0.0.1",
    "PORT": DEFAULT_PORT,
    "BALAS_DB_POOL": DEFAULT_POOL,
    "BALAS_SPOOL_MB": DEFAULT_SPOOL_MB,
    "BALAS_SPOOL_SECRET": "the auth token does it",
    "BALAS_SWEEP_SECONDS": DEFAULT_SWEEP_SECONDS,
    "LOG_LEVEL": "INFO",
}
# The window's own.
_OTHERS = {"BALAS_SUPABASE_URL", "BALAS_PUBLISHABLE_KEY"}
_REQUIRED = "set it in the service's environment file and start the service again"


def look(environ: Mapping[str, str]) -> list[Finding]:
    """What every variable is, whether it is set, and what is wrong with it."""
    found = Findings("settings")
    wrong = {one.name: one.words for one in read(environ, Needs.WORKER)[1]}
    values = {name: environ.get(name, "").strip() for name in VARIABLES}
    for older, name in OLDER_NAMES.items():
        values[name] = values[name] or environ.get(older, "").strip()
    for name, meaning in VARIABLES.items():
        value = values[name]
        if name in wrong:
            words = wrong[name].removeprefix(f"{name} ")
            found.wrong(name, words, f"{name} is {meaning}: {_REQUIRED}.")
        elif value and (flaw := _flaw(name, value, values)):
            found.wrong(name, f"{flaw[0]}.", f"{flaw[1]}.")
        elif value:
            shown = "set" if name in _SECRET else value
            found.well(name, f"{shown} ({meaning})")
        elif name in _DEFAULTS:
            found.well(name, f"not set, so {_DEFAULTS[name]} ({meaning})")
    if not values["BALAS_SPOOL_DIR"]:
        words = "not set: messages that come while the database is away are refused, and lost"
        found.wrong(
            "BALAS_SPOOL_DIR",
            f"{words} unless Twilio tries again or the sweep finds them.",
            "Set it to a folder on a lasting disk, e.g. /var/lib/balas/spool.",
        )
    if not values["METRICS_TOKEN"]:
        found.note("METRICS_TOKEN", "not set: there are no metrics.", "Set it to any long secret.")
    known = [*VARIABLES, *OLDER_NAMES, *_OTHERS]
    for name in sorted(environ.keys() - set(known)):
        close = difflib.get_close_matches(name, known, 1, 0.85)
        if close and name.startswith(("BALAS_", "TWILIO_", "SUPABASE_", "PUBLIC_", "METRICS_")):
            found.note(name, "is not a variable of Balas.", f"Did you mean {close[0]}?")
    return found.all


def _flaw(name: str, value: str, values: Mapping[str, str]) -> tuple[str, str] | None:
    """What is wrong with a value that `read` takes, and the fix; None when nothing is."""
    match name:
        case "SUPABASE_SECRET_KEY":
            return _flaw_of_key(value)
        case "SUPABASE_DB_URL":
            return _flaw_of_database(value, values["SUPABASE_URL"])
        case "PUBLIC_URL":
            return _flaw_of_public(value)
        case "TWILIO_ACCOUNT_SID" if not re.fullmatch("AC[0-9a-f]{32}", value):
            return (
                "is no account SID: AC and 32 digits or letters a to f",
                "Copy the Account SID from the Twilio console's first page",
            )
        case "TWILIO_API_KEY" if not value.startswith("SK"):
            return "is no API key: those begin with SK", "Copy the key's SID, or leave it out"
        case "METRICS_TOKEN" if len(value) < 16:
            return "is short enough to be guessed", "Take at least 16 random characters"
        case "LOG_LEVEL" if value not in logging.getLevelNamesMapping():
            return "is no level", "DEBUG, INFO, WARNING or ERROR"
    return None


def _flaw_of_key(key: str) -> tuple[str, str] | None:
    fix = "Take the secret key (sb_secret_…) from Supabase, Settings, API keys"
    if key.startswith("sb_publishable_"):
        return "is the publishable key, which may do nothing here", fix
    try:
        part = key.split(".")[1]
        role = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))).get("role")
    except (IndexError, ValueError, binascii.Error, AttributeError):
        return None
    if role != "service_role":
        return f"is a key of the role {role}, which may do nothing here", fix
    return None


def _flaw_of_database(url: str, project_url: str) -> tuple[str, str] | None:
    fix = "Copy the connection string from Supabase, Connect, session pooler or direct, port 5432"
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return "is no connection string", fix
    if "YOUR-PASSWORD" in url.upper() or "[" in str(parts.get("password") or ""):
        return "still holds the place for the password", "Put the database's password in"
    named = re.fullmatch(r"([a-z0-9]{20})\.supabase\.co", urlsplit(project_url).hostname or "")
    places = f"{parts.get('host')} {parts.get('user')}"
    of_database = re.search(r"\bdb\.([a-z0-9]{20})\.supabase|postgres\.([a-z0-9]{20})\b", places)
    if named and of_database and named[1] not in of_database.groups():
        return "belongs to another project than SUPABASE_URL", fix
    return None


def _flaw_of_public(url: str) -> tuple[str, str] | None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and not _is_loopback(host):
        return (
            "is not https: whoever carries the messages can read them",
            "Put a proxy with a certificate in front, and write https://",
        )
    if "_" in host:
        return "has an underscore in its host, which Twilio refuses", "Use a name without it"
    return None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

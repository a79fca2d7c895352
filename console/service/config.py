"""The service's environment, read once and checked as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Flag, auto
from pathlib import Path
from urllib.parse import urlsplit

from console.domain.errors import EnvironmentFaultError

DEFAULT_POOL = 4
DEFAULT_PORT = 8080
DEFAULT_SPOOL_MB = 512
DEFAULT_SWEEP_SECONDS = 60


class Needs(Flag):
    """The parts of the environment that a command cannot do without."""

    DATABASE = auto()
    SUPABASE = auto()
    TWILIO = auto()
    PUBLIC_URL = auto()

    WEBHOOK = DATABASE | TWILIO | PUBLIC_URL
    WORKER = DATABASE | SUPABASE | TWILIO | PUBLIC_URL
    PEOPLE = DATABASE | SUPABASE


@dataclass(frozen=True, slots=True, repr=False)
class Config:
    """Everything the service is told from outside; an empty string where it is not needed."""

    supabase_url: str
    secret_key: str
    database_url: str
    twilio_account_sid: str
    twilio_auth_token: str
    twilio_api_key: str
    twilio_api_secret: str
    twilio_api_url: str
    twilio_content_url: str
    twilio_messaging_url: str
    media_hosts: frozenset[str]  # lower-case `host` or `host:port`
    public_url: str  # without a trailing slash
    host: str
    port: int
    pool_size: int  # database connections of one process, its listener included
    spool_dir: Path | None
    spool_secret: str  # seals the spool in place of the auth token
    spool_bytes: int
    sweep_seconds: int  # between two comparisons with Twilio's list
    metrics_token: str
    log_level: str

    def __repr__(self) -> str:
        return f"Config(public_url={self.public_url!r})"  # secrets stay out of tracebacks

    @property
    def twilio_login(self) -> tuple[str, str]:
        """User and password for Twilio's API: the API key where there is one."""
        if self.twilio_api_key:
            return self.twilio_api_key, self.twilio_api_secret
        return self.twilio_account_sid, self.twilio_auth_token


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one variable: `words` is a sentence that begins with its name."""

    name: str
    words: str


def load(environ: Mapping[str, str], needs: Needs) -> Config:
    """The configuration, or one EnvironmentFaultError that names everything wrong at once."""
    config, wrong = read(environ, needs)
    if wrong:
        raise EnvironmentFaultError(
            "The service cannot start: its environment is incomplete.",
            "\n".join(one.words for one in wrong),
            fix="Set these and start it again.",
        )
    return config


def read(environ: Mapping[str, str], needs: Needs) -> tuple[Config, list[Wrong]]:
    """The configuration as far as it goes, and everything that is wrong with it."""

    def get(name: str, default: str = "") -> str:
        return environ.get(name, "").strip() or default

    wrong: list[Wrong] = []

    def need(part: Needs, name: str, what: str, *, other: str = "") -> str:
        value = get(name) or (get(other) if other else "")
        if not value and part in needs:
            wrong.append(Wrong(name, f"{name} is not set: {what}."))
        return value

    def number(name: str, default: int, least: int, most: int) -> int:
        text = get(name, str(default))
        if text.isascii() and text.isdigit() and least <= int(text) <= most:
            return int(text)
        wrong.append(Wrong(name, f"{name} must be a whole number from {least} to {most}."))
        return default

    def origin(name: str, value: str) -> str:
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError:
            wrong.append(Wrong(name, f"{name} is not a URL."))
            return ""
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            wrong.append(Wrong(name, f"{name} must start with https:// and name a host."))
        if parts.query or parts.fragment:
            wrong.append(Wrong(name, f"{name} must not carry a query or a fragment."))
        return value.rstrip("/")

    config = Config(
        supabase_url=origin(
            "SUPABASE_URL",
            need(Needs.SUPABASE, "SUPABASE_URL", "the project's URL, Settings > API in Supabase"),
        ),
        secret_key=need(
            Needs.SUPABASE,
            "SUPABASE_SECRET_KEY",
            "the project's secret key (the older name SUPABASE_SERVICE_ROLE_KEY works too)",
            other="SUPABASE_SERVICE_ROLE_KEY",
        ),
        database_url=need(
            Needs.DATABASE,
            "SUPABASE_DB_URL",
            "the connection string, direct or session pooler, port 5432",
        ),
        twilio_account_sid=need(
            Needs.TWILIO, "TWILIO_ACCOUNT_SID", "the account, AC… in the Twilio console"
        ),
        twilio_auth_token=need(
            Needs.TWILIO,
            "TWILIO_AUTH_TOKEN",
            "the account's auth token; it signs the webhooks, an API key cannot",
        ),
        twilio_api_key=get("TWILIO_API_KEY"),
        twilio_api_secret=get("TWILIO_API_SECRET"),
        twilio_api_url=origin("TWILIO_API_URL", get("TWILIO_API_URL", "https://api.twilio.com")),
        twilio_content_url=origin(
            "TWILIO_CONTENT_URL", get("TWILIO_CONTENT_URL", "https://content.twilio.com")
        ),
        twilio_messaging_url=origin(
            "TWILIO_MESSAGING_URL", get("TWILIO_MESSAGING_URL", "https://messaging.twilio.com")
        ),
        media_hosts=frozenset(
            host.strip().lower() for host in get("TWILIO_MEDIA_HOSTS").split(",") if host.strip()
        ),
        public_url=origin(
            "PUBLIC_URL",
            need(Needs.PUBLIC_URL, "PUBLIC_URL", "where Twilio reaches us; it calls it + /webhook"),
        ),
        host=get("BALAS_HOST", "127.0.0.1"),
        port=number("PORT", DEFAULT_PORT, 0, 65535),
        pool_size=number("BALAS_DB_POOL", DEFAULT_POOL, 2, 100),
        spool_dir=Path(get("BALAS_SPOOL_DIR")) if get("BALAS_SPOOL_DIR") else None,
        spool_secret=get("BALAS_SPOOL_SECRET"),
        spool_bytes=number("BALAS_SPOOL_MB", DEFAULT_SPOOL_MB, 1, 1024 * 1024) * 1024 * 1024,
        sweep_seconds=number("BALAS_SWEEP_SECONDS", DEFAULT_SWEEP_SECONDS, 1, 3600),
        metrics_token=get("METRICS_TOKEN"),
        log_level=get("LOG_LEVEL", "INFO"),
    )
    if config.twilio_api_key and not config.twilio_api_secret:
        words = "TWILIO_API_KEY is set but TWILIO_API_SECRET is not."
        wrong.append(Wrong("TWILIO_API_SECRET", words))
    return config, wrong

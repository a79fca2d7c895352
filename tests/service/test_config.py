"""The environment: what is missing is named all at once, and secrets are never shown."""

from __future__ import annotations

import pytest

from console.domain.errors import EnvironmentFaultError
from console.service.config import Config, Needs, load
from tests.service.conftest import config_of


def test_everything_missing_is_named_at_once() -> None:
    with pytest.raises(EnvironmentFaultError) as caught:
        load({"PORT": "http", "BALAS_DB_POOL": "0"}, Needs.WORKER)
    for name in (
        "SUPABASE_URL",
        "SUPABASE_SECRET_KEY",
        "SUPABASE_DB_URL",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "PUBLIC_URL",
        "PORT",
        "BALAS_DB_POOL",
    ):
        assert name in caught.value.text


def test_the_webhook_needs_no_secret_key() -> None:
    complete = {
        "SUPABASE_DB_URL": "postgresql://x",
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "t",
        "PUBLIC_URL": "https://x.example/",
    }
    config = load(complete, Needs.WEBHOOK)
    assert (config.public_url, config.port, config.pool_size) == ("https://x.example", 8080, 4)


def test_the_older_name_of_the_secret_key_works() -> None:
    config = config_of("x", SUPABASE_SECRET_KEY="", SUPABASE_SERVICE_ROLE_KEY="old")
    assert config.secret_key == "old"


@pytest.mark.parametrize(
    "value", ["balas.example.com", "ftp://x", "https://x?a=1", "https://x#rc=5"]
)
def test_a_public_url_that_cannot_be_signed_is_refused(value: str) -> None:
    with pytest.raises(EnvironmentFaultError, match="PUBLIC_URL"):
        config_of("x", PUBLIC_URL=value)


def test_secrets_stay_out_of_its_text() -> None:
    config: Config = config_of("postgresql://postgres:geheim@db/x")
    assert "geheim" not in f"{config!r} {config}"
    assert config.twilio_auth_token not in repr(config)

"""Twilio's API as the doctor needs it: lists, changes, and the time it is there.

Not the SDK: that keeps the answer's headers to itself, and sends null for what is left alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from console.domain.errors import EnvironmentFaultError
from console.service.config import Config

_TIMEOUT = 30.0
_PAGES = 50


class TwilioError(EnvironmentFaultError):
    """Twilio did not do this. `status` is None when it did not answer at all."""

    def __init__(self, status: int | None, code: int | None, said: str) -> None:
        super().__init__("Twilio did not do this.", said)
        self.status = status
        self.code = code
        self.said = said


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how many seconds Twilio's clock is ahead of ours (None: not said)."""

    content: dict[str, Any]
    skew: float | None


class TwilioApi:
    """Calls with the account's token, or with the API key. Blocking; use as a context manager.

    Every method raises TwilioError.
    """

    def __init__(self, config: Config, login: tuple[str, str]) -> None:
        self.account = f"{config.twilio_api_url}/2010-04-01/Accounts/{config.twilio_account_sid}"
        self.messaging = config.twilio_messaging_url
        self.content = config.twilio_content_url
        self._client = httpx.Client(auth=login, timeout=_TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, url: str, **query: str | int) -> Answer:
        """One resource, or one page."""
        return self._call("GET", url, params=query or None)

    def all(self, url: str, key: str, **query: str | int) -> Iterator[dict[str, Any]]:
        """Every item of a list, page by page."""
        page = self.get(url, PageSize=100, **query).content
        parts = urlsplit(url)
        for _ in range(_PAGES):
            yield from page.get(key) or []
            following = page.get("next_page_uri") or (page.get("meta") or {}).get("next_page_url")
            if not following:
                return
            # The newer APIs name their own host, which is not that of a stand-in.
            place = urlsplit(str(following))._replace(scheme=parts.scheme, netloc=parts.netloc)
            page = self.get(place.geturl()).content

    def change(self, url: str, form: Mapping[str, str]) -> None:
        """Change a resource of the older APIs."""
        self._call("POST", url, data=form)

    def change_json(self, url: str, body: Mapping[str, Any]) -> None:
        """Change a resource of the APIs that take JSON."""
        self._call("POST", url, json=body)

    def _call(self, method: str, url: str, **what: Any) -> Answer:
        before = time.time()
        try:
            answer = self._client.request(method, url, **what)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            words = f"{urlsplit(url).netloc} does not answer: {type(error).__name__}"
            raise TwilioError(None, None, words) from error
        try:
            content = answer.json()
        except ValueError:
            content = None
        if not isinstance(content, dict):
            content = {}
        if not answer.is_success:
            code = content.get("code")
            said = str(content.get("message") or f"HTTP {answer.status_code}")
            raise TwilioError(answer.status_code, code if isinstance(code, int) else None, said)
        return Answer(content, _skew(answer.headers.get("date"), (before + time.time()) / 2))


def _skew(date: str | None, now: float) -> float | None:
    try:
        # The header has whole seconds: in the middle of one, on average.
        return parsedate_to_datetime(date or "").timestamp() + 0.5 - now
    except ValueError:
        return None

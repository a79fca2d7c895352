"""WhatsApp's 24 hours, judged at a given server time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.domain.conversation import Channel
from console.domain.window import window_of

NOW = datetime(2026, 3, 12, 10, 42, tzinfo=UTC)


def test_free_text_ends_exactly_a_day_after_the_customer_wrote() -> None:
    day = timedelta(hours=24)
    assert not window_of(Channel.WHATSAPP, NOW - day, NOW).is_open
    assert window_of(Channel.WHATSAPP, NOW - day + timedelta(seconds=1), NOW).is_open


def test_a_customer_who_never_wrote_has_no_window() -> None:
    window = window_of(Channel.WHATSAPP, None, NOW)
    assert not window.is_open
    assert window.never
    assert not window_of(Channel.WHATSAPP, NOW - timedelta(days=9), NOW).never


def test_the_last_two_hours_are_closing() -> None:
    assert window_of(Channel.WHATSAPP, NOW - timedelta(hours=23), NOW).is_closing
    assert not window_of(Channel.WHATSAPP, NOW - timedelta(hours=20), NOW).is_closing


def test_sms_has_no_window() -> None:
    window = window_of(Channel.SMS, None, NOW)
    assert window.is_open
    assert window.left is None

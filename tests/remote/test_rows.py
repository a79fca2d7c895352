"""The server's JSON as typed rows: unknown words shown, unreadable rows left out, nothing lost."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.content import content_from
from console.remote import rows

ID = "3496cca8-4046-4a4a-95a6-94e6c9cb4d33"


def message(**columns: Any) -> dict[str, Any]:
    """A row of messages as PostgREST writes it."""
    return {
        "id": ID,
        "conversation_id": ID,
        "direction": "inbound",
        "message_type": "text",
        "content": "halo",
        "timestamp": "2026-03-02T12:00:00.123456+00:00",
        "status": "received",
        "metadata": {"kind": "text"},
        "media": [],
        **columns,
    }


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02T12:00:00.123456+00:00",
        "2026-03-02T19:00:00.123456+07:00",
        "2026-03-02 12:00:00.123456+00",
        "2026-03-02T12:00:00.123456Z",
    ],
)
def test_times_are_utc_however_they_are_written(text: str) -> None:
    assert rows.moment(text) == datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)


def test_a_status_from_the_future_shows_as_none_and_a_conversation_stays_visible() -> None:
    assert rows.message(message(status="teleported")).status is None
    conversation = {"id": ID, "inbox_id": ID, "contact_id": None, "status": "archived"}
    assert rows.conversation(conversation).status == "open"


def test_an_adopted_row_with_only_a_foreign_address_has_a_file_that_cannot_be_fetched() -> None:
    [item] = rows.message(
        message(media_url="https://api.twilio.com/x", media_content_type="image/jpeg", media=None)
    ).media
    assert (item["state"], item["path"], item["content_type"]) == ("failed", None, "image/jpeg")


STRANGE = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.none())
PART = STRANGE | st.dictionaries(
    st.sampled_from(("latitude", "longitude", "label", "text", "title", "sid", "name")), STRANGE
)


@given(
    st.dictionaries(
        st.sampled_from(
            ("kind", "location", "button", "list", "referral", "quoted", "template", "forwarded")
        ),
        PART,
    ),
    st.lists(STRANGE | st.dictionaries(st.sampled_from(("state", "name", "path")), STRANGE)),
)
def test_what_another_program_left_beside_a_message_takes_no_thread_along(
    metadata: Any, media: Any
) -> None:
    read = rows.message(message(metadata=metadata, media=media))
    shown = content_from(read.message_type, read.content, read.media, read.metadata)
    assert shown.text == "halo"
    assert len(shown.media) <= len(media)


def test_what_our_service_wrote_beside_a_message_is_all_kept() -> None:
    metadata = {
        "kind": "location",
        "location": {"latitude": "-6.2", "longitude": 106.8, "label": "Gudang"},
        "quoted": {"sid": "SM1", "sender": "whatsapp:+62"},
        "button": {"text": "Ya", "payload": "ya"},
        "own": [1],
    }
    media = [{"state": "stored", "path": "a/b.jpg", "content_type": "image/jpeg"}]
    read = rows.message(message(metadata=metadata, media=media))
    assert read.metadata == metadata
    assert list(read.media) == media
    [later] = rows.message(message(media=[{"state": "archived", "path": "a/b.jpg"}])).media
    assert (later["state"], later["path"]) == ("pending", "a/b.jpg")


def test_a_row_that_cannot_be_read_does_not_keep_the_others_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wire = {"cursor": "c", "messages": [message(timestamp=None), message(), 7, {}]}
    with caplog.at_level(logging.WARNING):
        page = rows.page(wire)
    assert len(page.messages) == 1
    assert page.unreadable == 3
    assert "halo" not in caplog.text


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(sorted(message())), inner),
    )
)
def test_no_row_makes_the_reader_fall_over(row: Any) -> None:
    logging.getLogger("console.remote.rows").disabled = True
    try:
        rows.page({"cursor": "c", "messages": [row], "contacts": [row], "reads": [row]})
    finally:
        logging.getLogger("console.remote.rows").disabled = False


def test_a_note_without_a_time_and_a_label_without_a_name_are_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    note = {"id": ID, "conversation_id": ID, "body": "rahasia", "created_at": "2026-03-02T12:00Z"}
    wire = {
        "cursor": "c",
        "notes": [note, {**note, "created_at": None}, {**note, "conversation_id": None}],
        "labels": [{"id": ID, "name": "VIP"}, {"id": ID}],
        "conversation_labels": [{"conversation_id": ID, "label_id": ID}, {"label_id": ID}],
    }
    with caplog.at_level(logging.WARNING):
        page = rows.page(wire)
    assert [record.kind for record in page.records] == ["notes", "labels", "conversation_labels"]
    assert page.unreadable == 4
    assert "rahasia" not in caplog.text


@given(st.dictionaries(st.sampled_from(["conversations", "notes", "dropped"]), st.lists(st.none())))
def test_a_strange_answer_changes_nothing(wire: Any) -> None:
    logging.getLogger("console.remote.rows").disabled = True
    try:
        assert rows.changed(wire).conversations == ()
        assert rows.changed(None) == rows.changed([])
    finally:
        logging.getLogger("console.remote.rows").disabled = False

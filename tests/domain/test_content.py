"""Content read from stored columns: new kinds become unsupported, adopted rows stay readable."""

from __future__ import annotations

import uuid

from console.domain.content import Kind, MediaState, content_from
from console.domain.ids import MessageId, part_id


def test_an_adopted_row_without_metadata_keeps_its_type_and_text() -> None:
    content = content_from("image", "Resi JNE", [], {})
    assert (content.kind, content.text, content.media) == (Kind.IMAGE, "Resi JNE", ())


def test_a_kind_of_the_future_is_unsupported_not_an_error() -> None:
    assert content_from("text", None, None, {"kind": "hologram"}).kind is Kind.UNSUPPORTED


def test_a_place_a_tap_and_a_file_are_read_from_metadata_and_media() -> None:
    content = content_from(
        "document",
        None,
        [{"content_type": "application/pdf", "name": "a.pdf", "size": 3, "state": "stored"}],
        {
            "kind": "location",
            "location": {"latitude": "-6.2", "longitude": 106.8, "label": "Kantor"},
            "list": {"id": "r1", "title": "Retur", "description": "Tukar ukuran"},
        },
    )
    assert content.location is not None
    assert (content.location.latitude, content.location.label) == (-6.2, "Kantor")
    assert content.choice is not None
    assert (content.choice.text, content.choice.payload) == ("Retur", "r1")
    assert content.media[0].state is MediaState.STORED


def test_parts_of_one_send_are_named_the_same_on_both_sides() -> None:
    first = MessageId("5b0f3d5c-52f5-4b7f-9f3f-0d7fd7f0c001")
    assert part_id(first, 0) == first
    assert part_id(first, 2) == str(uuid.uuid5(uuid.UUID(first), "2"))

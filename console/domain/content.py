"""What a message can contain, one dataclass a kind, read from the stored columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from console.domain.ids import ProfileId
from console.domain.kind import Kind, kind_of

__all__ = [
    "Choice",
    "Content",
    "Event",
    "Kind",
    "Location",
    "MediaItem",
    "MediaState",
    "Referral",
    "content_from",
    "kind_of",
    "media_from",
]


class MediaState(StrEnum):
    """Where a file is: waiting to be copied or uploaded, in our storage, or lost for good."""

    PENDING = "pending"
    STORED = "stored"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class MediaItem:
    """One file of a message. `size` in bytes; `path` is its place in `bucket`."""

    index: int
    content_type: str
    name: str | None
    size: int | None
    state: MediaState
    bucket: str
    path: str | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """A shared place; degrees north and east."""

    latitude: float
    longitude: float
    label: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Choice:
    """The customer's tap on a button (or list row) of ours."""

    text: str
    payload: str | None
    description: str | None


@dataclass(frozen=True, slots=True)
class Referral:
    """The advertisement that brought the customer here."""

    headline: str | None
    body: str | None
    source_url: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a conversation; `kind` and `data` as in the table `events`.

    `actor_name` is None where nobody of the team did it.
    """

    kind: str
    actor_name: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Content:
    """Everything a bubble shows but its frame: kind, text, files and the marks around them."""

    kind: Kind
    text: str
    media: tuple[MediaItem, ...] = ()
    location: Location | None = None
    choice: Choice | None = None
    referral: Referral | None = None
    quoted_sid: str | None = None
    forwarded: bool = False
    template_name: str | None = None
    event: Event | None = None
    mentions: tuple[ProfileId, ...] = ()


def media_from(items: Sequence[Mapping[str, Any]] | None) -> tuple[MediaItem, ...]:
    """The files in `messages.media`, in their stored order."""
    return tuple(
        MediaItem(
            index=index,
            content_type=str(item.get("content_type") or "application/octet-stream"),
            name=item.get("name"),
            size=item.get("size"),
            state=MediaState(item.get("state") or MediaState.PENDING),
            bucket=str(item.get("bucket") or "media"),
            path=item.get("path"),
            error=item.get("error"),
        )
        for index, item in enumerate(items or ())
    )


def content_from(
    message_type: str | None,
    text: str | None,
    media: Sequence[Mapping[str, Any]] | None,
    metadata: Mapping[str, Any] | None,
) -> Content:
    """Content out of the columns of `messages`; adopted rows have an empty `metadata`."""
    data = metadata or {}
    place, button, row, ad, quoted, template = (
        data.get(key) for key in ("location", "button", "list", "referral", "quoted", "template")
    )
    choice = None
    if button:
        choice = Choice(str(button.get("text") or ""), button.get("payload"), None)
    elif row:
        choice = Choice(str(row.get("title") or ""), row.get("id"), row.get("description"))
    return Content(
        kind=kind_of(message_type, data),
        text=text or "",
        media=media_from(media),
        location=Location(
            float(place["latitude"]),
            float(place["longitude"]),
            place.get("label"),
            place.get("address"),
        )
        if place
        else None,
        choice=choice,
        referral=Referral(ad.get("headline"), ad.get("body"), ad.get("source_url")) if ad else None,
        quoted_sid=(quoted or {}).get("sid"),
        forwarded=bool(data.get("forwarded") or data.get("frequently_forwarded")),
        template_name=(template or {}).get("name"),
    )

"""A case file to read: one HTML page that runs nothing and opens nothing from outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

_PICTURES = (".jpg", ".png", ".webp", ".gif")

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>Case file</title>
<style>
body { font: 15px/1.5 sans-serif; max-width: 54rem; margin: 2rem auto; padding: 0 1rem; }
article { border: 1px solid #ccc; border-radius: 6px; padding: .6rem .9rem; margin: .8rem 0; }
.outbound { margin-left: 4rem; background: #f2f7f2; }
.note { background: #fff8e0; } .event { border: 0; color: #555; padding: 0 .9rem; }
p { white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0; }
small, dl { color: #555; overflow-wrap: anywhere; }
img { max-width: 100%; max-height: 24rem; }
dl { display: grid; grid-template-columns: 10rem 1fr; margin: 0; } dd { margin: 0; }
</style></head><body>
"""


def page(case: Mapping[str, Any]) -> str:
    """The whole page. Whatever people wrote stands in it as text."""
    contact, inbox = case["contact"], case["inbox"]
    addresses = ", ".join(str(one["address"]) for one in contact["addresses"])
    facts = _facts(
        {
            "Contact": contact.get("name"),
            "Addresses": addresses,
            "Inbox": f"{inbox.get('name')} {inbox.get('address') or ''}",
            "Conversation": case["conversation"]["id"],
            "Labels": ", ".join(case["labels"]),
            "Exported": _time(case["exported_at"]),
        }
    )
    return (
        f"{_HEAD}<h1>Case file</h1>{facts}<h2>Thread (times are UTC)</h2>\n"
        + "\n".join(_thread(case))
        + "\n<h2>What Twilio sent</h2>"
        + "\n".join(_request(one) for one in case["requests"])
        + "\n</body></html>\n"
    )


def _thread(case: Mapping[str, Any]) -> list[str]:
    """Messages, notes and events in order of time. All times are UTC."""
    people = case["people"]
    parts = [(str(m["timestamp"]), 0, _message(m, people)) for m in case["messages"]]
    parts += [(str(n["created_at"]), 1, _note(n, people)) for n in case["notes"]]
    parts += [(str(e["created_at"]), 2, _event(e, people)) for e in case["events"]]
    return [text for _, _, text in sorted(parts, key=lambda part: part[:2])]


def _message(message: Mapping[str, Any], people: Mapping[str, Any]) -> str:
    outbound = message.get("direction") == "outbound"
    who = _name(message.get("sent_by"), people) if outbound else message.get("from_number")
    automatic = " (automatic)" if message.get("automatic") else ""
    lines = [
        f"<b>{_text(who or ('the team' if outbound else 'the customer'))}</b>{automatic} "
        f"<small>{_time(message.get('timestamp'))} · {_text(message.get('status'))} · "
        f"{_text(message.get('message_sid') or message.get('id'))}</small>"
    ]
    if message.get("content"):
        lines.append(f"<p>{_text(message['content'])}</p>")
    place = (message.get("metadata") or {}).get("location")
    if isinstance(place, Mapping):
        lines.append(f"<p>{_text(place.get('latitude'))}, {_text(place.get('longitude'))}</p>")
    lines += [_file(one) for one in message["files"]]
    if message.get("error_text") or message.get("error_code"):
        lines.append(
            f"<p>{_text(message.get('error_code'))} {_text(message.get('error_text'))}</p>"
        )
    lines += [_attempt(one) for one in message["attempts"]]
    lines += [_delivery(one) for one in message["deliveries"]]
    kind = "outbound" if outbound else "inbound"
    return f'<article class="{kind}">' + "\n".join(lines) + "</article>"


def _file(item: Mapping[str, Any]) -> str:
    named = _text(item.get("name") or item.get("content_type"))
    if not item.get("file"):
        return f"<p>File: {named} ({_text(item.get('error') or 'not in storage')})</p>"
    place = escape(str(item["file"]), quote=True)
    shown = f'<a href="{place}">{named}</a>'
    if place.endswith(_PICTURES):
        shown = f'<img src="{place}" alt=""><br>{shown}'
    return f"<div>{shown}<br><small>SHA-256 {_text(item['sha256'])}</small></div>"


def _attempt(attempt: Mapping[str, Any]) -> str:
    known = (attempt.get("outcome"), attempt.get("http_status"), attempt.get("error_code"),
             attempt.get("sid"), attempt.get("words"))  # fmt: skip
    said = " · ".join(_text(one) for one in known if one not in (None, ""))
    return f"<div><small>Call to Twilio {_time(attempt.get('started_at'))}: {said}</small></div>"


def _delivery(event: Mapping[str, Any]) -> str:
    why = "" if event.get("error_code") is None else f" · {_text(event['error_code'])}"
    return f"<div><small>{_text(event.get('status'))} {_time(event.get('at'))}{why}</small></div>"


def _note(note: Mapping[str, Any], people: Mapping[str, Any]) -> str:
    who = _text(_name(note.get("author_id"), people) or "the team")
    return (
        f'<article class="note"><b>Note by {who}</b> <small>{_time(note.get("created_at"))}</small>'
        f"<p>{_text(note.get('body'))}</p></article>"
    )


def _event(event: Mapping[str, Any], people: Mapping[str, Any]) -> str:
    who = _text(_name(event.get("actor_id"), people) or "the service")
    told = [_time(event.get("created_at")), f"{_text(event.get('kind'))} by {who}"]
    if event.get("data"):
        told.append(_text(_told(event["data"], people)))
    return f'<article class="event"><small>{" · ".join(told)}</small></article>'


def _told(value: object, people: Mapping[str, Any]) -> str:
    """What an event carries, in words however deep it lies; people of the team by their names."""
    match value:
        case None | "":
            return "none"
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return ", ".join(
                f"{key}: ({_told(one, people)})" if isinstance(one, Mapping)
                else f"{key}: {_told(one, people)}"
                for key, one in value.items()
            )  # fmt: skip
        case list():
            return "; ".join(_told(one, people) for one in value) or "none"
    return _name(value, people) or str(value)


def _request(request: Mapping[str, Any]) -> str:
    place = escape(str(request["file"]), quote=True)
    return (
        f'<div><a href="{place}">{place}</a> <small>{_time(request["received_at"])} · '
        f"SHA-256 {_text(request['sha256'])}</small></div>"
    )


def _facts(values: Mapping[str, object]) -> str:
    rows: Iterable[str] = (f"<dt>{_text(k)}</dt><dd>{_text(v)}</dd>" for k, v in values.items())
    return f"<dl>{''.join(rows)}</dl>"


def _name(ident: object, people: Mapping[str, Any]) -> str | None:
    known = people.get(str(ident)) if ident else None
    return str(known["name"]) if known and known.get("name") else None


def _time(moment: object) -> str:
    return _text(str(moment or "")[:19].replace("T", " "))


def _text(value: object) -> str:
    return "" if value is None else escape(str(value), quote=True)

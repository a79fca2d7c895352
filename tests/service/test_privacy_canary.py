"""A person is erased from the whole product: a word that only they used is looked for in it."""

from __future__ import annotations

import base64
import contextlib
import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from console.local.samples import sample
from console.local.stack import Stack
from tests.database.canary import columns_with
from tests.waiting import wait_until

CANARY = "kenari7f3a9q"
DIGITS = "6281299900417"
CUSTOMER = f"whatsapp:+{DIGITS}"
OTHER = "whatsapp:+6281200000555"
TRACES = (CANARY, DIGITS)


class House:
    """Everything running, and one person in it who leaves traces wherever a person can."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.facts = stack.facts()
        self.login = (self.facts["twilio_account_sid"], self.facts["twilio_auth_token"])
        self.admin = psycopg.connect(stack.postgres.dsn("supabase_admin"), autocommit=True)

    def one(self, query: str, *values: object) -> Any:
        row = self.admin.execute(query.encode(), values).fetchone()
        return row[0] if row else None

    # Twilio ---------------------------------------------------------------------------------------

    def sim(self, path: str, **fields: Any) -> Any:
        answer = httpx.post(f"{self.facts['twilio_api_url']}/sim/{path}", json=fields, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def at_twilio(self, place: str) -> Any:
        url = f"{self.facts['twilio_api_url']}/2010-04-01/Accounts/{self.login[0]}/{place}"
        return httpx.get(url, auth=self.login, timeout=30).json()

    def listed(self, **query: str) -> list[Any]:
        words = "&".join(f"{key}={value.replace('+', '%2B')}" for key, value in query.items())
        found: list[Any] = self.at_twilio(f"Messages.json?PageSize=1000&{words}")["messages"]
        return found

    def writes(self, body: str, *, by: str = CUSTOMER, **more: Any) -> str:
        answer = self.sim("inbound", **{"from": by, "body": body, "name": CANARY, **more})
        assert answer["answer"] in (200, None)
        return str(answer["sid"])

    # The desk -------------------------------------------------------------------------------------

    def call(self, who: str, function: str, **arguments: Any) -> Any:
        headers = {"apikey": self.facts["publishable_key"], "authorization": self.token(who)}
        answer = httpx.post(
            f"{self.facts['supabase_url']}/rest/v1/rpc/{function}",
            headers=headers,
            json=arguments,
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def token(self, who: str) -> str:
        answer = httpx.post(
            f"{self.facts['supabase_url']}/auth/v1/token?grant_type=password",
            headers={"apikey": self.facts["publishable_key"]},
            json={"email": self.facts[f"{who}_email"], "password": self.facts[f"{who}_password"]},
            timeout=30,
        )
        return f"Bearer {answer.json()['access_token']}"

    def upload(self, path: str, content: bytes, content_type: str) -> None:
        answer = httpx.post(
            f"{self.facts['supabase_url']}/storage/v1/object/attachments/{path}",
            headers={
                "apikey": self.facts["publishable_key"],
                "authorization": self.token("agent"),
                "content-type": content_type,
            },
            content=content,
            timeout=30,
        )
        assert answer.status_code == 200, answer.text

    # Looking --------------------------------------------------------------------------------------

    def rows_with(self, word: str) -> list[str]:
        """Every column of the database that holds the word."""
        return columns_with(self.admin, word)

    def files_with(self, word: str) -> list[str]:
        """Every file of the product that holds the word, in its bytes or its name."""
        found = []
        for top in ("files", "logs", "spool"):
            for path in (self.stack.folder / top).rglob("*"):
                if word in path.name or (path.is_file() and word.encode() in path.read_bytes()):
                    found.append(str(path.relative_to(self.stack.folder)))
        return found


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with Stack(durable=False, speed=20) as stack:
        running = House(stack)
        with contextlib.closing(running.admin):
            yield running


def _stored(house: House, sid: str) -> bool:
    return bool(
        house.one(
            "select not exists (select from jsonb_array_elements(media) f"
            " where f ->> 'state' <> 'stored') from public.messages where message_sid = %s",
            sid,
        )
    )


def _lives(house: House) -> tuple[str, str]:
    """The person writes, is answered, noted, drafted to and spoken of; contact and conversation."""
    house.writes(f"Halo, saya {CANARY}")
    note = base64.b64encode(f"isi surat {CANARY}".encode()).decode()
    letter = {"base64": note, "content_type": "text/plain", "name": f"{CANARY}.txt"}
    sid = house.writes("", media=[letter])
    wait_until(lambda: _stored(house, sid), within=30)
    contact, thread = house.admin.execute(
        "select contact_id::text, c.id::text from public.conversations c"
        " join public.contact_addresses a using (contact_id) where a.address = %s",
        [CUSTOMER],
    ).fetchall()[0]
    reply = str(uuid.uuid4())
    picture = sample("resi.jpg")
    path = f"{thread}/{reply}/0/{CANARY}.jpg"
    house.upload(path, picture.content, "image/jpeg")
    house.upload(f"{thread}/{uuid.uuid4()}/0/unsent.txt", CANARY.encode(), "text/plain")
    file = {"path": path, "content_type": "image/jpeg", "name": f"{CANARY}.jpg", "size": 5}
    house.call("agent", "send_message", id=reply, conversation_id=thread,
               content=f"Baik {CANARY}", media=[file])  # fmt: skip
    wait_until(
        lambda: (
            house.one("select status from public.messages where id = %s", reply)
            in ("delivered", "read")
        ),
        within=30,
    )
    house.call("agent", "add_note", id=str(uuid.uuid4()), conversation_id=thread,
               body=f"{CANARY} marah")  # fmt: skip
    house.call("agent", "save_draft", conversation_id=thread, body=f"Maaf {CANARY}")
    # What administrators and the service leave behind.
    house.admin.execute(
        "update public.contacts set notes = %s, attributes = %s where id = %s",
        [CANARY, json.dumps({"kota": CANARY}), contact],
    )
    house.admin.execute(
        "insert into public.events (conversation_id, kind, data) values (%s, 'renamed', %s)",
        [thread, json.dumps({"name": CANARY})],
    )
    house.admin.execute(
        "insert into public.audit_log (action, subject_type, subject_id, data)"
        " values ('contact_changed', 'contacts', %s, %s), ('x', 'inboxes', null, %s)",
        [contact, json.dumps({"name": CANARY}), json.dumps({"to": CUSTOMER})],
    )
    house.admin.execute(
        "insert into private.webhook_requests (path, body, flagged) values"
        " ('/webhook', %s, 'unparsed'), ('/webhook', 'From=x', 'unparsed')",
        [f"From=whatsapp%3A%2B{DIGITS}&Body={CANARY}".encode()],
    )
    house.admin.execute(
        "select private.enqueue('copy_media', %s, scheduled_at => now() + interval '1 day')",
        [json.dumps({"message_id": reply, "words": CANARY})],
    )
    return contact, thread


def test_an_erased_person_is_nowhere_any_more_and_does_not_come_back(house: House) -> None:
    contact, thread = _lives(house)
    house.writes("Saya orang lain", by=OTHER, name="Wati")
    never_came = house.writes(f"Tidak sampai {CANARY}", deliver=False)
    first = house.listed(From=CUSTOMER)[-1]["sid"]
    page = house.call("agent", "pull_changes", cursor="", page_size=1000)
    while page["more"]:
        page = house.call("agent", "pull_changes", cursor=page["cursor"], page_size=1000)
    assert len(house.rows_with(CANARY)) > 10
    assert house.rows_with(DIGITS)
    assert house.files_with(CANARY)

    erasure = str(uuid.uuid4())
    asked = {"id": erasure, "contact_id": contact}
    assert house.call("supervisor", "erase_contact", **asked)["erasures"][0]["id"] == erasure
    wait_until(
        lambda: (
            house.call("supervisor", "erase_contact", **asked)["erasures"][0]["state"] == "done"
        ),
        within=60,
    )
    (receipt,) = house.call("supervisor", "erase_contact", **asked)["erasures"]
    assert receipt["counts"]["conversations"] == 1
    assert receipt["counts"]["messages"] == 3
    assert receipt["counts"]["files"] == 3
    assert receipt["counts"]["twilio_messages"] == 4, "the one that never came as well"
    assert receipt["counts"]["twilio_files"] == 2
    assert receipt["left_over"] == []

    # Desktops are told to forget.
    gone = house.call("agent", "pull_changes", cursor=page["cursor"], page_size=1000)
    assert gone["deleted"]["conversations"] == [thread]
    assert gone["deleted"]["contacts"] == [contact]
    assert not any(trace in json.dumps(gone) for trace in TRACES)

    # Twilio keeps that there were messages, and nothing of what they said.
    listed = house.listed(From=CUSTOMER) + house.listed(To=CUSTOMER)
    assert len(listed) == 4
    assert {message["body"] for message in listed} == {""}
    for message in listed:
        assert house.at_twilio(f"Messages/{message['sid']}/Media.json")["media_list"] == []

    # Not by a late webhook, and not by the sweep, to which Twilio lists them.
    for sid in (first, never_came):
        assert house.sim(f"inbound/{sid}/deliver")["answer"] == 200
    for message in listed:
        inbound = message["direction"] == "inbound"
        known = {
            "sid": message["sid"], "inbound": inbound, "from": message["from"],
            "to": message["to"], "channel": "whatsapp", "at": "2026-01-01T00:00:00Z",
        }  # fmt: skip
        assert house.one("select private.sweep_compare(%s)", json.dumps([known])) == []
    for trace in TRACES:
        assert house.rows_with(trace) == []
        assert house.files_with(trace) == []
    # Somebody else's things are untouched.
    assert house.one("select count(*) from public.messages") == 1
    assert house.one("select count(*) from private.webhook_requests where body = 'From=x'") == 1
    assert {message["body"] for message in house.listed(From=OTHER)} == {"Saya orang lain"}

    # Who writes again begins anew.
    house.writes("Halo lagi")
    wait_until(lambda: house.one("select count(*) from public.contacts") == 2)
    assert house.one("select count(*) from public.messages") == 2
    assert house.one("select bool_or(blocked) from public.contacts") is False

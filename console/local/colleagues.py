"""What the shop's own people have prepared for the demo, and what they do while customers write."""

from __future__ import annotations

import json
import logging
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import psycopg
from psycopg.types.json import Jsonb

from console.local.cast import CAST, SOUGHT

log = logging.getLogger("balas.scenario")

_JAKARTA: Final = timezone(timedelta(hours=7))

# Name and colour, a name of the theme's label tokens.
LABELS: Final = (
    ("VIP", "violet"),
    ("Komplain", "red"),
    ("Pengiriman", "blue"),
    ("Grosir", "green"),
    ("Pembayaran", "amber"),
)
# Shortcut and body; {{name}} is the customer's name, {{agent}} who writes.
CANNED_REPLIES: Final = (
    (
        "halo",
        "Halo {{name}}, terima kasih sudah menghubungi Toko Makmur. Ada yang bisa kami bantu?",
    ),
    ("tunggu", "Baik kak {{name}}, mohon ditunggu sebentar ya. Kami cek dulu. 🙏"),
    (
        "jam",
        "Toko kami buka *Senin–Sabtu 08.00–20.00* dan *Minggu 09.00–15.00* WIB.\n"
        "Jl. Kramat Raya 24, Jakarta Pusat.",
    ),
    (
        "rekening",
        "Pembayaran bisa ditransfer ke:\n*BCA 123 456 7890*\na.n. PT Toko Makmur Sentosa\n\n"
        "Mohon kirim bukti transfernya di sini ya kak.",
    ),
    (
        "ongkir",
        "Ongkos kirim tergantung alamat dan berat barang. "
        "Boleh minta alamat lengkap atau lokasinya, kak?",
    ),
    (
        "maaf",
        "Mohon maaf atas ketidaknyamanannya, kak {{name}}. Boleh kirim foto barangnya? "
        "Kami bantu sampai selesai.",
    ),
    ("terimakasih", "Terima kasih, kak {{name}}! Semoga harinya menyenangkan. — {{agent}}"),
)


@dataclass(frozen=True, slots=True)
class Deed:
    """Somebody of the team does something `at` so many seconds into the story.

    `by` and {supervisor}, {agent} in `fields` name the supervisor and the agent who works in the
    inboxes; `act` is a function of the database, called as they would call it. {label:…} is the id
    of a label, {inbox:…} that of the inbox of a channel. The conversation is that of `actor`, a
    name of the cast; None where the act is about none.
    """

    at: float
    by: str
    actor: str | None
    act: str
    fields: dict[str, Any] = field(default_factory=dict)


def _note(body: str, *mentions: str) -> dict[str, Any]:
    return {"body": body, "mentions": list(mentions)}


# Those who are put away or done are customers who do not write again by themselves.
DEEDS: Final = (
    # SMS answers first by itself, then gives the customer to who is there. The words are such that
    # no customer of the cast takes them for an answer.
    Deed(
        0.2,
        "supervisor",
        None,
        "set_inbox_rules",
        {"inbox_id": "{inbox:sms}", "rules": {"routing": True, "first_response_minutes": 15}},
    ),
    Deed(
        0.3,
        "supervisor",
        None,
        "save_auto_reply",
        {
            "inbox_id": "{inbox:sms}",
            "kind": "greeting",
            "body": "Halo {{contact.name}}, pesan Anda sudah masuk ke Toko Makmur. "
            "Petugas kami segera membalas.",
        },
    ),
    Deed(0.4, "agent", None, "set_available", {"available": True}),
    Deed(5.0, "supervisor", "siti", "assign", {"assignee_id": "{agent}"}),
    Deed(5.5, "supervisor", "siti", "set_label", {"label_id": "{label:Pengiriman}"}),
    Deed(10.0, "supervisor", "jaya", "set_label", {"label_id": "{label:Grosir}"}),
    Deed(10.5, "supervisor", "jaya", "set_label", {"label_id": "{label:VIP}"}),
    Deed(11.0, "supervisor", "bambang", "assign", {"assignee_id": "{supervisor}"}),
    Deed(
        12.5,
        "supervisor",
        "bambang",
        "add_note",
        _note(
            "Suaranya kurang jelas, sepertinya soal tagihan bulan lalu. Saya telepon besok pagi."
        ),
    ),
    Deed(13.5, "supervisor", "bambang", "snooze", {"until": "{tomorrow}"}),
    Deed(
        14.5,
        "supervisor",
        "agus",
        "send_message",
        {"content": "Buka kak, hari Minggu jam 09.00–15.00. Ditunggu ya!"},
    ),
    Deed(17.5, "supervisor", "lina", "set_label", {"label_id": "{label:Komplain}"}),
    Deed(20.0, "supervisor", "lina", "assign", {"assignee_id": "{agent}"}),
    Deed(
        21.0,
        "supervisor",
        "lina",
        "add_note",
        _note(
            "@{agent_name} tolong didahulukan: barang penyok, kirim pengganti hari ini.", "agent"
        ),
    ),
    Deed(
        25.0,
        "supervisor",
        None,
        "start_conversation",
        {
            "inbox_id": "{inbox:whatsapp}",
            "address": CAST[SOUGHT].address,
            "name": CAST[SOUGHT].name,
            "template": {
                "name": "konfirmasi_terima",
                "variables": {"1": "{{contact.first_name}}"},
            },
        },
    ),
    Deed(31.0, "supervisor", "agus", "resolve"),
    Deed(36.0, "supervisor", "jaya", "assign", {"assignee_id": "{agent}"}),
)

_PEOPLE = """
select (select p.id::text from public.profiles p where p.active and p.role = 'supervisor'
         order by p.created_at, p.id limit 1),
       a.id::text, a.display_name
  from public.profiles a
 where a.active and a.role = 'agent'
   and exists (select from public.inbox_members m where m.profile_id = a.id)
 order by a.created_at, a.id limit 1
"""
_CREATES: Final = ("add_note", "send_message", "save_auto_reply", "start_conversation")
_WORDS = """
select 'label:' || name, id::text from public.labels
union all
(select distinct on (channel) 'inbox:' || channel, id::text from public.inboxes
  where not hidden and not flagged order by channel, created_at)
"""
_THREAD = """
select c.id::text from public.conversations c
  join public.contact_addresses a on a.contact_id = c.contact_id
 where a.address = %s order by c.created_at desc limit 1
"""


def prepare(connection: psycopg.Connection[Any]) -> None:
    """The labels and canned replies of the shop, where there are none yet."""
    connection.cursor().executemany(
        "insert into public.labels (name, color) select %s, %s"
        " where not exists (select from public.labels where created_at < now())"
        " on conflict do nothing",
        LABELS,
    )
    connection.cursor().executemany(
        "insert into public.canned_replies (shortcut, body) select %s, %s"
        " where not exists (select from public.canned_replies where created_at < now())"
        " on conflict do nothing",
        CANNED_REPLIES,
    )


def perform(db_url: str, deed: Deed) -> None:
    """Do it, as the person would: with their rights, through the function that windows call.

    A conversation, a label or a person that is not there (somebody changed the demo meanwhile) and
    a refusal are noted; the story goes on.
    """
    with psycopg.connect(db_url) as connection:
        people = connection.execute(_PEOPLE).fetchone()
        fields: dict[str, Any] = {}
        if deed.actor is not None:
            thread = connection.execute(_THREAD, [CAST[deed.actor].address]).fetchone()
            fields["conversation_id"] = thread[0] if thread else None
        if people is None or people[0] is None or None in fields.values():
            log.info("nobody is there to do what the story says: %s", deed.act)
            return
        supervisor, agent, agent_name = people
        words = {"{supervisor}": supervisor, "{agent}": agent, "{tomorrow}": _tomorrow()}
        words |= {f"{{{name}}}": ident for name, ident in connection.execute(_WORDS)}
        for key, value in deed.fields.items():
            if isinstance(value, dict):
                fields[key] = Jsonb(value)
            else:
                fields[key] = words.get(value, value) if isinstance(value, str) else value
        if deed.act in _CREATES:
            fields["id"] = str(uuid.uuid4())
        if deed.act == "add_note":
            fields["body"] = fields["body"].replace("{agent_name}", agent_name)
            known = {"agent": uuid.UUID(agent), "supervisor": uuid.UUID(supervisor)}
            fields["mentions"] = [known[who] for who in fields["mentions"]]
        if deed.act == "set_label":
            fields["present"] = True
        claims = {"role": "authenticated", "sub": {"agent": agent}.get(deed.by, supervisor)}
        connection.execute(
            "select set_config('request.jwt.claims', %s, true)", [json.dumps(claims)]
        )
        connection.execute("set local role authenticated")
        named = ", ".join(f"{name} => %({name})s" for name in fields)
        try:
            connection.execute(f"select public.{deed.act}({named})".encode(), fields)
        except psycopg.Error as error:
            log.info("%s was refused: %s", deed.act, error.diag.message_primary)
            connection.rollback()


def _tomorrow() -> str:
    """Nine o'clock tomorrow morning in the shop."""
    morning = datetime.now(_JAKARTA).replace(hour=9, minute=0, second=0, microsecond=0)
    return (morning + timedelta(days=1)).isoformat()

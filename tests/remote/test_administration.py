"""Administration and reports against a real database, as one administrator and one agent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from console.domain.administration import AutoReply, Hours, Retention
from console.domain.conversation import Label
from console.domain.desk import CannedReply
from console.domain.errors import ChangedSinceError, RefusedError
from console.domain.ids import CannedReplyId, InboxId, LabelId, ProfileId
from console.domain.profile import Role
from console.domain.reports import Grouping
from console.remote.client import Remote
from console.ui.screens.administration.wording import refusal
from tests.remote.project import Agent, Project

WEEK = {"mon": (("08:00", "12:00"), ("13:00", "17:00")), "sat": (("09:00", "13:00"),)}


@pytest.fixture
def boss(project: Project) -> Agent:
    """The administrator."""
    return project.agent("boss", role="admin")


async def test_an_administrator_changes_everything_the_screens_offer(
    project: Project, remote: Remote, boss: Agent, sari: Agent
) -> None:
    await remote.auth.sign_in(boss.email, boss.password)
    server = remote.administration
    state = await server.read()
    assert state.is_admin
    who, inbox = ProfileId(sari.id), InboxId(project.desk.jakarta)
    assert (inbox, who) in state.members

    assert (await server.save_person(who, {"role": "supervisor"})).role is Role.SUPERVISOR
    assert (await server.set_capacity(who, 7)).capacity == 7
    assert (await server.set_available(who, available=True)).available
    await server.set_member(InboxId(project.desk.bandung), who, present=True)
    assert (await server.save_inbox(inbox, {"name": "Jakarta Pusat"})).name == "Jakarta Pusat"

    hours = Hours("Asia/Makassar", WEEK, ("2026-12-25",))
    rules = {"hours": hours, "routing": True, "first_response_minutes": 15}
    saved = await server.set_rules(inbox, rules)
    assert saved.hours == hours
    assert (saved.routing, saved.first_response_minutes) == (True, 15)
    assert (await server.set_rules(inbox, {"hours": None})).hours is None

    reply = AutoReply(str(uuid4()), inbox, "keyword", "Katalog: …", "katalog, harga")
    assert await server.save_auto_reply(reply) == reply
    off = replace(reply, kind="away", keyword="", enabled=False)
    assert await server.save_auto_reply(off) == off
    canned = CannedReplyId(str(uuid4()))
    file = await server.upload_canned(canned, "Daftar harga.txt", "text/plain", b"Harga: 10")
    await server.save_canned(CannedReply(canned, "harga", "Ini ya", (file,)))
    await server.save_label(Label(LabelId(str(uuid4())), "Retur", "amber"))
    kept = await server.save_retention(Retention(messages=365, requests=None))
    assert kept == Retention(messages=365, requests=None)

    state = await server.read()
    assert state.auto_replies == (off,)
    assert state.retention == kept
    assert (InboxId(project.desk.bandung), who) in state.members
    page = await server.audit()
    done = [entry.action for entry in page.entries]
    assert {"label_saved", "inbox_rules_set", "capacity_set", "auto_reply_saved"} <= set(done)
    assert page.entries[0].actor == "Boss"
    await server.delete_auto_reply(reply.id)
    assert (await server.read()).auto_replies == ()


async def test_what_was_seen_is_changed_and_what_somebody_changed_since_is_answered(
    project: Project, remote: Remote, boss: Agent, sari: Agent
) -> None:
    await remote.auth.sign_in(boss.email, boss.password)
    server, inbox = remote.administration, InboxId(project.desk.jakarta)
    who = ProfileId(sari.id)
    canned = CannedReplyId(str(uuid4()))
    file = await server.upload_canned(canned, "Daftar.txt", "text/plain", b"10")
    # Each value as it comes back, and what is put in its place.
    replies = [CannedReply(canned, "harga", f"Ini ya {n}", (file,)) for n in range(3)]
    labels = [Label(LabelId("00000000-0000-4000-8000-00000000000a"), f"L{n}") for n in range(3)]
    autos = [AutoReply(str(canned), inbox, "greeting", f"Halo {n}") for n in range(3)]
    hours = [Hours("UTC", WEEK), Hours("UTC", {"mon": ()}, ("2026-12-25",)), None]
    kept = [Retention(messages=365), Retention(messages=400, media=30), Retention()]

    async def named(name: str, seen: str | None) -> object:
        fields = None if seen is None else {"display_name": seen, "role": "agent"}
        return (await server.save_person(who, {"display_name": name}, fields)).name

    async def pace(number: int, seen: int | None) -> object:
        fields = None if seen is None else {"messages_per_second": seen}
        return await server.save_inbox(inbox, {"messages_per_second": number}, fields)

    async def opened(value: Hours | None, seen: Hours | None, first: bool) -> object:
        fields = None if first else {"hours": seen}
        return await server.set_rules(inbox, {"hours": value}, fields)

    await server.save_canned(replies[0])
    await server.save_label(labels[0])
    await server.save_auto_reply(autos[0])
    await server.save_retention(kept[0])
    await named("Sari 0", None)
    await pace(10, None)
    await opened(hours[0], None, True)
    for one, two in ((0, 1), (1, 2), (1, 2)):  # the last one again: no conflict with oneself
        await server.save_canned(replies[two], replies[one])
        await server.save_label(labels[two], labels[one])
        await server.save_auto_reply(autos[two], autos[one])
        await server.save_retention(kept[two], kept[one])
        await named(f"Sari {two}", f"Sari {one}")
        await pace(10 + two, 10 + one)
        await opened(hours[two], hours[one], False)
    for late, now in (
        (server.save_canned(replies[0], replies[1]), replies[2]),
        (server.save_label(labels[0], labels[1]), labels[2]),
        (server.save_auto_reply(autos[0], autos[1]), autos[2]),
        (server.save_retention(kept[0], kept[1]), kept[2]),
    ):
        with pytest.raises(ChangedSinceError) as told:
            await late
        assert told.value.now == now
    for call, field, value in (
        (named("X", "Sari 0"), "name", "Sari 2"),
        (pace(20, 10), "messages_per_second", 12),
        (opened(hours[0], hours[1], False), "hours", None),
    ):
        with pytest.raises(ChangedSinceError) as told:
            await call
        assert getattr(told.value.now, field) == value
    await server.delete_auto_reply(autos[0].id)
    with pytest.raises(ChangedSinceError) as told:
        await server.save_auto_reply(autos[0], autos[2])
    assert told.value.now is None


async def test_the_last_administrator_stays_one(remote: Remote, boss: Agent, sari: Agent) -> None:
    await remote.auth.sign_in(boss.email, boss.password)
    with pytest.raises(RefusedError) as refused:
        await remote.administration.save_person(ProfileId(boss.id), {"active": False})
    assert refused.value.code == "last_admin"


async def test_the_server_names_the_variables_that_a_window_then_names_in_its_words(
    project: Project, remote: Remote, boss: Agent
) -> None:
    await remote.auth.sign_in(boss.email, boss.password)
    text = "Halo {{nama}}, buka {{hours.opens}} {{x y}}"
    reply = AutoReply(str(uuid4()), InboxId(project.desk.jakarta), "greeting", text)
    with pytest.raises(RefusedError) as refused:
        await remote.administration.save_auto_reply(reply)
    assert refused.value.code == "unknown_variable"
    said = refusal(refused.value)[1]
    assert "{{nama}}, {{x y}}. " in said
    for name in ("contact.name", "inbox.name", "hours.today", "hours.opens"):
        assert f"{{{{{name}}}}}" in said.partition(". ")[2]
    assert (await remote.administration.read()).auto_replies == ()


async def test_an_agent_reads_no_administration_and_only_their_own_numbers(
    signed_in: Remote,
) -> None:
    with pytest.raises(RefusedError) as refused:
        await signed_in.administration.read()
    assert refused.value.code == "not_allowed"
    now = datetime.now(UTC)
    for grouping in Grouping:
        report = await signed_in.reports.read(
            grouping, now - timedelta(days=6), now, zone="Asia/Jakarta"
        )
        assert report.is_empty
        assert len(report.lines) == (7 if grouping is Grouping.DAYS else 0)

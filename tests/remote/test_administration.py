"""Administration and reports against a real database, as one administrator and one agent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from console.domain.administration import AutoReply, Hours, Retention
from console.domain.conversation import Label
from console.domain.desk import CannedReply
from console.domain.errors import RefusedError
from console.domain.ids import CannedReplyId, InboxId, LabelId, ProfileId
from console.domain.profile import Role
from console.domain.reports import Grouping
from console.remote.client import Remote
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


async def test_the_last_administrator_stays_one(remote: Remote, boss: Agent, sari: Agent) -> None:
    await remote.auth.sign_in(boss.email, boss.password)
    with pytest.raises(RefusedError) as refused:
        await remote.administration.save_person(ProfileId(boss.id), {"active": False})
    assert refused.value.code == "last_admin"


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

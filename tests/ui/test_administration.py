"""The administration: by role, sent at once, taken back where the server refuses."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTime
from PySide6.QtWidgets import QTimeEdit
from pytestqt.qtbot import QtBot

from console.domain.administration import Hours
from console.domain.desk import CannedFile
from console.domain.errors import RefusedError
from console.domain.ids import CannedReplyId, InboxId, ProfileId
from console.domain.profile import Role
from console.local.snapshot import SNAPSHOT
from console.remote.administration import everything, hours, hours_wire
from console.service import case_file
from console.ui.screens.administration.audit import Audit
from console.ui.screens.administration.canned import CannedForm, CannedReplies
from console.ui.screens.administration.history import acts, fields
from console.ui.screens.administration.inboxes import Inboxes, InboxForm
from console.ui.screens.administration.labels import Labels
from console.ui.screens.administration.people import People, PersonForm
from console.ui.screens.administration.retention import RetentionForm
from console.ui.screens.administration.screen import Screen
from console.ui.screens.question import Question
from console.ui.widgets.card import CardRow
from tests.gallery.memory_administration import HOURS, MemoryAdministration
from tests.gallery.memory_desk import ME
from tests.gallery.samples import desk
from tests.gallery.scenes_administration import administration, section
from tests.gallery.stage import Stage
from tests.waiting import eventually

RAKA = ProfileId("raka")
WA = InboxId("wa")


def form_of(screen: Screen, person: ProfileId) -> PersonForm:
    fold = section(screen, People).folds[person]
    fold.open()
    assert isinstance(fold.inside, PersonForm)
    return fold.inside


def inbox_form(screen: Screen) -> InboxForm:
    fold = section(screen, Inboxes).folds[WA]
    fold.open()
    assert isinstance(fold.inside, InboxForm)
    return fold.inside


def answer(screen: Screen, kind: str) -> None:
    """Press the button of that kind in the question that is open."""
    question = next(made for made in screen.window().findChildren(Question) if made.isVisible())
    buttons = question.findChildren(type(section(screen, RetentionForm).save))
    next(made for made in buttons if made.property("kind") == kind).click()


@pytest.mark.parametrize(
    ("role", "offered"), [(Role.AGENT, False), (Role.SUPERVISOR, True), (Role.ADMIN, True)]
)
async def test_the_rail_offers_it_to_those_who_may(stage: Stage, role: Role, offered: bool) -> None:
    store = desk()
    store.me = replace(ME, role=role)
    window = stage.window(store)
    assert window.rail.pages["administration"].isHidden() is not offered
    store.me = replace(ME, role=Role.ADMIN)  # somebody made them one meanwhile
    window.show_me_now()
    assert not window.rail.pages["administration"].isHidden()


async def test_a_role_is_sent_at_once_and_taken_back_where_it_is_refused(stage: Stage) -> None:
    stage.set(language="en")
    made = MemoryAdministration()
    window, screen = await administration(stage, made)
    form = form_of(screen, RAKA)
    form.role._take("supervisor")
    await eventually(lambda: made.calls == [("save_person", RAKA, {"role": "supervisor"})])
    made.failure = RefusedError("last_admin", "Not possible")
    form.role._take("admin")
    await eventually(lambda: form.role.current == "supervisor")
    assert "Nobody else is an administrator" in window.toast.text.text()


async def test_supervisors_change_only_who_is_there_and_how_much(
    stage: Stage, qtbot: QtBot
) -> None:
    made = MemoryAdministration(Role.SUPERVISOR)
    _, screen = await administration(stage, made)
    form = form_of(screen, RAKA)
    assert not form.role.isEnabled()
    assert not form.inboxes.isEnabled()
    qtbot.mouseClick(form.available, Qt.MouseButton.LeftButton)
    form.capacity.field.selectAll()
    qtbot.keyClicks(form.capacity.field, "25")
    await eventually(lambda: ("set_capacity", RAKA, 25) in made.calls)
    assert ("set_available", RAKA, True) in made.calls
    assert ("set_capacity", RAKA, 2) not in made.calls  # the first of two strokes
    assert screen.sections is not None
    assert {"retention", "audit"}.isdisjoint(screen.sections._buttons)


async def test_hours_are_sent_when_they_are_saved(stage: Stage, qtbot: QtBot) -> None:
    made = MemoryAdministration()
    _, screen = await administration(stage, made, "inboxes")
    week = inbox_form(screen).week
    assert not week.save.isEnabled()
    field = week.findChildren(QTimeEdit)[0]
    field.setTime(QTime(7, 30))
    week.add_holiday(date(2026, 3, 20))
    assert week.save.isEnabled()
    assert made.calls == []
    qtbot.mouseClick(week.save, Qt.MouseButton.LeftButton)
    await eventually(lambda: made.calls)
    sent = made.calls[0][2]["hours"]
    assert sent.week["mon"] == (("07:30", "12:00"), ("13:00", "17:00"))
    assert "sun" not in sent.week
    assert sent.holidays == ("2025-12-25", "2026-01-01", "2026-03-20")
    await eventually(lambda: not week.save.isEnabled())


async def test_a_new_canned_reply_is_one_word_and_a_text(stage: Stage, qtbot: QtBot) -> None:
    made = MemoryAdministration()
    _, screen = await administration(stage, made, "canned")
    entries = section(screen, CannedReplies).entries
    qtbot.mouseClick(entries.new, Qt.MouseButton.LeftButton)
    form = entries.folds["new"].inside
    assert isinstance(form, CannedForm)
    form.shortcut.setText("dua kata")
    form.body.edit.setPlainText("Halo {{name}}")
    assert not form.foot.save.isEnabled()
    form.shortcut.setText("/Halo")
    qtbot.mouseClick(form.foot.save, Qt.MouseButton.LeftButton)
    await eventually(lambda: made.calls)
    assert (made.calls[0][1].shortcut, made.calls[0][1].body) == ("halo", "Halo {{name}}")
    await eventually(lambda: "new" not in entries.folds)


async def test_a_canned_reply_takes_files_that_whatsapp_takes(stage: Stage, tmp_path: Path) -> None:
    made = MemoryAdministration()
    window, screen = await administration(stage, made, "canned")
    fold = section(screen, CannedReplies).entries.folds["katalog"]
    fold.open()
    form = fold.inside
    assert isinstance(form, CannedForm)
    (tmp_path / "daftar.pdf").write_text("%PDF-1.4 Harga: 10", "utf-8")
    (tmp_path / "program.exe").write_bytes(b"MZ" + bytes(64))
    form.add_files([str(tmp_path / "daftar.pdf"), str(tmp_path / "program.exe")])
    assert not form.foot.save.isEnabled()
    await eventually(lambda: not form._uploading)
    assert [file.name for file in form.files] == ["Katalog.pdf", "daftar.pdf"]
    assert "program.exe" in window.toast.text.text()
    form.foot.save.click()
    await eventually(lambda: made.calls[-1][0] == "save_canned")
    assert made.calls[-1][1].files[1].path.startswith("canned/katalog/")


async def test_files_of_a_reply_stand_as_they_were_chosen_whichever_is_up_first(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = MemoryAdministration()
    _, form = await canned_form(stage, made)
    upload, slow = made.upload_canned, asyncio.Event()

    async def late(id: CannedReplyId, name: str, type: str, data: bytes) -> CannedFile:
        if name == "a.pdf":
            await slow.wait()
        return await upload(id, name, type, data)

    monkeypatch.setattr(made, "upload_canned", late)
    paths = [tmp_path / name for name in ("a.pdf", "b.pdf", "c.pdf")]
    for path in paths:
        path.write_bytes(b"%PDF-1.4")
    form.add_files([str(path) for path in paths])
    await eventually(lambda: len(form.files) == 3)
    slow.set()
    await eventually(lambda: not form._uploading)
    assert [f.name for f in form.files] == ["Katalog.pdf", "a.pdf", "b.pdf", "c.pdf"]


async def canned_form(stage: Stage, made: MemoryAdministration) -> tuple[Screen, CannedForm]:
    _, screen = await administration(stage, made, "canned")
    fold = section(screen, CannedReplies).entries.folds["katalog"]
    fold.open()
    assert isinstance(fold.inside, CannedForm)
    return screen, fold.inside


async def test_two_who_change_a_canned_reply_see_each_others_words_before_one_is_lost(
    stage: Stage, qtbot: QtBot
) -> None:
    made = MemoryAdministration()
    screen, form = await canned_form(stage, made)
    before = form.seen
    assert before is not None
    theirs = replace(before, body="Katalog Lebaran")
    made.canned[before.id] = theirs  # not known here when it is sent
    form.body.text = "Katalog Natal"
    form.foot.save.click()
    await eventually(form.meanwhile.isVisible)
    assert "Katalog Lebaran" in form.meanwhile.said.text()
    assert (form.body.text, form.foot.save.isEnabled()) == ("Katalog Natal", False)
    qtbot.mouseClick(form.meanwhile.mine, Qt.MouseButton.LeftButton)
    form.foot.save.click()
    await eventually(lambda: form.seen == replace(before, body="Katalog Natal"))
    # What comes while one types stands beside it; while one does not, in its place.
    form.show_entry(replace(before, body="Katalog A"))
    assert (form.body.text, form.meanwhile.isVisible()) == ("Katalog A", False)
    form.body.text = "Katalog B"
    model = screen.model
    model.canned = [replace(each, body="C") for each in model.canned if each.id == before.id]
    model.shared.emit()
    assert (form.body.text, form.meanwhile.isVisible()) == ("Katalog B", True)
    qtbot.mouseClick(form.meanwhile.theirs, Qt.MouseButton.LeftButton)
    assert (form.body.text, form.is_kept) == ("C", False)


async def test_what_is_typed_outlives_that_a_colleague_deletes_or_adds_others(
    stage: Stage, qtbot: QtBot
) -> None:
    made = MemoryAdministration()
    screen, form = await canned_form(stage, made)
    model, before = screen.model, form.seen
    assert before is not None
    form.body.text = "Katalog Natal"
    model.canned = [replace(before, id=CannedReplyId("lain"), shortcut="lain")]
    model.shared.emit()
    assert (form.body.text, form.meanwhile.isVisible()) == ("Katalog Natal", True)
    assert list(section(screen, CannedReplies).entries.folds) == ["lain", "katalog"]
    qtbot.mouseClick(form.meanwhile.mine, Qt.MouseButton.LeftButton)
    form.foot.save.click()
    await eventually(lambda: [call[0] for call in made.calls] == ["save_canned"])
    await eventually(lambda: list(section(screen, CannedReplies).entries.folds) == ["lain"])


async def test_of_two_who_set_a_value_the_second_one_sees_the_firsts_and_may_insist(
    stage: Stage, qtbot: QtBot
) -> None:
    stage.set(language="en")
    made = MemoryAdministration()
    window, screen = await administration(stage, made, "inboxes")
    form = inbox_form(screen)
    field = form.fields["replies_per_half_minute"]
    made._inbox(WA, None, replies_per_half_minute=5)  # somebody else
    field.field.setFocus()
    field.field.selectAll()
    qtbot.keyClicks(field.field, "10")
    await eventually(lambda: "10" in window.toast.text.text())
    assert (field.value, made.state.inboxes[0].replies_per_half_minute) == (5, 5)
    qtbot.mouseClick(window.toast.step, Qt.MouseButton.LeftButton)
    await eventually(lambda: made.state.inboxes[0].replies_per_half_minute == 10)
    assert made.calls[-1] == ("save_inbox", WA, {"replies_per_half_minute": 10})
    # Hours stay as they are being typed.
    theirs = replace(HOURS, holidays=("2026-03-20",))
    made._inbox(WA, None, hours=theirs)
    form.week.findChildren(QTimeEdit)[0].setTime(QTime(7, 30))
    qtbot.mouseClick(form.week.save, Qt.MouseButton.LeftButton)
    await eventually(form.meanwhile.isVisible)
    assert "2026-03-20" in form.meanwhile.said.text()
    assert form.week.week["mon"][0] == ("07:30", "12:00")
    qtbot.mouseClick(form.meanwhile.mine, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(form.week.save, Qt.MouseButton.LeftButton)
    await eventually(lambda: not form.week.save.isEnabled())
    hours = made.state.inboxes[0].hours
    assert hours is not None
    assert hours.week["mon"][0] == ("07:30", "12:00")


async def test_a_label_gets_another_colour(stage: Stage) -> None:
    made = MemoryAdministration()
    _, screen = await administration(stage, made, "labels")
    row = next(iter(section(screen, Labels).rows.values()))
    row.color._take("violet")
    await eventually(lambda: made.calls)
    assert made.calls[0][1].color == "violet"


@pytest.mark.parametrize("scale", [100, 150])
async def test_the_button_beside_a_field_is_as_tall(stage: Stage, scale: int) -> None:
    stage.set(scale=scale)
    _, screen = await administration(stage, MemoryAdministration(), "labels")
    labels = section(screen, Labels)
    await eventually(lambda: labels.new.isVisible())
    await eventually(lambda: labels.add.geometry().height() == labels.new.height())
    assert labels.add.y() == labels.new.y()


async def test_deleting_sooner_is_asked_about_and_keeping_longer_is_not(
    stage: Stage, qtbot: QtBot
) -> None:
    made = MemoryAdministration()
    _, screen = await administration(stage, made, "retention")
    form = section(screen, RetentionForm)
    shown = [field.field.text() or field.field.placeholderText() for field in form.fields.values()]
    counted = [field.unit.isVisible() for field in form.fields.values()]
    assert counted == [text.isdigit() for text in shown]  # nobody keeps "for ever days"
    form.fields["messages"].changed.emit(365)
    qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    assert made.calls == []
    answer(screen, "danger")
    await eventually(lambda: made.calls)
    assert made.calls[0][1].messages == 365
    form.fields["messages"].changed.emit(None)
    qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    await eventually(lambda: len(made.calls) == 2)
    assert made.calls[1][1].messages is None


async def test_the_audit_log_comes_page_by_page(stage: Stage, qtbot: QtBot) -> None:
    stage.set(language="en")
    made = MemoryAdministration()
    _, screen = await administration(stage, made, "audit")
    log = section(screen, Audit)
    await eventually(lambda: len(log.entries) == 4)
    qtbot.mouseClick(log.older, Qt.MouseButton.LeftButton)
    await eventually(lambda: len(log.entries) == 5)
    assert not log.older.isVisible()
    assert "Nita Kusuma · Role: Agent → Supervisor" in {
        row.text.text() for row in log.findChildren(CardRow)
    }
    assert made.calls == [("audit", None), ("audit", 97)]


def test_each_act_that_is_written_into_the_audit_log_has_words() -> None:
    schema = SNAPSHOT.read_text("utf-8")
    beside = Path(case_file.__file__).parent.glob("*.py")
    service = "".join(path.read_text("utf-8") for path in beside)
    written = set(re.findall(r"private\.audit\(\s*'(\w+)'", schema))
    for choice in re.findall(r"private\.audit\(\s*case.+? end", schema, re.S):
        written |= set(re.findall(r"(?:then|else)\s+'(\w+)'", choice))
    for values in re.findall(r"into public\.audit_log.+?;", schema, re.S):
        written |= set(re.findall(r"'((?:contact|retention)_\w+)'", values))
    for table in re.findall(r"CREATE TRIGGER balas_audit_\w+ .+? ON public\.(\w+) ", schema):
        written |= {f"{table}_added", f"{table}_changed", f"{table}_removed"}
    written |= set(re.findall(r"audit_log.+?\nvalues \('(\w+)'", service))
    written |= set(re.findall(r"execute\(_AUDIT, \(\"(\w+)\"", service))
    assert len(written) > 35
    assert written == set(acts())
    fields_logged = set(re.findall(r"audit_change\('\w+', (.+?)\)", schema))
    names = {name.strip("' ") for line in fields_logged for name in line.split(",")}
    assert names - {"id", "inbox_id", "profile_id", "key", "value"} <= set(fields())


def test_the_servers_answer_is_read_as_it_is_written() -> None:
    assert hours(hours_wire(HOURS)) == HOURS
    assert hours({"zone": "UTC", "week": {"mon": "?"}, "new": 1}) == Hours("UTC")
    read = everything(
        {
            "role": "archangel",
            "profiles": [{"id": "p", "display_name": None, "role": "admin", "open": 3}],
            "inboxes": [{"id": "i", "name": "A", "routing": True, "colour": "new"}],
            "inbox_members": [{"inbox_id": "i", "profile_id": "p"}],
            "retention": None,
        }
    )
    assert read.role is Role.AGENT
    assert read.people[0].open == 3
    assert read.inboxes[0].routing
    assert (InboxId("i"), ProfileId("p")) in read.members
    assert read.retention is None

"""Two agents at two windows on one stack: what one does, the other sees."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.domain.content import Kind
from console.domain.conversation import ConversationRow
from console.domain.ids import ConversationId
from console.ui.composer.composer import Composer
from console.ui.composer.tabs import Mode
from console.ui.screens.handover.screen import Screen as Handover
from console.ui.screens.mentions.screen import Screen as Mentions
from tests.story.conftest import Seat, World, seated
from tests.waiting import eventually

NAME = "Larasati Widodo"
ADDRESS = "whatsapp:+6281300000321"


def composer_of(seat: Seat) -> Composer:
    return seat.window.inbox.thread_screen.composer


def says(seat: Seat, text: str) -> bool:
    """Whether the open thread shows a bubble with this text."""
    return any(each.content.text == text for each in seat.bubbles())


def seen_there(seat: Seat) -> str:
    """What the thread's header says of colleagues."""
    mark = seat.window.inbox.thread_screen.header.company
    return "" if mark.isHidden() else mark.toolTip()


async def type_in(seat: Seat, qtbot: QtBot, text: str, mode: Mode = Mode.REPLY) -> Composer:
    """At the keyboard of one of them."""
    seat.window.activateWindow()
    await eventually(seat.window.isActiveWindow)
    composer = composer_of(seat)
    composer.begin(mode)
    qtbot.keyClicks(composer.field, text)
    return composer


async def row_at(seat: Seat, id: ConversationId) -> ConversationRow:
    row = await seat.store.conversations.get(id)
    assert row is not None
    return row


async def test_two_agents_see_each_other_assign_mention_collide_and_hand_over(
    world: World, qtbot: QtBot, tmp_path: Path
) -> None:
    async with (
        seated(world, tmp_path / "ayu") as ayu,
        seated(world, tmp_path / "rizky", who="colleague") as rizky,
    ):
        assert ayu.store.me is not None
        assert rizky.store.me is not None
        ayu_id, rizky_id = ayu.store.me.id, rizky.store.me.id
        world.customer_does(
            "inbound", **{"from": ADDRESS, "name": NAME, "body": "Kak, pesanan saya?"}
        )
        thread = (await ayu.thread_of(NAME)).id
        await rizky.thread_of(NAME)

        # Each sees that the other is there, in the thread and in the list.
        await eventually(lambda: "Rizky" in seen_there(ayu) and "Ayu" in seen_there(rizky))
        marks = rizky.window.inbox.conversations
        assert marks.company[thread] == ("Ayu Lestari", False)

        # One gives it to the other.
        ayu.window.inbox.acts.assign([await row_at(ayu, thread)], rizky_id)

        async def is_rizkys() -> bool:
            rows = [await row_at(seat, thread) for seat in (ayu, rizky)]
            return all(row.assignee_id == rizky_id for row in rows)

        await eventually(is_rizkys)
        header = rizky.window.inbox.thread_screen.header
        await eventually(lambda: "Rizky" in header.assignee.accessibleName())

        ayu.window.inbox.acts.prioritise([await row_at(ayu, thread)], "urgent")

        async def is_urgent() -> bool:
            return (await row_at(rizky, thread)).priority == "urgent"

        await eventually(is_urgent)

        # A note that asks for the colleague gathers with them, until they have seen it.
        await eventually(lambda: len(ayu.window.inbox.team.people) > 2)
        note = "Tolong @Rizky Maulana cek resinya"
        composer = await type_in(ayu, qtbot, note, Mode.NOTE)
        qtbot.keyClick(composer.field, Qt.Key.Key_Return)
        await eventually(lambda: says(rizky, note))
        button = rizky.window.rail.pages["mentions"]
        await eventually(lambda: button.count == 1)
        rizky.window.go("mentions")
        page = rizky.window.pages.screen_of("mentions")
        assert isinstance(page, Mentions)
        await eventually(lambda: [each.body for each in page.model.mentions] == [note])
        await eventually(lambda: button.count == 0)
        # Who reads mentions is not at the conversation, and comes back to it from there.
        await eventually(lambda: seen_there(ayu) == "")
        page.list.activated.emit(page.model.index(0))
        await eventually(lambda: "Rizky" in seen_there(ayu))

        # Both answer: the second one is stopped for a look at what the first one wrote.
        first, second = "Sudah dikirim tadi pagi ya kak", "Saya cek dulu ya kak"
        begun = await type_in(ayu, qtbot, second)
        await eventually(lambda: "typing" in seen_there(rizky) or "mengetik" in seen_there(rizky))
        answering = await type_in(rizky, qtbot, first)
        qtbot.keyClick(answering.field, Qt.Key.Key_Return)
        await eventually(lambda: says(ayu, first))
        ayu.window.activateWindow()
        await eventually(ayu.window.isActiveWindow)
        begun.begin()
        qtbot.keyClick(begun.field, Qt.Key.Key_Return)
        assert not begun.guard_strip.isHidden()
        assert begun.editor.text() == second
        qtbot.keyClick(begun.field, Qt.Key.Key_Return)  # seen, and meant all the same
        await eventually(lambda: says(rizky, second), within=20)
        await eventually(lambda: len(world.creates_to(ADDRESS)) == 2)
        sent = [each["form"]["Body"][0] for each in world.creates_to(ADDRESS)]
        assert sent == [first, second]

        # Both write about the customer: nothing is lost, each sees what the other one wrote.
        ayus, rizkys = (seat.window.inbox.contact.notes for seat in (ayu, rizky))
        await eventually(lambda: ayus.isVisible() and rizkys.isVisible())
        early, late = "Pindah ke Depok", "Pindah ke Bogor"
        rizkys.edit.setPlainText(early)
        ayus.edit.setPlainText(late)
        for field in (rizkys, ayus):  # at once: nobody has heard of the other one yet
            qtbot.keyClick(field.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await eventually(lambda: ayus.why.isVisible() or rizkys.why.isVisible())
        told, mine, theirs = (ayus, late, early) if ayus.why.isVisible() else (rizkys, early, late)
        assert told.text == mine
        assert theirs in told.why.text()
        qtbot.keyClick(told.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await eventually(lambda: ayus.text == rizkys.text == mine)
        await eventually(told.why.isHidden)

        # The end of a shift: everything open goes, with a word for who takes over.
        rizky.window.go("handover")
        over = rizky.window.pages.screen_of("handover")
        assert isinstance(over, Handover)
        await eventually(lambda: thread in [row.id for row in over.rows])
        over.taker.show_current(ayu_id)
        over.taker.chosen.emit(ayu_id)
        qtbot.keyClicks(over.summary, "Larasati menunggu resi")
        qtbot.mouseClick(over.send, Qt.MouseButton.LeftButton)
        await eventually(over.done.isVisible)
        await eventually(lambda: says(ayu, "Larasati menunggu resi"))

        async def is_ayus() -> bool:
            rows = [await row_at(seat, thread) for seat in (ayu, rizky)]
            return all(row.assignee_id == ayu_id for row in rows)

        await eventually(is_ayus)
        notes = [each for each in ayu.bubbles() if each.content.kind is Kind.NOTE]
        assert [each.sent_by for each in notes] == [ayu_id, rizky_id]

        # Away, and everybody who would assign to them knows it.
        for on in (True, False):
            rizky.window.shift.toggle_available()

            def is_known(on: bool = on) -> bool:
                people = {each.id: each for each in ayu.window.inbox.team.people}
                return people[rizky_id].available is on

            await eventually(is_known)

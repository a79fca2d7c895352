"""Search: any words, as typed, newest first; nothing left of what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.domain.conversation import Filter, View
from console.domain.desk import SearchHit
from console.domain.feed import Record
from console.domain.ids import ConversationId, new_message_id
from console.store.database import Reading
from console.store.search import SQL, _tokens
from tests.store.conftest import NOON, Desk, new_id


def note(conversation_id: ConversationId, body: str) -> Record:
    id = new_id()
    data = {"id": id, "conversation_id": conversation_id, "body": body, "author_id": None}
    data["created_at"] = (NOON + timedelta(hours=1)).isoformat()
    return Record("notes", id, conversation_id, data)


async def found(desk: Desk, text: str, **options: object) -> list[str]:
    hits = await desk.store.search.messages(text, **options)  # type: ignore[arg-type]
    return [hit.snippet for hit in hits]


async def test_the_newest_come_first_whatever_came_first_to_this_machine(desk: Desk) -> None:
    budi = await desk.customer("Budi")
    new = desk.server.inbound(budi, "kirim baru", timestamp=NOON + timedelta(days=2))
    old = desk.server.inbound(budi, "kirim lama", timestamp=NOON - timedelta(days=2))
    await desk.apply(messages=(new, old))
    dewi = await desk.customer("Dewi", "kirim tengah")
    assert await found(desk, "kirim") == ["kirim baru", "kirim tengah", "kirim lama"]
    assert await found(desk, "kirim", conversation_id=dewi) == ["kirim tengah"]
    [first, *_] = await desk.store.search.messages("kirim", limit=1)
    assert first.name == "Budi"
    assert first.timestamp == new.timestamp
    assert await found(desk, "kirim", before=first) == ["kirim tengah", "kirim lama"]


async def test_pages_show_each_hit_once_also_where_all_have_one_time(desk: Desk) -> None:
    budi = await desk.customer("Budi")
    rows = tuple(desk.server.inbound(budi, f"sama {n}", timestamp=NOON) for n in range(30))
    await desk.apply(messages=rows)
    seen: list[SearchHit] = []
    before = None
    while page := await desk.store.search.messages("sama", before=before, limit=7):
        seen += page
        before = page[-1]
    assert sorted(hit.message_id for hit in seen) == sorted(row.id for row in rows)


async def test_words_are_found_unfinished_without_accents_and_in_any_order(desk: Desk) -> None:
    await desk.customer("José", "Pesanan SUDAH dikirim ke Café Müller?")
    for text in ("pes", "kafe caf", "cafe muller dikirim", "MÜLL", "sudah pesan", "dikirim "):
        wanted = [] if text == "kafe caf" else ["Pesanan SUDAH dikirim ke Café Müller?"]
        assert await found(desk, text) == wanted, text
    assert await found(desk, "pesa ") == []  # a finished word


async def test_what_was_found_is_marked_in_the_line_around_it(desk: Desk) -> None:
    text = "panjang " * 40 + "lalu  pesanan ☕ Édi\ntiba " + "ekor " * 60
    await desk.customer("Budi", text)
    [hit] = await desk.store.search.messages("pesanan edi")
    assert hit.snippet.startswith("…")
    assert hit.snippet.endswith("…")
    assert [hit.snippet[at : at + length] for at, length in hit.spans] == ["pesanan", "Édi"]
    assert len(hit.snippet) < 130


async def test_notes_and_names_of_files_are_found_too(desk: Desk) -> None:
    budi = await desk.customer("Budi")
    file = {"name": "Tagihan Maret.pdf", "content_type": "application/pdf", "state": "stored"}
    bill = desk.server.inbound(budi, "", message_type="document", media=(file,))
    await desk.apply(messages=(replace(bill, content=None),), records=(note(budi, "VIP sekali"),))
    assert await found(desk, "maret") == ["Tagihan Maret.pdf"]
    assert await found(desk, "vip") == ["VIP sekali"]


async def test_a_changed_text_is_found_by_its_new_words_only(desk: Desk) -> None:
    budi = await desk.customer("Budi")
    message = desk.server.inbound(budi, "semula")
    await desk.apply(messages=(message,))
    await desk.apply(messages=(replace(message, content="berubah"),))
    assert await found(desk, "semula") == []
    assert await found(desk, "berubah") == ["berubah"]


async def test_nothing_is_found_of_what_was_deleted_or_left(desk: Desk) -> None:
    budi = await desk.customer("Budi", "rahasia satu")
    dewi = await desk.customer("Dewi", "rahasia dua", "rahasia tiga")
    await desk.apply(records=(note(budi, "rahasia empat"),))
    [hit] = await desk.store.search.messages("tiga")
    await desk.apply(deleted={"messages": (hit.message_id,)})
    assert await found(desk, "rahasia", conversation_id=dewi) == ["rahasia dua"]
    await desk.apply(forget=(desk.server.inbox,))
    assert await found(desk, "rahasia") == []
    assert await desk.store.conversations.page(View(Filter.ALL), search="bud") == []
    left = await desk.store._database.read(
        lambda reading: [
            reading.value(f"select count(*) from {table}")
            for table in ("messages", "texts", "names", "needles", "places", "scopes", "listing")
        ]
    )
    assert left == [0] * 7


async def test_a_reply_is_found_once_the_server_has_it(desk: Desk) -> None:
    budi = await desk.customer("Budi", "halo")
    row = desk.server.outbound(new_message_id(), budi, "sent", content="segera kami kirim")
    await desk.apply(messages=(row,))
    assert await found(desk, "segera") == ["segera kami kirim"]


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "'",
        "*",
        "NEAR(a, b)",
        "a AND",
        "OR",
        "NOT x",
        "texts : x",
        "^a",
        "a + b",
        "{x}",
        "-",
        "",
    ],
)
async def test_no_sign_and_no_word_has_a_meaning(desk: Desk, text: str) -> None:
    await desk.customer("Budi", "and or not near texts b x")
    await desk.store.search.messages(text)
    await desk.store.conversations.page(View(Filter.ALL), search=text)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=40))
async def test_any_text_may_be_typed(desk: Desk, text: str) -> None:
    hits = await desk.store.search.messages(text)
    assert hits == []
    await desk.store.conversations.page(View(Filter.ALL), search=text)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(min_size=1, max_size=60))
async def test_what_was_written_is_found_by_what_was_written(desk: Desk, text: str) -> None:
    budi = await desk.customer("Budi", text)
    hits = await desk.store.search.messages(text, conversation_id=budi)
    words = await desk.store._database.read(
        lambda reading: reading.tokens(text.encode("utf-8", "replace"))
    )
    assert len(hits) == bool(words)
    for hit in hits:
        assert all(at >= 0 and at + length <= len(hit.snippet) for at, length in hit.spans)


async def test_the_newest_hits_are_read_off_the_index_without_sorting(desk: Desk) -> None:
    plan = await desk.store._database.read(
        lambda reading: [
            row[3] for row in reading.all(f"explain query plan {SQL}", '"a"*', 1 << 62, 50)
        ]
    )
    assert plan
    assert not [step for step in plan if "TEMP B-TREE" in step]


class Whole(str):
    """Not to be looked at letter by letter."""

    __slots__ = ()

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("looked at letter by letter")


LETTERS = "ab Zé\u0301ß٣سلا 订单🙏\u200d👧\ud83d.,\n\x00\u00a0 "


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(st.sampled_from(LETTERS), max_size=60) | st.text(max_size=60))
async def test_words_stand_where_their_letters_do(desk: Desk, text: str) -> None:
    def work(reading: Reading) -> tuple[list[tuple[int, int, str]], list[tuple[int, int, str]]]:
        sizes = [len(letter.encode("utf-8", "replace")) for letter in text]
        places = {sum(sizes[:at]): at for at in range(len(text) + 1)}
        raw = reading.tokens(text.encode("utf-8", "replace"))
        wanted = [(places[start], places[end], word) for start, end, word in raw]
        return _tokens(reading, Whole(text)), wanted

    found, wanted = await desk.store._database.read(work)
    assert found == wanted

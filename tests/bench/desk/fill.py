"""A real encrypted store of any size, filled in minutes: as the feed would leave it.

Everything goes through the store's own write path but the messages themselves, which go in by the
same statement without the look-ups that only repeated pages need; a test compares the two.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from console.domain.feed import (
    AddressRow,
    ContactRow,
    ConversationFacts,
    InboxRow,
    MessageFacts,
    Page,
    ReadRow,
    Record,
)
from console.domain.ids import ContactId, ConversationId, InboxId, MessageId, ProfileId
from console.domain.profile import Profile
from console.store import search, threads
from console.store.database import Database, Writing
from console.store.store import Store
from console.store.times import micros, position_of

EACH = 10  # messages a conversation has
SPAN = timedelta(days=700)  # from the oldest message to the newest
PIECE = 200_000  # messages a transaction
PEOPLE = 10_000  # conversations a page
_CACHE_KIB = 2 * 1024 * 1024  # while filling

LABELS = ("Garansi", "Pengiriman", "Retur", "VIP")
_FIRST = "Siti Budi Dewi Agus Rina Joko Maya Andi Putri Hendra Lestari Wahyu Indah Rizky Ayu Fajar"
_LAST = "Rahmawati Santoso Lestari Pratama Wijaya Kusuma Hidayat Saputra Nugroho Utami Siregar"
_IN = (
    "Halo kak, pesanan {n} saya sudah sampai mana ya?",
    "Barang nomor {n} rusak waktu diterima, bisa ditukar?",
    "Mau tanya garansi untuk mesin cuci seri {n}, masih berlaku sampai kapan?",
    "Terima kasih banyak ya kak 🙏",
    "Kapan teknisinya datang? Sudah menunggu dari jam {h} pagi di rumah, tidak ada kabar sama"
    " sekali. Tolong dibantu ya, soalnya air di rumah juga sudah mulai habis.",
    "Berapa ongkos kirim ke {c}?",
    "ok",
    "Saya sudah transfer Rp{n}.000 ke rekening yang kemarin, mohon dicek.",
)
_OUT = (
    "Halo kak, terima kasih sudah menghubungi kami. Pesanan {n} sedang dalam perjalanan ke {c}.",
    "Baik kak, kami cek dulu ya.",
    "Untuk garansi silakan kirim foto nota dan nomor seri {n}, nanti kami teruskan ke tim teknisi"
    " di {c}. Biasanya selesai dalam {h} hari kerja.",
    "Sama-sama kak, semoga harinya menyenangkan!",
    "Mohon maaf atas kendalanya. Penggantinya kami kirim hari ini dengan resi {n}.",
)
_CITIES = (
    "Jakarta",
    "Bandung",
    "Surabaya",
    "Medan",
    "Makassar",
    "Denpasar",
    "Semarang",
    "Palembang",
    "Manado",
    "Ambon",
)


@dataclass(frozen=True)
class Size:
    """`messages` over many conversations, and a thread of as many besides."""

    messages: int

    @property
    def conversations(self) -> int:
        return max(1, self.messages // EACH)


def id_of(kind: int, number: int) -> str:
    """An id that anyone can work out; scattered, as real ones are."""
    spread = (number * 0x9E3779B97F4A7C15 + kind) & (1 << 64) - 1
    return str(uuid.UUID(int=spread << 64 | 0x8000 << 48 | kind << 40 | number, version=4))


def conversation_id(number: int) -> ConversationId:
    return ConversationId(id_of(1, number))


def long_thread(size: Size) -> ConversationId:
    """The conversation that has as many messages as all others together."""
    return conversation_id(size.conversations)


@dataclass(frozen=True)
class Story:
    """What happened, always the same for one size, agent and end."""

    size: Size
    me: ProfileId
    end: datetime
    inboxes: tuple[InboxId, ...] = (InboxId(id_of(5, 0)), InboxId(id_of(5, 1)))
    colleagues: tuple[ProfileId, ...] = (ProfileId(id_of(6, 0)), ProfileId(id_of(6, 1)))

    def desk(self) -> Page:
        """Inboxes, people, labels."""
        names = ("Toko", "Servis")
        return Page(
            cursor="",
            more=False,
            server_time=self.end,
            inboxes=tuple(
                InboxRow(id, name, "whatsapp", f"whatsapp:+62811000{at}")
                for at, (id, name) in enumerate(zip(self.inboxes, names, strict=True))
            ),
            profiles=tuple(
                Profile(id, name)
                for id, name in zip(self.colleagues, ("Budi", "Rina"), strict=True)
            ),
            records=tuple(
                Record("labels", id_of(7, at), None, {"name": name, "color": "blue"})
                for at, name in enumerate(LABELS)
            ),
        )

    def people(self, numbers: Sequence[int]) -> Page:
        """The contacts and conversations of these numbers, with their labels and reads."""
        contacts, conversations, reads, records = [], [], [], []
        for number in numbers:
            chance = random.Random(number)
            contact_id = ContactId(id_of(4, number))
            phone = f"+628{number:010d}"
            address = AddressRow(id_of(8, number), contact_id, f"whatsapp:{phone}", "whatsapp")
            name = f"{chance.choice(_FIRST.split())} {chance.choice(_LAST.split())}"
            contacts.append(ContactRow(contact_id, name, phone, False, (address,)))
            latest = self._latest(number)
            conversations.append(
                ConversationFacts(
                    id=conversation_id(number),
                    inbox_id=self.inboxes[number % len(self.inboxes)],
                    contact_id=contact_id,
                    status=chance.choices(("open", "snoozed", "resolved"), (7, 1, 2))[0],
                    assignee_id=chance.choice((self.me, None, None, *self.colleagues)),
                    priority=None,
                    snoozed_until=None,
                    last_message_at=latest,
                    last_inbound_at=latest - timedelta(minutes=chance.randrange(90)),
                    waiting_since=latest if chance.random() < 0.3 else None,
                )
            )
            if chance.random() < 0.9:
                reads.append(ReadRow(conversation_id(number), latest, None))
            if chance.random() < 0.3:
                label = chance.randrange(len(LABELS))
                data = {"conversation_id": conversation_id(number), "label_id": id_of(7, label)}
                key = f"{conversation_id(number)}:{label}"
                records.append(Record("conversation_labels", key, conversation_id(number), data))
        return Page(
            cursor="",
            more=False,
            server_time=self.end,
            contacts=tuple(contacts),
            conversations=tuple(conversations),
            reads=tuple(reads),
            records=tuple(records),
        )

    def messages(self, start: int, stop: int) -> Iterator[MessageFacts]:
        """Some messages in the order of time: one anywhere, one in the long thread, …"""
        count = self.size.conversations
        for number in range(start, stop):
            at = self._time(number)
            conversation = conversation_id(number % count)
            yield self._message(MessageId(id_of(2, number)), conversation, at, number)
            yield self._message(
                MessageId(id_of(3, number)),
                long_thread(self.size),
                at + timedelta(microseconds=1),
                number * 3 + 1,
            )

    def _time(self, number: int) -> datetime:
        """Of the last one the end: who wrote it can still be answered, however few there are."""
        return self.end - SPAN * (self.size.messages - 1 - number) / self.size.messages

    def _latest(self, number: int) -> datetime:
        """When the newest message of a conversation came."""
        count, messages = self.size.conversations, self.size.messages
        if number == count:
            return self._time(messages - 1) + timedelta(microseconds=1)
        return self._time((messages - 1) - (messages - 1 - number) % count)

    def _message(
        self, id: MessageId, conversation: ConversationId, at: datetime, number: int
    ) -> MessageFacts:
        inbound = number % 5 != 2 and number % 7 != 3
        texts = _IN if inbound else _OUT
        text = texts[number * 31 % len(texts)].format(
            n=number % 99991 + 100, h=number % 9 + 2, c=_CITIES[number * 7 % len(_CITIES)]
        )
        return MessageFacts(
            id=id,
            conversation_id=conversation,
            direction="inbound" if inbound else "outbound",
            message_type="text",
            content=text,
            timestamp=at,
            status=None if inbound else ("read", "delivered", "sent")[number % 3],
            sid=f"SM{id.replace('-', '')}",
            sent_by=None if inbound else self.colleagues[number % 2],
            updated_at=at,
        )


def put_fresh(writing: Writing, rows: Sequence[MessageFacts]) -> None:
    """Messages that the store has never seen, each of a microsecond of its own."""
    version = writing.version
    values = []
    words = []
    for row in rows:
        at = micros(row.timestamp)
        number = at * search._ROOM
        values.append(
            (
                number,
                row.id,
                row.conversation_id,
                position_of(at),
                at,
                row.direction,
                row.message_type,
                row.content,
                threads.compact(list(row.media)),
                threads.compact(dict(row.metadata)),
                row.sid,
                row.sent_by,
                row.status,
                row.error_code,
                row.error_text,
                row.reply_to,
                None,
                row.automatic,
                None,
                micros(row.updated_at),
                version,
            )
        )
        words.append((number, f"{row.content} {search._thread(row.conversation_id)}"))
    writing.many(threads._ADD, values)
    writing.many("insert into texts (rowid, content) values (?, ?)", words)
    writing.indexed += len(words)  # the upkeep merges the index after these as after any others


def _hurry(database: Database) -> None:
    """Nobody minds if the machine stops half-way: much in memory, nothing waits for the disk."""
    connection = database._connection
    assert connection is not None
    connection.pragma("synchronous", 0)
    connection.pragma("cache_size", -_CACHE_KIB)


async def fill(store: Store, story: Story) -> None:
    """Add the whole story to a store that has an owner."""
    size = story.size
    cursor = await store.feed.cursor()
    await store.feed.apply(replace(story.desk(), cursor=cursor))
    database = store._database
    await asyncio.wrap_future(database._writer.submit(_hurry, database))
    for start in range(0, size.messages, PIECE // 2):
        stop = min(size.messages, start + PIECE // 2)
        rows = tuple(story.messages(start, stop))
        await database.write(partial(put_fresh, rows=rows))
    everyone = range(size.conversations + 1)
    for start in range(0, len(everyone), PEOPLE):
        # The feed's own page: list rows, places, counts and needles come of it.
        page = story.people(everyone[start : start + PEOPLE])
        await store.feed.apply(replace(page, cursor=cursor))
    await database.write(
        lambda writing: writing.run(
            "insert or replace into history select id, 1 from conversations"
        )
    )


def fresh_end() -> datetime:
    """Now, to the microsecond: the newest message is a minute old or less."""
    return datetime.now(UTC)


async def hand_over(store: Store, story: Story, me: ProfileId) -> None:
    """Give a filled store to another agent, who stands wherever the story's agent stood."""

    def work(writing: Writing) -> None:
        for table in ("conversations", "listing"):
            writing.run(
                f"update {table} set assignee_id = ? where assignee_id = ?",
                me,
                story.me,
            )
        writing.run("insert or replace into meta values ('me', ?)", me)
        writing.everything = True

    await store._database.write(work)
    await store.refresh_me()

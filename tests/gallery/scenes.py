"""The scenes of the gallery: what is shown, in which state."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import cast

from PySide6.QtWidgets import QWidget

from console.domain.changes import Link
from console.domain.conversation import Channel, Counters, Filter, View
from console.domain.errors import ExpectedError
from console.domain.ids import ConversationId
from console.domain.intents import Attachment, Draft
from console.domain.media_rules import MB, Refusal
from console.domain.message import Message
from console.ui import failures
from console.ui.errors import Errors
from console.ui.screens.sign_in import PassphrasePrompt, SignInScreen
from console.ui.screens.sign_out import ask_sign_out
from console.ui.theme.theme import Scheme
from console.ui.window import MainWindow
from tests.gallery import threads
from tests.gallery.made import looked_into
from tests.gallery.memory import NOW, MemoryStore
from tests.gallery.samples import SITI, desk, photo, row
from tests.gallery.stage import NoSession, Scene, Stage, quiet
from tests.waiting import eventually as until

VARIANTS = (
    ("light-id", Scheme.LIGHT, "id", 100),
    ("dark-id", Scheme.DARK, "id", 100),
    ("light-en", Scheme.LIGHT, "en", 100),
    ("dark-en-125", Scheme.DARK, "en", 125),
)


async def opened(
    stage: Stage,
    store: MemoryStore,
    conversation: str = SITI,
    width: int = 1360,
    height: int = 860,
    **preferences: object,
) -> MainWindow:
    """A window with one conversation open."""
    window = stage.window(store, **preferences)
    stage.show(window, width, height)
    await until(lambda: window.inbox.conversations.model.is_loaded)
    window.open_conversation(ConversationId(conversation))
    await until(lambda: window.inbox.thread_screen.row is not None)
    if store.messages.threads.get(ConversationId(conversation)):
        await until(lambda: window.inbox.thread_screen.timeline.rows())
    await looked_into(window)
    return window


async def main_screen(stage: Stage) -> QWidget:
    window = await opened(stage, desk())
    window.inbox.thread_screen.composer.editor.setPlainText(
        "Sebagai permintaan maaf, kami kirimkan voucher gratis ongkir untuk pesanan berikutnya"
    )
    return window


async def thread_of(stage: Stage, messages: list[Message], height: int = 1100) -> MainWindow:
    store = desk()
    store.conversations.rows[0] = replace(store.conversations.rows[0], unread=0)
    store.messages.threads[SITI] = messages
    store.media.files["siti/ok.webp"] = photo("#f6c344", "#e0662f", 300, 300)
    return await opened(stage, store, width=1180, height=height)


async def kinds(stage: Stage) -> QWidget:
    window = await thread_of(stage, threads.kinds(), 1900)
    return window.inbox.thread_screen


async def statuses(stage: Stage) -> QWidget:
    return (await thread_of(stage, threads.statuses(), 640)).inbox.thread_screen


async def failed(stage: Stage) -> QWidget:
    messages, ledger = threads.failed()
    window = await thread_of(stage, messages, 940)
    thread = window.inbox.thread_screen
    bad = messages[1]
    thread.context.open_ledgers.add(bad.id)
    thread.context.attempts[bad.id] = tuple(ledger[bad.id])
    thread.timeline.remeasure(bad.id)
    return thread


async def hard(stage: Stage) -> QWidget:
    return (await thread_of(stage, threads.hard(), 2300)).inbox.thread_screen


async def lost_files(stage: Stage) -> QWidget:
    window = await thread_of(stage, threads.lost(), 1100)
    thread = window.inbox.thread_screen
    store = cast(MemoryStore, window._store)
    for message in threads.lost()[1:]:
        item = message.content.media[0]
        window.inbox.pictures.want_again(item)
        store.media.problems[item.path or ""] = "The server has trouble"
        window.bridge.media_changed.emit(frozenset({item.path}))
        await until(partial(window.inbox.pictures.problem_of, item))
    return thread


async def reading_above(stage: Stage) -> QWidget:
    store = desk()
    store.messages.threads[SITI] = threads.long(80)
    window = await opened(stage, store, width=1100, height=640)
    timeline = window.inbox.thread_screen.timeline
    timeline.verticalScrollBar().setValue(1500)
    for place in range(3):
        made = threads.long(1)[0]
        store.add(
            replace(
                made,
                id=type(made.id)(f"new{place}"),
                timestamp=NOW,
                direction=store.messages.threads[SITI][1].direction,
            )
        )
    await until(lambda: window.inbox.thread_screen.pill.isVisible())
    return window.inbox.thread_screen


async def skeleton(stage: Stage) -> QWidget:
    window = stage.window(desk())
    stage.show(window, 1180, 700)
    window.inbox.middle.setCurrentWidget(window.inbox.thread_screen)
    window.inbox.thread_screen.header.show_conversation(desk().conversations.rows[0])
    window.inbox.conversations.model.beginResetModel()
    window.inbox.conversations.model.endResetModel()
    return window


async def closed_window(stage: Stage) -> QWidget:
    store = desk()
    store.drafts.kept[ConversationId("yusuf")] = Draft(ConversationId("yusuf"), "Baik pak")
    return await opened(stage, store, "yusuf", 1180, 700)


async def closing_window(stage: Stage) -> QWidget:
    return await opened(stage, desk(), "bambang", 1180, 700)


async def attachments(stage: Stage) -> QWidget:
    store = desk()
    store.drafts.kept[SITI] = Draft(
        SITI,
        "Berikut berkasnya ya Bu",
        (
            Attachment("/x/a.png", "Voucher_Gratis_Ongkir.png", "image/png", 812_000, 901),
            Attachment("/x/b.pdf", "Bukti_Pengiriman_2231.pdf", "application/pdf", 421_888, 902),
            Attachment("/x/c.mp4", "cara-pakai.mp4", "video/mp4", 6_400_000, 903),
        ),
    )
    window = await opened(stage, store, width=1180, height=700)
    await until(lambda: window.inbox.thread_screen.composer.attachments.items())
    too_large = failures.refusal(Refusal("size", limit=16 * MB), "katalog.mp4", Channel.WHATSAPP)
    window.inbox.thread_screen.composer.say(too_large)
    return window


async def offline(stage: Stage) -> QWidget:
    store = desk()
    store.outbox.waiting = 2
    store.link = Link.OFFLINE
    window = await opened(stage, store, width=1180, height=700)
    await until(window.inbox.strips.line.isVisible)
    return window


async def empty(stage: Stage) -> QWidget:
    window = stage.window(MemoryStore())
    stage.show(window, 1180, 700)
    await until(lambda: window.inbox.conversations.model.is_loaded)
    return window


async def nothing_found(stage: Stage) -> QWidget:
    window = stage.window(desk())
    stage.show(window, 1180, 700)
    window.inbox.conversations.search.setText("zzz")
    window.inbox.conversations.model.show(View(Filter.ALL), "zzz")
    await until(lambda: window.inbox.conversations.empty.isVisible())
    return window


async def crowded(stage: Stage) -> QWidget:
    long_name = "Perkumpulan Pedagang Kecil Menengah Seluruh Kabupaten Bandung Barat"
    rows = [
        row("a", long_name, "teks " * 60, unread=10_000, minutes=1),
        row("b", "مطعم السلام", "مرحبا كيف حالكم", minutes=2, unread=120),
        row("c", "🌸🌸", "🙏", minutes=3),
        row("d", "<b>Tebal</b> & Co", "<img src=x onerror=alert(1)>", minutes=4),
        row(
            "e",
            long_name,
            "x" * 300,
            minutes=5,
            inbound_minutes=1400,
            unread=5,
            channel=Channel.WHATSAPP,
        ),
        row("f", "", "Halo", minutes=6, address="whatsapp:ID.4566546130240823"),
    ]
    store = MemoryStore(rows)
    store.conversations.total = Counters(10_000, 12_345, 100_000, 10_000)
    return await opened(stage, store, "a", 1000, 640)


async def narrow_list(stage: Stage) -> QWidget:
    window = stage.window(desk())
    stage.show(window, 560, 760)
    await until(lambda: window.inbox.conversations.model.is_loaded)
    return window


async def narrow_thread(stage: Stage) -> QWidget:
    return await opened(stage, desk(), width=560, height=760)


async def told(stage: Stage) -> QWidget:
    window = await opened(stage, desk(), width=1180, height=700)
    here = stage.language.code == "id"
    title = "Berkas sedang diambil" if here else "The file is being fetched"
    fix = "Coba lagi sebentar lagi." if here else "Try again in a moment."
    window.errors.tell(ExpectedError(title, fix))
    return window


async def sign_in(stage: Stage) -> QWidget:
    screen = SignInScreen(NoSession(), stage.theme, Errors())
    screen.password.field("email").setText("dewi@tokomakmur.id")
    screen.password.field("password").setText("salah-sekali")
    screen.password.say(
        "Email atau kata sandi salah."
        if stage.language.code == "id"
        else "The e-mail or the password is wrong.",
        wrong=True,
    )
    return stage.show(screen, 520, 640)


async def first_run(stage: Stage) -> QWidget:
    return stage.show(SignInScreen(NoSession(""), stage.theme, Errors()), 520, 640)


async def one_time_code(stage: Stage) -> QWidget:
    screen = SignInScreen(NoSession(), stage.theme, Errors())
    screen.show_page(screen.code)
    return stage.show(screen, 520, 680)


async def passphrase(stage: Stage) -> QWidget:
    return stage.show(PassphrasePrompt(stage.theme, is_new=True), 520, 640)


async def sign_out(stage: Stage) -> QWidget:
    parent = stage.show(QWidget(), 400, 300)
    question = ask_sign_out(parent, 2, lambda choice: None)
    await quiet()
    return question


SCENES: dict[str, Scene] = {
    "main": main_screen,
    "thread-kinds": kinds,
    "thread-statuses": statuses,
    "thread-failed": failed,
    "thread-hard": hard,
    "thread-lost-files": lost_files,
    "thread-reading-above": reading_above,
    "loading": skeleton,
    "window-closed": closed_window,
    "window-closing": closing_window,
    "composer-attachments": attachments,
    "offline": offline,
    "empty": empty,
    "nothing-found": nothing_found,
    "crowded": crowded,
    "narrow-list": narrow_list,
    "narrow-thread": narrow_thread,
    "error-told": told,
    "sign-in": sign_in,
    "sign-in-first-run": first_run,
    "sign-in-code": one_time_code,
    "passphrase": passphrase,
    "sign-out": sign_out,
}

"""Scenes of the contact panel, its dialogs, and the page of all contacts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from PySide6.QtWidgets import QWidget

from console.domain.contact import Address, Contact
from console.domain.conversation import Channel, ConversationStatus
from console.domain.errors import OfflineError
from console.domain.ids import ContactId, ConversationId, InboxId, ProfileId
from console.domain.profile import Profile, Role
from console.ui.screens.contact.dialog import Dialog
from console.ui.screens.contacts.screen import Screen
from console.ui.window import MainWindow
from tests.gallery.memory import NOW, MemoryStore
from tests.gallery.memory_contacts import MemoryContactsServer
from tests.gallery.memory_server import MemoryServer
from tests.gallery.samples import SITI, ago, desk, row
from tests.gallery.scenes import opened
from tests.gallery.stage import Scene, Stage, quiet
from tests.waiting import eventually as until

SITI_CONTACT = ContactId("siti")
LONG = "Perkumpulan Pengusaha Batik Tulis Nusantara Cabang Pekalongan dan Sekitarnya"


def known() -> MemoryStore:
    """A desk whose first customer has been with us for a while."""
    store = desk()
    store.contacts.known[SITI_CONTACT] = Contact(
        SITI_CONTACT,
        "Siti Rahmawati",
        "+628123456789",
        locale="id",
        notes="Pelanggan reseller Bekasi. Lebih suka dihubungi pagi hari.",
        attributes={"kota": "Bekasi", "tingkat": "Reseller emas", "zona waktu": "WIB"},
        addresses=(
            Address("whatsapp:+628123456789", Channel.WHATSAPP),
            Address("+628123456789", Channel.SMS, ago(days=12)),
        ),
        created_at=NOW - timedelta(days=250),
    )
    older = (
        ("retur", "Retur ukuran sudah selesai ya kak", ConversationStatus.RESOLVED, 27),
        ("stok", "Stok warna biru masih ada?", ConversationStatus.RESOLVED, 76),
    )
    for id, text, status, days in older:
        store.conversations.rows.append(
            replace(
                row(id, "Siti Rahmawati", text, channel=Channel.SMS, minutes=days * 1440),
                contact_id=SITI_CONTACT,
                status=status,
                inbox_id=InboxId("sms"),
                inbox_name="SMS Sentosa",
            )
        )
    return store


def served(stage: Stage, store: MemoryStore) -> MemoryContactsServer:
    """The server at the end of the line."""
    server = MemoryServer()
    made = MemoryContactsServer(store)
    server.contacts = made
    stage.server.connect(server.as_server())
    return made


async def panel_of(
    stage: Stage, store: MemoryStore, conversation: ConversationId = SITI, height: int = 1180
) -> MainWindow:
    window = await opened(stage, store, conversation, height=height)
    await until(lambda: window.inbox.contact.isVisible())
    await until(lambda: bool(window.inbox.contact.others.lines) or conversation != SITI)
    await until(lambda: window.inbox.contact._contact is not None)
    await quiet()
    return window


async def panel(stage: Stage) -> QWidget:
    return (await panel_of(stage, known())).inbox.contact


async def panel_refused(stage: Stage) -> QWidget:
    """The window with a long name, blocked, nothing else known; a change that did not go."""
    store = known()
    store.contacts.known[SITI_CONTACT] = Contact(
        SITI_CONTACT,
        LONG,
        None,
        blocked=True,
        attributes={"nama toko dan cabangnya": LONG},
        addresses=(Address("whatsapp:ID.4566546130240823", Channel.WHATSAPP),),
    )
    store.contacts.put(store.contacts.known[SITI_CONTACT])
    server = served(stage, store)
    window = await panel_of(stage, store, height=860)
    server.failure = OfflineError("No connection to the server", "The server does not answer.")
    contact = window.inbox.contact
    contact.notes.edit.setPlainText("Sudah dua kali salah alamat.")
    contact.notes.flush()
    await until(lambda: contact.notes.why.isVisible())
    return window


async def panel_meanwhile(stage: Stage) -> QWidget:
    """A colleague wrote into the same notes while one was writing."""
    store = known()
    served(stage, store)
    window = await panel_of(stage, store)
    contact = window.inbox.contact
    contact.notes.edit.setPlainText("Minta dikirim ke kantor, bukan ke rumah.")
    contact.notes.show_value("Alamat baru: Jl. Cendana 4, Depok. Titip satpam bila kosong.")
    await quiet()
    return contact


def dialog(ask: Callable[[MainWindow], object], ready: Callable[[Dialog], bool]) -> Scene:
    """A scene of one dialog alone."""

    async def made(stage: Stage) -> QWidget:
        store = known()
        store.me = Profile(ProfileId("me"), "Dewi Wulandari", Role.SUPERVISOR)
        served(stage, store)
        window = await panel_of(stage, store)
        ask(window)
        await until(lambda: bool(open_dialog(window)))
        shown = open_dialog(window)
        assert shown is not None
        await until(lambda: ready(shown))
        await quiet()
        shown.adjustSize()
        return shown

    return made


def open_dialog(window: MainWindow) -> Dialog | None:
    """The dialog that stands over the window."""
    return next((made for made in window.findChildren(Dialog) if made.isVisible()), None)


def _erase(window: MainWindow) -> None:
    contact = window.inbox.contact
    assert contact._contact is not None
    contact.acts.erase(contact._contact)


def _merge(window: MainWindow) -> None:
    contact = window.inbox.contact
    assert contact._contact is not None
    contact.acts.merge(contact._contact)
    shown = open_dialog(window)
    assert shown is not None
    shown.picker.field.setText("lina")  # type: ignore[attr-defined]
    shown.picker._on_typed("lina")  # type: ignore[attr-defined]
    shown.picker.model.loaded.connect(  # type: ignore[attr-defined]
        lambda: shown.picker._take(shown.picker.model.index(0))  # type: ignore[attr-defined]
    )


async def page_of(stage: Stage, store: MemoryStore, typed: str = "") -> MainWindow:
    """The page of all contacts, with something searched."""
    window = stage.window(store)
    stage.show(window, 1180, 760)
    await until(lambda: window.inbox.conversations.model.is_loaded)
    window.go("contacts")
    screen = window.pages.screen_of("contacts")
    assert isinstance(screen, Screen)
    if typed:
        screen.search.setText(typed)
        screen.search.textEdited.emit(typed)
    await until(lambda: screen.model.is_loaded and screen.model.search == typed)
    return window


async def page(stage: Stage) -> QWidget:
    store = known()
    served(stage, store)
    store.contacts.put(
        Contact(
            ContactId("agus2"),
            LONG,
            None,
            blocked=True,
            addresses=(Address("+6281377788899", Channel.SMS),),
        )
    )
    window = await page_of(stage, store)
    screen = window.pages.screen_of("contacts")
    assert isinstance(screen, Screen)
    place = screen.model.place_of(SITI_CONTACT)
    screen.list.setCurrentIndex(screen.model.index(place))
    await until(lambda: bool(screen.contact.others.lines))
    await quiet()
    return window


async def page_nobody(stage: Stage) -> QWidget:
    window = await page_of(stage, known(), "+62 811 0000 1111")
    await quiet()
    return window


def _erased(window: MainWindow) -> None:
    _erase(window)
    shown = open_dialog(window)
    assert shown is not None
    shown._is_counted = True  # type: ignore[attr-defined]
    shown.field.setText("Siti Rahmawati")  # type: ignore[attr-defined]
    shown.go_on()


SCENES: dict[str, Scene] = {
    "contacts-page": page,
    "contacts-nobody": page_nobody,
    "contact-panel": panel,
    "contact-refused": panel_refused,
    "contact-meanwhile": panel_meanwhile,
    "contact-erase": dialog(_erase, lambda d: bool(d.is_counted)),  # type: ignore[attr-defined]
    "contact-receipt": dialog(_erased, lambda d: not d.step.isVisible()),
    "contact-merge": dialog(_merge, lambda d: d.step.isEnabled()),
    "contact-start": dialog(
        lambda window: window.inbox.contact._write(),
        lambda d: bool(d.template.fields),  # type: ignore[attr-defined]
    ),
    "contact-files": dialog(
        lambda window: window.inbox.contact._show_files(),
        lambda d: d.pictures.isVisible(),  # type: ignore[attr-defined]
    ),
}

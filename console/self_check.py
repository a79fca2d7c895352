"""`balas --self-check`: tries every part that a build of the desktop could have lost."""

from __future__ import annotations

import asyncio
import io
import os
import secrets
import ssl
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from console import __version__
from console.resources import RESOURCES

if TYPE_CHECKING:
    from PySide6.QtGui import QImage


def main() -> int:
    """Try each part, print a line for each; 0 when all went well, else 1 after a sentence."""
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with _report() as report:
        return _run(report)


def _report() -> TextIO:
    # A windowed program on Windows has no stdout: leave the report where it can be read.
    if sys.stdout is None:
        return (Path(tempfile.gettempdir()) / "balas-self-check.txt").open("w", encoding="utf-8")
    return os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")


def _run(report: TextIO) -> int:
    failed = []
    began = time.perf_counter()
    report.write(f"Balas {__version__}, Python {sys.version.split()[0]}, {sys.platform}\n")
    for name, part in PARTS.items():
        started = time.perf_counter()
        try:
            found = part()
        except Exception as error:
            failed.append(name)
            detail = io.StringIO()
            traceback.print_exception(error, file=detail)
            report.write(f"FAILED  {name}: {error}\n{detail.getvalue()}")
        else:
            spent = (time.perf_counter() - started) * 1000
            report.write(f"ok      {name}: {found} ({spent:.0f} ms)\n")
        report.flush()
    if failed:
        report.write(f"This build is not whole: {', '.join(failed)} did not work.\n")
        return 1
    report.write(f"All {len(PARTS)} parts work, {time.perf_counter() - began:.1f} s.\n")
    return 0


def _encrypted_store() -> str:
    from console.store.store import Store

    async def twice(path: Path) -> None:
        key = secrets.token_bytes(32)
        for _ in range(2):  # the second time it must find what the first one wrote
            store = await Store.open(path, key)
            await store.close()

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "check.balas"
        asyncio.run(twice(path))
        head = path.read_bytes()[:16]
        if head.startswith(b"SQLite format 3"):
            raise ValueError("the file is not encrypted")
        return f"made, closed and opened again, {path.stat().st_size // 1024} KiB"


def _keyring() -> str:
    import importlib

    from console.settings.secrets import system_keyring

    own = {"win32": "Windows", "darwin": "macOS"}.get(sys.platform, "SecretService")
    importlib.import_module(f"keyring.backends.{own}")
    backend = system_keyring()
    opened = f"{type(backend).__module__} opened" if backend else "none here: asks a passphrase"
    return f"{own} is in the build; {opened}"


def _tls() -> str:
    import httpx

    context = httpx.create_ssl_context()
    known = context.cert_store_stats()["x509_ca"]
    if not known:
        raise ssl.SSLError("no certificate authorities")
    return f"{ssl.OPENSSL_VERSION}, {known} authorities"


def _supabase() -> str:
    import supabase

    from console import remote

    async def reach() -> None:
        line = await remote.connect("https://example.invalid", "sb_publishable_check")
        await line.close()

    asyncio.run(reach())
    return f"supabase {supabase.__version__}, a client made"


def _pdf() -> str:
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QSize
    from PySide6.QtGui import QPageSize, QPainter, QPdfWriter
    from PySide6.QtPdf import QPdfDocument

    _application()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A6))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    with QPainter(writer) as painter:
        painter.fillRect(0, 0, writer.width(), writer.height(), "#0b7a6b")
    buffer.close()
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    page = document.render(0, QSize(40, 60))
    if page.pixelColor(20, 30).name() != "#0b7a6b":
        raise ValueError("a page came out wrong")
    document.close()
    return "a page written, read and drawn"


def _sound() -> str:
    from PySide6.QtCore import QEventLoop, QFile, QIODevice, QTimer
    from PySide6.QtMultimedia import QAudioDecoder, QMediaPlayer

    from console.ui import multimedia

    _application()
    if not QMediaPlayer().isAvailable():
        raise ValueError("no back end can play anything")
    note = QFile(str(RESOURCES / "packaging" / "voice.ogg"))
    note.open(QIODevice.OpenModeFlag.ReadOnly)
    frames = 0
    decoder, loop = multimedia.prepared(QAudioDecoder()), QEventLoop()

    def take() -> None:
        nonlocal frames
        frames += decoder.read().frameCount()

    decoder.bufferReady.connect(take)
    decoder.finished.connect(loop.quit)
    decoder.error.connect(loop.quit)
    decoder.setSourceDevice(note)
    multimedia.call(decoder, "start")
    QTimer.singleShot(10_000, loop.quit)
    loop.exec()
    multimedia.call(decoder, "stop")
    if not frames:
        raise ValueError(f"a voice note (Opus) cannot be played: {decoder.errorString()}")
    return f"a voice note gave {frames} frames"


def _icons() -> str:
    from console.ui.theme import icons

    _application()
    names = icons.names()
    blank = [
        name for name in names if not _has_ink(icons.pixmap(name, "#000000", 24, 1.0).toImage())
    ]
    if blank or not names:
        raise ValueError(f"not drawn: {', '.join(blank) or 'no icon is there'}")
    return f"{len(names)} drawn"


def _fonts() -> str:
    from PySide6.QtGui import QFontDatabase

    _application()
    files = sorted((RESOURCES / "fonts").glob("*.ttf"))
    families = set()
    for file in files:
        number = QFontDatabase.addApplicationFont(str(file))
        if number < 0:
            raise ValueError(f"{file.name} cannot be read")
        families.update(QFontDatabase.applicationFontFamilies(number))
    if "Inter" not in families:
        raise ValueError(f"Inter is missing, found {sorted(families)}")
    return f"{len(files)} files, {', '.join(sorted(families))}"


def _languages() -> str:
    from PySide6.QtCore import QTranslator

    from console.ui.language import LANGUAGES

    _application()
    for code in LANGUAGES:
        translator = QTranslator()
        file = RESOURCES / "translations" / f"balas_{code}.qm"
        if not translator.load(str(file)) or translator.isEmpty():
            raise ValueError(f"{file.name} cannot be read")
    return ", ".join(LANGUAGES)


def _picture_formats() -> str:
    from PySide6.QtGui import QImageReader

    _application()
    known = {bytes(item.data()).decode() for item in QImageReader.supportedImageFormats()}
    missing = {"bmp", "gif", "jpeg", "png", "svg", "webp"} - known
    if missing:
        raise ValueError(f"cannot be read: {', '.join(sorted(missing))}")
    return f"{len(known)} formats"


def _messages() -> str:
    _application()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        return asyncio.run(_draw_messages(Path(folder)))


async def _draw_messages(folder: Path) -> str:
    """Each sample as a bubble, both ways, in both themes."""
    from PySide6.QtCore import QPointF, QSize
    from PySide6.QtGui import QImage, QPainter

    from console.domain.content import Kind
    from console.domain.delivery import Direction, Status
    from console.domain.ids import ConversationId, new_message_id
    from console.domain.message import Message
    from console.domain.samples import SAMPLES
    from console.store.store import Store
    from console.ui.errors import Errors
    from console.ui.tasks import TaskScope
    from console.ui.theme.theme import Scheme, Theme
    from console.ui.timeline import bubble
    from console.ui.timeline.context import Context
    from console.ui.timeline.pictures import Pictures
    from console.ui.timeline.player import Player

    store = await Store.open(folder / "messages.balas", secrets.token_bytes(32))
    told: list[str] = []
    errors = Errors()
    errors.told.connect(lambda title, text: told.append(f"{title} {text}"))
    tasks = TaskScope(errors)
    drawn = 0
    bubbles = [kind for kind in Kind if kind is not Kind.EVENT]  # that one is a line
    try:
        for scheme in (Scheme.LIGHT, Scheme.DARK):
            theme = Theme(scheme)
            context = Context(theme, Pictures(store, tasks), Player(), store.server_now)
            for kind in bubbles:
                for direction, status in (
                    (Direction.INBOUND, Status.RECEIVED),
                    (Direction.OUTBOUND, Status.FAILED),
                ):
                    message = Message(
                        id=new_message_id(),
                        conversation_id=ConversationId("check"),
                        direction=direction,
                        content=SAMPLES[kind],
                        timestamp=store.server_now(),
                        status=status,
                        version=1,
                    )
                    layout = bubble.measure(message, 480, context, tail=True, gap=4)
                    image = QImage(
                        QSize(480, round(layout.height) + 8), QImage.Format.Format_ARGB32
                    )
                    image.fill(0)
                    with QPainter(image) as painter:
                        layout.paint(painter, QPointF(0, 0), context)
                    if not _has_ink(image):
                        raise ValueError(f"{kind} came out blank")
                    drawn += 1
    finally:
        tasks.close()
        await tasks.settle()
        await store.close()
    if told:
        raise ValueError("; ".join(told))
    return f"{len(bubbles)} kinds, {drawn} bubbles drawn"


def _project() -> str:
    from console.settings.paths import Paths
    from console.settings.project import find_project
    from console.settings.values import Values

    project = find_project(Values(Paths.of_this_user().settings_file))
    if project is None:
        return "none yet: the window asks for it"
    return f"{project.url}, " + ("handed out with this build" if project.fixed else "typed once")


def _update_notice() -> str:
    from console.settings.updates import Manifest, new_key, public_key_of, read_manifest, signed

    key = new_key()
    manifest = Manifest("9.9", "https://example.invalid/notes", "1.0")
    if read_manifest(signed(manifest, key), public_key_of(key)) != manifest:
        raise ValueError("a manifest came out wrong")
    return "a manifest signed and checked"


def _heic() -> str:
    import pi_heif  # type: ignore[import-untyped]

    return f"libheif {pi_heif.libheif_info()['libheif']}"


def _sorting() -> str:
    from PySide6.QtCore import QCollator, QLocale

    collator = QCollator(QLocale("sv"))  # whose alphabet ends in å, ä, ö
    collator.setNumericMode(True)
    words = sorted(["ö", "z", "a10", "ä", "a9"], key=collator.sortKey)
    if words != ["a9", "a10", "z", "ä", "ö"]:
        raise ValueError(f"a language's own order is lost: {words}")
    return "by a language's own alphabet"


PARTS: dict[str, Callable[[], str]] = {
    "encrypted store": _encrypted_store,
    "keyring": _keyring,
    "TLS": _tls,
    "supabase": _supabase,
    "icons": _icons,
    "fonts": _fonts,
    "languages": _languages,
    "picture formats": _picture_formats,
    "PDF": _pdf,
    "sound": _sound,
    "HEIC": _heic,
    "sorting": _sorting,
    "messages": _messages,
    "project": _project,
    "update notice": _update_notice,
}


def _application() -> object:
    from PySide6.QtWidgets import QApplication

    return QApplication.instance() or QApplication(["balas"])


def _has_ink(image: QImage) -> bool:
    return any(
        image.pixelColor(x, y).alpha()
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    )

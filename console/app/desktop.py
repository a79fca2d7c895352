"""The program's life: sign-in, the desk, the way from one to the other, and the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject
from PySide6.QtWidgets import QApplication

from console import remote
from console.app.desk import Desk
from console.app.updates import watch_for_updates
from console.domain.changes import Link
from console.domain.errors import (
    BalasError,
    EnvironmentFaultError,
    ExpectedError,
    RefusedError,
    SignedOutError,
)
from console.domain.ids import ProfileId
from console.domain.verifier import fits, verifier
from console.settings.paths import Paths, store_name
from console.settings.project import ProjectAddress, keep_project
from console.settings.secrets import (
    AskPassphrase,
    KeySource,
    PassphraseRequest,
)
from console.settings.values import Values
from console.store.store import SetAsideError, Store
from console.ui import copies
from console.ui.appearance import dress
from console.ui.application import Application
from console.ui.errors import Errors, in_one
from console.ui.language import translate
from console.ui.session import SignOutChoice
from console.ui.tasks import cancelled, first_of
from console.ui.window import MainWindow

if TYPE_CHECKING:
    from console.remote.auth import Identity
    from console.remote.client import Remote
    from console.remote.keeper import SessionStorage
    from console.ui.screens.sign_in import SignInScreen
    from console.ui.tour import Album

SEND_BEFORE_LEAVING = 30.0  # seconds that "send and sign out" waits for the line
VERIFIER = "unlock"  # beside the session, in the encrypted store
_MB = 1024 * 1024
Keys = KeySource | Callable[[AskPassphrase], KeySource]
_WHOLE_WITHIN = 3.0  # seconds
_PATIENCE = 0.1  # seconds that the window waits for its list before it shows without
_REST = 5.0  # seconds after a bug in sync, until it runs again


class Desktop(QObject):
    """The program's life, from the first screen until the last window is closed.

    It is the `SessionActions` of the window: what that asks of the session happens here.
    """

    def __init__(
        self,
        application: QApplication,
        paths: Paths,
        values: Values,
        keys: Keys,
        project: ProjectAddress | None = None,
    ) -> None:
        """`keys` may be made here, from what asks for a passphrase."""
        super().__init__()
        self._paths = paths
        self._values = values
        self._project = project
        self._theme, self._language = dress(application, values)
        self._errors = Errors()
        self._keys = keys(self._ask_passphrase) if callable(keys) else keys
        self._desk: Desk | None = None
        self._news: BaseException | None = None  # to tell as soon as there is a window
        self._closed = asyncio.Event()
        self._shown: SignInScreen | MainWindow | None = None
        self.window: MainWindow | None = None
        self.sign_in_screen: SignInScreen | None = None
        # Ending the loop is our own work: under qasync a quit would cut the clean-up short.
        application.setQuitOnLastWindowClosed(False)
        application.lastWindowClosed.connect(self._on_last_closed)
        self._link = ""  # to follow as soon as there is a desk
        if isinstance(application, Application):
            application.quit_wanted.connect(self.close)
            application.link_wanted.connect(self.open_link)

    @property
    def project_url(self) -> str:
        return self._project.url if self._project else ""

    @property
    def project_fixed(self) -> bool:
        return self._project is not None and self._project.fixed

    @property
    def at_desk(self) -> Desk:
        """What is open. Raises ExpectedError while nobody is signed in."""
        if self._desk is None:
            raise ExpectedError("Nobody is signed in", fix="Sign in first.")
        return self._desk

    def close(self) -> None:
        """End the program, in order."""
        self._closed.set()

    def open_link(self, link: str = "") -> None:
        """Come forward, and follow a `balas://` link now or after the sign-in."""
        if self.window is not None:
            self.window.bring_forward()
            if link:
                self.window.windows.open_link(link)
        else:
            self._link = link
            if self._shown is not None:
                self._shown.raise_()
                self._shown.activateWindow()

    def _on_last_closed(self) -> None:
        if self.window is None or not self.window.is_in_tray:
            self.close()

    async def run(self, *, album: Album | None = None) -> None:
        """Show the desk, or the way to it, until the last window is closed."""
        try:
            if self._desk is None:
                await self._resume()
            while not self._closed.is_set():
                if self._desk is None:
                    await self._show_sign_in()
                else:
                    await self._work(self._desk, album)
        finally:
            if self._desk is not None:
                await self._leave(self._desk)
            self._replace_windows(None)

    # What the window asks of the session

    async def connect_project(self, url: str, key: str) -> None:
        """Remember the project, once it is known to be one that can be worked with."""
        line = await remote.connect(url, key)
        try:
            await line.check()
        finally:
            await line.close()
        self._project = ProjectAddress(line.url, key.strip(), fixed=False)
        keep_project(self._values, line.url, key.strip())

    async def sign_in(self, email: str, password: str) -> None:
        """Open this agent's desk."""
        await self._enter(email, password, lambda line: line.auth.sign_in(email, password))

    async def request_code(self, email: str) -> None:
        """Have a one-time code sent by e-mail."""
        line = await self._connect()
        try:
            await line.auth.request_code(email)
        finally:
            await line.close()

    async def verify_code(self, email: str, code: str, new_password: str) -> None:
        """Open this agent's desk with a one-time code, and set the password."""
        await self._enter(
            email, new_password, lambda line: line.auth.verify_code(email, code, new_password)
        )

    async def unlock(self, password: str) -> bool:
        """By what is kept of the password here; where that does not fit, by the server.

        The password may have been changed elsewhere, or never have been typed on this machine.
        Raises EnvironmentFaultError where only the server could tell and cannot be reached.
        """
        session = self.at_desk.store.session
        kept = await session.get_item(VERIFIER)
        if kept is not None and await asyncio.to_thread(fits, kept, password):
            return True
        line = await self._connect()
        try:
            identity = await line.auth.sign_in(self._values.text("last_email"), password)
            await line.auth.sign_out()  # of this second session alone
        except RefusedError:
            return False
        except EnvironmentFaultError:
            if kept is None:
                raise
            return False
        finally:
            await line.close()
        if identity.profile_id != self._values.text("last_user"):
            return False
        await session.set_item(VERIFIER, await asyncio.to_thread(verifier, password))
        return True

    async def sign_out(self, choice: SignOutChoice) -> None:
        """End the session; raises EnvironmentFaultError when replies should leave and cannot."""
        desk = self._desk
        if desk is None or desk.remote is None:
            raise EnvironmentFaultError("Still connecting", fix="Sign out again in a moment.")
        if choice == "send" and (
            desk.engine is None or await desk.engine.send_all(SEND_BEFORE_LEAVING)
        ):
            raise EnvironmentFaultError(
                "Not every reply could be sent",
                "You are still signed in and nothing is lost.",
                fix="Decide on those that wait for you, sign out again when the line is back, or"
                " choose to keep them.",
            )
        if choice == "discard":
            await desk.store.outbox.discard_all()
        # First the channels: the server keeps their rights until the token ends.
        await desk.remote.doorbell.close()
        await desk.remote.auth.sign_out()
        self._values.set("last_user", "")

    # The way to the desk

    async def _resume(self) -> None:
        """Open the last agent's store with what it knew; the network comes after."""
        user = self._values.text("last_user")
        if not user or self._project is None:
            return
        try:
            self._desk = await self._open(ProfileId(user))
        except BalasError as error:
            self._news = error

    async def _show_sign_in(self) -> None:
        from console.ui.screens.sign_in import SignInScreen

        screen = SignInScreen(self, self._theme, self._errors)
        screen.fill_email(self._values.text("last_email"))
        entered = asyncio.Event()
        screen.signed_in.connect(entered.set)
        if self._news is not None:
            screen.explain(in_one(self._news))
            self._news = None
        self._replace_windows(screen)
        self.sign_in_screen = screen
        await first_of(self._closed.wait(), entered.wait())
        screen.close_tasks()
        self.sign_in_screen = None

    async def _connect(self, storage: SessionStorage | None = None) -> Remote:
        if self._project is None:
            raise ExpectedError("No project is set up", fix="Give the project's address first.")
        return await remote.connect(self._project.url, self._project.key, storage)

    async def _enter(
        self, email: str, password: str, prove: Callable[[Remote], Awaitable[Identity]]
    ) -> None:
        line = await self._connect()
        desk: Desk | None = None
        try:
            identity = await prove(line)
            desk = await self._open(identity.profile_id)
            await line.keep_session_in(desk.store.session)
            await desk.store.set_me(identity.profile_id)
            kept = await asyncio.to_thread(verifier, password)
            await desk.store.session.set_item(VERIFIER, kept)
        except BaseException:
            await line.close()
            if desk is not None:
                await desk.close()
            raise
        desk.connect(line)
        self._desk = desk
        self._values.set("last_user", identity.profile_id)
        self._values.set("last_email", email.strip())

    async def _open(self, user: ProfileId) -> Desk:
        """The store of one user; an unreadable one is set aside, and that will be said."""
        path = self._paths.store_file(self.project_url, user)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = QLockFile(str(path.with_suffix(".lock")))
        lock.setStaleLockTime(0)  # a lock of a program that died is taken over at once
        if not lock.tryLock(0):
            raise ExpectedError(
                "Balas is already open",
                "Another window of this program uses the same account.",
                fix="Go on there, or close it first.",
            )
        try:
            key = await self._keys.key_for(store_name(self.project_url, user))
            limit = self._values.number("media_cache_mb") * _MB
            try:
                store = await Store.open(path, key, media_limit=limit)
            except SetAsideError as error:
                self._news = error
                store = await Store.open(path, key, media_limit=limit)
        except BaseException:
            lock.unlock()
            raise
        return Desk(store, lock)

    async def _ask_passphrase(self, request: PassphraseRequest) -> str | None:
        from console.ui.screens.sign_in import ask_passphrase

        problem = translate("errors", request.problem) if request.problem else ""
        return await ask_passphrase(self._theme, is_new=request.new, problem=problem)

    # At the desk

    async def _work(self, desk: Desk, album: Album | None) -> None:
        """Until the window is closed or the session ends; everything of it is gone afterwards."""
        desk.store.set_link(Link.CONNECTING)  # nobody is signed out before the server says so
        window = MainWindow(
            desk.store, desk.server, self, self._values, self._theme, self._language
        )
        signed_out = asyncio.Event()
        window.signed_out.connect(signed_out.set)
        window.quit_wanted.connect(self.close)
        self.window = window
        window.inbox.listed.connect(self._show_desk)
        patience = asyncio.get_running_loop().call_later(_PATIENCE, self._show_desk)
        if self._news is not None:
            window.errors.tell(self._news)
            self._news = None
        if self._link:
            window.windows.open_link(self._link)
            self._link = ""
        line = asyncio.create_task(self._keep_line(desk, window), name="line")
        updates = asyncio.create_task(watch_for_updates(lambda: window.toast), name="updates")
        beside = [line, updates]
        if album is not None:
            from console.ui.tour import Tour

            tour = Tour(window, desk.store, self._theme, album)
            beside.append(asyncio.create_task(tour.run(), name="tour"))
        try:
            await first_of(self._closed.wait(), signed_out.wait(), line)
            if line.done() and not line.cancelled():
                self._news = line.exception() or SignedOutError()
        finally:
            patience.cancel()
            await cancelled(*beside)
            await window.finish()
            self.window = None
            await self._leave(desk)

    def _show_desk(self) -> None:
        """With its list already, where that is read in time: so it is painted once."""
        if self.window is not None and self._shown is not self.window:
            self._replace_windows(self.window)

    async def _keep_line(self, desk: Desk, window: MainWindow) -> None:
        """Sync, once the window is whole; returns when the session is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_WHOLE_WITHIN):
                await window.inbox.is_whole.wait()
        await asyncio.to_thread(copies.remove_left)
        line = desk.remote
        if line is None:
            line = await self._connect(desk.store.session)
            desk.connect(line)
        if line.auth.identity is None:
            return
        from console.sync.engine import Engine

        desk.engine = Engine(desk.store, line)
        while True:
            try:
                await desk.engine.run()
                return
            except Exception as error:  # a bug: tell it, and keep the desk alive
                window.errors.tell(error)
                await asyncio.sleep(_REST)

    async def _leave(self, desk: Desk) -> None:
        self._desk = None
        await desk.close()
        await asyncio.to_thread(copies.remove)

    # Windows and the loop

    def _replace_windows(self, shown: SignInScreen | MainWindow | None) -> None:
        """Show one before the others go, so that nobody sees the program vanish."""
        if shown is not None:
            shown.show()
        previous, self._shown = self._shown, shown
        if previous is not None:
            previous.hide()
            previous.deleteLater()

"""The engine: everything that keeps store and server in agreement, as one cancellable run."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from console.domain.changes import Changes, Link
from console.domain.errors import (
    BalasError,
    EnvironmentFaultError,
    RefusedError,
    SignedOutError,
)
from console.domain.ids import InboxId
from console.store.store import Store
from console.sync.media import Downloads
from console.sync.nudge import Nudge, backoff, jittered, watch_clock, within
from console.sync.pull import Pull
from console.sync.push import Push
from console.sync.told import Told

if TYPE_CHECKING:
    from console.remote.client import Remote
    from console.remote.realtime import Ring

log = logging.getLogger(__name__)

# Bells may be lost; this is the longest that anything stays unseen while the line works.
EVERY = 60.0  # seconds
# Older than this, what we have is pulled before anything leaves. The timer pulls more often.
_FRESH = 2 * EVERY
_LONGEST_RETRY = 15.0  # seconds between two tries while offline
# Seconds between a bell and the pull: a team hears the same bell. A bell after quiet is followed at
# once, or nearly; one of many waits longer, and is answered together with those that follow it.
_SPREAD = 0.015
_SPREAD_OF_MANY = 0.075
_QUIET = 1.0  # seconds without a bell
# News that a timer brings although the doorbell was joined this long: nobody rang.
_DEAF_AFTER = 10.0
# What Auth says to somebody who was let go: not only their session is over.
_LET_GO = "user_banned"


class _SessionOverError(Exception):
    """Ends the run from within."""


class Engine:
    """Sync of one store with one project. `run()` until cancelled; the store tells how it goes."""

    def __init__(self, store: Store, remote: Remote) -> None:
        self._store = store
        self._remote = remote
        self._pull_nudge = Nudge()
        self._push_nudge = Nudge()
        self._pull = Pull(store, remote, self._listen_to, self._pull_goes_on)
        self._push = Push(
            store,
            remote,
            self._may_call,
            self._pull.newest,
            self._push_failed,
            self._push_nudge.now,
        )
        self._downloads = Downloads(store, remote)
        self._told = Told(store)
        self._last_bell = 0.0
        self._spread = _SPREAD
        self._failures = 0
        self._fresh_at = 0.0
        self._pulls_long = False
        self._doubts = 0
        self._signed_out = asyncio.Event()
        self._let_go = False

    def ring(self) -> None:
        """Pull now, and send what waits."""
        self._pull_nudge.now()
        self._push_nudge.now()

    async def run(self) -> None:
        """Keep both sides in agreement. Returns when the session is over, else when cancelled.

        The link of the store tells: CONNECTING, ONLINE, OFFLINE, and SIGNED_OUT at the end.
        """
        self._store.set_link(Link.CONNECTING)
        self._store.dispatch.nothing_leaves()
        unsubscribe = self._store.changes.subscribe(self._on_changes)
        self._listen_to(await self._store.feed.inboxes())
        self.ring()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pulling(), name="pull")
                group.create_task(self._pushing(group), name="push")
                group.create_task(self._fetching(group), name="wishes")
                group.create_task(self._listening(), name="doorbell")
                group.create_task(watch_clock(self._on_sleep), name="clock")
                await self._signed_out.wait()
                raise _SessionOverError  # ends every task of the group, uploads too
        except* _SessionOverError:
            log.info("the session is over")
            if self._let_go:
                await self._store.feed.forget_everything()
        finally:
            unsubscribe()
            self._store.set_link(Link.SIGNED_OUT)

    async def send_all(self, seconds: float) -> int:
        """Wait until every reply has left, at most so long; how many have not.

        For the choice "send" at sign-out; the engine must be running.
        """
        try:
            async with asyncio.timeout(seconds):
                changed = Nudge()
                unsubscribe = self._store.changes.subscribe(
                    lambda changes: changed.now() if changes.outbox else None
                )
                try:
                    await self._store.dispatch.let_go()
                    await self._store.dispatch.hurry()
                    self._push_nudge.now()
                    while await self._store.dispatch.waiting():
                        await changed.wait()
                finally:
                    unsubscribe()
        except TimeoutError:
            log.info("not every reply could leave before signing out")
        return await self._store.outbox.pending()

    def _listen_to(self, inboxes: list[InboxId]) -> None:
        topics = {f"inbox:{id}" for id in inboxes}
        identity = self._remote.auth.identity
        if identity is not None:
            topics.add(f"profile:{identity.profile_id}")
        self._remote.doorbell.want(topics)
        self._remote.presence.want(inboxes)

    def _on_changes(self, changes: Changes) -> None:
        if changes.outbox or changes.drafts:
            self._push_nudge.now()

    def _on_sleep(self) -> None:
        log.info("the clock jumped: the line is built anew")
        self._doubt()
        self._remote.doorbell.rebuild()
        self.ring()

    def _on_ring(self, ring: Ring) -> None:
        if ring.bell:
            now = time.monotonic()
            self._spread = _SPREAD if now - self._last_bell > _QUIET else _SPREAD_OF_MANY
            self._last_bell = now
            self._told.bell(ring.messages)
        elif ring.topic in self._remote.doorbell.joined:
            self._told.joined()
        self._pull_nudge.now()

    async def _listening(self) -> None:
        try:
            await self._remote.doorbell.run(self._on_ring)
        except BalasError as error:
            self._failed(error)

    async def _pulling(self) -> None:
        wait: float | None = None
        again: float | None = None
        while True:
            by_timer = not await self._pull_nudge.wait(wait) and again is None
            if not by_timer and self._failures == 0 and self._last_bell:
                await asyncio.sleep(jittered(self._spread))
            doubts, told = self._doubts, self._told.before_pull()
            again = None
            try:
                changed = await self._pull.run()
                again = await self._told.after_pull(told, self._pull.deleted)
            except BalasError as error:
                self._failed(error)
                await self._park()
            except Exception:  # a bug must not leave the desk deaf for ever
                log.exception("a pull failed")
                self._failures += 1
            else:
                await self._succeeded(certain=doubts == self._doubts)
                if changed and by_timer and self._is_deaf():
                    log.info("news came that no bell told of")
                    self._remote.doorbell.rebuild()
            finally:
                self._pulls_long = False
            wait = within(EVERY) if again is None else again
            if self._failures:
                wait = backoff(self._failures - 1, _LONGEST_RETRY).total_seconds()

    def _pull_goes_on(self) -> None:
        """The line works, and more is to come."""
        if not self._pulls_long:
            self._pulls_long = True
            self._push_nudge.now()

    def _may_call(self) -> bool:
        """Nothing leaves while what we show may be old.

        It waits for the pull; of a long one for the first page only, as the conversation of each
        reply is then looked at by itself.
        """
        return self._store.link is Link.ONLINE or self._pulls_long

    def _is_deaf(self) -> bool:
        quiet = time.monotonic() - self._last_bell > _DEAF_AFTER
        return quiet and bool(self._remote.doorbell.joined)

    async def _succeeded(self, *, certain: bool) -> None:
        """`certain`: nothing made what we have doubtful since the pull began; else one follows."""
        self._failures = 0
        if not certain:
            return
        self._fresh_at = time.time()
        if self._store.link is not Link.ONLINE:
            # Before anything leaves: what was written without seeing this is looked at again.
            await self._store.dispatch.recheck()
            self._store.set_link(Link.ONLINE)
            await self._store.dispatch.hurry()
            self._push_nudge.now()
            self._store.wishes.stirred.set()

    def _failed(self, error: BalasError) -> None:
        if self._is_over(error):
            return
        if not isinstance(error, EnvironmentFaultError):
            log.warning("the server refuses a pull: %s", error.title)
        self._failures += 1
        self._store.set_link(Link.OFFLINE)

    def _push_failed(self, error: BalasError) -> None:
        """A reply could not leave; the next pull tells whether the line is to blame."""
        if not self._is_over(error) and self._store.link is Link.ONLINE:
            self._pull_nudge.now()

    def _is_over(self, error: BalasError) -> bool:
        """Whether this ends the session; of somebody who was let go, this machine keeps nothing."""
        let_go = isinstance(error, RefusedError) and error.code == _LET_GO
        self._let_go = self._let_go or let_go
        if let_go or isinstance(error, SignedOutError):
            self._signed_out.set()
        return self._signed_out.is_set()

    def _doubt(self) -> None:
        """Nothing leaves before the next pull: what we show may be old."""
        self._doubts += 1
        if self._store.link is Link.ONLINE:
            self._store.set_link(Link.CONNECTING)
        self._pull_nudge.now()

    async def _park(self) -> None:
        try:
            await self._store.dispatch.park()
        except EnvironmentFaultError:
            log.warning("the outbox cannot be written", exc_info=True)

    async def _pushing(self, group: asyncio.TaskGroup) -> None:
        while True:
            if abs(time.time() - self._fresh_at) > _FRESH:
                self._doubt()
            try:
                # First when, then what: nothing falls due between the two unseen.
                due = await self._store.dispatch.next_due()
                if self._may_call():
                    await self._push.start_lanes(group)
            except EnvironmentFaultError:
                log.warning("the outbox cannot be read", exc_info=True)
                due = backoff(3)
            await self._push_nudge.wait(None if due is None else due.total_seconds())

    async def _fetching(self, group: asyncio.TaskGroup) -> None:
        stirred = self._store.wishes.stirred
        tries = 0
        while True:
            await stirred.wait()
            stirred.clear()
            self._downloads.start(group)
            try:
                await self._pull.older()
                tries = 0
            except BalasError:
                await asyncio.sleep(backoff(tries, _LONGEST_RETRY).total_seconds())
                tries += 1

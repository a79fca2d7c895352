"""Encrypted SQLite: one writer thread, two readers, what changed published after the commit."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import apsw

from console.domain.changes import Changes, Refusal
from console.domain.errors import EnvironmentFaultError
from console.domain.ids import ConversationId
from console.store import migrations
from console.store.aside import SetAsideError, marker, set_aside
from console.store.bus import ChangeBus
from console.store.upkeep import Upkeep

log = logging.getLogger(__name__)

T = TypeVar("T")
Row = tuple[Any, ...]

READERS = 2
# Chosen, not left to the library's default: authenticated, so that a changed page is found out.
CIPHER = "chacha20"
KEY_BYTES = 32
# The system keeps more of the file; a page of that is decrypted in 4 µs. At 1,000,000 messages a
# reader searches as fast with 2 MiB as with 6; a writer keeps what one page of the feed changes.
_READER_CACHE_KIB, _WRITER_CACHE_KIB = 2 * 1024, 6 * 1024
_BUSY_MS = 5_000


class Reading:
    """SQL in one transaction that sees one state of the store."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def all(self, sql: str, *values: Any) -> list[Row]:
        """Every row."""
        return list(self._connection.execute(sql, values))

    def one(self, sql: str, *values: Any) -> Row | None:
        """The first row, or None."""
        return next(iter(self._connection.execute(sql, values)), None)

    def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.one(sql, *values)
        return None if row is None else row[0]

    def each(self, sql: str, *values: Any) -> Iterator[Row]:
        """Rows as they come, for what need not be in memory at once."""
        return iter(self._connection.execute(sql, values))

    def tokens(self, text: bytes) -> list[tuple[int, int, str]]:
        """The words of a UTF-8 text as the index has them: from which byte to which, and folded."""
        tokenizer = self._connection.fts5_tokenizer("unicode61", ["remove_diacritics", "2"])
        found = tokenizer(text, apsw.FTS5_TOKENIZE_DOCUMENT, None, include_colocated=False)
        return [(int(start), int(end), str(word)) for start, end, word in found]  # type: ignore[misc, str-unpack]

    def readable(self, sql: str, *values: Any) -> Iterator[Row]:
        """Rows as far as a damaged file gives them."""
        try:
            yield from self._connection.execute(sql, values)
        except (apsw.CorruptError, apsw.NotADBError, apsw.IOError, apsw.SQLError):
            log.warning("a part of the damaged store cannot be read")


class Writing(Reading):
    """A transaction that writes, and says in its own words what it changed."""

    def __init__(self, connection: apsw.Connection) -> None:
        super().__init__(connection)
        self.conversations: set[ConversationId] = set()
        self.threads: set[ConversationId] = set()
        self.arrived: set[ConversationId] = set()
        self.media: set[str] = set()
        self.outbox = False
        self.drafts = False
        self.sending = False
        self.team = False
        self.refusals: list[Refusal] = []
        self.everything = False
        self.indexed = 0  # texts that came into the index of words
        self._version: int | None = None

    def run(self, sql: str, *values: Any) -> int:
        """Change rows; how many were."""
        self._connection.execute(sql, values)
        return self._connection.changes()

    def many(self, sql: str, rows: Iterable[Row]) -> None:
        """The same change with each row of values."""
        self._connection.executemany(sql, rows)

    @property
    def last_id(self) -> int:
        """The rowid of the row inserted last."""
        return self._connection.last_insert_rowid()

    @property
    def version(self) -> int:
        """A number greater than every version handed out by earlier transactions."""
        if self._version is None:
            self._version = int(
                self.value(
                    "insert into meta values ('version', '1') on conflict (key)"
                    " do update set value = cast(value as integer) + 1 returning value"
                )
            )
        return self._version

    def changes(self) -> Changes | None:
        """What to announce, or None when nothing that anyone watches changed."""
        if not (
            self.conversations
            or self.threads
            or self.media
            or self.outbox
            or self.drafts
            or self.sending
            or self.team
            or self.refusals
            or self.everything
        ):
            return None
        return Changes(
            conversations=frozenset(self.conversations),
            threads=frozenset(self.threads),
            arrived=frozenset(self.arrived),
            media=frozenset(self.media),
            outbox=self.outbox,
            drafts=self.drafts,
            sending=self.sending,
            team=self.team,
            refusals=tuple(self.refusals),
            everything=self.everything,
        )


Salvage = Callable[[Reading, Writing], int]


@contextmanager
def _translated() -> Iterator[None]:
    """SQLite's environment troubles in our words; its other errors are bugs and stay."""
    try:
        yield
    except apsw.FullError as error:
        raise EnvironmentFaultError(
            "The disk is full",
            "Nothing was half written. What you typed is still here.",
            fix="Free some space and try again.",
        ) from error
    except (apsw.IOError, apsw.CantOpenError, apsw.ReadOnlyError, apsw.BusyError) as error:
        raise EnvironmentFaultError(
            "The local store cannot be used", str(error), fix="Check the disk and its rights."
        ) from error
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise EnvironmentFaultError(
            "The local store is damaged",
            str(error),
            fix="Start again; the damaged file is then set aside and filled anew.",
        ) from error


def _connect(path: Path, key: bytes, *, readonly: bool) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    try:
        # The key must come first. `raw:` means: these are the key's own 32 bytes, derive nothing.
        connection.pragma("cipher", CIPHER)
        connection.execute(f"pragma key = 'raw:{key.hex()}'")
        connection.set_busy_timeout(_BUSY_MS)
        # Temporary tables and sorters would reach the disk in plain text.
        connection.pragma("temp_store", 2)
        connection.pragma("foreign_keys", 1)
        connection.pragma("cache_size", -(_READER_CACHE_KIB if readonly else _WRITER_CACHE_KIB))
        if readonly:
            connection.pragma("query_only", 1)
        else:
            connection.pragma("journal_mode", "wal")
            connection.pragma("synchronous", "full")  # once Enter returns, safe from a power cut
        connection.execute("select count(*) from sqlite_schema").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: apsw.Connection) -> None:
    present = int(connection.pragma("user_version"))
    for number, sql in migrations.steps():
        if number > present:
            connection.execute("begin immediate")
            try:
                connection.execute(sql)
                connection.pragma("user_version", number)
                connection.execute("commit")
            except BaseException:
                connection.execute("rollback")
                raise


class Database:
    """The store's file. Every write is a function run in one transaction on one thread."""

    def __init__(
        self, path: Path, key: bytes, bus: ChangeBus, salvage: Salvage | None = None
    ) -> None:
        self.path = path
        self._salvage = salvage
        self._key = key
        self._bus = bus
        self._loop = asyncio.get_running_loop()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._connection: apsw.Connection | None = None
        self._idle: queue.SimpleQueue[apsw.Connection] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._upkeep = Upkeep(lambda: self._writer.submit(self._keep_up))
        self.writes = 0  # committed: asked before a read, the same number means the same contents

    @classmethod
    async def open(
        cls, path: Path, key: bytes, bus: ChangeBus, salvage: Salvage | None = None
    ) -> Database:
        """Open or create the file and bring its schema up to date.

        Raises SetAsideError when the key does not fit or the file is no database of ours, and
        EnvironmentFaultError when the disk refuses. `key` is exactly 32 bytes. `salvage` copies
        from a damaged file what must not be lost.
        """
        if len(key) != KEY_BYTES:
            raise ValueError("the key of the store must be 32 bytes long")
        database = cls(path, key, bus, salvage)
        try:
            await asyncio.wrap_future(database._writer.submit(database._open))
        except BaseException:
            database._shut_executors()
            raise
        return database

    def _open(self) -> None:
        with _translated():
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                if marker(self.path).exists():
                    raise apsw.CorruptError("found damaged when it was last used")
                self._connection = _connect(self.path, self._key, readonly=False)
                _migrate(self._connection)
            except (apsw.NotADBError, apsw.CorruptError) as error:
                if self._connection is not None:
                    self._connection.close()
                    self._connection = None
                moved_to = set_aside(self.path)
                log.warning("the local store could not be opened and was set aside")
                raise SetAsideError(moved_to, self._rescue(moved_to)) from error
            self._connection.set_wal_hook(self._upkeep.on_logged)  # instead of SQLite's own
            self.path.chmod(0o600)
            for _ in range(READERS):
                self._idle.put(_connect(self.path, self._key, readonly=True))

    def _rescue(self, moved_to: Path) -> int:
        """A new store with what can still be read of the agent's own work; how much that is."""
        if self._salvage is None:
            return 0
        try:
            old = _connect(moved_to, self._key, readonly=True)
        except apsw.Error:
            return 0  # another key, or nothing of it is readable
        with closing(old), closing(_connect(self.path, self._key, readonly=False)) as new:
            _migrate(new)
            new.execute("begin immediate")
            rescued = self._salvage(Reading(old), Writing(new))
            new.execute("commit")
        return rescued

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Remember damage, so that the next start begins with a sound file."""
        try:
            with _translated():
                yield
        except EnvironmentFaultError as error:
            if isinstance(error.__cause__, apsw.CorruptError | apsw.NotADBError):
                marker(self.path).touch()
            raise

    async def write(self, work: Callable[[Writing], T]) -> T:
        """Run `work` in one transaction; announce its changes after the commit, then return.

        Once asked for, the write happens even if the asker is cancelled: what an agent typed
        must not depend on the life of a screen. Any exception of `work` rolls everything back.
        """
        if self._closed.is_set():
            raise RuntimeError("the store is closed")
        return await asyncio.shield(asyncio.wrap_future(self._writer.submit(self._write, work)))

    def _write(self, work: Callable[[Writing], T]) -> T:
        connection = self._connection
        if connection is None:
            raise RuntimeError("the store is closed")
        writing = Writing(connection)
        with self._watched():
            connection.execute("begin immediate")
            try:
                result = work(writing)
                connection.execute("commit")
                self.writes += 1
            except BaseException:
                # SQLite has already rolled back after some errors, a full disk among them.
                if connection.in_transaction:
                    connection.execute("rollback")
                raise
        changes = writing.changes()
        if changes is not None:
            self._loop.call_soon_threadsafe(self._bus.publish, changes)
        self._upkeep.note(writing.indexed)
        return result

    def _keep_up(self) -> None:
        try:
            with self._watched():
                if self._connection is not None:
                    self._upkeep.merge(Writing(self._connection))
            if self._upkeep.is_log_long and not self._closed.is_set():
                self._readers.submit(self._empty_log)
        except Exception:  # nobody waits for it; of a full disk the next write tells
            log.warning("the upkeep of the store has to wait", exc_info=True)

    def _empty_log(self) -> None:
        """Copy the write-ahead log into the file: on a slow disk long, and no commit waits."""
        try:
            with self._reader() as connection:
                connection.execute("pragma wal_checkpoint(passive)")
        except Exception:
            log.warning("the log of the store has to wait", exc_info=True)

    async def read(self, work: Callable[[Reading], T]) -> T:
        """Run `work` on a reader thread; it sees one committed state and cannot write."""
        if self._closed.is_set():
            raise RuntimeError("the store is closed")
        return await asyncio.wrap_future(self._readers.submit(self._read, work))

    def _read(self, work: Callable[[Reading], T]) -> T:
        with self._reader() as connection:
            connection.execute("begin")
            try:
                return work(Reading(connection))
            finally:
                if connection.in_transaction:
                    connection.execute("commit")

    @contextmanager
    def _reader(self) -> Iterator[apsw.Connection]:
        connection = self._idle.get()
        try:
            with self._watched():
                yield connection
        finally:
            self._idle.put(connection)

    async def close(self) -> None:
        """Finish the writes already asked for and the reads under way, then close.

        Reads that have not begun are cancelled. Safe to repeat.
        """
        if self._closed.is_set():
            return
        self._closed.set()
        self._upkeep.close()
        await asyncio.wrap_future(self._writer.submit(self._close))
        self._shut_executors()

    def _close(self) -> None:
        # First the threads: a reader that found no connection left would wait for ever.
        self._readers.shutdown(wait=True, cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().close()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _shut_executors(self) -> None:
        self._writer.shutdown(wait=False)
        self._readers.shutdown(wait=False)

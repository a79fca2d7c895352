"""A worker inside the test's loop, and replies for it to send."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import procrastinate
from psycopg.types.json import Jsonb

from console.local.leash import Leash
from console.service.config import Config
from console.service.database import Database, worker_pool_arguments
from console.service.fetch import MediaFetcher
from console.service.jobs.job import Tools
from console.service.storage import Storage
from console.service.twilio import Twilio
from console.service.worker import Worker, queue
from tests.service.conftest import Rows
from tests.service.requests import CUSTOMER, INBOX


@asynccontextmanager
async def worker(config: Config) -> AsyncIterator[Worker]:
    """A worker that works until the block ends, then stops as on SIGTERM."""
    connector = procrastinate.PsycopgConnector(**worker_pool_arguments(config))
    async with AsyncExitStack() as stack:
        parts = Twilio(config), Storage(config), MediaFetcher(config)
        for part in parts:
            stack.push_async_callback(part.close)
        await connector.open_async()
        stack.push_async_callback(connector.close_async)
        tools = Tools(config, Database(connector.pool), *parts)
        working = Worker(queue(connector, tools), tools)
        task = asyncio.create_task(working.run())
        yield working
        working.stop()
        await task


class Desk:
    """An agent's side: a conversation with one customer, replies put in as `send_message` does."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.inbox = rows.value(
            "insert into public.inboxes (name, channel, address)"
            " values ('Toko', 'whatsapp', %s) returning id",
            INBOX,
        )
        self.conversation = self.conversation_with(CUSTOMER)

    def conversation_with(self, address: str) -> Any:
        contact = self.rows.value("insert into public.contacts (name) values ('Siti') returning id")
        self.rows.do(
            "insert into public.contact_addresses (contact_id, address, channel)"
            " values (%s, %s, 'whatsapp')",
            contact,
            address,
        )
        return self.rows.value(
            "insert into public.conversations (inbox_id, contact_id, last_inbound_at)"
            " values (%s, %s, now()) returning id",
            self.inbox,
            contact,
        )

    def reply(
        self,
        text: str = "Sudah dikirim",
        *,
        conversation: Any = None,
        to: str = CUSTOMER,
        media: list[dict[str, Any]] | None = None,
        metadata: dict[str, Any] | None = None,
        kick: bool = True,
    ) -> str:
        """Queue a reply; its id. Without `kick` only the row is made, no job."""
        thread = conversation or self.conversation
        message = str(uuid.uuid4())
        self.rows.do(
            """
            insert into public.messages (id, conversation_id, direction, content, media, metadata,
                                         "timestamp", status, from_number, to_number, created_at)
            values (%s, %s, 'outbound', %s, %s, %s, clock_timestamp(), 'queued', %s, %s,
                    now() - %s * interval '1 minute')
            """,
            message,
            thread,
            text,
            Jsonb(media or []),
            Jsonb(metadata or {}),
            INBOX,
            to,
            0 if kick else 1,
        )
        if kick:
            self.rows.do(
                "select private.enqueue('send_message', %s, 'conversation:' || %s::text,"
                " queue => 'send')",
                Jsonb({"message_id": message}),
                str(thread),
            )
        return message

    def message(self, message_id: str) -> Any:
        return self.rows.one("select * from public.messages where id = %s", message_id)

    def status(self, message_id: str) -> str:
        return str(self.message(message_id)["status"])

    def attempts(self, message_id: str) -> list[Any]:
        return self.rows.all(
            "select * from public.delivery_attempts where message_id = %s order by started_at",
            message_id,
        )


def variables(text: str) -> Any:
    """ContentVariables as Twilio reads them."""
    return json.loads(text)


class WorkerProcess:
    """`balas worker` as a process of its own, that can be paused, woken and killed."""

    def __init__(self, config: Config, log: Path, leash: Leash) -> None:
        environment = os.environ | {
            "SUPABASE_URL": config.supabase_url,
            "SUPABASE_SECRET_KEY": config.secret_key,
            "SUPABASE_DB_URL": config.database_url,
            "TWILIO_ACCOUNT_SID": config.twilio_account_sid,
            "TWILIO_AUTH_TOKEN": config.twilio_auth_token,
            "TWILIO_API_URL": config.twilio_api_url,
            "TWILIO_CONTENT_URL": config.twilio_content_url,
            "TWILIO_MESSAGING_URL": config.twilio_messaging_url,
            "PUBLIC_URL": config.public_url,
        }
        self._leash = leash
        self.log = log
        with log.open("w") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "console", "worker"],
                cwd=Path(__file__).resolve().parents[2],
                env=environment,
                stderr=stderr,
            )
        leash.hold(self._process.pid)

    def pause(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """As a power cut does it."""
        self._process.kill()
        self._process.wait(15)
        self._leash.release(self._process.pid)

    def end(self) -> int:
        """As a service manager does it; the exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            self._process.wait(45)
            self._leash.release(self._process.pid)
        return int(self._process.returncode)

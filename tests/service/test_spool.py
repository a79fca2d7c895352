"""The spool's files: what is promised is on the disk, sealed, in order, and within bounds."""

from __future__ import annotations

import asyncio
import os
import random
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.domain.errors import EnvironmentFaultError
from console.service.intake import Arrival, packed, unpacked
from console.service.spool import Spool, SpoolError, folder_of
from console.service.spool_files import DamagedError, Folder, LockedError, Seal
from tests.service.conftest import config_of
from tests.service.requests import TOKEN, encoded, whatsapp
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]


def arrival(body: bytes = b"") -> Arrival:
    return Arrival(
        endpoint="webhook",
        query="",
        headers={"content-type": "application/x-www-form-urlencoded"},
        body=body or encoded(whatsapp()),
        received_at=datetime.now(UTC),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "lasting" / "spool", Seal([TOKEN]))
    folder.make()
    return folder


@pytest.fixture
def spool(folder: Folder) -> Iterator[Spool]:
    spool = Spool(folder, limit=1024 * 1024)
    yield spool
    spool.close()


def contents(folder: Folder) -> list[Arrival]:
    """Everything in the folder, in the order of its names."""
    found = []
    for file in folder.waiting():
        content = folder.read(file.name)
        assert content is not None
        arrivals = unpacked(content)
        assert len(arrivals) == file.count
        found += arrivals
    return found


async def test_what_was_put_in_is_there_for_the_next_process(spool: Spool, folder: Folder) -> None:
    first, second = arrival(), arrival(b"\xff\x00 not a form")
    await spool.put(first)
    await spool.put(second)
    assert contents(Folder(folder.path, Seal([TOKEN]))) == [first, second]


async def test_nobody_else_can_read_it(spool: Spool, folder: Folder) -> None:
    await spool.put(arrival())
    for path in [folder.path, *folder.path.iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    (file,) = folder.path.glob("*.req")
    sealed = file.read_bytes()
    for readable in (b"Halo", b"6281234567890", b"webhook", b"received_at"):
        assert readable not in sealed
    with pytest.raises(LockedError):
        Seal(["another secret"]).open(file.name, sealed)


async def test_requests_that_come_at_once_share_files_and_keep_their_order(
    spool: Spool, folder: Folder
) -> None:
    arrivals = [arrival() for _ in range(300)]
    await asyncio.gather(*(spool.put(one) for one in arrivals))
    assert contents(folder) == arrivals
    assert len(folder.waiting()) <= 4
    assert spool.depth().waiting == 300


def test_it_is_answered_for_only_when_bytes_and_name_are_on_the_disk(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(handle: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "bytes")
        fsync(handle)

    def noted_replace(self: Path, target: Path) -> Path:
        steps.append("name")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    folder.write(b"something", 1)
    assert steps == ["bytes", "name", "folder"]


async def test_a_full_spool_says_no(folder: Folder) -> None:
    spool = Spool(folder, limit=100_000)
    answers = await asyncio.gather(
        *(spool.put(arrival(b"x" * 10_000)) for _ in range(20)), return_exceptions=True
    )
    assert {type(answer) for answer in answers} == {type(None), SpoolError}
    assert 1 <= len(folder.waiting()) < 10
    assert sum(file.size for file in folder.waiting()) <= 100_000
    spool.close()


async def test_a_disk_that_fails_says_no(
    spool: Spool, folder: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("ERROR")
    folder.path.rename(folder.path.with_name("gone"))
    with pytest.raises(SpoolError):
        await spool.put(arrival())
    assert spool.failed
    folder.path.with_name("gone").rename(folder.path)
    await spool.put(arrival())
    assert not spool.failed


@pytest.mark.parametrize(
    "damage",
    [
        lambda sealed: b"",
        lambda sealed: sealed[:-1],
        lambda sealed: sealed[:20],
        lambda sealed: sealed[:40] + bytes([sealed[40] ^ 1]) + sealed[41:],
        lambda sealed: b"{}" * 100,
    ],
    ids=["empty", "cut", "head only", "one bit", "foreign"],
)
def test_damage_is_noticed(folder: Folder, damage: Callable[[bytes], bytes]) -> None:
    file = folder.path / folder.write(packed([arrival()]), 1).name
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(DamagedError):
        folder.read(file.name)


def test_a_file_under_another_name_is_noticed(folder: Folder) -> None:
    first = folder.write(b"one", 1).name
    second = folder.write(b"two", 1).name
    (folder.path / first).replace(folder.path / second)
    with pytest.raises(DamagedError):
        folder.read(second)


def test_after_a_change_of_the_token_the_old_one_still_opens(folder: Folder) -> None:
    name = folder.write(b"something", 1).name
    with pytest.raises(LockedError):
        Folder(folder.path, Seal(["", "new token"])).read(name)
    assert Folder(folder.path, Seal([TOKEN, "new token"])).read(name) == b"something"


def test_what_a_killed_writer_left_half_written_goes_after_a_while(folder: Folder) -> None:
    half = folder.path / "00000000000000000001-00000000-1.req.part"
    fresh = folder.path / "00000000000000000002-00000000-1.req.part"
    half.write_bytes(b"half")
    fresh.write_bytes(b"half")
    os.utime(half, (time.time() - 3600,) * 2)
    assert folder.waiting() == []
    assert folder.tidy() == 1
    assert (half.exists(), fresh.exists()) == (False, True)


def test_of_two_one_empties_the_folder_and_a_dead_one_holds_nobody_up(folder: Folder) -> None:
    program = (
        "import sys, pathlib; from console.service.spool_files import Folder, Seal\n"
        "with Folder(pathlib.Path(sys.argv[1]), Seal(['x'])).sole() as sole:\n"
        "    print(sole, flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(folder.path)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert other.stdout is not None
    assert other.stdin is not None
    assert other.stdout.readline() == "True\n"
    with folder.sole() as sole:
        assert not sole
    other.kill()
    other.wait()
    other.stdout.close()
    other.stdin.close()
    with folder.sole() as sole:
        assert sole


_WRITER = """
import asyncio, sys, pathlib
from datetime import datetime, UTC
from console.service.intake import Arrival
from console.service.spool import Spool
from console.service.spool_files import Folder, Seal

async def main(number, folder, secret):
    spool = Spool(Folder(pathlib.Path(folder), Seal([secret])), 10**9)
    async def one(lane):
        for n in range(10**9):
            body = f"{number}.{lane}.{n}".encode()
            await spool.put(Arrival("webhook", "", {}, body * 50, datetime.now(UTC)))
            sys.stdout.write(body.decode() + "\\n"); sys.stdout.flush()
    await asyncio.gather(*(one(lane) for lane in range(4)))

asyncio.run(main(*sys.argv[1:]))
"""


def test_kill_9_in_the_middle_of_writing_loses_nothing_that_was_promised(
    folder: Folder, tmp_path: Path
) -> None:
    promised: set[str] = set()
    for number in range(4):
        said = tmp_path / f"said{number}"
        with said.open("w") as out:
            writer = subprocess.Popen(
                [sys.executable, "-c", _WRITER, str(number), str(folder.path), TOKEN],
                cwd=ROOT, stdout=out,
            )  # fmt: skip
        enough = random.randint(1, 400)
        wait_until(lambda: said.stat().st_size > enough)  # noqa: B023  used up before it changes
        writer.kill()
        writer.wait()
        text = said.read_text()
        promised |= set(text[: text.rfind("\n")].split("\n"))
    stored = [one.body.decode() for one in contents(folder)]
    whole = [text[: len(text) // 50] for text in stored]
    assert [text * 50 for text in whole] == stored
    assert len(set(whole)) == len(whole)
    assert promised <= set(whole)


def test_without_a_folder_there_is_no_spool_and_a_bad_one_is_said(tmp_path: Path) -> None:
    assert folder_of(config_of("postgresql://x")) is None
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFaultError) as caught:
        folder_of(config_of("postgresql://x", BALAS_SPOOL_DIR=str(tmp_path / "file" / "spool")))
    assert "BALAS_SPOOL_DIR" in caught.value.title

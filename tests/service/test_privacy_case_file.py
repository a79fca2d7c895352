"""A case file: whole, private, checkable, and nothing in it that runs."""

from __future__ import annotations

import hashlib
import json
import stat
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from console import cli
from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.local.gateway.config import GatewayConfig
from console.service.case_file import export
from console.service.config import Config
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, config_of
from tests.service.project import gateway, put_file
from tests.service.requests import CUSTOMER
from tests.service.working import Desk

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\u202e"
PHOTO = b"\xff\xd8\xff" + b"foto"


@pytest.fixture
def project(database: Clone, tmp_path: Path) -> Iterator[GatewayConfig]:
    (tmp_path / "project").mkdir()
    with gateway(database, tmp_path / "project") as running:
        yield running


@pytest.fixture
def config(database: Clone, project: GatewayConfig) -> Config:
    return config_of(
        database.dsn, SUPABASE_URL=project.url, SUPABASE_SECRET_KEY=project.keys.secret_key
    )


@pytest.fixture
def desk(rows: Rows) -> Desk:
    return Desk(rows)


def _inbound(desk: Desk, text: str, *files: dict[str, Any]) -> str:
    ident = str(uuid.uuid4())
    desk.rows.do(
        "insert into public.messages (id, conversation_id, direction, content, media, status,"
        " timestamp, message_sid, from_number)"
        " values (%s, %s, 'inbound', %s, %s, 'received', clock_timestamp(), %s, %s)",
        ident,
        desk.conversation,
        text,
        json.dumps(list(files)),
        f"SM{uuid.uuid4().hex}",
        CUSTOMER,
    )
    return ident


def _stored(path: str, kind: str, name: str) -> dict[str, Any]:
    return {
        "bucket": "media",
        "path": path,
        "content_type": kind,
        "name": name,
        "state": "stored",
        "error": None,
    }


@pytest.fixture
def case(desk: Desk, project: GatewayConfig) -> str:
    """A thread with everything in it; the conversation's id."""
    thread = str(desk.conversation)
    photo, program = f"{thread}/a/0/foto.jpg", f"{thread}/a/1/page.html"
    put_file(project, "media", photo, PHOTO, "image/jpeg")
    put_file(project, "media", program, EVIL.encode(), "text/html")
    message = _inbound(
        desk,
        EVIL,
        _stored(photo, "image/jpeg", EVIL + ".jpg"),
        _stored(program, "text/html", "page.html"),
        _stored(f"{thread}/gone", "image/png", "gone.png"),
        {"state": "failed", "error": "not_found", "content_type": "image/png"},
    )
    desk.rows.do(
        "insert into private.webhook_requests (path, body, message_id)"
        " values ('/webhook', 'From=x&Body=y', %s)",
        message,
    )
    agent = desk.rows.value(
        "insert into public.profiles (id, display_name) values (gen_random_uuid(), 'Dewi')"
        " returning id"
    )
    reply = desk.reply("Baik, kami cek", kick=False)
    desk.rows.do("update public.messages set sent_by = %s where id = %s", agent, reply)
    desk.rows.do(
        "insert into public.delivery_attempts (message_id, outcome, http_status, sid)"
        " values (%s, 'accepted', 201, 'SMtheirs')",
        reply,
    )
    for status in ("sending", "sent", "read"):
        desk.rows.do("update public.messages set status = %s where id = %s", status, reply)
    desk.rows.do(
        "insert into public.notes (conversation_id, author_id, body) values (%s, %s, %s)",
        thread,
        agent,
        f"Catatan {EVIL}",
    )
    desk.rows.do(
        "insert into public.events (conversation_id, kind, data) values (%s, 'resolved', %s)",
        thread,
        json.dumps({"was": EVIL}),
    )
    other = desk.conversation_with("whatsapp:+6281200000777")
    desk.reply("rahasia orang lain", conversation=other, kick=False)
    return thread


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_everything_of_the_thread_is_there_and_every_hash_is_true(
    config: Config, case: str, tmp_path: Path, rows: Rows
) -> None:
    folder = tmp_path / "case"
    written = export(config, case, folder)
    assert (written.messages, written.files, written.missing) == (2, 2, 2)
    told = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    first, second = told["messages"]
    assert [file["file"] and file["file"].rpartition(".")[2] for file in first["files"]] == [
        "jpg",
        "bin",
        None,
        None,
    ]
    photo = folder / first["files"][0]["file"]
    assert photo.read_bytes() == PHOTO
    assert first["files"][0]["sha256"] == hashlib.sha256(PHOTO).hexdigest()
    assert first["files"][3]["error"] == "not_found"
    assert second["attempts"][0]["sid"] == "SMtheirs"
    assert [one["status"] for one in second["deliveries"]] == ["sent", "read"]
    assert second["deliveries"][0]["at"] < second["deliveries"][1]["at"] < told["exported_at"]
    assert told["people"][second["sent_by"]]["name"] == "Dewi"
    assert told["contact"]["addresses"][0]["address"] == CUSTOMER
    assert [note["body"] for note in told["notes"]] == [f"Catatan {EVIL}"]
    assert [event["kind"] for event in told["events"]] == ["resolved"]
    (request,) = told["requests"]
    assert (folder / request["file"]).read_bytes() == b"From=x&Body=y"

    sums = (folder / "SHA256SUMS").read_text(encoding="utf-8")
    listed = {line[66:]: line[:64] for line in sums.splitlines()}
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert set(listed) == there - {"SHA256SUMS"}
    for name, digest in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert written.seal == hashlib.sha256(sums.encode()).hexdigest()
    noted = rows.one("select * from public.audit_log where action = 'case_file_exported'")
    assert (noted["subject_id"], noted["data"]["seal"]) == (case, written.seal)
    for path in there:
        assert "rahasia orang lain" not in (folder / path).read_text(errors="replace")


def test_a_thread_that_was_joined_to_another_is_told_as_that_one(
    config: Config, case: str, desk: Desk, tmp_path: Path
) -> None:
    other = desk.conversation_with("whatsapp:+6281200000888")
    desk.rows.do(
        "update public.conversations set joined_to = %s, adopted = true where id = %s", case, other
    )
    export(config, str(other), tmp_path / "case")
    told = json.loads((tmp_path / "case" / "case.json").read_text(encoding="utf-8"))
    assert told["conversation"]["id"] == case


def test_only_its_owner_reads_it(config: Config, case: str, tmp_path: Path) -> None:
    folder = tmp_path / "case"
    export(config, case, folder)
    for path in (folder, *folder.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_the_page_shows_what_was_written_as_it_was_written(
    config: Config, case: str, tmp_path: Path
) -> None:
    export(config, case, tmp_path / "case")
    text = (tmp_path / "case" / "index.html").read_text(encoding="utf-8")
    parsed = _Tags()
    parsed.feed(text)
    assert {tag for tag, _ in parsed.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "dl", "dt", "dd"),
        *("article", "b", "small", "p", "div", "a", "img", "br"),
    }
    for _, attributes in parsed.tags:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href"):
            if place := attributes.get(name):
                assert (tmp_path / "case" / place).is_file()
    assert text.count("&lt;script&gt;") >= 3
    assert "default-src 'none'" in text


def test_the_page_tells_of_nested_changes_in_words(
    config: Config, case: str, desk: Desk, tmp_path: Path
) -> None:
    changes = {"name": {"was": None, "is": "Rina"}, "labels": ["vip", "<b>"], "blocked": False}
    desk.rows.do(
        "insert into public.events (conversation_id, kind, data) values (%s, 'contact_edited', %s)",
        case,
        json.dumps({"changes": changes}),
    )
    export(config, case, tmp_path / "case")
    text = (tmp_path / "case" / "index.html").read_text(encoding="utf-8")
    # jsonb orders keys by length
    assert (
        "contact_edited by the service · changes: (name: (is: Rina, was: none), "
        "labels: vip; &lt;b&gt;, blocked: no)</small>"
    ) in text


def test_a_folder_with_something_in_it_is_left_alone(
    config: Config, case: str, tmp_path: Path
) -> None:
    full, empty = tmp_path / "full", tmp_path / "empty"
    full.mkdir()
    (full / "mine.txt").write_text("x")
    empty.mkdir()
    with pytest.raises(ExpectedError, match="not empty"):
        export(config, case, full)
    assert [path.name for path in full.iterdir()] == ["mine.txt"]
    assert export(config, case, empty).messages == 2


@pytest.mark.parametrize("wanted", ["x", "00000000-0000-4000-8000-000000000001"])
def test_a_conversation_that_is_not_there_is_said(
    config: Config, tmp_path: Path, wanted: str
) -> None:
    with pytest.raises(ExpectedError):
        export(config, wanted, tmp_path / "case")
    assert not (tmp_path / "case").exists()


def test_nothing_is_left_behind_when_storage_does_not_answer(
    config: Config, case: str, tmp_path: Path, rows: Rows
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    with pytest.raises(EnvironmentFaultError, match="Storage"):
        export(config_of(config.database_url), case, here / "case")
    assert list(here.iterdir()) == []
    assert rows.all("select from public.audit_log where action = 'case_file_exported'") == []


def test_the_command_says_what_it_wrote(
    config: Config,
    case: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SUPABASE_URL", config.supabase_url)
    monkeypatch.setenv("SUPABASE_SECRET_KEY", config.secret_key)
    monkeypatch.setenv("SUPABASE_DB_URL", config.database_url)
    assert cli.main(["case-file", case, str(tmp_path / "case")]) == 0
    said = capsys.readouterr().out
    assert "2 messages and 2 files" in said
    assert "2 files are not in Storage" in said
    assert cli.main(["case-file", "x", str(tmp_path / "other")]) == cli.FAILED

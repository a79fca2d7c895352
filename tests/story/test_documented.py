"""The documents' commands, typed as they stand there into one shell beside a running stack."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from console.local import cluster
from console.local.snapshot import snapshot
from tests.conftest import Database
from tests.database.adopting import OLD_PROJECT
from tests.database.conftest import Desk, Person
from tests.service.test_doctor import LASTING
from tests.story.conftest import World
from tests.story.documented import BY_HAND, ELSEWHERE, ROOT, Command, commands
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the documents' commands are for sh")

SENDER, NUMBER = "whatsapp:+622150001000", "+622150002000"  # the simulator's
STOP = """psql -qc "select private.stop_sending(63051, 'x')" "$SUPABASE_DB_URL" > stopped"""
GO_ON = """psql -q "$SUPABASE_DB_URL" -c "update public.service_state set state = 'running',
 error_code = null, error_text = null, next_try_at = null where part = 'sending'"
 -c "update private.sending_trial set message_id = null, began_at = null, failures = 0"
""".replace("\n", " ").strip()
# What a person puts in place of what a page leaves open, in this order.
IN_PLACE = (
    (r"--owner=\S+ --group=\S+ ", ""),  # only root may, and only where this group is
    (r'"whatsapp:\+62\.\.\."', SENDER),
    (r"whatsapp:\+62(81100002222|…)", SENDER),
    (r"\+6281100003333", NUMBER),
    (r'"Toko Makmur"', SENDER),
    (r"CONVERSATION-ID DIR", '"$CONVERSATION" case-file'),
    (r"\bFILE\b", "receipts"),
    (r"\bEMAIL\b", "budi@example.com"),
    (r"(?<![\w.])/(etc|opt|var/lib|usr/local)/", r"$HERE/root/\1/"),
    (r"\bupdate\.(key|json)\b", r"$HERE/update.\1"),  # dev.py stands in the checkout itself
    (r"(manifest sign .*)", r"\1 > update.json"),
    (r"(manifest key .*)", r"\1 | tee public-key"),
    # There is something to resume only while sending has stopped; afterwards all is as before.
    (r"balas queue resume", f"{{ {STOP} && balas queue resume && {GO_ON}; }}"),
    (r"PUBLIC-KEY", '"$(tail -n 1 public-key)"'),
)


def typed(command: Command) -> str:
    """The line as somebody types it here."""
    words = command.words
    if match := re.match(r"export ([A-Z_]+)=", words):
        return f'export {match[1]}="$REAL_{match[1]}"'
    for pattern, here in IN_PLACE:
        words = re.sub(pattern, here, words)
    return words


def put_in_place(folder: Path, environment: dict[str, str]) -> None:
    """A checkout to stand in, and the programs that the pages name."""
    for name in ("resources", "requirements.lock", "pyproject.toml", "dev.py", "console", "tests"):
        (folder / name).symlink_to(ROOT / name)
    for place in ("etc/systemd/system", "etc/nginx/sites-enabled", "opt", "var/lib/balas"):
        (folder / "root" / place).mkdir(parents=True)
    (folder / "root/usr/local/bin").mkdir(parents=True)
    (folder / "customers.csv").write_text("name,phone\nSri,0812-1000-2000\n", encoding="utf-8")
    settings = "".join(f"{name}={shlex.quote(text)}\n" for name, text in environment.items())
    (folder / "settings").write_text(settings, encoding="utf-8")
    programs = folder / "programs"
    programs.mkdir()
    python = shlex.quote(sys.executable)
    # dev.py makes .venv first, which the running tests have already.
    as_dev = f"import dev, sys; dev.prepare = lambda *_: None; dev.PYTHON = dev.Path({python!r})"
    shims = {
        "balas": f'exec {python} -m console "$@"',
        "python3": f'exec {python} -c {shlex.quote(as_dev + "; sys.exit(dev.main())")} "${{@:2}}"',
        "editor": f'case "$1" in *.env) cat {folder}/settings > "$1";;'
        ' *) sed -i s/balas.example.com/desk.example.com/ "$1";; esac',
    }
    for name in ("pg_dump", "pg_restore", "psql"):
        path = cluster._program(cluster._install(), name)
        shims[name] = f'exec {shlex.quote(path)} "$@"'
    for name, does in shims.items():
        shim = programs / name
        shim.write_text(f"#!/usr/bin/env bash\n{does}\n", encoding="utf-8")
        shim.chmod(0o755)


def run(lines: list[str], folder: Path, environment: dict[str, str]) -> dict[str, str]:
    """Type the lines into one shell; what each said. Fails with those that did not end well."""
    script = ["set -u -o pipefail"]
    for number, line in enumerate(lines):
        script += [f"echo '=== {number} '", f"{line} || echo '=== failed'"]
    env = {
        "HOME": str(folder),
        "HERE": str(folder),
        "LANG": "C.UTF-8",
        "PATH": f"{folder / 'programs'}:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder, env=env | environment, text=True, timeout=300, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    parts = re.split(r"^=== \d+ $", done.stdout, flags=re.M)[1:]
    said = dict(zip(lines, parts, strict=False))
    ill = [f"$ {line}\n{words}" for line, words in said.items() if "=== failed" in words]
    assert not ill, "\n".join(ill)
    assert len(parts) == len(lines), done.stdout
    return said


def test_every_command_is_run_here_or_elsewhere_or_says_why_not() -> None:
    named = [one for one in commands() if one.elsewhere not in (None, BY_HAND)]
    for one in named:
        assert one.elsewhere is not None
        file, _, test = one.elsewhere.partition("::")
        if file == ".ci/run":
            command = one.words.replace("python dev.py", "python3 dev.py")
            assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
        elif test:
            assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), one
    idle = [
        begins for begins in ELSEWHERE if not any(re.match(begins, c.words) for c in commands())
    ]
    assert not idle, "no page has these any more"
    here = [one for one in commands() if not one.not_here and not one.elsewhere]
    assert len(here) > 30


@pytest.fixture
def spool() -> Iterator[str]:
    """A folder on a disk that lasts, as the doctor wants it."""
    with tempfile.TemporaryDirectory(dir=LASTING if LASTING.is_dir() else None) as folder:
        yield folder


def test_the_documents_commands_do_what_they_say(world: World, tmp_path: Path, spool: str) -> None:
    real = {**world.environment, "BALAS_SPOOL_DIR": spool}
    put_in_place(tmp_path, real)
    sender = "whatsapp:+6281310099001"
    world.customer_does("inbound", **{"from": sender, "name": "Dokumen", "body": "Halo"})
    wait_until(lambda: conversation_of(world, sender))
    lines = [typed(one) for one in commands() if not one.not_here and not one.elsewhere]
    adopting = [line for line in lines if "--address-column" in line]
    said = run(
        [line for line in lines if line not in adopting],
        tmp_path,
        real
        | {f"REAL_{name}": text for name, text in real.items()}
        | {"CONVERSATION": conversation_of(world, sender)},
    )
    assert "up to date" in said["balas migrate"]
    assert "All is well" in said["balas doctor"]
    assert "budi@example.com" in said["balas user list"]
    assert (tmp_path / "case-file").is_dir()
    assert (tmp_path / "contacts.csv").stat().st_mode & 0o077 == 0
    assert (tmp_path / "balas.dump").read_bytes()[:5] == b"PGDMP"
    units = tmp_path / "root/etc/systemd/system"
    assert len(list(units.iterdir())) == 4
    (checked,) = [words for line, words in said.items() if "manifest check" in line]
    assert "1.4.0" in checked


def conversation_of(world: World, address: str) -> str:
    """The thread with a customer; empty before there is one."""
    query = (
        "select c.id::text from public.conversations c"
        " join public.contact_addresses a using (contact_id) where a.address = %s"
    )
    with psycopg.connect(world.environment["SUPABASE_DB_URL"]) as connection:
        found = connection.execute(query, [address]).fetchone()
    return str(found[0]) if found else ""


def test_a_project_with_a_table_of_its_own_is_taken_over_as_documented(
    empty_project: Database, tmp_path: Path
) -> None:
    with empty_project.connect() as connection:
        connection.execute(OLD_PROJECT.replace("{extra}", "").encode())
    put_in_place(tmp_path, {})
    (column,) = [typed(one) for one in commands() if "--address-column" in one.words]
    said = run([column, "balas migrate"], tmp_path, {"SUPABASE_DB_URL": empty_project.dsn})
    assert "up to date" in said["balas migrate"]


def test_a_dump_goes_into_a_new_project_as_documented(
    database: Database,
    new_database: Callable[[str], Database],
    migrated_template: Database,
    tmp_path: Path,
) -> None:
    put_in_place(tmp_path, {})
    fresh = new_database(migrated_template.name)
    (dump,) = [one.words for one in commands() if one.words.startswith("pg_dump ")]
    (restore,) = [one.words for one in commands() if "restore.sh" in one.words]
    with Desk.of(database) as desk:
        ani = desk.person("Ani", "agent", inbox := desk.inbox("Jakarta", SENDER))
        desk.run("insert into auth.users (id, email) values (%s, 'ani@x.id')", ani.id)
        desk.inbound(thread := desk.conversation(inbox), "Halo")
        reply = {"conversation_id": thread, "content": "Baik"}
        ani.call("send_message", id=str(uuid.uuid4()), **reply)
    run([dump], tmp_path, {"SUPABASE_DB_URL": database.dsn})
    run([restore], tmp_path, {"SUPABASE_DB_URL": fresh.dsn})
    assert snapshot(fresh.dsn) == snapshot(database.dsn)
    with Desk.of(fresh) as desk:
        ani = Person(desk, ani.id)
        assert [message["content"] for message in ani.pull()["messages"]] == ["Baik", "Halo"]
        ani.call("send_message", id=str(uuid.uuid4()), **reply)
        assert desk.one("select email from auth.users where id = %s", ani.id) == "ani@x.id"
        # A second time, or with half a dump, nothing changes.
        with pytest.raises(AssertionError, match="has messages already"):
            run([restore], tmp_path, {"SUPABASE_DB_URL": fresh.dsn})
        assert desk.one("select count(*) from public.messages") == 3
    half = (tmp_path / "balas.dump").read_bytes()
    (tmp_path / "balas.dump").write_bytes(half[: len(half) // 2])
    empty = new_database(migrated_template.name)
    with pytest.raises(AssertionError, match="could not"):
        run([restore], tmp_path, {"SUPABASE_DB_URL": empty.dsn})
    with empty.connect() as admin:
        assert admin.execute("select count(*) from public.messages").fetchone() == (0,)
        assert admin.execute("select count(*) from private.feed").fetchone() == (1,)

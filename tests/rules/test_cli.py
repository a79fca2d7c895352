"""The command line: what it starts, and how it says that it cannot."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from console import cli
from console.service import people

SERVICE = ("SUPABASE_URL", "SUPABASE_SECRET_KEY", "SUPABASE_DB_URL", "TWILIO_ACCOUNT_SID")


@pytest.fixture
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the service is configured."""
    for name in (*SERVICE, "SUPABASE_SERVICE_ROLE_KEY", "TWILIO_AUTH_TOKEN", "PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("empty_environment")
@pytest.mark.parametrize("command", ["webhook", "worker", "serve"])
def test_a_service_without_its_environment_names_everything_it_misses(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([command]) == cli.FAILED
    said = capsys.readouterr()
    assert said.out == ""
    assert all(name in said.err for name in ("SUPABASE_DB_URL", "TWILIO_AUTH_TOKEN", "PUBLIC_URL"))
    assert "Traceback" not in said.err


def test_a_library_that_is_not_installed_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("console.service")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("console.service", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert cli.main(["migrate"]) == cli.FAILED
    assert 'pip install "balas[service]"' in capsys.readouterr().err


def test_a_password_is_read_from_input_and_never_from_an_argument(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    added: list[tuple[object, ...]] = []

    def add(email: str, role: str, **rest: object) -> int:
        added.append((email, role, rest["name"], rest["inboxes"], rest["password"]))
        return 0

    monkeypatch.setattr(people, "add", add)
    monkeypatch.setattr(sys, "stdin", io.StringIO("rahasia sekali\n"))
    words = "user add ani@example.com --role agent --inbox Toko --inbox Gudang --password-stdin"
    assert cli.main(words.split()) == 0
    assert added == [("ani@example.com", "agent", None, ["Toko", "Gudang"], "rahasia sekali")]


def test_an_unknown_role_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["user", "add", "ani@example.com", "--role", "king"])
    assert end.value.code == 2
    assert "king" in capsys.readouterr().err


def test_a_link_alone_opens_the_desktop_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[dict[str, object]] = []

    class Program:
        @staticmethod
        def main(**given: object) -> int:
            started.append(given)
            return 0

    monkeypatch.setattr(cli, "_program", lambda: Program)
    link = "balas://conversation/6f1f6a4e-5a51-4b0e-9f38-0a4d7a3e6f11"
    assert cli.main([link]) == 0
    assert cli.main([]) == 0
    assert [given["link"] for given in started] == [link, ""]


def test_without_arguments_the_start_makes_no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    assert vars(cli._window_alone()) == vars(cli.parser().parse_args([]))
    monkeypatch.setattr(cli, "_desktop", lambda options: len(options.link))
    monkeypatch.setattr(cli, "parser", lambda: pytest.fail("nothing was asked"))
    assert cli.main([]) == 0


def test_python_imports_by_itself_before_most_of_the_program() -> None:
    script = (
        "from console.ui.imports import spare_sources\nspare_sources()\n"
        "import builtins, sys\n"
        "assert builtins.__import__ is not builtins.__feature_import__\n"
        "early = ('PySide6.QtGui', 'ctypes', 'asyncio', 'console.app', 'console.domain')\n"
        "print(*(name for name in early if name in sys.modules))\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ran.stdout.strip(), ran.stderr) == ("", "")


def test_the_window_begins_with_what_its_first_picture_needs() -> None:
    """Each of these costs the start, or memory, before anybody asked for it."""
    script = (
        "from console.cli import _program\n_program()\n"
        "import builtins, linecache, sys\n"
        "assert builtins.__import__ is not builtins.__feature_import__\n"
        "assert not linecache.cache, list(linecache.cache)\n"
        "late = ('httpx', 'supabase', 'keyring', 'PySide6.QtMultimedia', 'PySide6.QtNetwork',"
        " 'console.ui.screens.inbox.hits', 'console.ui.timeline.view')\n"
        "print(*(name for name in late if name in sys.modules))\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ran.stdout.strip(), ran.stderr) == ("", "")

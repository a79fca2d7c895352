"""What a deployer is handed: units systemd takes, commands that exist, settings that are known."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from console import cli
from console.local.cluster import free_port
from console.service.config import Needs, read
from console.service.doctor.settings import VARIABLES

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "resources" / "packaging"
UNITS = sorted(PACKAGING.glob("balas-*.service"))
GUIDE = (PACKAGING / "DEPLOY.md").read_text(encoding="utf-8")


def test_the_guide_is_reached_from_the_readme_and_names_files_that_exist() -> None:
    assert "(resources/packaging/DEPLOY.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"resources/packaging/([\w.@-]*\w)", GUIDE)) - {"balas"}
    missing = [name for name in named if not (PACKAGING / name).is_file() and name != "balas-"]
    assert not missing


def test_every_command_of_the_guide_can_be_typed() -> None:
    typed = 0
    for block in re.findall(r"^```sh\n(.*?)^```", GUIDE, flags=re.M | re.S):
        for line in block.splitlines():
            words = line.split("#")[0].split()
            if words[:1] == ["balas"]:
                cli.parser().parse_args(words[1:])
                typed += 1
    assert typed >= 6


def test_the_example_of_the_settings_is_complete_and_known() -> None:
    text = (PACKAGING / "balas.env").read_text(encoding="utf-8")
    names = set(re.findall(r"^#?([A-Z_]+)=", text, flags=re.M))
    assert names <= set(VARIABLES)
    required = {one.name for one in read({}, Needs.WORKER)[1]}
    assert required | {"BALAS_SPOOL_DIR"} <= set(re.findall(r"^([A-Z_]+)=", text, flags=re.M))


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_command_that_exists_with_little_power(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    (start,) = re.findall(r"^ExecStart=.*/balas (\w+)$", text, flags=re.M)
    assert start in unit.name
    cli.parser().parse_args([start])
    for line in ("User=balas", "NoNewPrivileges=yes", "ProtectSystem=strict", "Restart=always"):
        assert line in text.splitlines()
    # The same for all, but for what they start and how long that takes to stop.
    first, own = (
        {line for line in each.read_text(encoding="utf-8").splitlines() if "=" in line}
        for each in (UNITS[0], unit)
    )
    differing = {line.partition("=")[0] for line in first ^ own}
    assert differing <= {"Description", "ExecStart", "TimeoutStopSec"}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/balas/bin/balas", sys.executable)
        (tmp_path / unit.name.replace("@", "@9")).write_text(text, encoding="utf-8")
    answer = subprocess.run(
        ["systemd-analyze", "verify", *map(str, tmp_path.iterdir())],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    own = [line for line in answer.stderr.splitlines() if str(tmp_path) in line]
    assert (own, answer.returncode) == ([], 0), answer.stderr


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not here")
def test_nginx_takes_its_file(tmp_path: Path) -> None:
    text = (PACKAGING / "nginx-balas.conf").read_text(encoding="utf-8")
    whole = f"pid {tmp_path}/pid; events {{}} http {{ {_on_free_ports(text)} }}"
    (tmp_path / "nginx.conf").write_text(whole, encoding="utf-8")
    command = ["nginx", "-t", "-e", "stderr", "-c", str(tmp_path / "nginx.conf")]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 0, answer.stderr


def _on_free_ports(text: str) -> str:
    lines = [line for line in text.splitlines() if "[::]" not in line]
    return "\n".join(lines).replace("listen 80;", f"listen 127.0.0.1:{free_port()};")


def test_the_image_runs_without_rights_and_starts_what_exists() -> None:
    text = (PACKAGING / "Containerfile").read_text(encoding="utf-8")
    final = text.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001:10001$", final, flags=re.M)
    assert re.search(r"^HEALTHCHECK ", final, flags=re.M)
    (command,) = re.findall(r'^CMD \["(\w+)"\]$', final, flags=re.M)
    cli.parser().parse_args([command])
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, flags=re.M)
    assert all((ROOT / name).exists() for names in copied for name in names.split())
    # What makes the lock's versions into constraints there.
    (pattern,) = re.findall(r"sed -n '(.*)' requirements.lock", text)
    pinned = subprocess.run(
        ["sed", "-n", pattern, str(ROOT / "requirements.lock")],
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in pinned)
    assert {"uvicorn", "psycopg", "procrastinate"} <= {line.partition("==")[0] for line in pinned}


def test_the_health_check_knows_a_webhook_that_answers() -> None:
    spec = importlib.util.spec_from_file_location("healthcheck", PACKAGING / "healthcheck.py")
    assert spec is not None
    assert spec.loader is not None
    check = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check)

    class Alive(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/health/live" else 404)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Silence."""

    with HTTPServer(("127.0.0.1", 0), Alive) as server:
        port = server.server_address[1]
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert check.is_alive(["balas", "webhook"], port)
        thread.join()
    assert not check.is_alive(["balas", "webhook"], free_port())
    assert check.is_alive(["balas", "worker"], 0)

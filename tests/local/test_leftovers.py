"""What the tests themselves start ends with them, also when it never comes up."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from console.local.cluster import free_port
from console.local.gateway.config import GatewayConfig, ProjectKeys
from console.local.leash import Leash
from tests.local import conftest as local


def test_a_gateway_that_does_not_answer_is_ended_and_waited_for(
    tmp_path: Path, leash: Leash, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *words: object, **more: object) -> None:
            super().__init__(*words, **more)  # type: ignore[call-overload]
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    monkeypatch.setattr(local, "wait_until", lambda _ready: pytest.fail("not true in time"))
    keys = ProjectKeys.generate()
    config = GatewayConfig(keys=keys, database={}, files=tmp_path, port=free_port())
    with pytest.raises(pytest.fail.Exception):
        local.start_gateway(config, tmp_path / "gateway.json", leash)
    assert [process.returncode for process in started] == [-9]

"""The gallery's tests stand on the same stage as the window's, and hear each recording once."""

from __future__ import annotations

import pytest

from console.ui.timeline import waveforms
from console.ui.timeline.waveforms import Sound, sound_of
from tests.ui.conftest import in_jakarta, pytest_asyncio_loop_factories, stage

__all__ = ["in_jakarta", "pytest_asyncio_loop_factories", "stage"]

_HEARD: dict[bytes, Sound | None] = {}


@pytest.fixture(autouse=True)
def heard_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most scenes have the desk's one recording in view: decoding it took an eighth of their time.

    How it is decoded is for test_multimedia and test_voice_notes; here the first is, as ever.
    """

    async def heard(data: bytes) -> Sound | None:
        if data not in _HEARD:
            _HEARD[data] = await sound_of(data)
        return _HEARD[data]

    monkeypatch.setattr(waveforms, "sound_of", heard)

"""A window that is gone leaves nothing: a language chosen, or a second sign-in, costs no memory."""

from __future__ import annotations

import gc
from collections import Counter
from contextlib import suppress

import pytest
from PySide6.QtCore import QObject

from console.ui.pages import INBOX, pages
from console.ui.window import MainWindow
from tests.gallery.book import SCENES
from tests.gallery.stage import Stage, quiet
from tests.waiting import eventually

# One of each page, and whatever opens above them.
SEEN = (
    *("main", "inbox-found", "thread-team", "viewer-film", "composer-canned", "composer-template"),
    *("composer-guard", "composer-recorded", "composer-bench", "palette-found", "own-window"),
    *("preferences", "administration-hours", "reports", "team-mentions", "contacts-page"),
    *("contact-merge", "contact-start"),
)


def living() -> dict[int, str]:
    """Every object of the window's that Python still holds, by its identity."""
    return {
        id(one): type(one).__qualname__
        for one in gc.get_objects()
        if isinstance(one, QObject) and type(one).__module__.startswith("console.ui")
    }


@pytest.mark.parametrize("name", SEEN)
async def test_nothing_of_a_closed_window_stays(stage: Stage, name: str) -> None:
    gc.collect()
    before = living()
    await SCENES[name](stage)
    assert len(living()) > len(before) + 5
    await stage.clear()

    def left() -> list[str]:
        gc.collect()
        return [what for key, what in living().items() if key not in before]

    try:
        await eventually(lambda: not left(), within=5)
    except AssertionError:
        pytest.fail(f"still there: {', '.join(left())}")


async def test_another_language_leaves_nothing_of_the_window_that_spoke_the_first(
    stage: Stage,
) -> None:
    window = await SCENES["main"](stage)
    assert isinstance(window, MainWindow)

    async def seen_in(language: str) -> None:
        stage.language.choose(language)
        for page in pages():
            window.go(page.name)
            await quiet(2)
        window.go(INBOX)
        await quiet()

    def grown(before: Counter[str]) -> Counter[str]:
        gc.collect()
        return Counter(living().values()) - before

    async def left_behind() -> Counter[str]:
        before = grown(Counter())
        for language in ("id", "en"):
            await seen_in(language)
        with suppress(AssertionError):
            await eventually(lambda: not grown(before), within=5)
        return grown(before)

    # What a page has read later than it was left comes once; what is left behind comes each time.
    await seen_in("en")
    if await left_behind() and (more := await left_behind()):
        pytest.fail(f"more than before: {dict(more)}")

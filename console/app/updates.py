"""Asks once a day whether the house has a newer release, and has the person told of it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from console import __version__
from console.domain.errors import OfflineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.settings.updates import Manifest, UpdateSource
    from console.ui.widgets.toast import Toast

log = logging.getLogger(__name__)

FIRST = 120.0  # seconds after the start, when the desk is whole and quiet
EVERY = 24 * 3600.0  # seconds


async def watch_for_updates(
    toast: Callable[[], Toast], *, running: str = __version__, first: float = FIRST
) -> None:
    """Until cancelled, or until it is seen that the build names nothing to ask.

    `toast` gives the window's notice of that moment: a change of language makes a new one. The
    same release is told once for each start. What fails is in the log, nobody else's matter.
    """
    await asyncio.sleep(first)
    # Not before: the start pays nothing for the signature's library.
    from console.settings.updates import Standing, find_updates, standing
    from console.ui.updates import tell_of_update

    source = find_updates()
    told: Manifest | None = None
    while source is not None:
        manifest = await _believed(source)
        if manifest is not None and manifest != told:
            how = standing(manifest, running)
            if how is not Standing.CURRENT:
                too_old = how is Standing.TOO_OLD
                tell_of_update(toast(), manifest.version, manifest.notes_url, too_old=too_old)
                told = manifest
        await asyncio.sleep(EVERY)


async def _believed(source: UpdateSource) -> Manifest | None:
    from console.remote.updates import fetch_manifest
    from console.settings.updates import LARGEST, ManifestError, read_manifest

    try:
        return read_manifest(await fetch_manifest(source.url, LARGEST), source.key)
    except OfflineError:
        log.info("the update notice could not be fetched")
    except ManifestError as error:
        log.warning("the update notice is not believed: %s", error)
    return None

"""Under a message's files: why one is not here, and the way to try again."""

from __future__ import annotations

from console.domain.content import MediaItem, MediaState
from console.domain.message import Message
from console.ui import failures, words
from console.ui.language import translate
from console.ui.theme.type import Role
from console.ui.timeline.blocks import actions
from console.ui.timeline.context import Block, Context, Hit, Target
from console.ui.timeline.text import measure_text


def fault_of(item: MediaItem, context: Context) -> str:
    """Why this file is not here, in words; empty while nothing is wrong."""
    if item.state is MediaState.FAILED:
        return failures.file_fault(item.error)
    problem = context.pictures.problem_of(item)
    return words.download_problem(problem) if problem is not None else ""


def measure(message: Message, width: float, context: Context) -> list[Block]:
    """The reasons, one for each file that is not here; nothing while all is well."""
    blocks: list[Block] = []
    theme, files = context.theme, message.content.media
    for item in files:
        why = fault_of(item, context)
        if not why:
            continue
        if len(files) > 1:
            why = f"{words.file_name(item.name)}: {why}"
        blocks.append(measure_text(why, theme.font(Role.SMALL), width, ink="danger"))
        if item.path:  # else it never came into our storage, and asking for it is of no use
            hit = Hit(Target.FETCH, str(item.index))
            blocks.append(actions(theme, [(translate("timeline", "Try again"), hit)], "danger"))
    return blocks

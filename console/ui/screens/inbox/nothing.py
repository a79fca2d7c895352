"""What the list says where it has nothing, with the next step."""

from __future__ import annotations

from collections.abc import Callable

from console.domain.conversation import Filter, View
from console.ui.language import translate
from console.ui.widgets.empty import EmptyState


def explain_nothing(
    empty: EmptyState,
    view: View,
    search: str,
    clear_search: Callable[[], object],
    queue: int,
    take_next: Callable[[], object],
    widen: Callable[[], object],
) -> None:
    """Say on `empty` why nothing is in `view`, or why `search` found nothing.

    `queue` is how many conversations nobody has; the next step is to take one of them.
    """
    if search.strip():
        empty.show_state(
            "search",
            translate("inbox", "Nothing found"),
            translate("inbox", "No name, number or message here has these words."),
            translate("inbox", "Clear the search"),
            clear_search,
        )
    elif view.inbox_id or view.label_id:
        empty.show_state(
            "list-filter",
            translate("inbox", "Nothing here"),
            translate("inbox", "No conversation of this view is in this inbox or has this label."),
            translate("inbox", "Show the others too"),
            widen,
        )
    elif view.filter is Filter.MINE and queue:
        waiting = translate("inbox", "%n conversation(s) belong to nobody yet.", "", queue)
        empty.show_state(
            "coffee",
            translate("inbox", "All answered"),
            f"{waiting} {translate('inbox', 'Take the one that waits longest?')}",
            translate("inbox", "Take the next"),
            take_next,
        )
    elif view.filter is Filter.MINE:
        empty.show_state(
            "coffee",
            translate("inbox", "All answered"),
            translate("inbox", "Nobody waits for you, and the queue is empty too."),
        )
    elif view.filter is Filter.SNOOZED:
        empty.show_state(
            "alarm-clock",
            translate("inbox", "Nothing is put away"),
            translate("inbox", "Snoozed conversations wait here and come back by themselves."),
        )
    elif view.filter is Filter.RESOLVED:
        empty.show_state(
            "circle-check",
            translate("inbox", "Nothing resolved yet"),
            translate("inbox", "What is done waits here, in case the customer comes back."),
        )
    elif view.filter is Filter.UNASSIGNED:
        empty.show_state(
            "coffee",
            translate("inbox", "The queue is empty"),
            translate("inbox", "New customers appear here by themselves."),
        )
    else:
        empty.show_state(
            "message-circle",
            translate("inbox", "No conversations yet"),
            translate("inbox", "The first message to your number appears here by itself."),
        )

"""Delivery only moves forward, whatever the order of the callbacks."""

from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from console.domain.delivery import ENDS, FROM_TWILIO, RANK, Status, advance

reported = st.lists(st.sampled_from(sorted(set(FROM_TWILIO.values()))), min_size=1, max_size=12)


@given(reported)
def test_the_highest_rank_wins_in_any_order(statuses: list[Status]) -> None:
    final = reduce(advance, statuses, Status.QUEUED)
    assert RANK[final] == max(RANK[status] for status in [*statuses, Status.QUEUED])


@given(reported, st.sampled_from([Status.DELIVERED, Status.READ]))
def test_a_proof_of_delivery_beats_a_reported_failure(
    statuses: list[Status], proof: Status
) -> None:
    assert reduce(advance, [*statuses, proof], Status.SENDING) not in ENDS


@given(reported)
def test_repeating_every_callback_changes_nothing(statuses: list[Status]) -> None:
    once = reduce(advance, statuses, Status.QUEUED)
    assert reduce(advance, statuses, once) == once


def test_every_status_has_a_rank() -> None:
    assert set(RANK) == set(Status)

"""What time it is where a customer lives."""

from __future__ import annotations

from datetime import UTC, datetime

from console.domain.local_time import local_zone

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def test_a_number_of_a_country_with_one_time_says_where_its_owner_lives() -> None:
    zone = local_zone("+6281234567890", {}, NOW)
    assert zone is not None
    assert NOW.astimezone(zone).strftime("%H:%M %Z") == "19:00 WIB"
    assert local_zone("+447911123456", {}, NOW) is not None


def test_a_number_of_a_country_with_several_times_says_nothing() -> None:
    assert local_zone("+61412345678", {}, NOW) is None
    assert local_zone(None, {}, NOW) is None
    assert local_zone("ID.4566546130240823", {}, NOW) is None


def test_what_the_team_noted_comes_first() -> None:
    number = "+6281234567890"
    for name, value in (("Time zone", "Asia/Makassar"), ("zona waktu", "WITA"), ("tz", " wita ")):
        zone = local_zone(number, {name: value}, NOW)
        assert zone is not None
        assert zone.key == "Asia/Makassar"
    assert local_zone(number, {"timezone": "Bulan"}, NOW) is not None


def test_a_noted_zone_that_does_not_exist_leaves_it_to_the_number() -> None:
    zone = local_zone("+6281234567890", {"timezone": "../etc/passwd"}, NOW)
    assert zone is not None
    assert zone.key == "Asia/Jakarta"

"""A log record that nobody expects fails the test it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]


@pytest.fixture
def house(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A small test suite of its own under our plugin and nothing else."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest('pytest_plugins = ["tests.plugins.house"]')
    return pytester


def test_a_stray_warning_fails_the_test(house: pytest.Pytester) -> None:
    house.makepyfile(
        """
        import logging

        def test_noisy():
            logging.getLogger("console.somewhere").warning("something is odd")

        def test_quiet():
            logging.getLogger("console.somewhere").info("all is well")
        """
    )
    result = house.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*WARNING console.somewhere: something is odd*"])


def test_an_expected_warning_does_not(house: pytest.Pytester) -> None:
    house.makepyfile(
        """
        import logging

        def test_noisy(caplog):
            with caplog.at_level(logging.WARNING):
                logging.getLogger("console.somewhere").warning("something is odd")
            assert "odd" in caplog.text
        """
    )
    house.runpytest_subprocess().assert_outcomes(passed=1)

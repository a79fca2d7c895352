"""The register of the trials is whole: every fault and attack, each sentence with real tests."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.trials import register
from tests.trials.__main__ import listed
from tests.trials.__main__ import main as run_trials
from tests.trials.sizes import FULL, SMALL

FAULTS = [*range(1, 11), 12, 13, *range(15, 21), *range(22, 29)]
ATTACKS = [*range(1, 5), *range(6, 11), *range(12, 20), 21, 23, 24]
EVERYTHING = {f"F{n}" for n in FAULTS} | {f"A{n}" for n in ATTACKS} | {"S1"}


@cache
def functions_of(file: str) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """The tests that a file has, by name."""
    tree = ast.parse((register.TESTS / file).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name: node for node in tree.body if isinstance(node, kinds)}


def marked(test: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The trials that a test says it is a form of."""
    return [
        str(ast.literal_eval(mark.args[0]))
        for mark in test.decorator_list
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.trial"
    ]


def test_every_fault_and_attack_is_in_the_register() -> None:
    assert set(register.trials()) == EVERYTHING


@pytest.mark.parametrize("name", sorted(EVERYTHING))
def test_each_sentence_of_a_trial_has_tests_that_exist_and_run(name: str) -> None:
    trial = register.trials()[name]
    assert trial.claims
    for claim in trial.claims:
        assert claim.tests, f"nothing proves: {claim.words}"
        for one in claim.tests:
            file, _, test = one.partition("::")
            assert (register.TESTS / file).is_file(), f"{file} is gone"
            assert test in functions_of(file), f"{file} has no {test}"
            marks = [ast.unparse(mark) for mark in functions_of(file)[test].decorator_list]
            left_out = [mark for mark in marks if re.match(r"pytest\.mark\.(skip\b|xfail)", mark)]
            assert not left_out, f"{one} does not judge: {left_out}"


def test_what_calls_itself_a_trial_is_in_the_register_under_that_name() -> None:
    stray = []
    for path in sorted((register.TESTS / "trials").rglob("test_*.py")):
        file = path.relative_to(register.TESTS).as_posix()
        for test, node in functions_of(file).items():
            for name in marked(node):
                if f"tests/{file}::{test}" not in register.trials()[name].tests:
                    stray.append(f"{name}: {file}::{test}")
    assert not stray


def test_every_trial_with_a_size_has_it_in_both_forms() -> None:
    assert set(SMALL) == set(FULL)
    assert set(FULL) <= EVERYTHING


def test_the_command_names_the_tests_of_an_attack(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_trials(["--list", "--only", "a12"]) == 0
    said = capsys.readouterr().out
    assert said.strip() == listed(register.chosen(["A12"]))
    assert "tests/ui/test_files.py::test_a_program_is_never_handed_to_the_system" in said
    assert run_trials(["--only", "A99"]) == 2

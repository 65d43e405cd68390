"""Names of sweeps and runs: the same request, the same names."""

from __future__ import annotations

import shlex

import pytest

from rnnlab.sweep.trial import Trial, command_line, make_run, run_id, short_hash, sweep_id

TRIAL = Trial(1, {"stack.depth": "2"}, ("data=hello", "stack.depth=2"), "hash1")


def test_a_sweep_is_named_by_its_content_and_not_by_the_order_of_its_keys() -> None:
    name = sweep_id({"space": ["cell"], "sampler": "grid"})
    assert name == sweep_id({"sampler": "grid", "space": ["cell"]})
    assert len({name, sweep_id({"space": ["cell"], "sampler": "tpe"}), sweep_id({"space": [], "sampler": "grid"})}) == 3


def test_names_are_hex_digits_that_no_release_may_change() -> None:
    assert sweep_id({"space": ["cell"], "sampler": "grid"}) == "f0d066b6"
    assert run_id("01234567", "abc", 0) == "f178bc5c7efe"


@pytest.mark.parametrize("digits", [8, 12, 64])
def test_a_hash_has_as_many_digits_as_are_asked_for(digits: int) -> None:
    assert len(short_hash({"a": 1}, digits)) == digits
    assert short_hash({"a": 1}, 64).startswith(short_hash({"a": 1}, digits))


def test_a_run_is_its_trial_with_a_seed() -> None:
    run = make_run("01234567", TRIAL, 5)
    assert run.id == run_id("01234567", "hash1", 5)
    assert run.overrides == ["data=hello", "stack.depth=2", "seed=5"]
    assert run.title == "stack.depth=2 seed=5"


def test_each_sweep_trial_and_seed_has_runs_of_its_own() -> None:
    names = {run_id(sweep, trial, seed) for sweep in ("a", "b") for trial in ("x", "y") for seed in (0, 1)}
    assert len(names) == 8


def test_the_command_of_a_configuration_survives_a_shell() -> None:
    line = command_line(["run_name='two words'", "cell=lstm"])
    assert shlex.split(line) == ["rnnlab", "train", "run_name='two words'", "cell=lstm"]

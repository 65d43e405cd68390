"""Names of sweeps and runs: the same request, the same names."""

from __future__ import annotations

import shlex

from rnnlab.sweep.trial import Trial, command_line, make_runs, run_id, sweep_id

TRIALS = [Trial(i, {"stack.depth": str(i)}, (f"stack.depth={i}",), f"hash{i}") for i in range(3)]


def test_a_sweep_is_named_by_what_it_computes_and_not_by_any_order() -> None:
    name = sweep_id("abc", {"cell": ("elman", "lstm"), "stack.depth": ("1", "2")}, "grid", "best/val_loss")
    assert name == sweep_id("abc", {"stack.depth": ("2", "1"), "cell": ("lstm", "elman")}, "grid", "best/val_loss")
    others = [
        sweep_id("abd", {"cell": ("elman", "lstm"), "stack.depth": ("1", "2")}, "grid", "best/val_loss"),
        sweep_id("abc", {"cell": ("elman", "gru"), "stack.depth": ("1", "2")}, "grid", "best/val_loss"),
        sweep_id("abc", {"cell": ("elman", "lstm"), "stack.depth": ("1", "2")}, "random", "best/val_loss"),
        sweep_id("abc", {"cell": ("elman", "lstm"), "stack.depth": ("1", "2")}, "grid", "test/loss"),
        sweep_id("abc", {"cell": ("elman", "lstm"), "stack.depth": ("1", "2")}, "random", "best/val_loss", 0),
        sweep_id("abc", {"cell": ("elman", "lstm"), "stack.depth": ("1", "2")}, "random", "best/val_loss", 1),
    ]
    assert len({name, *others}) == 7


def test_names_are_eight_hex_digits_that_no_release_may_change() -> None:
    assert sweep_id("abc", {"cell": ("elman",)}, "grid", "best/val_loss") == "bc30f9bd"
    assert run_id("01234567", "abc", 0) == "f178bc5c"


def test_every_seed_passes_over_all_trials_before_the_next_seed_does() -> None:
    runs = make_runs("01234567", TRIALS, [4, 5])
    assert [(run.trial.number, run.seed) for run in runs] == [(0, 4), (1, 4), (2, 4), (0, 5), (1, 5), (2, 5)]
    assert len({run.id for run in runs}) == 6
    assert runs[4].overrides == ["stack.depth=1", "seed=5"]
    assert runs[4].title == "stack.depth=1 seed=5"


def test_the_command_of_a_configuration_survives_a_shell() -> None:
    line = command_line(["run_name='two words'", "cell=lstm"])
    assert shlex.split(line) == ["rnnlab", "train", "run_name='two words'", "cell=lstm"]

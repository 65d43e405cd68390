"""Options at equal budgets: figures by hand, verdicts where the truth is known, and how often they are false."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest

from rnnlab.analysis.blocks import Panel, Verdict, best_quarter, contrasts, fewest_draws, panels
from rnnlab.analysis.sweeps import read_sweep
from tests.report.made_up import MadeUpRun, blocked_sweep

OPTIONS = ("peephole_lstm", "nig", "nfg", "nog")


def panel_of(scores: dict[str, list[float | None]], direction: str = "minimize") -> Panel:
    with tempfile.TemporaryDirectory() as folder:
        (found,) = panels(read_sweep(blocked_sweep(scores, direction).write(Path(folder), "abcd0000")))
    return found


def test_figures_by_hand() -> None:
    scores = {"lstm": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], "gru": [2.0, 1.5, 4.0, 4.0, 5.0, 6.0, 7.0, 8.5]}
    lstm, gru = panel_of(scores).standings  # type: ignore[arg-type]
    assert (lstm.option, lstm.contrast, lstm.best) == ("lstm", None, lstm.best)
    assert lstm.best is not None and lstm.best.estimate == 1
    assert (lstm.top.estimate, gru.top.estimate) == (1.5, 1.75)
    assert gru.contrast is not None
    assert gru.contrast.difference.estimate == pytest.approx((1 - 0.5 + 1 + 0.5) / 8)
    assert gru.contrast.verdict is Verdict.unclear


def test_what_is_always_better_is_called_so_in_either_direction() -> None:
    base = list(np.random.default_rng(0).normal(2.0, 1.0, 12))
    scores = {"lstm": base, "lower": [x - 0.1 for x in base], "higher": [x + 0.1 for x in base], "same": base}
    for direction, wanted in (("minimize", ["better", "worse"]), ("maximize", ["worse", "better"])):
        panel = panel_of(scores, direction)  # type: ignore[arg-type]
        verdicts = [standing.contrast.verdict.name for standing in panel.standings if standing.contrast]
        assert verdicts == [*wanted, "unclear"]


def test_no_verdict_on_fewer_draws_than_it_takes() -> None:
    for comparisons in (1, 3):
        needed = fewest_draws(comparisons)
        options = {f"v{place}": 1.0 for place in range(comparisons)}
        for draws, wanted in ((needed - 1, Verdict.unclear), (needed, Verdict.better)):
            panel = panel_of({"lstm": [2.0] * draws, **{name: [value] * draws for name, value in options.items()}})
            assert {s.contrast.verdict for s in panel.standings if s.contrast} == {wanted}


def test_a_trial_that_diverged_counts_as_the_worst_and_one_that_failed_not_at_all() -> None:
    sweep = blocked_sweep({"lstm": [1.0, 5.0, 3.0], "gru": [2.0, None, 4.0]})
    failed = [MadeUpRun({**run.varied, "optimizer.lr": "9"}, 0, None, 0, 1, state="failed") for run in sweep.runs[:2]]
    with tempfile.TemporaryDirectory() as folder:
        sweep.runs.extend(failed)
        (panel,) = panels(read_sweep(sweep.write(Path(folder), "abcd0000")))
    lstm, gru = panel.standings
    assert list(gru.scores.values()) == [2.0, 5.0, 4.0]
    assert (gru.lost.estimate, lstm.lost.estimate) == (pytest.approx(1 / 3), 0)
    assert gru.contrast is not None and gru.contrast.difference.n == 3


def test_only_common_draws_are_compared() -> None:
    sweep = blocked_sweep({"lstm": [1.0, 2.0, 3.0], "gru": [2.0, 2.0, 9.0]})
    with tempfile.TemporaryDirectory() as folder:
        sweep.runs.pop(2)  # lstm's second draw
        (panel,) = panels(read_sweep(sweep.write(Path(folder), "abcd0000")))
    contrast = panel.standings[1].contrast
    assert contrast is not None
    assert (contrast.difference.estimate, contrast.difference.n) == (3.5, 2)


def test_each_combination_of_further_blocks_has_a_panel_of_its_own() -> None:
    text, digits = blocked_sweep({"lstm": [1.0, 2.0], "gru": [2.0, 3.0]}), blocked_sweep({"lstm": [0.1], "gru": [0.2]})
    for name, sweep in (("text", text), ("digits", digits)):
        for run in sweep.runs:
            run.varied["data"] = name
    text.runs.extend(digits.runs)
    text.extra["blocks"] = ["cell", "data"]
    text.space["data"] = ["text", "digits"]
    with tempfile.TemporaryDirectory() as folder:
        found = panels(read_sweep(text.write(Path(folder), "abcd0000")))
    assert [(panel.title, len(panel.trials)) for panel in found] == [("cell, data=text", 4), ("cell, data=digits", 2)]


def test_a_sweep_without_blocks_has_no_panel(tmp_path: Path) -> None:
    sweep = blocked_sweep({"lstm": [1.0], "gru": [2.0]})
    del sweep.extra["blocks"]
    assert panels(read_sweep(sweep.write(tmp_path, "abcd0000"))) == []


@pytest.mark.parametrize(("count", "wanted"), [(1, 1), (4, 1), (5, 2), (8, 2), (200, 50)])
def test_the_best_quarter(count: int, wanted: int) -> None:
    values = np.random.default_rng(0).permutation(count).astype(float)
    assert best_quarter(values, True).tolist() == list(range(wanted))
    assert best_quarter(values, False).tolist() == [count - 1 - place for place in range(wanted)]


def test_where_nothing_differs_few_families_have_a_verdict() -> None:
    """100 families of options that are equal, over losses like real ones: at most 5 % may have any verdict.

    A rate of 5 % gives more than 11 of 100 with a chance below 1 %.
    """
    generator, false = np.random.default_rng(5), 0
    for _ in range(100):
        losses = 2 + 2 * generator.random(10) ** 2 + 0.1 * generator.standard_t(3, (len(OPTIONS), 10))
        scores = {
            option: {(("draw", str(place)),): loss for place, loss in enumerate(row)}
            for option, row in zip(OPTIONS, losses.tolist(), strict=True)
        }
        false += any(found.verdict is not Verdict.unclear for found in contrasts(scores, OPTIONS[0], True).values())
    assert false <= 11

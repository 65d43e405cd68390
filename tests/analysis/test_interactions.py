"""Alone or together: made-up sweeps whose parameters do what is known, with enough draws to see it and with too few."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.analysis.blocks import panels
from rnnlab.analysis.interactions import Interactions, interactions
from rnnlab.analysis.sweeps import read_sweep
from tests.report.made_up import blocked_sweep, drawn_settings

Score = Callable[[float, float], float]
"""Of the shares in [0, 1] of the learning rate's logarithm, and of the noise."""


def analysed(score: Score, draws: int, root: Path, cells: int = 2) -> Interactions | str:
    settings = [drawn_settings(place) for place in range(draws)]
    shares = [(1 + math.log10(float(each["optimizer.lr"])) / 4, float(each["embedding.noise"])) for each in settings]
    scores = {f"c{cell}": [cell + score(*share) for share in shares] for cell in range(cells)}
    sweep = read_sweep(blocked_sweep(scores).write(root, "abcd0000"))  # type: ignore[arg-type]
    (panel,) = panels(sweep)
    return interactions(panel, sweep)


def test_parameters_that_add_up_act_alone(tmp_path: Path) -> None:
    """cell is 0 or 1: variance 1/4. 3 u of a uniform u: 9/12. So shares of 1/4 and 3/4."""
    found = analysed(lambda lr, noise: 3 * lr, 120, tmp_path)
    assert isinstance(found, Interactions) and not found.is_blind
    shares = dict(found.named())
    assert shares["cell"].estimate == pytest.approx(1 / 4, abs=0.05)
    assert shares["optimizer.lr"].estimate == pytest.approx(3 / 4, abs=0.05)
    assert shares["embedding.noise"].estimate < 0.02
    assert found.effects.pairs.estimate < 0.05


def test_a_product_acts_together(tmp_path: Path) -> None:
    found = analysed(lambda lr, noise: 10 * (lr - 0.5) * (noise - 0.5), 150, tmp_path, cells=1)
    assert isinstance(found, Interactions)
    assert dict(found.named())["optimizer.lr \u00d7 embedding.noise"].estimate > 0.5


def test_with_few_draws_it_is_said_that_nothing_can_be_told(tmp_path: Path) -> None:
    few = analysed(lambda lr, noise: 3 * lr, 9, tmp_path / "few")
    many = analysed(lambda lr, noise: 3 * lr, 120, tmp_path / "many")
    assert isinstance(few, Interactions) and isinstance(many, Interactions)
    assert few.is_blind and not many.is_blind and few.control > many.control


def test_it_says_why_not(tmp_path: Path) -> None:
    assert "at least 8 draws that ended (there: 5)" in str(analysed(lambda lr, noise: lr, 5, tmp_path / "few"))
    assert "same value" in str(analysed(lambda lr, noise: 1.0, 9, tmp_path / "flat", cells=1))

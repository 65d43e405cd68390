"""What the page says of options at equal budgets: verdicts, and never a bare winner."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from rnnlab.analysis.sweeps import read_sweep
from rnnlab.report.page import report_page
from tests.report.made_up import MadeUpSweep, blocked_sweep, large_sweep
from tests.report.test_page import Cells

VANILLA, VARIANTS = "peephole_lstm", ("nig", "nfg", "nog")


def page_of(sweep: MadeUpSweep, root: Path) -> str:
    return report_page([read_sweep(sweep.write(root, "abcd0000"))])


def null_sweep(draws: int = 12) -> MadeUpSweep:
    """Options that differ by chance alone: one of them has the lowest loss all the same."""
    scores = np.random.default_rng(0).normal(2.0, 0.5, (4, draws))
    return blocked_sweep({name: list(row) for name, row in zip((VANILLA, *VARIANTS), scores, strict=True)})


def rows_of(page: str) -> dict[str, list[str]]:
    rows = Cells(page).rows
    head = next(place for place, row in enumerate(rows) if "verdict" in row)
    return {row[0]: row for row in rows[head + 1 : head + 1 + 4]}


def test_where_nothing_differs_no_option_wins(tmp_path: Path) -> None:
    page = page_of(null_sweep(), tmp_path)
    rows = rows_of(page)
    assert list(rows) == [VANILLA, *VARIANTS], "in the order of the list, not of a ranking"
    assert rows[VANILLA][5] == "the reference"
    assert {rows[name][5] for name in VARIANTS} == {"not distinguishable at this budget"}
    assert f"Beside {VANILLA}: 0 better, 0 worse, 3 not distinguishable at this budget." in page
    assert "The best configuration" not in page
    assert re.search(r"The best single trial: .*One trial says nothing of its cell", page, re.DOTALL)


def test_a_difference_has_its_interval_and_its_verdict(tmp_path: Path) -> None:
    base = list(np.random.default_rng(1).normal(2.0, 0.5, 12))
    shifts = {VANILLA: 0.0, "nig": 0.25, "nfg": -0.25, "nog": 0.0}
    page = page_of(blocked_sweep({name: [x + by for x in base] for name, by in shifts.items()}), tmp_path)
    rows = rows_of(page)
    assert [rows[name][5] for name in VARIANTS] == ["worse", "better", "not distinguishable at this budget"]
    assert rows["nig"][3] == "0.25 (0.25 to 0.25)"
    assert "1 better, 1 worse, 1 not distinguishable" in page


def test_too_few_draws_are_said_to_be_too_few(tmp_path: Path) -> None:
    assert "6 draws cannot give a verdict: 7 are needed at least." in page_of(null_sweep(6), tmp_path / "few")
    assert "cannot give a verdict" not in page_of(null_sweep(7), tmp_path / "enough")


def test_the_shares_say_what_they_are_worth(tmp_path: Path) -> None:
    page = page_of(null_sweep(), tmp_path)
    assert "Alone or together: cell" in page
    assert "12 draws are too few to tell whether parameters act independently" in page


@pytest.mark.parametrize("title", ["Compared at equal budgets", "Alone or together", "The best single trial"])
def test_other_sweeps_say_nothing_of_it(title: str, tmp_path: Path) -> None:
    assert title not in page_of(large_sweep(trials=12, seeds=1), tmp_path)


def test_a_sweep_that_has_just_begun_has_a_page(tmp_path: Path) -> None:
    sweep = null_sweep()
    del sweep.runs[1:]
    assert "Beside peephole_lstm: 0 better, 0 worse, 0 not" in page_of(sweep, tmp_path / "one")
    sweep.runs.clear()
    assert "Compared at equal budgets" not in page_of(sweep, tmp_path / "none")

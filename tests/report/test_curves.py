"""Learning curves: small, in order, and cut at the frame."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from rnnlab.analysis.sweeps import read_sweep
from rnnlab.report.chart import thinned
from rnnlab.report.colours import NEUTRAL
from rnnlab.report.curves import curves
from tests.report.made_up import MadeUpSweep, search_sweep, small_sweep


def drawn(sweep: MadeUpSweep, root: Path) -> list[str]:
    return [str(picture) for picture in curves(read_sweep(sweep.write(root, "abcd0000")))]


def test_thinned_keeps_both_ends_and_the_order() -> None:
    points = [(step, float(step)) for step in range(1000)]
    few = thinned(points, 10)
    assert len(few) == 10 and few[0] == points[0] and few[-1] == points[-1]
    assert list(few) == sorted(few)
    assert thinned(points[:5], 10) == points[:5]


def test_pruned_runs_lie_behind_and_end_with_a_cross(tmp_path: Path) -> None:
    whole, second_half = drawn(search_sweep(trials=30, pruned=18), tmp_path)
    lines = re.findall(r'<polyline [^>]*stroke="(#\w+)"', whole)
    assert lines == [NEUTRAL] * 18 + lines[18:] and NEUTRAL not in lines[18:]
    assert whole.count("<path") == 18
    assert second_half.count("<polyline") >= 6 and "<path" not in second_half


def test_a_run_that_blew_up_does_not_flatten_the_others(tmp_path: Path) -> None:
    runs = list(small_sweep().runs)
    runs += [dataclasses.replace(runs[k % 4], seed=k, value=1e9 + k, curve=[(10, 2.0), (20, 1e9)]) for k in (9,)]
    whole = drawn(small_sweep(runs=runs), tmp_path)[0]
    assert ">2.0<" in whole and ">1e" not in whole and "000,000<" not in whole


def test_without_curves_there_is_no_picture(tmp_path: Path) -> None:
    runs = [dataclasses.replace(run, curve=()) for run in small_sweep().runs]
    assert drawn(small_sweep(runs=runs), tmp_path) == []

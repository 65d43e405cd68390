"""The page of a sweep: what it says, what it must never hold, and that a browser opens it."""

from __future__ import annotations

import dataclasses
import math
import re
import shutil
import statistics
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rnnlab.analysis.front import pareto_front
from rnnlab.analysis.sweeps import read_sweep
from rnnlab.report.page import report_page, write_report
from tests.report.made_up import MadeUpRun, MadeUpSweep, large_sweep, search_sweep, small_sweep

EVIL = "<script>alert('x')</script>"
T_FOR_TWO = 12.706204736432095
"""The 97.5 % point of Student's t with one degree of freedom (any table of it has 12.706)."""


def page_of(sweep: MadeUpSweep, root: Path, id: str = "abcd0000") -> str:
    return report_page([read_sweep(sweep.write(root, id))])


class Cells(HTMLParser):
    """The text of every table cell, row by row."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self._inside = True
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.rows[-1][-1] += data


def test_table_has_means_and_intervals_by_hand(tmp_path: Path) -> None:
    rows = Cells(page_of(small_sweep(), tmp_path)).rows
    assert rows[0] == ["", "best/val_loss", "95 % interval", "cell", "states", "command"]
    for row, cell, values in zip(rows[1:], ("gru", "lstm"), ([1.25, 1.35], [1.0, 2.0]), strict=True):
        mean = statistics.fmean(values)
        half = T_FOR_TWO * statistics.stdev(values) / math.sqrt(2)
        bounds = f"{mean - half:.5g} to {mean + half:.5g}"
        assert row[1:] == [f"{mean:.5g}", bounds, cell, "2 complete", f"rnnlab train cell={cell} seed=0"]


def test_direction_turns_the_order(tmp_path: Path) -> None:
    rows = Cells(page_of(small_sweep(direction="maximize"), tmp_path)).rows
    assert [row[3] for row in rows[1:]] == ["lstm", "gru"]


def test_best_configuration_and_first_command(tmp_path: Path) -> None:
    page = page_of(small_sweep(), tmp_path)
    assert "<pre>rnnlab train -m cell=lstm,gru</pre>" in page
    assert "<pre>rnnlab train cell=gru seed=0</pre>" in page


def test_idle_share_is_printed(tmp_path: Path) -> None:
    sweep = small_sweep()
    shorter = [*sweep.runs[:3], dataclasses.replace(sweep.runs[3], end=12)]
    page = page_of(dataclasses.replace(sweep, runs=shorter), tmp_path)
    assert "Idle share: 20.0% of the slots" in page  # 32 of 2 x 20 seconds were used


def test_every_section_is_there(tmp_path: Path) -> None:
    page = page_of(large_sweep(trials=10, seeds=2), tmp_path)
    titles = ("Trials", "Learning curves", "Best so far", "Seeds&#x27; intervals", "Importance of parameters")
    for title in (*titles, "Slices", "Parallel coordinates", "Slots"):
        assert f"<h2>{title}</h2>" in page
    assert page.count('role="img"') == 2 + 4 + 5  # two of history, a slice for each of four parameters, five others


def test_sections_without_sense_say_so(tmp_path: Path) -> None:
    page = page_of(small_sweep(), tmp_path)
    assert "Importance needs at least 8 trials" in page
    assert "Parallel coordinates need two parameters that vary; there is one." in page


def test_one_trial_alone(tmp_path: Path) -> None:
    runs = [MadeUpRun({}, seed, 1.0 + seed, 10.0 * seed, 10.0 * seed + 9) for seed in (0, 1)]
    page = page_of(MadeUpSweep({}, runs), tmp_path)
    assert "the one configuration" in page
    assert "No parameter takes two values" in page
    assert "there are no learning curves" in page


def test_texts_are_escaped(tmp_path: Path) -> None:
    evil = [
        MadeUpRun({"cell": EVIL}, 0, 1.0, 0, 5, curve=[(1, 2.0), (2, 1.0)]),
        MadeUpRun({"cell": "'\"><img src=x onerror=y>"}, 0, 2.0, 0, 5),
        MadeUpRun({"cell": "gru"}, 0, None, 5, 6, state="failed", message=f"RuntimeError: {EVIL}"),
    ]
    sweep = MadeUpSweep({"cell": [EVIL, "gru"]}, evil)
    page = page_of(sweep, tmp_path)
    assert "<script" not in page and "<img" not in page
    assert "RuntimeError: &lt;script&gt;" in page


def test_nothing_is_loaded_from_anywhere(tmp_path: Path) -> None:
    page = page_of(large_sweep(trials=9, seeds=1), tmp_path)
    assert not re.search(r"https?:|//|src=|url\(|@import|<script|<link|style=", page.replace("<!DOCTYPE html>", ""))
    assert "default-src &#x27;none&#x27;" in page


def test_unfinished_sweep_says_what_is_missing(tmp_path: Path) -> None:
    sweep = small_sweep()
    first, second, third, fourth = sweep.runs
    runs = [first, second, dataclasses.replace(third, state=None), dataclasses.replace(fourth, start=None)]
    page = page_of(dataclasses.replace(sweep, runs=runs), tmp_path)
    assert "Not finished: 2 of 4 runs have not ended (1 waiting, 1 interrupted)." in page
    assert [row[1:4] for row in Cells(page).rows[1:]] == [
        ["1", "lstm", "1 complete, 1 interrupted"],
        ["1.25", "gru", "1 complete"],
    ]


def test_a_sweep_that_has_just_begun(tmp_path: Path) -> None:
    waiting = [MadeUpRun({"cell": "gru"}, seed, None, None, state=None) for seed in (0, 1)]
    page = page_of(MadeUpSweep({"cell": ["gru"]}, waiting), tmp_path)
    for sentence in ("No run has begun yet", "No trial has a value yet: there is no history"):
        assert sentence in page


def test_diverging_runs_do_not_break_the_pictures(tmp_path: Path) -> None:
    curve = [(1, 3.0), (2, math.nan), (3, math.inf), (4, 1e30)]
    diverged = MadeUpRun({"cell": "elman"}, 0, math.nan, 0, 5, state="diverged", message="loss is nan", curve=curve)
    page = page_of(small_sweep(runs=[*small_sweep().runs, diverged]), tmp_path)
    coordinates = re.findall(r' (?:points|x|y|cx|cy|x1|x2|y1|y2|width)="([^"]*)"', page)
    assert coordinates and not any(word in text for text in coordinates for word in ("nan", "inf"))
    assert "loss is nan" in page


def test_a_hundred_trials_stay_small(tmp_path: Path) -> None:
    page = page_of(search_sweep(trials=100, pruned=60), tmp_path)
    assert len(page.encode()) < 1_000_000
    shown, folded = page.split("<details>")[0], page.split("<details>")[1]
    assert len(Cells(shown).rows) == 1 + 20
    assert "The other 80 of 100" in folded and len(Cells(folded).rows) == 1 + 80
    assert "100 trials begun, 1 seed each; only where parameters &lt;= 2000000" in page


def test_an_ended_sweep_misses_no_run_that_was_never_begun(tmp_path: Path) -> None:
    first, second, *later = small_sweep().runs
    runs = [first, dataclasses.replace(second, state="pruned")]
    runs += [dataclasses.replace(run, start=None, state="complete") for run in later]
    page = page_of(small_sweep(runs=runs), tmp_path)
    assert "Not finished" not in page and "1 complete, 1 pruned" in page
    assert "Runs that failed" not in page


def test_the_winner_is_shown_with_its_interval(tmp_path: Path) -> None:
    metrics = {"test/loss": 1.5, "test/loss_low": 1.4, "test/loss_high": 1.6, "test/accuracy": 0.5, "val/loss": 9.0}
    winner = {"run_id": "abcd0001", "trial": 1, "metrics": metrics, "command": "rnnlab train cell=gru seed=0"}
    page = page_of(small_sweep(winner=winner), tmp_path)
    assert "Run abcd0001, tested once when the sweep had ended: test/loss 1.5 (1.4 to 1.6), test/accuracy 0.5." in page
    assert "Another trial is the best by now" not in page
    later = small_sweep(winner={**winner, "run_id": "abcd0000"})
    assert "Another trial is the best by now" in page_of(later, tmp_path / "later")


def test_several_objectives_have_a_front(tmp_path: Path) -> None:
    both = [["best/val_loss", "minimize"], ["parameters", "minimize"]]
    sweep = read_sweep(search_sweep(trials=20, pruned=5, sampler="nsga2", objectives=both).write(tmp_path, "abcd0000"))
    page = report_page([sweep])
    assert "<h2>Pareto front</h2>" in page and "NSGA-II" in page
    rows = Cells(page).rows[1:]
    assert sum(row[3] == "\u25cf" for row in rows) == len(pareto_front(sweep)) > 0


def test_a_sweep_of_earlier_days(tmp_path: Path) -> None:
    page = page_of(small_sweep(), tmp_path)
    assert "grid search: 2 trials begun, 2 seeds each" in page and "Pareto" not in page


@pytest.mark.browser
def test_a_browser_opens_it_without_complaint(tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on this machine")
    sweeps = [read_sweep(search_sweep(trials=30, pruned=18).write(tmp_path, "abcd0000"))]
    sweeps.append(read_sweep(small_sweep().write(tmp_path, "bbcd0000")))
    write_report(sweeps, tmp_path / "report.html")
    quiet = "--disable-background-networking --disable-component-update --disable-sync --disable-quic --no-first-run"
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", *quiet.split(), "--enable-logging=stderr"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", (tmp_path / "report.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "Parallel coordinates" in done.stdout
    assert "CONSOLE" not in done.stderr

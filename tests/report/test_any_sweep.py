"""Whatever happened in a sweep, and whatever is missing of it, its page can be written and read."""

from __future__ import annotations

import re
import tempfile
from html import escape
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnlab.analysis.sweeps import read_sweep
from rnnlab.report.page import report_page
from tests.report.made_up import MadeUpRun, MadeUpSweep

EVIL = "<script>alert('x')</script>"
STATES = st.sampled_from(["complete", "pruned", "diverged", "failed", "lost", "out_of_memory", None])
VALUES = st.none() | st.floats() | st.sampled_from([1.0, 2.0])
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00=\n"), max_size=12)
CURVES = st.lists(st.tuples(st.integers(0, 50), st.floats()), max_size=4).map(sorted)
FILES = st.lists(st.sampled_from(["environment.json", "points.jsonl", "result.json"]), max_size=2)


@st.composite
def made_up_runs(draw: st.DrawFn) -> MadeUpRun:
    varied = draw(st.dictionaries(st.sampled_from(["cell", "optimizer.lr", "stack.depth"]), TEXTS | st.just("0.1")))
    start, took = draw(st.none() | st.floats(0, 1e4)), draw(st.floats(0, 1e4))
    return MadeUpRun(
        varied, draw(st.integers(0, 2)), draw(VALUES), start, (start or 0) + took, draw(STATES), draw(TEXTS),
        draw(CURVES), draw(st.fixed_dictionaries({}, optional={"parameters": VALUES.filter(bool)})), draw(FILES),
    )  # fmt: skip


@given(
    runs=st.lists(made_up_runs(), max_size=14),
    several=st.booleans(),
    blocks=st.sampled_from([[], ["cell"], ["cell", "stack.depth"]]),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_happened_the_page_is_written(runs: list[MadeUpRun], several: bool, blocks: list[str]) -> None:
    space = {"cell": ["gru", EVIL], "optimizer.lr": ["tag(log,interval(0.1,1))"], "stack.depth": ["1", "2"]}
    objectives = [["best/val_loss", "minimize"], ["parameters", "maximize"]][: 1 + several]
    with tempfile.TemporaryDirectory() as folder:
        extra = {"objectives": objectives, "blocks": blocks}
        sweep = read_sweep(MadeUpSweep(space, runs, extra=extra).write(Path(folder), "abcd0000"))
    page = report_page([sweep, sweep])
    for trial in sweep.trials:
        assert escape(trial.title) in page
    assert not re.search(r"<(?!/?(?:\w+)[ >/]|!DOCTYPE)", page)
    coordinates = re.findall(r' (?:points|x|y|cx|cy|x1|x2|y1|y2|width|height|d)="([^"]*)"', page)
    assert not any(word in text for text in coordinates for word in ("nan", "inf"))

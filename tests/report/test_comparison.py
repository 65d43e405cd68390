"""Several sweeps side by side, on a page and as a figure that stands alone."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from rnnlab.analysis.sweeps import read_sweep
from rnnlab.errors import RequestError
from rnnlab.report.comparison import write_figure
from rnnlab.report.names import telling_names
from rnnlab.report.page import report_page
from tests.report.made_up import large_sweep, search_sweep, small_sweep


def test_side_by_side(tmp_path: Path) -> None:
    small = read_sweep(small_sweep().write(tmp_path, "aaaa0000"))
    large = read_sweep(large_sweep(trials=9, seeds=1).write(tmp_path, "bbbb0000"))
    page = report_page([small, large])
    assert "Sweeps aaaa0000 and bbbb0000" in page
    assert "training time of these trials" in page and page.count("<section>") == 3
    assert "cannot be compared" not in page


def test_side_by_side_with_different_metrics(tmp_path: Path) -> None:
    one = read_sweep(small_sweep().write(tmp_path, "aaaa0000"))
    other = read_sweep(small_sweep(metric="accuracy", direction="maximize").write(tmp_path, "bbbb0000"))
    assert "cannot be compared" in report_page([one, other])


def test_side_by_side_with_different_data(tmp_path: Path) -> None:
    one, other, third = (
        read_sweep(small_sweep(space={"cell": ["lstm", "gru"], **data}).write(tmp_path, id))
        for data, id in (({"data": ["text"]}, "aaaa0000"), ({"data": ["digits"]}, "bbbb0000"), ({}, "cccc0000"))
    )
    page = report_page([one, other])
    assert "cannot be compared" in page and "One picture cannot hold them." in page
    assert "cannot be compared" not in report_page([one, third]), "what it was searched on is not known"


def test_names_of_sweeps_tell_them_apart(tmp_path: Path) -> None:
    one = read_sweep(search_sweep(trials=3, pruned=0).write(tmp_path, "aaaa0000"))
    other = read_sweep(search_sweep(trials=3, pruned=0, pruner="none", sampler="random").write(tmp_path, "bbbb0000"))
    assert telling_names([one, other]) == ["TPE + Hyperband", "random search"]
    assert telling_names([one, one]) == ["TPE + Hyperband, aaaa0000"] * 2


def test_the_figure_stands_alone(tmp_path: Path) -> None:
    sweeps = [
        read_sweep(search_sweep(trials=20, pruned=10).write(tmp_path, "aaaa0000")),
        read_sweep(search_sweep(trials=20, pruned=0, pruner="none", sampler="random").write(tmp_path, "bbbb0000")),
    ]
    write_figure(sweeps, tmp_path / "figure.svg")
    root = ElementTree.parse(tmp_path / "figure.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(root.findall("{http://www.w3.org/2000/svg}svg")) == 2
    texts = [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert any(re.match(r"TPE \+ Hyperband: [\d.]+ after 20 trials, [\d.]+ min of training", text) for text in texts)


def test_a_figure_needs_one_metric_and_a_value(tmp_path: Path) -> None:
    one = read_sweep(small_sweep().write(tmp_path, "aaaa0000"))
    other = read_sweep(small_sweep(metric="accuracy").write(tmp_path, "bbbb0000"))
    nothing = read_sweep(search_sweep(trials=3, pruned=3).write(tmp_path, "cccc0000"))
    with pytest.raises(RequestError, match="different metrics"):
        write_figure([one, other], tmp_path / "figure.svg")
    with pytest.raises(RequestError, match="nothing to draw"):
        write_figure([nothing], tmp_path / "figure.svg")
    assert not (tmp_path / "figure.svg").exists()

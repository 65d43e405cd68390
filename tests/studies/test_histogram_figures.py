"""Histograms over training as maps: what a map shows is what was counted."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from rnnlab.analysis.tables import Table
from rnnlab.studies.histogram_figures import cumulated, histogram_figures
from rnnlab.studies.rendering import png


def table(step: int, rows: list[tuple[str, str, str, float, float, float]]) -> Table:
    part, layer, name, low, high, count = zip(*rows, strict=True)
    texts = {"part": part, "layer": layer, "name": name}
    numbers = {"low": low, "high": high, "count": count}
    return Table(
        step,
        {key: np.array(values, dtype=object) for key, values in texts.items()}
        | {key: np.array(values, dtype=np.float64) for key, values in numbers.items()},
    )


@given(st.lists(st.integers(0, 50), min_size=1, max_size=12).filter(sum), st.floats(-5, 5), st.floats(0.01, 3))
def test_the_share_below_an_edge_is_what_was_counted_below_it(counts: list[int], start: float, width: float) -> None:
    edges = start + width * np.arange(len(counts) + 1)
    bins = {"low": edges[:-1], "high": edges[1:], "count": np.array(counts, dtype=float)}
    value, share = cumulated(bins)
    for place, edge in enumerate(edges):
        assert np.interp(edge, value, share) == pytest.approx(sum(counts[:place]) / sum(counts))


def test_a_value_alone_is_a_jump() -> None:
    value, share = cumulated({"low": np.array([0.5]), "high": np.array([0.5]), "count": np.array([9.0])})
    assert np.interp([0.49, 0.51], value, share).tolist() == [0, 1]


def test_one_figure_for_each_part_of_each_layer() -> None:
    rows = [
        ("weight", "layer0", "R_GH", -1.0, 0.0, 5.0),
        ("weight", "layer0", "R_GH", 0.0, 1.0, 5.0),
        ("weight", "head", "bias", 0.0, 0.0, 3.0),
        ("gradient", "layer0", "R_GH", -np.inf, -np.inf, 4.0),
        ("gradient", "layer0", "R_GH", -3.0, -2.0, 6.0),
        ("activation", "layer0", "h", -0.5, 0.5, 8.0),
    ]
    figures = histogram_figures([table(step, rows) for step in (0, 10)])
    names = ["weight_layer0", "weight_head", "gradient_layer0", "activation_layer0"]
    assert [figure.name for figure in figures] == names
    assert set(figures[0].columns["name"]) == {"R_GH"} and len(figures[0].columns["low"]) == 4
    assert histogram_figures([]) == []


def drawn(rows_by_step: dict[int, list[tuple[str, str, str, float, float, float]]]) -> np.ndarray:
    (figure,) = histogram_figures([table(step, rows) for step, rows in rows_by_step.items()])
    with Image.open(io.BytesIO(png(figure))) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def test_where_all_values_lie_is_brightest() -> None:
    """At step 0 all between -1 and 0, at step 5 all between 0 and 1: bright below on the left, above on the right."""
    low, high = ("weight", "x", "w", -1.0, 0.0), ("weight", "x", "w", 0.0, 1.0)
    pixels = drawn({0: [(*low, 9.0), (*high, 0.0)], 5: [(*low, 0.0), (*high, 9.0)]})
    yellow = (pixels[:, :, 0] > 220) & (pixels[:, :, 1] > 200) & (pixels[:, :, 2] < 110)
    yellow[:, int(0.9 * yellow.shape[1]) :] = False  # the colour bar
    rows, columns = np.nonzero(yellow)
    middle = (columns.min() + columns.max()) / 2
    left, right = rows[columns < middle - 5], rows[columns > middle + 5]
    assert len(left) > 1000 and len(right) > 1000
    assert left.min() > right.max(), "pixels are counted from the top"


def test_steps_at_which_nothing_was_finite_are_drawn_all_the_same() -> None:
    known = [("gradient", "x", "w", -3.0, -2.0, 6.0)]
    nothing = [("gradient", "x", "w", -np.inf, -np.inf, 6.0)]
    assert len(np.unique(drawn({0: known, 3: nothing}))) > 10
    assert len(np.unique(drawn({0: nothing}))) > 10

"""A figure's files: there, not empty, the same each time, and its CSV the numbers that are drawn."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from PIL import Image

from rnnlab.studies import style
from rnnlab.studies.base import Figure
from rnnlab.studies.discovery import examine
from rnnlab.studies.rendering import render
from rnnlab.studies.style import styled
from tests.studies.made_up import FEATURES, LAGS, UNITS, decaying_sweep


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Figure]:
    found = examine(decaying_sweep(tmp_path_factory.mktemp("runs"), {"elman": 0.6, "lstm": 0.95}))
    assert found is not None
    return {figure.name: figure for figure in found.figures}


def read(content: bytes) -> dict[str, list[str]]:
    head, *rows = csv.reader(io.StringIO(content.decode()))
    return dict(zip(head, map(list, zip(*rows, strict=True)), strict=True))


def test_every_figure_becomes_files(figures: dict[str, Figure]) -> None:
    for figure in figures.values():
        files = render(figure)
        assert set(files) == {"svg", "png", "csv"} | ({"gif"} if figure.frames else set())
        assert files["svg"].startswith(b"<?xml") and b"</svg>" in files["svg"]
        with Image.open(io.BytesIO(files["png"])) as picture:
            shades = np.asarray(picture.convert("L"))
        assert len(np.unique(shades)) > 10, "something is drawn"
        columns = read(files["csv"])
        for name, values in figure.columns.items():
            if values.dtype.kind in "fi":
                np.testing.assert_array_equal(np.array(columns[name], dtype=float), values)
            else:
                assert columns[name] == list(map(str, values))


def test_lines_are_drawn_through_the_numbers_of_the_csv(figures: dict[str, Figure]) -> None:
    figure = figures["gradient_lag_h"]
    with styled():
        axes = figure.draw(figure.columns).axes
    columns = read(render(figure)["csv"])
    for place in axes:
        for line in place.get_lines():
            rows = [
                (float(lag), 10 ** float(norm))
                for option, when, lag, norm in zip(
                    *(columns[key] for key in ("option", "when", "lag", "log10_norm")), strict=True
                )
                if (option, when) == (line.get_label(), place.get_title())
            ]
            np.testing.assert_allclose(line.get_xydata(), rows)


def test_the_same_numbers_give_the_same_bytes(figures: dict[str, Figure]) -> None:
    figure = figures["gradient_back_in_time"]
    first, second = render(figure), render(figure)
    assert first == second
    assert b"<dc:date>" not in first["svg"]


def test_the_animation_goes_grey_where_the_gradient_vanishes(figures: dict[str, Figure]) -> None:
    figure = figures["gradient_back_in_time"]
    columns = figure.columns
    assert len(columns["lag"]) == 2 * LAGS * UNITS * FEATURES
    with Image.open(io.BytesIO(render(figure)["gif"])) as moving:
        assert moving.n_frames == LAGS
        frames = []
        for frame in (0, LAGS - 1):
            moving.seek(frame)
            frames.append(np.asarray(moving.convert("L")).astype(float))
    middle, half = slice(100, 250), frames[0].shape[1] // 2
    left, right = (slice(40, half - 40), slice(half + 40, 2 * half - 40))
    vanilla, gated = ([frame[middle, side].mean() for frame in frames] for side in (left, right))
    assert vanilla[0] == pytest.approx(gated[0], abs=1), "both begin alike"
    assert vanilla[1] < 150 < gated[1] < gated[0], "one scale of greys: the vanilla network's has gone"


def test_colours_and_dashes_tell_lines_apart() -> None:
    names = [str(k) for k in range(14)]
    looks = {(look["color"], str(look["linestyle"])) for look in (style.look(names, name) for name in names)}
    assert len(looks) == len(names)
    few = [style.look(names[:7], name) for name in names[:7]]
    assert len({look["color"] for look in few}) == len({str(look["linestyle"]) for look in few}) == 7


def test_nothing_of_matplotlib_stays_behind() -> None:
    import sys

    import matplotlib

    before = dict(matplotlib.rcParams)
    with styled():
        assert matplotlib.rcParams["svg.hashsalt"] == "rnnlab"
    assert dict(matplotlib.rcParams) == before
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()

"""The lecture's picture: the gradient on the input matrix step by step back in time, one network beside another.

It goes grey where the gradient has vanished; all images are on one scale of greys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rnnlab.analysis.tables import Table
from rnnlab.studies import style
from rnnlab.studies.base import Columns, Figure
from rnnlab.studies.evidence import Evidence, When

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing
    from PIL.Image import Image

INPUT = "input_gradient"
STEPS = 128
"""Steps back that are shown, at most."""
STRIP = (0, 1, 2, 4, 8, 16, 32, 64, 127)
"""Lags of the strip."""
DECADES = 4
"""Below the largest value of all: what is smaller is as grey as nothing."""
FRAMES = 64
"""At most: every second step of 128 is enough for the eye, and half the file."""
SIZE, DOTS = (6.4, 3.0), 100


def lecture_figure(evidence: Evidence, pair: tuple[str, str]) -> list[Figure]:
    """The pair's first runs at initialisation; nothing where one of them has no table."""
    found = {}
    for option in pair:
        tables = (evidence.table(run, INPUT, When.init) for run in evidence.options.get(option, []))
        table = next((each for each in tables if each is not None), None)
        if table is None:
            return []
        found[option] = table
    caption = (
        f"The gradient of the error of the last step on the input matrix of {pair[0]} and {pair[1]}, as each step back"
        " in time adds to it; rows are hidden units, columns input features, a first run of each at initialisation."
        f" One scale of greys: from white, the largest value of all, over {DECADES} decades to grey, where it has"
        " vanished."
    )
    parts = [_with_lags(option, table) for option, table in found.items()]
    columns = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    title = f"The gradient step by step back in time: {pair[0]} beside {pair[1]}"
    return [Figure("gradient_back_in_time", title, caption, columns, _draw_strip, _frames)]


def _with_lags(option: str, table: Table) -> Columns:
    lags = (table["t"].max() - table["t"]).astype(int)
    kept = lags < STEPS
    named = {"option": np.full(int(kept.sum()), option), "lag": lags[kept]}
    return named | {key: table[key][kept] for key in ("unit", "feature", "gradient")}


def _images(columns: Columns) -> tuple[dict[str, np.ndarray], float]:
    """For each option the shades as (lags, units, features), 0 grey to 1 white; and the largest value of all."""
    largest = float(np.abs(columns["gradient"]).max()) or 1.0
    images = {}
    for option in dict.fromkeys(columns["option"]):
        chosen = columns["option"] == option
        places = [np.unique(columns[key][chosen], return_inverse=True) for key in ("lag", "unit", "feature")]
        cube = np.zeros([len(values) for values, _ in places])
        cube[tuple(at for _, at in places)] = np.abs(columns["gradient"][chosen])
        with np.errstate(divide="ignore"):
            images[str(option)] = np.clip(1 + np.log10(cube / largest) / DECADES, 0, 1)
    return images, largest


def _draw_strip(columns: Columns) -> Drawing:
    images, largest = _images(columns)
    lags = [lag for lag in STRIP if lag < min(len(cube) for cube in images.values())]
    drawing, axes = style.sheet(len(images), len(lags), 1.5)
    image = None
    for row, (option, cube) in enumerate(images.items()):
        for column, lag in enumerate(lags):
            place = axes[row * len(lags) + column]
            image = _show(place, cube[lag])
            place.set_title(f"{lag} back" if row == 0 else "", fontsize=7.5)
        axes[row * len(lags)].set_ylabel(option)
    if image is not None:
        bar = drawing.colorbar(image, ax=axes, shrink=0.8, ticks=[0, 1])
        bar.ax.set_yticklabels([f"≤ {largest * 10.0**-DECADES:.0e}", f"{largest:.0e}"])
        bar.set_label("|gradient| (loss per unit of weight)", fontsize=7)
    return drawing


def _frames(columns: Columns) -> list[Image]:
    """One picture for each step back; only the images and the words change, so only they are drawn again."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Sheet
    from PIL import Image as Images

    images, _ = _images(columns)
    drawing = Sheet(figsize=SIZE, dpi=DOTS)
    drawing.set_layout_engine("none")
    canvas = FigureCanvasAgg(drawing)
    width = 0.94 / len(images)
    axes = [drawing.add_axes((0.03 + place * width, 0.05, width - 0.02, 0.74)) for place in range(len(images))]
    shown = [_show(place, cube[0]) for place, cube in zip(axes, images.values(), strict=True)]
    for place, option in zip(axes, images, strict=True):
        place.set_title(option, fontsize=11)
    words = drawing.text(0.5, 0.93, "", ha="center", fontsize=11)
    moving = [*shown, words]
    for artist in moving:
        artist.set_animated(True)
    canvas.draw()
    still = canvas.copy_from_bbox(drawing.bbox)
    count = min(len(cube) for cube in images.values())
    frames = []
    for lag in range(0, count, max(1, -(-count // FRAMES))):
        canvas.restore_region(still)
        words.set_text(f"{lag} step{'s' * (lag != 1)} before the error")
        for image, cube in zip(shown, images.values(), strict=True):
            image.set_data(cube[lag])
            image.axes.draw_artist(image)
        drawing.draw_artist(words)
        frames.append(Images.fromarray(np.asarray(canvas.buffer_rgba())).convert("L"))
    return frames


def _show(place: Any, shades: np.ndarray) -> Any:
    """White is a gradient, the middle grey none, as in the lecture."""
    place.set(xticks=[], yticks=[])
    place.grid(False)
    place.spines[:].set_visible(False)
    return place.imshow(shades, cmap=_greys(), vmin=0, vmax=1, aspect="auto", interpolation="nearest")


def _greys() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("lecture", ["#8a8a8a", "#ffffff"])

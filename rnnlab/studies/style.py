"""How every figure of a study looks: legible in print, and told apart without colour.

matplotlib is imported where something is drawn, and only its Figure and Agg canvas: no window, no global picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

# Okabe and Ito (2008), "Color Universal Design", without yellow, which is not seen on white.
COLOURS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
DASHES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (7, 2)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 3)))
MARKS = "os^Dv*P"
MAP = "cividis"
"""Of Nuñez 2018: its lightness rises evenly, for every kind of colour vision and in grey print."""
GREY = "gray"
WIDTH, HEIGHT = 7.2, 3.4
"""Inches: the width of a printed page's text."""
MOST_ACROSS = 3
DEEPEST = 12
"""Decades below the largest value that a logarithmic axis shows: what is smaller is gone for float32."""
SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#d9dde3",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "lines.linewidth": 1.6,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "figure.constrained_layout.use": True,
    "svg.hashsalt": "rnnlab",
    "svg.fonttype": "path",
}


@contextmanager
def styled() -> Iterator[None]:
    """The settings of matplotlib for the length of a block, whatever a user's own file says."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(SETTINGS)
        yield


def sheet(rows: int = 1, across: int = 1, height: float = HEIGHT, *, shared: bool = True) -> tuple[Drawing, list[Axes]]:
    """A page-wide drawing with its axes, row by row; ``height`` inches for each row. shared: on one scale each way."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(WIDTH, height * rows))
    FigureCanvasAgg(drawing)
    axes = drawing.subplots(rows, across, squeeze=False, sharex=shared, sharey=shared)
    return drawing, list(axes.flat)


def panels(count: int, height: float = 2.2) -> tuple[Drawing, list[Axes]]:
    """As many axes as there are panels, at most three side by side, all on one scale; those left over are empty."""
    across = min(count, MOST_ACROSS)
    drawing, axes = sheet(-(-count // across), across, height)
    for empty in axes[count:]:
        empty.set_visible(False)
    for above in axes[max(0, count - across) : count]:
        above.tick_params(labelbottom=True)
    return drawing, axes[:count]


def look(names: Sequence[str], name: str) -> dict[str, Any]:
    """The colour and dashes of a line, the same in every figure that knows these names."""
    place = names.index(name)
    return {"color": COLOURS[place % len(COLOURS)], "linestyle": DASHES[(place // len(COLOURS) + place) % len(DASHES)]}


def mark(names: Sequence[str], name: str) -> dict[str, Any]:
    """The colour and shape of points."""
    place = names.index(name)
    return {"color": COLOURS[place % len(COLOURS)], "marker": MARKS[place % len(MARKS)]}


def band(axes: Axes, names: Sequence[str], name: str, x: Any, y: Any, low: Any, high: Any) -> None:
    """A line with the band between ``low`` and ``high`` around it, where there is one."""
    style = look(names, name)
    axes.plot(x, y, label=name, **style)
    known = np.isfinite(np.asarray(low)) & np.isfinite(np.asarray(high))
    if known.any():
        axes.fill_between(x, low, high, where=known.tolist(), color=style["color"], alpha=0.18, linewidth=0)


def frame(axes: Axes, means: np.ndarray, *, log: bool = False) -> None:
    """Limits that hold the lines with some air: bands of few runs may be wider than all that is to be seen."""
    known = means[np.isfinite(means) & ((means > 0) if log else True)]
    if not len(known):
        return
    if log:
        axes.set_yscale("log")
        top = float(known.max())
        axes.set_ylim(max(float(known.min()) / 3, top * 10.0**-DEEPEST), top * 5)
        return
    low, high = float(known.min()), float(known.max())
    air = 0.25 * (high - low) or 0.1 * abs(high) or 1.0
    axes.set_ylim(low - air, high + air)


def legend_below(drawing: Drawing, axes: Axes) -> None:
    """One legend for all axes, under them."""
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        drawing.legend(handles, labels, loc="outside lower center", ncols=min(6, len(handles)))

"""Histograms of one run over training, as maps: steps from left to right, values upwards, shares as colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rnnlab.analysis.tables import Table
from rnnlab.studies import style
from rnnlab.studies.base import Columns, Figure, columns_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure as Drawing

CELLS = 72
"""Cells of a map from its lowest to its highest value."""
SHOWN = 0.003
"""The share of the values on either side that may lie beyond the map, at each step."""
PARTS = {
    "weight": ("Weights", "value"),
    "gradient": ("Gradients", "log10 of the size"),
    "activation": ("Activations", "value"),
}
MOST_TICKS = 5
PANEL_INCHES = 1.9


def histogram_figures(tables: Sequence[Table]) -> list[Figure]:
    """One figure for each part (weights, gradients, activations) of each layer; ``tables`` by step."""
    places = {
        (part, layer): None
        for table in tables
        for part, layer in zip(table["part"], table["layer"], strict=True)
        if part in PARTS
    }
    ordered = sorted(places, key=lambda place: list(PARTS).index(place[0]))
    return [_figure(part, layer, [table.where(part=part, layer=layer) for table in tables]) for part, layer in ordered]


def _figure(part: str, layer: str, tables: Sequence[Table]) -> Figure:
    rows = [
        {"step": table.step, "name": name, "low": low, "high": high, "count": count}
        for table in tables
        for name, low, high, count in zip(*(table[key] for key in ("name", "low", "high", "count")), strict=True)
    ]
    words, unit = PARTS[part]

    def draw(columns: Columns) -> Drawing:
        return draw_maps(columns, unit)

    title = f"{words} of {layer}"
    return Figure(f"{part}_{layer}", title, "", columns_of(rows), draw)


def draw_maps(columns: Columns, unit: str) -> Drawing:
    """A map for each name; every step has its own scale of colour, from none to its densest cell."""
    names = list(dict.fromkeys(columns["name"]))
    across = min(len(names), style.MOST_ACROSS)
    rows = -(-len(names) // across)
    drawing, axes = _sheet(rows, across)
    for empty in axes[len(names) :]:
        empty.set_visible(False)
    mesh = None
    for place, name in zip(axes, names, strict=False):
        chosen = columns["name"] == name
        mesh = _draw_map(place, {key: values[chosen] for key, values in columns.items()}, str(name))
        place.set_ylabel(unit)
    for place in axes[max(0, len(names) - across) : len(names)]:
        place.set_xlabel("training step")
    if mesh is not None:
        high = PANEL_INCHES * rows
        beside = drawing.add_axes((1 - 0.55 / style.WIDTH, 0.5 / high, 0.09 / style.WIDTH, 1.1 / high))
        drawing.colorbar(mesh, cax=beside).set_ticks([0, 1], labels=["none", "most"])
    return drawing


def _sheet(rows: int, across: int) -> tuple[Drawing, list[Axes]]:
    """Axes with margins in inches: to find them from all the labels, as elsewhere, takes as long as to draw."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Sheet
    from matplotlib.layout_engine import PlaceHolderLayoutEngine

    wide, high = style.WIDTH, PANEL_INCHES * rows
    by_hand = PlaceHolderLayoutEngine(adjust_compatible=True, colorbar_gridspec=True)
    drawing = Sheet(figsize=(wide, high), layout=by_hand)
    FigureCanvasAgg(drawing)
    margins = {"left": 0.7 / wide, "right": 1 - 0.75 / wide, "bottom": 0.5 / high, "top": 1 - 0.3 / high}
    axes = drawing.subplots(rows, across, squeeze=False, gridspec_kw={**margins, "wspace": 0.52, "hspace": 0.5})
    return drawing, list(axes.flat)


def _draw_map(place: Axes, columns: Columns, name: str) -> QuadMesh:
    """One map, with the median of each step as a line; returns what a colour bar explains."""
    steps = sorted(set(columns["step"].tolist()))
    known = [cumulated(_at(columns, step)) for step in steps]
    ends = [np.interp([SHOWN, 0.5, 1 - SHOWN], share, value) for value, share in known]
    low, high = min(end[0] for end in ends), max(end[2] for end in ends)
    air = 0.04 * (high - low) or 0.05 * abs(high) or 0.05
    edges = np.linspace(low - air, high + air, CELLS + 1)
    shares = np.array([np.diff(np.interp(edges, value, share, left=0.0, right=1.0)) for value, share in known]).T
    densest = shares.max(axis=0)
    relative = shares / np.where(densest > 0, densest, 1.0)
    at = np.arange(len(steps) + 1) - 0.5
    mesh = place.pcolormesh(at, edges, relative, cmap=style.MAP, vmin=0, vmax=1, rasterized=True)
    place.plot(np.arange(len(steps)), [end[1] for end in ends], color="white", linewidth=1.0, marker="o", markersize=2)
    ticks = np.unique(np.linspace(0, len(steps) - 1, min(MOST_TICKS, len(steps))).round().astype(int))
    place.set_xticks(ticks, [f"{steps[tick]:,}" for tick in ticks])
    place.grid(False)
    zeros = _zeros(columns)
    place.set_title(name + (f" ({zeros:.0%} zeros at the end)" if zeros >= 0.005 else ""))
    return mesh


def _at(columns: Columns, step: int) -> Columns:
    chosen = (columns["step"] == step) & np.isfinite(columns["low"])
    return {key: columns[key][chosen] for key in ("low", "high", "count")}


def cumulated(bins: Columns) -> tuple[np.ndarray, np.ndarray]:
    """Values, ascending, and the share of all that lies below each; within a bin it rises evenly.

    A bin of no width is a jump: its value stands there twice, a hair apart, since the shares are interpolated.
    """
    if not len(bins["low"]):
        return np.zeros(2), np.array([0.0, 1.0])
    value = np.append(bins["low"], bins["high"][-1])
    if value[0] == value[-1]:
        value = np.array([np.nextafter(value[0], -np.inf), value[0]])
    return value, np.append(0.0, bins["count"].cumsum() / bins["count"].sum())


def _zeros(columns: Columns) -> float:
    """The share of values that are 0, and so have no logarithm, at the last step."""
    last = columns["step"] == columns["step"].max()
    count = columns["count"][last]
    return float(count[np.isneginf(columns["low"][last])].sum() / max(count.sum(), 1))

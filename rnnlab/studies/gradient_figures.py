"""Gradients back in time: norms against lag, and how they change while a network trains."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnlab.analysis.tables import Table
from rnnlab.statistics import mean_interval
from rnnlab.studies import style
from rnnlab.studies.base import Columns, Figure, columns_of
from rnnlab.studies.decay import HIDDEN, PARTS, last_layer, main_part
from rnnlab.studies.evidence import Evidence, When

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

FLOW = "gradient_flow"


def lag_figures(evidence: Evidence) -> list[Figure]:
    """Norm against lag of each part of the state, at the start and after training side by side."""
    figures, names = [], list(evidence.options)
    for part in PARTS:
        rows = [row for when in When for row in _lag_rows(evidence, when, part)]
        if not rows:
            continue
        caption = (
            f"The gradient of the error on {_named(part)} of the last layer, against the number of steps before the"
            " error. Line: mean over runs of the logarithm (within a run, of the geometric mean over rows);"
            " band: its 95 % interval over runs by Student's t. A straight line is exponential decay."
        )
        title = f"How far gradients reach: dL/d{part}"
        figures.append(
            Figure(
                f"gradient_lag_{part}", title, caption, columns_of(rows), partial(_draw_lags, part=part, names=names)
            )
        )
    return figures


def map_figure(evidence: Evidence) -> list[Figure]:
    """Lag x training step, a map for each option on one scale of colours."""
    rows = [
        {"option": option, "step": step, "lag": lag, "log10_ratio": value}
        for option, runs in evidence.options.items()
        for step, lag, value in _mean_map([table for run in runs for table in evidence.tables(run, FLOW)])
    ]
    if not rows:
        return []
    caption = (
        "The norm of dL/dh of the last layer at each lag over its norm where the error is, as a power of ten, against"
        " the training step; mean over runs. One scale of colours for all: light is a gradient that has kept its size."
    )
    title = "How the reach of gradients changes while training"
    return [Figure("gradient_maps", title, caption, columns_of(rows), _draw_maps)]


def flow(table: Table, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Lags in order and log10 norms of a part of the last layer's state; empty where there is no such part.

    For ``h``, a cell that calls its output otherwise has that.
    """
    top = last_layer(table)
    rows = top.where(quantity=main_part(top) if part == HIDDEN else part)
    order = np.argsort(rows["lag"], kind="stable")
    return rows["lag"][order], rows["log10_norm"][order]


def _lag_rows(evidence: Evidence, when: When, part: str) -> list[dict[str, Any]]:
    rows = []
    for option, runs in evidence.options.items():
        by_lag: dict[float, list[float]] = {}
        for run in runs:
            table = evidence.table(run, FLOW, when)
            if table is not None:
                for lag, value in zip(*flow(table, part), strict=True):
                    if math.isfinite(value):
                        by_lag.setdefault(float(lag), []).append(float(value))
        for lag, values in sorted(by_lag.items()):
            mean = mean_interval(values)
            numbers = {"log10_norm": mean.estimate, "low": mean.low, "high": mean.high, "runs": mean.n}
            rows.append({"when": when.value, "option": option, "lag": lag, **numbers})
    return rows


def _mean_map(tables: list[Table]) -> list[tuple[int, float, float]]:
    found: dict[tuple[int, float], list[float]] = {}
    for table in tables:
        lags, norms = flow(table, HIDDEN)
        for lag, value in zip(lags, norms - norms[:1], strict=True):
            if math.isfinite(value):
                found.setdefault((table.step, float(lag)), []).append(float(value))
    return [(step, lag, float(np.mean(values))) for (step, lag), values in sorted(found.items())]


def _draw_lags(columns: Columns, part: str, names: list[str]) -> Drawing:
    moments = list(dict.fromkeys(columns["when"]))
    drawing, axes = style.sheet(1, len(moments))
    for place, when in zip(axes, moments, strict=True):
        for name in names:
            chosen = (columns["when"] == when) & (columns["option"] == name)
            if chosen.any():
                y, low, high = (10.0 ** columns[key][chosen] for key in ("log10_norm", "low", "high"))
                style.band(place, names, name, columns["lag"][chosen], y, low, high)
        place.set(title=str(when), xlabel="lag (steps before the error)")
    style.frame(axes[0], 10.0 ** columns["log10_norm"], log=True)
    axes[0].set_ylabel(f"norm of dL/d{part} (loss per unit of {part})")
    style.legend_below(drawing, max(axes, key=lambda each: len(each.get_legend_handles_labels()[0])))
    return drawing


def _draw_maps(columns: Columns) -> Drawing:
    names = list(dict.fromkeys(columns["option"]))
    steps, lags = np.unique(columns["step"]), np.unique(columns["lag"])
    drawing, axes = style.panels(len(names))
    low = max(float(columns["log10_ratio"].min()), -float(style.DEEPEST))
    high = max(0.0, float(columns["log10_ratio"].max()))
    image = None
    for place, name in zip(axes, names, strict=True):
        chosen = columns["option"] == name
        grid = np.full((len(lags), len(steps)), np.nan)
        at = np.searchsorted(lags, columns["lag"][chosen]), np.searchsorted(steps, columns["step"][chosen])
        grid[at] = columns["log10_ratio"][chosen]
        edges = np.arange(len(steps) + 1) - 0.5
        image = place.pcolormesh(
            edges, _edges(lags), grid, cmap=style.MAP, vmin=low, vmax=high, shading="flat", rasterized=True
        )
        place.set(title=name, xlabel="training step", ylabel="lag (steps)")
        place.set_xticks(range(len(steps)), [f"{step:.0f}" for step in steps], rotation=45)
        place.grid(False)
        place.label_outer()
    if image is not None:
        drawing.colorbar(image, ax=axes, label="log10 ratio to lag 0")
    return drawing


def _edges(values: np.ndarray) -> np.ndarray:
    """Borders half-way between values; a lone one has half a unit on both sides."""
    if len(values) == 1:
        return np.array([values[0] - 0.5, values[0] + 0.5])
    middles = (values[1:] + values[:-1]) / 2
    return np.concatenate([[2 * values[0] - middles[0]], middles, [2 * values[-1] - middles[-1]]])


def _named(part: str) -> str:
    return "the hidden state h (or what a cell gives out in its place)" if part == HIDDEN else f"the cell state {part}"

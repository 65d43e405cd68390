"""Gates of one run: how often those of each unit are nearly shut or nearly open, and how that came about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnlab.studies import style
from rnnlab.studies.base import Columns, Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

PANEL_INCHES = 2.35
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
ENDS = {"above 0.9": "-", "below 0.1": "--"}
FILLED = {"probe": "full", "checkpoint": "none"}
"""Where a share is from: a look during training, or weights that are kept."""


def scatter_figure(columns: Columns) -> Figure:
    """Karpathy, Johnson and Fei-Fei 2015 (arXiv 1506.02078), figure 2.

    columns  moment, step, layer, gate, unit, below and above, the shares of time of each unit
    """
    caption = (
        "Each mark is a unit: the share of steps at which its gate is above 0.9 (to the right) and below 0.1"
        " (upwards). On the line the gate is always at one of its ends; at the lower left it is never."
    )
    return Figure("gates", "Gates of every unit", caption, columns, _draw_scatter)


def development_figure(columns: Columns) -> Figure:
    """columns: source (probe or checkpoint), step, layer, gate, below and above, means over units."""
    caption = (
        "The same shares, mean over units, over training: above 0.9 solid, below 0.1 dashed. Full marks are looks"
        " during training, at the rows that its probes read; open marks are kept weights, at what is named above."
    )
    return Figure("gates_over_training", "Gates over training", caption, columns, _draw_development)


def _draw_scatter(columns: Columns) -> Drawing:
    gates, layers = (list(dict.fromkeys(columns[key])) for key in ("gate", "layer"))
    moments = list(dict.fromkeys(zip(columns["moment"], columns["step"].tolist(), strict=True)))
    drawing, axes = style.sheet(len(moments), len(gates), PANEL_INCHES)
    places = iter(axes)
    for moment, step in moments:
        for gate in gates:
            place = next(places)
            place.plot([0, 1], [1, 0], color="#5b6472", linewidth=0.8)
            for layer in layers:
                chosen = (columns["step"] == step) & (columns["gate"] == gate) & (columns["layer"] == layer)
                mark = style.mark(layers, layer) | {"linestyle": "none", "markersize": 3.2, "alpha": 0.55}
                shares = columns["above"][chosen], columns["below"][chosen]
                place.plot(*shares, label=layer, markeredgewidth=0, **mark)
            place.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xticks=TICKS, yticks=TICKS, aspect="equal")
            place.set(xlabel="share of time above 0.9", ylabel=f"{moment}, step {step:,}\nshare below 0.1")
            place.label_outer()
    for place, gate in zip(axes, gates, strict=False):
        place.set_title(gate)
    handles, labels = axes[0].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside lower center", ncols=min(6, len(handles)), markerscale=2)
    return drawing


def _draw_development(columns: Columns) -> Drawing:
    gates, layers = (list(dict.fromkeys(columns[key])) for key in ("gate", "layer"))
    drawing, axes = style.panels(len(layers), PANEL_INCHES)
    for place, layer in zip(axes, layers, strict=True):
        for gate in gates:
            _draw_gate(place, {key: values[columns["layer"] == layer] for key, values in columns.items()}, gates, gate)
        place.set_xscale("symlog", linthresh=1)
        place.set_xlim(left=-0.3)
        place.set(ylim=(-0.03, 1.03), title=layer)
    for place in axes[-style.MOST_ACROSS :]:
        place.set_xlabel("training step")
    for place in axes[:: style.MOST_ACROSS]:
        place.set_ylabel("share of values")
    handles, labels = axes[0].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside lower center", ncols=min(4, len(gates)), handlelength=3.5)
    return drawing


def _draw_gate(place: Axes, columns: Columns, gates: list[str], gate: str) -> None:
    for end, dashes in ENDS.items():
        for source, filled in FILLED.items():
            chosen = (columns["gate"] == gate) & (columns["source"] == source)
            line = dashes if source == "probe" or not (columns["source"] == "probe").any() else "none"
            look = style.mark(gates, gate) | {"linestyle": line, "fillstyle": filled, "markersize": 4}
            shares = columns[end.split()[0]][chosen]
            label = f"{gate} {end}" if line != "none" and len(shares) else None
            place.plot(columns["step"][chosen], shares, label=label, **look)

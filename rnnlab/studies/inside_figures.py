"""Inside the recurrence: singular values of products of Jacobians, Lyapunov exponents, gates at their ends."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnlab.statistics import mean_interval
from rnnlab.studies import style
from rnnlab.studies.base import Columns, Figure, columns_of
from rnnlab.studies.decay import last_layer
from rnnlab.studies.evidence import Evidence, When

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

SINGULAR, LYAPUNOV, SATURATION = "jacobian_singular_values", "jacobian_lyapunov", "saturation"
LAGS = 5
"""Lags whose spectra are drawn."""


def singular_figure(evidence: Evidence) -> list[Figure]:
    """Spectra of dh_T/dh_(T-lag) after training; at the start where nothing is trained yet."""
    for when in (When.trained, When.init):
        means = _means(evidence, SINGULAR, when, ("lag", "index"), "log10_value")
        lags = sorted({key[1] for key in means})
        drawn = set(lags[:: -(-len(lags) // LAGS)]) if lags else set()
        rows = [
            {"option": option, "lag": lag, "index": index, "log10_value": mean, "runs": runs}
            for (option, lag, index), (mean, _, _, runs) in means.items()
            if lag in drawn
        ]
        if rows:
            caption = (
                "Singular values, largest first, of the derivative of the last layer's hidden state by the one some"
                f" steps before, {when}; mean over runs of the logarithm. A gradient reaches back in the"
                " directions whose values stay near 1."
            )
            title = f"Singular values of the Jacobians {when}"
            return [Figure("singular_values", title, caption, columns_of(rows), _draw_spectra)]
    return []


def lyapunov_figure(evidence: Evidence) -> list[Figure]:
    """The spectrum of Lyapunov exponents, at the start and after training."""
    rows = [
        {"when": when.value, "option": option, "index": index, "exponent": mean, "low": low, "high": high, "runs": runs}
        for when in When
        for (option, index), (mean, low, high, runs) in _means(evidence, LYAPUNOV, when, ("index",), "exponent").items()
    ]
    if not rows:
        return []
    caption = (
        "Growth of small changes of the last layer's whole state a step (natural logarithm), direction by direction,"
        " largest first; band: 95 % interval of the mean over runs. Below 0 changes die out, above 0 they grow:"
        " at 0 a memory lasts."
    )
    return [Figure("lyapunov", "Lyapunov exponents", caption, columns_of(rows), _draw_lyapunov)]


def saturation_figure(evidence: Evidence) -> list[Figure]:
    """Shares of each gate's values near 0 and near 1 at each probe, while training."""
    rows = []
    for option, runs in evidence.options.items():
        found: dict[tuple[str, int, str], list[float]] = {}
        for run in runs:
            for table in evidence.tables(run, SATURATION):
                at_top = last_layer(table)
                for gate, below, above in zip(at_top["gate"], at_top["below"], at_top["above"], strict=True):
                    found.setdefault((gate, table.step, "below 0.1"), []).append(float(below))
                    found.setdefault((gate, table.step, "above 0.9"), []).append(float(above))
        for (gate, step, end), values in sorted(found.items()):
            known = [value for value in values if math.isfinite(value)]
            if known:
                share = float(np.mean(known))
                rows.append(
                    {"option": option, "gate": gate, "end": end, "step": step, "share": share, "runs": len(known)}
                )
    if not rows:
        return []
    caption = (
        "Share of the values of each gate of the last layer that are below 0.1 (dashed) and above 0.9 (solid), over"
        " the training steps; mean over runs. Cells without gates are not shown."
    )
    return [Figure("saturation", "Gates at their ends", caption, columns_of(rows), _draw_saturation)]


Mean = tuple[float, float, float, int]


def _means(evidence: Evidence, name: str, when: When, keys: tuple[str, ...], value: str) -> dict[Any, Mean]:
    """(option, *keys) -> mean over runs of the last layer's value, its bounds, and the number of runs."""
    found: dict[Any, list[float]] = {}
    for option, runs in evidence.options.items():
        for run in runs:
            table = evidence.table(run, name, when)
            if table is not None:
                rows = last_layer(table)
                for *place, number in zip(*(rows[key] for key in keys), rows[value], strict=True):
                    if math.isfinite(number):
                        found.setdefault((option, *map(int, place)), []).append(float(number))
    return {key: tuple(mean_interval(values)) for key, values in found.items()}  # type: ignore[misc]


def _draw_spectra(columns: Columns) -> Drawing:
    names, lags = list(dict.fromkeys(columns["option"])), sorted(set(columns["lag"].tolist()))
    drawing, axes = style.panels(len(names))

    def draw(place: Any, chosen: np.ndarray) -> None:
        for lag in lags:
            here = chosen & (columns["lag"] == lag)
            words = f"{lag} step{'s' * (lag != 1)}"
            line = style.look([str(each) for each in lags], str(lag))
            place.plot(columns["index"][here], 10.0 ** columns["log10_value"][here], label=words, **line)
        place.axhline(1, color="#5b6472", linewidth=0.8)
        place.set(xlabel="index of the singular value", ylabel="singular value")
        place.label_outer()

    _for_each(axes, names, columns["option"], draw)
    style.frame(axes[0], 10.0 ** np.append(columns["log10_value"], 0.0), log=True)
    style.legend_below(drawing, axes[0])
    return drawing


def _draw_lyapunov(columns: Columns) -> Drawing:
    moments, names = list(dict.fromkeys(columns["when"])), list(dict.fromkeys(columns["option"]))
    drawing, axes = style.sheet(1, len(moments))

    def draw(place: Any, chosen: np.ndarray) -> None:
        for name in names:
            here = chosen & (columns["option"] == name)
            if here.any():
                style.band(place, names, name, *(columns[key][here] for key in ("index", "exponent", "low", "high")))
        place.axhline(0, color="#5b6472", linewidth=0.8)
        place.set(xlabel="index of the exponent", ylabel="exponent (1 / step)")
        place.label_outer()

    _for_each(axes, moments, columns["when"], draw)
    style.frame(axes[0], columns["exponent"])
    style.legend_below(drawing, axes[-1])
    return drawing


def _draw_saturation(columns: Columns) -> Drawing:
    names, gates = list(dict.fromkeys(columns["option"])), list(dict.fromkeys(columns["gate"]))
    drawing, axes = style.panels(len(names))

    def draw(place: Any, chosen: np.ndarray) -> None:
        for gate in gates:
            for end, dashes in (("above 0.9", "-"), ("below 0.1", "--")):
                here = chosen & (columns["gate"] == gate) & (columns["end"] == end)
                if here.any():
                    look = style.mark(gates, gate) | {"linestyle": dashes, "markersize": 3.5}
                    place.plot(columns["step"][here], columns["share"][here], label=f"{gate} {end}", **look)
        place.set_xscale("symlog", linthresh=1)
        place.set(ylim=(-0.03, 1.03), xlabel="training step", ylabel="share of values")
        place.label_outer()

    _for_each(axes, names, columns["option"], draw)
    handles: dict[str, Any] = {}
    for place in axes:
        lines, labels = place.get_legend_handles_labels()
        handles |= dict(zip(labels, lines, strict=True))
    drawing.legend(list(handles.values()), list(handles), loc="outside lower center", ncols=4, handlelength=3.5)
    return drawing


def _for_each(
    axes: Iterable[Any], names: Iterable[str], column: np.ndarray, draw: Callable[[Any, np.ndarray], None]
) -> None:
    for place, name in zip(axes, names, strict=True):
        draw(place, column == name)
        place.set_title(name)

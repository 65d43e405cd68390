"""Bits that a run has stored for each of its parameters, from how many random labels it gives back right."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from rnnlab.analysis.sweep_runs import COMPLETE, SweepRun
from rnnlab.statistics import mean_interval
from rnnlab.studies import style
from rnnlab.studies.base import Columns, Figure, columns_of
from rnnlab.studies.evidence import Evidence

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

EXAMPLES, ACCURACY, PARAMETERS = "data.examples", "val/accuracy", "parameters"
PUBLISHED = 5.0
"""About what Collins et al. 2017 find for every cell, after long training of the best of many settings."""


def stored_bits(examples: int, accuracy: float) -> float:
    """N (1 - H2(error)): what N coin flips tell when a share of them is known (Collins et al. 2017, equation 1).

    No better than chance, or worse, is nothing.
    """
    if accuracy <= 0.5:
        return 0.0
    error = 1 - accuracy
    entropy = sum(-p * math.log2(p) for p in (accuracy, error) if p > 0)
    return examples * (1 - entropy)


def bits_of(evidence: Evidence, run: SweepRun) -> float | None:
    """Bits a parameter of a complete run; None where it lacks a number for that."""
    examples, metrics = evidence.setting(run, EXAMPLES), run.metrics
    if run.state != COMPLETE or not examples.isdigit() or not {ACCURACY, PARAMETERS} <= metrics.keys():
        return None
    return stored_bits(int(examples), metrics[ACCURACY]) / metrics[PARAMETERS]


def bits_figure(evidence: Evidence) -> list[Figure]:
    """Bits a parameter by option, against the number of labels."""
    rows = []
    for option, runs in evidence.options.items():
        found: dict[int, list[float]] = {}
        for run in runs:
            bits = bits_of(evidence, run)
            if bits is not None:
                found.setdefault(int(evidence.setting(run, EXAMPLES)), []).append(bits)
        for examples, values in sorted(found.items()):
            mean = mean_interval(values)
            numbers = {"bits_per_parameter": mean.estimate, "low": mean.low, "high": mean.high, "runs": mean.n}
            rows.append({"option": option, "examples": examples, **numbers})
    if not rows:
        return []
    caption = (
        "Random labels learned by heart: bits stored, from the share given back right, over the number of parameters;"
        " line: 95 % interval of the mean over runs. A network has no room left where more labels store no more."
    )
    return [Figure("bits_per_parameter", "Bits a parameter stores", caption, columns_of(rows), _draw)]


def _draw(columns: Columns) -> Drawing:
    names = list(dict.fromkeys(columns["option"]))
    drawing, (axes,) = style.sheet()
    for name in names:
        chosen = columns["option"] == name
        x, y, low, high = (columns[key][chosen] for key in ("examples", "bits_per_parameter", "low", "high"))
        bars = np.nan_to_num(np.clip([y - low, high - y], 0, None))
        axes.errorbar(x, y, yerr=bars, label=name, capsize=2, **(style.look(names, name) | style.mark(names, name)))
    axes.set(xscale="log", xlabel="labels to learn by heart", ylabel="bits / parameter")
    axes.set_ylim(bottom=0)
    style.legend_below(drawing, axes)
    return drawing

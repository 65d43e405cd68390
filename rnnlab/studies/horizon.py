"""How far back a network uses what it saw: its loss with little context, and what a change k steps back does."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnlab.analysis.sweep_runs import SweepRun
from rnnlab.analysis.tables import Table
from rnnlab.statistics import mean_interval
from rnnlab.studies import style
from rnnlab.studies.base import Columns, Figure, columns_of
from rnnlab.studies.evidence import Evidence, When

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

CONTEXT, PERTURBATION = "horizon_context", "horizon_perturbation"
MODEL, N_GRAM = "model", "n-gram"
GAINED = 0.95
"""The share of all that context gains at which it counts as used up."""


def context_used(table: Table) -> float | None:
    """The least context that gives 95 % of what the longest one gains over none; 0 where that gains nothing.

    None where losses are not known.
    """
    rows = table.where(source=MODEL)
    known = np.isfinite(rows["loss"])
    order = np.argsort(rows["context"][known], kind="stable")
    contexts, losses = rows["context"][known][order], rows["loss"][known][order]
    if len(losses) < 2:
        return None
    enough = losses[0] - GAINED * max(0.0, losses[0] - losses[-1])
    return float(contexts[int(np.argmax(losses <= enough))])


def steps_used(evidence: Evidence, run: SweepRun) -> float | None:
    """The same for a run after training."""
    table = evidence.table(run, CONTEXT, When.trained)
    return None if table is None else context_used(table)


def context_figure(evidence: Evidence) -> list[Figure]:
    """Loss against context after training, beside the n-grams of the same data."""
    rows = _mean_rows(evidence, CONTEXT, "context", "loss", MODEL)
    if not rows:
        return []
    caption = (
        "The loss at a step given so many earlier steps and no more, after training; band: 95 % interval of the mean"
        " over runs. A network has used what it can where its line ends to fall. n-grams count what followed the same"
        " steps in the training part."
    )
    rows += _n_gram_rows(evidence)
    draw = partial(_draw_lines, x="context", label="context (steps)", y="loss")
    return [Figure("loss_and_context", "Loss against context", caption, columns_of(rows), draw)]


def perturbation_figure(evidence: Evidence) -> list[Figure]:
    """What a changed input does to the output, against how long ago it was."""
    rows = _mean_rows(evidence, PERTURBATION, "lag", "divergence", None)
    if not rows:
        return []
    caption = (
        "How much the last output changes where the input some steps before is another one, after training: mean"
        " divergence of the predictions in nats where labels are predicted, squared change where numbers are;"
        " band: 95 % interval of the mean over runs."
    )
    draw = partial(_draw_lines, x="lag", label="lag of the changed input (steps)", y="change of the output")
    return [Figure("perturbation", "What a change some steps back does", caption, columns_of(rows), draw)]


def _mean_rows(evidence: Evidence, name: str, x: str, y: str, source: str | None) -> list[dict[str, Any]]:
    rows = []
    for option, runs in evidence.options.items():
        tables = [table for run in runs if (table := evidence.table(run, name, When.trained)) is not None]
        if source is not None:
            tables = [table.where(source=source) for table in tables]
        rows += [{"option": option, **row} for row in _means(tables, x, y)]
    return rows


def _means(tables: list[Table], x: str, y: str) -> list[dict[str, float]]:
    found: dict[float, list[float]] = {}
    for table in tables:
        for place, value in zip(table[x], table[y], strict=True):
            if math.isfinite(value):
                found.setdefault(float(place), []).append(float(value))
    means = {place: mean_interval(values) for place, values in sorted(found.items())}
    return [
        {x: place, y: mean.estimate, "low": mean.low, "high": mean.high, "runs": mean.n}
        for place, mean in means.items()
    ]


def _n_gram_rows(evidence: Evidence) -> list[dict[str, Any]]:
    """Those of one run: they are the same for all that saw the same data."""
    for run in evidence.begun:
        table = evidence.table(run, CONTEXT, When.trained)
        found = [] if table is None else _means([table.where(source=N_GRAM)], "context", "loss")
        if found:
            nothing = {"low": math.nan, "high": math.nan}
            return [{"option": N_GRAM, **row, **nothing} for row in found]
    return []


def _draw_lines(columns: Columns, x: str, label: str, y: str) -> Drawing:
    names = list(dict.fromkeys(columns["option"]))
    drawing, (axes,) = style.sheet()
    key = "loss" if "loss" in columns else "divergence"
    for name in names:
        chosen = columns["option"] == name
        style.band(axes, names, name, *(columns[each][chosen] for each in (x, key, "low", "high")))
    axes.set_xscale("symlog", linthresh=1)
    axes.set(xlabel=label, ylabel=f"{y} (nats; of numbers squared)")
    style.frame(axes, columns[key], log=key == "divergence")
    style.legend_below(drawing, axes)
    return drawing

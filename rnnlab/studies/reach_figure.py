"""A dot for each run: how far its gradients reach, and what loss it came to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rnnlab.statistics import half_life
from rnnlab.studies import style
from rnnlab.studies.base import Columns, Figure, columns_of
from rnnlab.studies.decay import rate
from rnnlab.studies.evidence import Evidence, When
from rnnlab.studies.losses import KEY

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


def reach_figure(evidence: Evidence) -> list[Figure]:
    """Decay rate after training against the best validation loss."""
    rows = []
    for option, runs in evidence.options.items():
        for run in runs:
            slope, loss = rate(evidence, run, When.trained), run.metrics.get(KEY, math.nan)
            if slope is not None and math.isfinite(loss):
                numbers = {"rate": slope, "half_life": half_life(slope), "loss": loss}
                rows.append({"option": option, "run": run.id, "seed": run.seed or "", **numbers})
    if not rows:
        return []
    caption = (
        "Each point is a run: the decay rate of dL/dh of its last layer after training (0: the gradient keeps its"
        " size; above: it explodes) against its best validation loss."
    )
    title = "Reach of gradients and loss, run by run"
    return [Figure("reach_and_loss", title, caption, columns_of(rows), _draw)]


def _draw(columns: Columns) -> Drawing:
    names = list(dict.fromkeys(columns["option"]))
    drawing, (axes,) = style.sheet()
    for name in names:
        chosen = columns["option"] == name
        look = style.mark(names, name)
        axes.scatter(columns["rate"][chosen], columns["loss"][chosen], label=name, s=26, **look)
    axes.axvline(0, color="#5b6472", linewidth=0.8)
    axes.set(xlabel="decay rate of dL/dh (1 / step)", ylabel="best validation loss")
    style.legend_below(drawing, axes)
    return drawing

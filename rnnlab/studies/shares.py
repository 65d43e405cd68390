"""Shares of runs, with the intervals that few runs allow: solved against length, diverged by cell and depth."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnlab.analysis.parameters import numbers
from rnnlab.analysis.sweep_runs import NOT_ENDED, SweepRun
from rnnlab.statistics import wilson_interval
from rnnlab.studies import style
from rnnlab.studies.base import Columns, Figure, columns_of
from rnnlab.studies.evidence import Evidence

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

DIVERGED = "diverged"


def has_diverged(run: SweepRun) -> bool | None:
    """None for a run that has not ended."""
    return None if run.state in NOT_ENDED else run.state == DIVERGED


def share_rows(evidence: Evidence, key: str, yes: Callable[[SweepRun], bool | None]) -> list[dict[str, Any]]:
    """For each option and each value of ``key``: of how many runs it is true, with Wilson's 95 % interval."""
    rows = []
    for option, runs in evidence.options.items():
        found: dict[str, list[bool]] = {}
        for run in runs:
            answer = yes(run)
            if answer is not None:
                found.setdefault(evidence.setting(run, key), []).append(answer)
        for value in _ordered(list(found)):
            share = wilson_interval(sum(found[value]), len(found[value]))
            interval = {"share": share.estimate, "low": share.low, "high": share.high}
            rows.append({"option": option, key: value, **interval, "count": sum(found[value]), "runs": share.n})
    return rows


def diverged_figure(evidence: Evidence, key: str = "stack.depth") -> list[Figure]:
    """The share of diverged runs by option and depth."""
    rows = share_rows(evidence, key, has_diverged)
    if not rows:
        return []
    caption = (
        "Share of the ended runs whose loss became NaN or infinite, by layers; line: Wilson's 95 % interval. A share of"
        " 0 of few runs is no proof that none diverges."
    )
    draw = partial(_draw_shares, key=key, label="layers", y="share of diverged runs")
    return [Figure("diverged", "Runs that diverged", caption, columns_of(rows), draw)]


def success_figure(
    evidence: Evidence, key: str, yes: Callable[[SweepRun], bool | None], criterion: str
) -> list[Figure]:
    """The share of solved runs against the length of what must be remembered."""
    rows = share_rows(evidence, key, yes)
    if not rows:
        return []
    caption = f"Share of runs that solve the task ({criterion}), against its length; line: Wilson's 95 % interval."
    draw = partial(_draw_shares, key=key, label=f"{key} (steps)", y="share of solved runs")
    return [Figure("success", "Success against length", caption, columns_of(rows), draw)]


def _draw_shares(columns: Columns, key: str, label: str, y: str) -> Drawing:
    names, values = list(dict.fromkeys(columns["option"])), _ordered(list(dict.fromkeys(columns[key])))
    drawing, (axes,) = style.sheet()
    for name in names:
        chosen = columns["option"] == name
        aside = 0.5 * ((names.index(name) + 0.5) / len(names) - 0.5)
        x = np.array([values.index(value) for value in columns[key][chosen]]) + aside
        share, low, high = (columns[each][chosen] for each in ("share", "low", "high"))
        look = style.look(names, name) | style.mark(names, name)
        axes.errorbar(x, share, yerr=np.clip([share - low, high - share], 0, None), label=name, capsize=2, **look)
    axes.set_xticks(range(len(values)), values)
    axes.set(ylim=(-0.03, 1.03), xlabel=label, ylabel=y)
    style.legend_below(drawing, axes)
    return drawing


def _ordered(values: list[str]) -> list[str]:
    return sorted(values, key=float) if numbers(values) is not None else sorted(values)
